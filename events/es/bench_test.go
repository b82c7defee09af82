package es_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events"
)

// some makes n events of a 1280x720 sensor at a rate at which steps stay short.
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

func benchmarkRead(b *testing.B, content []byte, n int) {
	src := bytes.NewReader(content)
	p := events.NewPacket(events.DefaultPacketEvents)
	b.SetBytes(int64(len(content)))
	for b.Loop() {
		src.Reset(content)
		r := reader(b, src, events.Geometry{})
		for {
			if err := r.Read(p); err != nil {
				break
			}
		}
	}
	b.ReportMetric(float64(b.N)*float64(n)/b.Elapsed().Seconds()/1e6, "Mevents/s")
}

func BenchmarkRead(b *testing.B) {
	const n = 1 << 16
	benchmarkRead(b, write(b, events.Geometry{Width: 1280, Height: 720}, some(n), 0), n)
}

// An overflow before every eighth event, as a sparse recording has them.
func BenchmarkReadSparse(b *testing.B) {
	in := some(1 << 16)
	for i := range in {
		in[i].T += 127 * int64(i/8)
	}
	benchmarkRead(b, write(b, events.Geometry{Width: 1280, Height: 720}, in, 0), len(in))
}

func BenchmarkReadATIS(b *testing.B) {
	const n = 1 << 16
	benchmarkRead(b, []byte(headATIS+strings.Repeat("\x04\x05\x00\xee\x00", n)), n)
}

func BenchmarkReadColour(b *testing.B) {
	const n = 1 << 16
	benchmarkRead(b, []byte(headColour+strings.Repeat("\x01\x05\x00\xee\x00rgb", n)), n)
}

func BenchmarkWrite(b *testing.B) {
	const n = 1 << 16
	in := some(n)
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
