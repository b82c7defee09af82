package airplanes

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func flightOf(c Config, class Class, seed uint64) *Flight {
	return newFlight(class, c, rand.New(rand.NewPCG(seed, flightStream)))
}

// Whatever is drawn, an aeroplane is out of sight at the beginning and the end of its
// recording, and crosses from one side to the opposite one in between.
func TestFlightCrossesTheField(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := DefaultConfig()
		c.Sides = Sides(rapid.IntRange(1, int(AllSides)).Draw(t, "sides"))
		c.Shake = rapid.Float64Range(0, 20).Draw(t, "shake")
		c.Lead = 0
		f := flightOf(c, Class(rapid.IntRange(0, Classes-1).Draw(t, "class")), rapid.Uint64().Draw(t, "seed"))
		require.GreaterOrEqual(t, f.Crossing, c.MinCrossing)
		require.LessOrEqual(t, f.Crossing, c.MaxCrossing)
		end := f.Duration.Microseconds()
		for _, at := range []int64{0, end} {
			_, seen := f.Box(at)
			require.False(t, seen, "at %d us", at)
		}
		box, seen := f.Box(end / 2)
		require.True(t, seen)
		require.LessOrEqual(t, box.Right-box.Left, 2*reach*f.Size)
		x0, y0 := f.Centre(0)
		x1, y1 := f.Centre(end)
		w, h := float64(c.Geometry.Width), float64(c.Geometry.Height)
		crosses := map[Sides]bool{
			Top: y0 < 0 && y1 > h, Bottom: y0 > h && y1 < 0, Left: x0 < 0 && x1 > w, Right: x0 > w && x1 < 0,
		}
		count := 0
		for s, does := range crosses {
			if does {
				require.NotZero(t, c.Sides&s, "it came from a side that was not offered")
				count++
			}
		}
		require.Positive(t, count)
	})
}

// The nose points where the aeroplane flies, give or take Yaw and what it has spun by.
func TestNoseFirst(t *testing.T) {
	c := DefaultConfig()
	c.Shake = 0
	for seed := range uint64(200) {
		f := flightOf(c, Delta, seed)
		mid := f.Duration.Microseconds() / 2
		x0, y0 := f.Centre(mid - 1000)
		x1, y1 := f.Centre(mid + 1000)
		nose := f.outline(mid, nil)[0] // the outline begins at the nose
		x, y := f.Centre(mid)
		off := math.Atan2(y1-y0, x1-x0) - math.Atan2(nose.y-y, nose.x-x)
		off = math.Abs(math.Remainder(off, 2*math.Pi)) * 180 / math.Pi
		require.LessOrEqual(t, off, c.Yaw+1, "seed %d", seed)
	}
}

// All that the configuration spreads is spread, and evenly enough.
func TestFlightsDiffer(t *testing.T) {
	c := DefaultConfig()
	sides := map[bool]int{}
	var size, crossing, shade float64
	const n = 400
	for seed := range uint64(n) {
		f := flightOf(c, Airliner, seed)
		size += f.Size / n
		crossing += f.Crossing.Seconds() / n
		shade += f.Shade / n
		x0, _ := f.Centre(0)
		sides[x0 < 0 || x0 > float64(c.Geometry.Width)]++
	}
	require.InDelta(t, (c.MinSize+c.MaxSize)/2, size, 2)
	require.InDelta(t, (c.MinCrossing+c.MaxCrossing).Seconds()/2, crossing, 0.02)
	require.InDelta(t, (c.MinShade+c.MaxShade)/2, shade, 1)
	require.InDelta(t, n/2, sides[true], 50, "from the left or the right")
}
