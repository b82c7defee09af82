package dat_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
)

// some makes n events of a 1280x720 sensor.
func some(n int) []events.Event {
	rng := rand.New(rand.NewPCG(1, 2))
	in := make([]events.Event, n)
	t := int64(0)
	for i := range in {
		t += rng.Int64N(3)
		in[i] = events.Event{T: t, X: uint16(rng.IntN(1280)), Y: uint16(rng.IntN(720)), P: events.Polarity(rng.IntN(2))}
	}
	return in
}

func BenchmarkRead(b *testing.B) {
	const n = 1 << 16
	content := write(b, events.Header{Geometry: events.Geometry{Width: 1280, Height: 720}}, some(n), 0)
	src := bytes.NewReader(content)
	p := events.NewPacket(events.DefaultPacketEvents)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		src.Reset(content)
		r, err := format(b).NewReader(src, events.Geometry{})
		if err != nil {
			b.Fatal(err)
		}
		for err == nil {
			err = r.Read(p)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

// The same bytes, only copied from the source in pieces of the reader's size.
func BenchmarkCopy(b *testing.B) {
	content := make([]byte, 8<<16)
	src := bytes.NewReader(content)
	buf := make([]byte, 1<<16)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		src.Reset(content)
		for {
			if _, err := src.Read(buf); err != nil {
				break
			}
		}
	}
}

func BenchmarkWrite(b *testing.B) {
	const n = 1 << 16
	in := some(n)
	b.SetBytes(8 * n)
	for b.Loop() {
		w, err := format(b).NewWriter(io.Discard, events.Header{Geometry: events.Geometry{Width: 1280, Height: 720}})
		if err != nil {
			b.Fatal(err)
		}
		if err := w.Write(in); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e6, "Mevents/s")
}
