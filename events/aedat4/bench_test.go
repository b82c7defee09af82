package aedat4_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
)

var hd = events.Geometry{Width: 1280, Height: 720}

// benchmarkEvents are events that compress about as those of a camera do: time rises by
// little, pixels lie anywhere.
func benchmarkEvents() []events.Event {
	rng := rand.New(rand.NewPCG(1, 2))
	in := make([]events.Event, 1<<17)
	at := int64(1633953690975950)
	for i := range in {
		at += rng.Int64N(3)
		in[i] = events.Event{T: at, X: uint16(rng.IntN(hd.Width)), Y: uint16(rng.IntN(hd.Height)), P: events.Polarity(rng.IntN(2))}
	}
	return in
}

func BenchmarkRead(b *testing.B) {
	in := benchmarkEvents()
	for _, c := range []aedat4.Compression{aedat4.None, aedat4.LZ4, aedat4.ZSTD} {
		b.Run(c.String(), func(b *testing.B) {
			data := writeAs(b, c, hd, in)
			src := bytes.NewReader(data)
			p := events.NewPacket(events.DefaultPacketEvents)
			b.SetBytes(int64(len(data)))
			for b.Loop() {
				src.Reset(data)
				r := newReader(b, src, events.Geometry{})
				for {
					if err := r.Read(p); err != nil {
						break
					}
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	in := benchmarkEvents()
	for _, c := range []aedat4.Compression{aedat4.None, aedat4.LZ4, aedat4.ZSTD} {
		b.Run(c.String(), func(b *testing.B) {
			w, err := aedat4.NewWriter(io.Discard, events.Header{Geometry: hd}, c)
			require.NoError(b, err)
			b.SetBytes(int64(16 * len(in)))
			for b.Loop() {
				if err := w.Write(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(len(in))/b.Elapsed().Seconds(), "events/s")
		})
	}
}

// BenchmarkCopy is the limit: the same bytes moved in memory.
func BenchmarkCopy(b *testing.B) {
	in := make([]byte, 16<<17)
	out := make([]byte, len(in))
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		copy(out, in)
	}
	b.ReportMetric(float64(b.N)*float64(len(in)/16)/b.Elapsed().Seconds(), "events/s")
}
