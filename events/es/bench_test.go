package es_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/es"
	"github.com/saccade-dev/saccade/events/formattest"
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

var hd = events.Geometry{Width: 1280, Height: 720}

func benchmarkRead(b *testing.B, content []byte) {
	formattest.BenchRead(b, formattest.Opener(b, es.Name, events.Geometry{}), content)
}

func BenchmarkRead(b *testing.B) { benchmarkRead(b, formattest.Write(b, es.Name, hd, some(1<<16))) }

// An overflow before every eighth event, as a sparse recording has them.
func BenchmarkReadSparse(b *testing.B) {
	in := some(1 << 16)
	for i := range in {
		in[i].T += 127 * int64(i/8)
	}
	benchmarkRead(b, formattest.Write(b, es.Name, hd, in))
}

func BenchmarkReadATIS(b *testing.B) {
	benchmarkRead(b, []byte(headATIS+strings.Repeat("\x04\x05\x00\xee\x00", 1<<16)))
}

func BenchmarkReadColour(b *testing.B) {
	benchmarkRead(b, []byte(headColour+strings.Repeat("\x01\x05\x00\xee\x00rgb", 1<<16)))
}

func BenchmarkWrite(b *testing.B) { formattest.BenchWriteFormat(b, es.Name, hd, some(1<<16)) }

func BenchmarkCopy(b *testing.B) {
	formattest.BenchCopy(b, formattest.Write(b, es.Name, hd, some(1<<16)), 1<<16)
}
