package formattest

import (
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
)

// Scene draws n events anywhere on a sensor, up to 49 us behind each other from start on.
func Scene(seed uint64, n int, start int64, g events.Geometry) []events.Event {
	rng := rand.New(rand.NewPCG(seed, 2))
	out := make([]events.Event, n)
	for i := range out {
		start += rng.Int64N(50)
		out[i] = events.Event{T: start, X: uint16(rng.IntN(g.Width)), Y: uint16(rng.IntN(g.Height)), P: events.Polarity(rng.IntN(2))}
	}
	return out
}
