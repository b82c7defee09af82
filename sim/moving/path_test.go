package moving

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/digits"
)

// A digit stays where it may be, never jumps, and moves at its speed but near its turns.
func TestPathStaysInTheField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := DefaultConfig()
		c.Geometry.Width, c.Geometry.Height = rapid.IntRange(1, 200).Draw(t, "width"), rapid.IntRange(1, 200).Draw(t, "height")
		c.Ease = rapid.SampledFrom([]float64{0, 1, 5, 100}).Draw(t, "ease")
		c.Beyond = rapid.Float64Range(0, 0.5).Draw(t, "beyond")
		c.MaxSpeed = 1000
		p := newPath(c, rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1)))
		reach := digits.Side * p.Scale * (0.5 - c.Beyond)
		lastX, lastY := p.Centre(0)
		for at := int64(1000); at < 400_000; at += 1000 {
			x, y := p.Centre(at)
			for _, a := range []struct{ v, field, way float64 }{{x, float64(c.Geometry.Width), p.x.way}, {y, float64(c.Geometry.Height), p.y.way}} {
				if a.way == 0 {
					require.Equal(t, a.field/2, a.v, "no room to move")
					continue
				}
				require.GreaterOrEqual(t, a.v, reach-1e-9)
				require.LessOrEqual(t, a.v, a.field-reach+1e-9)
			}
			moved := math.Hypot(x-lastX, y-lastY)
			require.LessOrEqual(t, moved, p.Speed*1e-3+1e-9)
			lastX, lastY = x, y
		}
	})
}

// Between two turns it moves at its speed; at a turn it comes to rest, with its velocity
// nowhere changing at once, and turns round half of the ease before the edge.
func TestTurns(t *testing.T) {
	a := axis{from: 10, way: 20, ease: 4, speed: 100e-6}
	velocity := func(at int64) float64 { return (a.at(at+100) - a.at(at)) / 100 * 1e6 }
	require.InDelta(t, 12, a.at(0), 1e-9, "half of the ease from the turning point")
	require.InDelta(t, 28, a.at(200_000), 1e-9)
	require.InDelta(t, 20, a.at(100_000), 1e-9)
	require.InDelta(t, 100, velocity(100_000), 1e-6)
	require.InDelta(t, -100, velocity(300_000), 1e-6)
	last := velocity(0)
	for at := int64(100); at < 900_000; at += 100 {
		v := velocity(at)
		// Twice the speed is gone in the time for twice the ease.
		require.LessOrEqual(t, math.Abs(v-last), 2*100/80_000.0*100+1e-6)
		last = v
	}
	hard := axis{from: 10, way: 20, speed: -100e-6}
	require.InDelta(t, 10, hard.at(0), 1e-9)
	require.InDelta(t, 12, hard.at(20_000), 1e-9, "backwards is the same to and fro")
	require.InDelta(t, 30, hard.at(200_000), 1e-9)
}

// All directions are drawn, and about evenly.
func TestDirections(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var count [8]int
	for range 8000 {
		cos, sin := direction(rng)
		require.InDelta(t, 1, cos*cos+sin*sin, 1e-12)
		count[int((math.Atan2(sin, cos)/math.Pi+1)*4)%8]++
	}
	for _, n := range count {
		require.InDelta(t, 1000, n, 150)
	}
}

// A path tells where the digit is: the events of a recording lie around it.
func TestEventsLieAroundTheCentre(t *testing.T) {
	c := DefaultConfig()
	c.Geometry = events.Geometry{Width: 80, Height: 80}
	c.Sensor.NoiseRate, c.Sensor.LeakRate, c.Sensor.HotRate = 0, 0, 0
	c.Duration = 300 * time.Millisecond
	all, p, err := Record(t.Context(), drawn(t, 4), c, 3)
	require.NoError(t, err)
	require.Greater(t, len(all), 500)
	far := 15*p.Scale + 2
	for _, e := range all {
		x, y := p.Centre(e.T)
		require.Less(t, math.Abs(float64(e.X)+0.5-x), far)
		require.Less(t, math.Abs(float64(e.Y)+0.5-y), far)
	}
}
