package sensor

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
)

func noisy(rate, on float64) Config {
	c := DefaultConfig()
	c.NoiseRate, c.NoiseOn = rate, on
	return c
}

func background(t require.TestingT, c Config) *Background {
	b, err := NewBackground(events.Geometry{Width: 20, Height: 10}, c, 3)
	require.NoError(t, err)
	return b
}

// As many events as the rate says, each pixel and both polarities as often, and the
// waits between them exponential.
func TestBackgroundIsPoisson(t *testing.T) {
	b := background(t, noisy(5, 0.25))
	b.Begin(1000, 7)
	const seconds = 100
	got, err := b.Until(1000+seconds*1e6, nil)
	require.NoError(t, err)
	want := 5.0 * 200 * seconds
	require.InDelta(t, want, len(got), 5*math.Sqrt(want))

	var on, long int
	pixels := make([]int, 200)
	last := int64(1000)
	for _, e := range got {
		pixels[int(e.Y)*20+int(e.X)]++
		if e.P == events.On {
			on++
		}
		if e.T-last > 1000 { // the mean wait is 1,000 us
			long++
		}
		last = e.T
	}
	n := float64(len(got))
	require.InDelta(t, 0.25, float64(on)/n, 5*math.Sqrt(0.25*0.75/n))
	require.InDelta(t, math.Exp(-1), float64(long)/n, 5*math.Sqrt(0.37*0.63/n))
	chi := 0.0
	for _, k := range pixels {
		chi += (float64(k) - n/200) * (float64(k) - n/200) / (n / 200)
	}
	require.InDelta(t, 199, chi, 5*math.Sqrt(2*199), "chi squared of 199 degrees of freedom")
}

// Hot pixels fire on top of the others, and are those of the camera.
func TestBackgroundHotPixels(t *testing.T) {
	c := noisy(0, 0.5)
	c.HotShare, c.HotRate = 0.01, 50
	draw := func(camera, seed uint64) map[[2]uint16]int {
		b, err := NewBackground(events.Geometry{Width: 20, Height: 10}, c, camera)
		require.NoError(t, err)
		b.Begin(0, seed)
		got, err := b.Until(10e6, nil)
		require.NoError(t, err)
		require.InDelta(t, 1000, len(got), 160)
		at := map[[2]uint16]int{}
		for _, e := range got {
			at[[2]uint16{e.X, e.Y}] = 1
		}
		require.LessOrEqual(t, len(at), 2)
		return at
	}
	require.Equal(t, draw(1, 1), draw(1, 2))
	require.NotEqual(t, draw(1, 1), draw(2, 1))
}

// However it is asked for, the noise of a recording is the same, in the order of time
// and then of pixels, and on the sensor.
func TestBackgroundCutAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := noisy(rapid.Float64Range(0, 500).Draw(t, "rate"), rapid.Float64Range(0, 1).Draw(t, "on"))
		c.HotShare, c.HotRate = rapid.Float64Range(0, 0.1).Draw(t, "share"), rapid.Float64Range(0, 1000).Draw(t, "hot")
		start := rapid.Int64Range(-1e9, 1e9).Draw(t, "start")
		seed := rapid.Uint64().Draw(t, "seed")
		whole, cut := background(t, c), background(t, c)
		whole.Begin(start, seed)
		want, err := whole.Until(start+50_000, nil)
		require.NoError(t, err)
		cut.Begin(start, seed)
		var got []events.Event
		for _, to := range rapid.SliceOf(rapid.Int64Range(-10, 50_000)).Draw(t, "cuts") {
			got, err = cut.Until(start+to, got)
			require.NoError(t, err)
		}
		got, err = cut.Until(start+50_000, got)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.True(t, slices.IsSortedFunc(got, func(a, b events.Event) int {
			return cmp.Or(cmp.Compare(a.T, b.T), cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X))
		}))
		for _, e := range got {
			require.True(t, e.X < 20 && e.Y < 10 && e.T > start && e.T <= start+50_000, "%v", e)
		}
	})
}

func TestBackgroundRefuses(t *testing.T) {
	_, err := NewBackground(events.Geometry{Width: 20}, noisy(1, 0.5), 1)
	require.ErrorContains(t, err, "20x0")
	_, err = NewBackground(events.Geometry{Width: 20, Height: 10}, noisy(-1, 0.5), 1)
	require.ErrorContains(t, err, "NoiseRate")

	b := background(t, noisy(MaxRate, 0.5))
	require.PanicsWithValue(t, PanicNoiseNotBegun, func() { _, _ = b.Until(1, nil) })
	b.Begin(0, 1)
	got, err := b.Until(1e9, nil) // 200,000 million events
	require.ErrorIs(t, err, errNoiseEvents)
	require.Empty(t, got)
	require.PanicsWithValue(t, PanicNoiseNotBegun, func() { _, _ = b.Until(1, nil) })
	for _, c := range []struct{ begin, until int64 }{{math.MinInt64, 0}, {0, math.MaxInt64}} {
		b := background(t, noisy(0, 0.5))
		b.Begin(c.begin, 1)
		_, err = b.Until(c.until, nil)
		require.ErrorContains(t, err, "expected times within")
	}
	quiet := background(t, noisy(0, 0.5))
	quiet.Begin(0, 1)
	got, err = quiet.Until(1e12, nil)
	require.NoError(t, err)
	require.Empty(t, got)
}
