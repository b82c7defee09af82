package hwtest

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/hw"
)

// drawEngine makes a layer for a device, of a few neurons mostly.
func drawEngine(t testing.TB, rng *rand.Rand) hw.EngineConfig {
	t.Helper()
	oneOf := func(n ...int) int { return n[rng.IntN(len(n))] }
	c := hw.EngineConfig{
		Mode:   []hw.EngineMode{hw.EngineMerged, hw.EngineSplit, hw.EngineOn}[rng.IntN(3)],
		Radius: oneOf(0, 1, 2, 3, 5, 5, 6), Neurons: oneOf(1, 2, 5, 16, 17, 40), Zero: rng.IntN(2) == 0,
	}
	side := 2*c.Radius + 1
	c.Geometry = events.Geometry{Width: side + rng.IntN(8), Height: side + rng.IntN(8)}
	if rng.IntN(8) == 0 {
		c.Geometry = events.Geometry{Width: 1 + rng.IntN(side), Height: 1 + rng.IntN(side)} // that no patch fits, or hardly one
	}
	decay, tau := hw.NewDecay, int64(oneOf(1, 300, 20_000, 20_000, 20_000, hw.MaxTau))
	if rng.IntN(3) == 0 {
		decay = hw.NewLinearDecay
	}
	d, err := decay(tau, hw.PeakBits(side*side))
	if err != nil {
		t.Fatal(err)
	}
	c.Decay = d
	if rng.IntN(3) == 0 {
		c.MinRecent, c.Recent = 1+rng.IntN(min(side*side, 9)), max(1, d.Value(uint32(tau)))
	}
	return c
}

// drawState makes a state that a layer could have come to: stamps up to the latest, weights of length one, thresholds
// that are cosines.
func drawState(rng *rand.Rand, c *hw.EngineConfig, latest uint32) hw.EngineState {
	s := emptyState(c)
	for i := range s.Cells {
		if rng.IntN(3) > 0 {
			s.Cells[i] = latest - min(latest, rng.Uint32N(60_000))
		}
	}
	n := (2*c.Radius + 1) * (2*c.Radius + 1)
	for row := s.Master; len(row) > 0; row = row[n:] {
		var sum float64
		for i := range n {
			row[i] = int32(rng.IntN(1<<20)) - int32(oneIn(rng, 8))<<19
			sum += float64(row[i]) * float64(row[i])
		}
		for i, m := range row[:n] {
			row[i] = int32(float64(m) * (1 << hw.MasterFraction) / math.Sqrt(max(sum, 1)))
		}
	}
	for i := range s.Thresholds {
		s.Thresholds[i] = int32(rng.IntN(1<<hw.ThresholdFraction+1<<22)) - 1<<22
	}
	return s
}

func oneIn(rng *rand.Rand, n int) int {
	if rng.IntN(n) == 0 {
		return 1
	}
	return 0
}

// emptyState has room for all that an engine of a layer holds.
func emptyState(c *hw.EngineConfig) hw.EngineState {
	n := c.Banks() * c.Neurons
	return hw.EngineState{
		Cells:      make([]uint32, c.Banks()*c.Geometry.Width*c.Geometry.Height),
		Master:     make([]int32, n*(2*c.Radius+1)*(2*c.Radius+1)),
		Thresholds: make([]int32, n),
	}
}

// drawEngineEvents makes events from a stamp on: runs at one pixel, of one stamp, leaps to both sides, events at
// the border and outside. It gives the latest stamp too.
func drawEngineEvents(rng *rand.Rand, c *hw.EngineConfig, now uint32, n int) ([]hw.EngineEvent, uint32) {
	in := make([]hw.EngineEvent, n)
	var e hw.EngineEvent
	for i := range in {
		switch rng.IntN(40) {
		case 0:
			now += rng.Uint32N(1 << 26)
		case 1:
			now -= min(now, rng.Uint32N(200_000))
		case 2, 3, 4:
			now += rng.Uint32N(50_000)
		case 5, 6, 7, 8, 9, 10, 11, 12:
		default:
			now += rng.Uint32N(200)
		}
		now = min(now, hw.MaxStamp)
		if rng.IntN(3) > 0 {
			e.X, e.Y = uint16(rng.IntN(c.Geometry.Width)), uint16(rng.IntN(c.Geometry.Height))
		}
		if rng.IntN(3) == 0 {
			e.P ^= 1
		}
		e.Stamp = now
		in[i] = e
		switch rng.IntN(60) {
		case 0:
			in[i].X = uint16(rng.Uint32())
		case 1:
			in[i].X, in[i].Y = math.MaxUint16, math.MaxUint16
		}
	}
	return in, now
}
