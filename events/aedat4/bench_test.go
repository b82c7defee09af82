package aedat4_test

import (
	"io"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/aedat4"
	"github.com/saccade-dev/saccade/events/formattest"
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

var benchmarked = []aedat4.Compression{aedat4.None, aedat4.LZ4, aedat4.ZSTD}

func BenchmarkRead(b *testing.B) {
	in := benchmarkEvents()
	for _, c := range benchmarked {
		b.Run(c.String(), func(b *testing.B) {
			formattest.BenchRead(b, formattest.Opener(b, aedat4.Name, events.Geometry{}), writeAs(b, c, hd, in))
		})
	}
}

func BenchmarkWrite(b *testing.B) {
	in := benchmarkEvents()
	for _, c := range benchmarked {
		b.Run(c.String(), func(b *testing.B) {
			formattest.BenchWrite(b, func(w io.Writer) (events.Writer, error) { return aedat4.NewWriter(w, events.Header{Geometry: hd}, c) }, in)
		})
	}
}

func BenchmarkCopy(b *testing.B) {
	in := benchmarkEvents()
	formattest.BenchCopy(b, writeAs(b, aedat4.None, hd, in), len(in))
}
