package hwtest

import (
	"math"
	"math/rand/v2"

	"github.com/saccade-dev/saccade/events"
)

// Stream is a run of events with a name for the test's output.
type Stream struct {
	Name   string
	Events []events.Event
}

// wrap is what 32 bits of microseconds reach, 71.6 minutes: an implementation
// that keeps times in 32 bits has to do something about longer streams.
const wrap = 1 << 32

// Streams makes streams of n events each for a sensor of the given size, the
// same for a seed on every machine: noise and edges such as cameras send, and
// whatever else a stream may do to a layer's arithmetic of time and place.
func Streams(g events.Geometry, n int, seed uint64) []Stream {
	if !g.Valid() {
		panic(PanicGeometry)
	}
	rng := rand.New(rand.NewPCG(seed, 0x57e4))
	anywhere := func() (x, y uint16) { return uint16(rng.IntN(g.Width)), uint16(rng.IntN(g.Height)) }
	// An edge that sweeps the sensor, with some noise: what features are learned from.
	edge := func(i int) (x, y uint16) {
		x, y = anywhere()
		if rng.IntN(8) > 0 {
			x = uint16((i/4 + rng.IntN(3)) % g.Width)
		}
		return x, y
	}
	polarity := func() events.Polarity { return events.Polarity(rng.IntN(2)) }
	oneOf := func(steps ...int64) int64 { return steps[rng.IntN(len(steps))] }

	var out []Stream
	add := func(name string, start int64, pixel func(i int) (x, y uint16), step func(i int) int64) {
		s := Stream{Name: name, Events: make([]events.Event, n)}
		t := start
		for i := range s.Events {
			x, y := pixel(i)
			s.Events[i] = events.Event{T: t, X: x, Y: y, P: polarity()}
			t += step(i)
		}
		out = append(out, s)
	}
	noise := func(int) (x, y uint16) { return anywhere() }
	dense := func(int) int64 { return rng.Int64N(100) }

	add("edges", 0, edge, dense)
	add("noise", 1_600_000_000_000_000, noise, dense)
	add("one microsecond", 77, noise, func(int) int64 { return 0 })
	add("one pixel", 0, func(int) (x, y uint16) { return uint16(g.Width / 2), uint16(g.Height / 2) }, func(int) int64 { return rng.Int64N(20_000) })
	add("corners", 0, func(int) (x, y uint16) {
		return uint16(rng.IntN(2) * (g.Width - 1)), uint16(rng.IntN(2) * (g.Height - 1))
	}, dense)
	add("from before zero", -int64(n)*50/2, edge, dense)

	// Hours of stream: bursts, and between them gaps from a second to half an hour.
	add("gaps", 0, edge, func(int) int64 {
		if rng.IntN(100) == 0 {
			return 1_000_000 + rng.Int64N(1_800_000_000)
		}
		return rng.Int64N(500)
	})
	// Up to each multiple of 2^32 and across it, in small steps and in none.
	add("around the wrap", wrap-int64(n)*20, edge, func(i int) int64 {
		if i%(n/4+1) == n/8 {
			return wrap - int64(n)*20
		}
		return rng.Int64N(80)
	})
	add("steps of the wrap", 5, edge, func(i int) int64 {
		if i%16 != 0 {
			return rng.Int64N(100)
		}
		return oneOf(1<<31-1, 1<<31, 1<<31+1, wrap-2, wrap-1, wrap, wrap+1, 2*wrap-1, 2*wrap, 5*wrap+3)
	})
	// A camera's events do not always come in order, and a camera is restarted.
	add("small steps back", 1_000_000, edge, func(int) int64 { return rng.Int64N(3_000) - 1_400 })
	add("large steps back", 0, edge, func(int) int64 {
		if rng.IntN(150) == 0 {
			return oneOf(-200_000, -10_000_000, -1_000_000_000, -wrap, -3*wrap, 700_000, wrap)
		}
		return rng.Int64N(200)
	})
	// A stamp that is off by far, once, and the right ones again.
	add("a wild stamp", 0, edge, func(i int) int64 {
		switch i % 200 {
		case 150:
			return wrap + 12_345
		case 151:
			return -wrap - 12_345
		}
		return rng.Int64N(100)
	})
	ends := Stream{Name: "ends of time", Events: make([]events.Event, n)}
	for i := range ends.Events {
		x, y := edge(i)
		t := []int64{math.MinInt64, math.MinInt64 + wrap, -1, 0, math.MaxInt64 - wrap, math.MaxInt64 - int64(n)}[i*6/n]
		ends.Events[i] = events.Event{T: t + int64(i), X: x, Y: y, P: polarity()}
	}
	out = append(out, ends)

	outside := Stream{Name: "events outside", Events: make([]events.Event, n)}
	for i := range outside.Events {
		x, y := edge(i)
		e := events.Event{T: int64(i) * 60, X: x, Y: y, P: polarity()}
		switch rng.IntN(6) {
		case 0:
			e.X = uint16(g.Width + rng.IntN(1<<16-g.Width))
			e.T += rng.Int64N(2*wrap) - wrap // its time must not count either
		case 1:
			e.Y = uint16(g.Height + rng.IntN(1<<16-g.Height))
		case 2:
			e.X, e.Y = uint16(g.Width), uint16(g.Height)
		}
		outside.Events[i] = e
	}
	return append(out, outside)
}

// PanicGeometry is the panic of Streams for a geometry that no sensor has.
const PanicGeometry = "hwtest: Streams needs a geometry with sides from 1 to events.MaxSide"
