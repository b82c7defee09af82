package dat_test

import (
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/dat"
	"github.com/saccade-dev/saccade/events/formattest"
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

var hd = events.Geometry{Width: 1280, Height: 720}

func BenchmarkRead(b *testing.B) {
	formattest.BenchRead(b, formattest.Opener(b, dat.Name, events.Geometry{}), formattest.Write(b, dat.Name, hd, some(1<<16)))
}

func BenchmarkCopy(b *testing.B) {
	formattest.BenchCopy(b, formattest.Write(b, dat.Name, hd, some(1<<16)), 1<<16)
}

func BenchmarkWrite(b *testing.B) { formattest.BenchWriteFormat(b, dat.Name, hd, some(1<<16)) }
