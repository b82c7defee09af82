package fpga_test

import (
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
)

// drawEvents makes events with all that a stream may do to a pipeline: bursts at one
// pixel and of one polarity, noise, events at the border and outside, times that stand
// still, leap, and run back.
func drawEvents(rng *rand.Rand, c feast.Config, n int) []events.Event {
	out := make([]events.Event, n)
	var e events.Event
	e.T = rng.Int64N(1 << 40)
	for i := range out {
		switch rng.IntN(40) {
		case 0:
			e.T += rng.Int64N(1 << 33)
		case 1:
			e.T -= rng.Int64N(200_000)
		case 2, 3, 4:
			e.T += rng.Int64N(50_000)
		default:
			e.T += rng.Int64N(200)
		}
		if rng.IntN(3) > 0 {
			e.X, e.Y = uint16(rng.IntN(c.Width)), uint16(rng.IntN(c.Height))
			if rng.IntN(3) > 0 { // in the middle
				e.X, e.Y = uint16(min(c.Radius+rng.IntN(2), c.Width-1)), uint16(min(c.Radius+rng.IntN(2), c.Height-1))
			}
		}
		if rng.IntN(4) == 0 {
			e.P ^= 1
		}
		out[i] = e
		if rng.IntN(30) == 0 {
			out[i].X += uint16(rng.IntN(1 << 15))
		}
	}
	return out
}
