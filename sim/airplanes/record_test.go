package airplanes

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/dataset/datasettest"
)

// short is a configuration whose recordings take little time: a smaller field, fast.
func short() Config {
	c := DefaultConfig()
	c.Geometry = events.Geometry{Width: 96, Height: 80}
	c.MinSize, c.MaxSize = 15, 30
	c.MinCrossing, c.MaxCrossing = 30*time.Millisecond, 60*time.Millisecond
	return c
}

// silent takes the sensor's noise away.
func silent(c Config) Config {
	c.Sensor.NoiseRate, c.Sensor.LeakRate, c.Sensor.HotRate = 0, 0, 0
	return c
}

// The digests were taken on amd64 and checked on arm64: a change of one is a change of what every seed stands for.
func TestRecordingsAreTheSameEverywhere(t *testing.T) {
	d, err := NewDataSet(short(), 4, 1)
	require.NoError(t, err)
	var got []string
	for r, err := range d.All(t.Context(), 1) {
		require.NoError(t, err)
		got = append(got, datasettest.Digest(r.Events))
	}
	require.Equal(t, []string{"aa156a802f250221", "00512f523fb8c277", "a6c27096af0bf55e", "b4a7de9141db4f6f"}, got)
}

func TestRecord(t *testing.T) {
	c := short()
	all, f, err := Record(t.Context(), Airliner, c, 1)
	require.NoError(t, err)
	require.Equal(t, Airliner, f.Class)
	datasettest.InOrder(t, all, c.Geometry, f.Duration.Microseconds())

	again, _, err := Record(t.Context(), Airliner, c, 1)
	require.NoError(t, err)
	require.Equal(t, all, again)
	other, _, err := Record(t.Context(), Airliner, c, 2)
	require.NoError(t, err)
	require.NotEqual(t, all, other, "another seed")
	other, _, err = Record(t.Context(), Delta, c, 1)
	require.NoError(t, err)
	require.NotEqual(t, all, other, "another class")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = Record(ctx, Delta, c, 1)
	require.ErrorIs(t, err, context.Canceled)
	require.PanicsWithValue(t, PanicClass, func() { _, _, _ = Record(t.Context(), Classes, c, 1) })
}

// Without noise and before a plain wall, nearly all events lie where the ground truth
// says that the aeroplane is, or was a moment ago; those within the box come as soon as
// it comes, and none after it has gone.
func TestEventsLieInTheBox(t *testing.T) {
	c := silent(short())
	c.Texture = 0
	for class := range Class(Classes) {
		all, f, err := Record(t.Context(), class, c, 3)
		require.NoError(t, err)
		require.Greater(t, len(all), 500, class.String())
		inside := 0
		for _, e := range all {
			// The pixels answer later than the light changes: up to two milliseconds here.
			for _, ago := range []int64{0, 1000, 2000} {
				if box, seen := f.Box(e.T - ago); seen && box.Contains(e.X, e.Y, 1) {
					inside++
					break
				}
			}
		}
		require.Greater(t, float64(inside), 0.97*float64(len(all)), class.String())
	}
}

// Of the sizes and at the speeds that are drawn, classes make about as many events, so
// that a count alone tells none.
func TestEventCountsAreAlike(t *testing.T) {
	c := silent(DefaultConfig())
	c.Texture = 0
	// A part of the field, at the same speeds.
	c.Geometry = events.Geometry{Width: 76, Height: 60}
	c.MinCrossing, c.MaxCrossing = 35*time.Millisecond, 140*time.Millisecond
	const n = 64
	d, err := NewDataSet(c, n, 5)
	require.NoError(t, err)
	var mean [Classes]float64
	all := 0.0
	for r, err := range d.All(t.Context(), 2) {
		require.NoError(t, err)
		mean[r.Flight.Class] += float64(len(r.Events)) / (n / Classes)
		all += float64(len(r.Events)) / n
	}
	for class, m := range mean {
		require.InEpsilon(t, all, m, 0.35, "%v of %v", Class(class), mean)
	}
}

// A background that moves makes events, as many more as it moves faster; one that stands
// makes none.
func TestBackgroundMakesEvents(t *testing.T) {
	c := silent(short())
	c.MaxSize, c.MinSize = 1, 1 // an aeroplane that is hardly there
	count := func(drift, shake float64) int {
		c.Drift, c.Shake = drift, shake
		all, _, err := Record(t.Context(), Delta, c, 4)
		require.NoError(t, err)
		return len(all)
	}
	still, slow, fast, shaken := count(0, 0), count(50, 0), count(200, 0), count(0, 3)
	require.Less(t, still, 200)
	require.Greater(t, slow, still+200)
	require.Greater(t, fast, 2*slow)
	require.Greater(t, shaken, still+200)
}

func TestValidate(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"Geometry must have sides from 1 to 4096, is 0x240":             func(c *Config) { c.Geometry.Width = 0 },
		"Sensor: sensor: Dark must be":                                  func(c *Config) { c.Sensor.Dark = 0 },
		"Sides must be some of Top, Right, Bottom and Left, is 0b0":     func(c *Config) { c.Sides = 0 },
		"Sides must be some of Top, Right, Bottom and Left, is 0b10000": func(c *Config) { c.Sides = 16 },
		"MinSize must be from 1 to 200, is NaN":                         func(c *Config) { c.MinSize = math.NaN() },
		"MaxSize must be from 30 to 200, is 20":                         func(c *Config) { c.MaxSize = 20 },
		"Tilt must be from 0 to 0.9, is 1":                              func(c *Config) { c.Tilt = 1 },
		"Yaw must be from 0 to 180, is -1":                              func(c *Config) { c.Yaw = -1 },
		"Spin must be from 0 to 3600, is 4000":                          func(c *Config) { c.Spin = 4000 },
		"Slant must be from 0 to 1, is 2":                               func(c *Config) { c.Slant = 2 },
		"Bend must be from 0 to 0.5, is +Inf":                           func(c *Config) { c.Bend = math.Inf(1) },
		"MaxShade must be from 16 to 1e+09, is 1":                       func(c *Config) { c.MaxShade = 1 },
		"Ground must be from 0 to 5e+08, is -1":                         func(c *Config) { c.Ground = -1 },
		"Texture must be from 0 to 1, is 1.5":                           func(c *Config) { c.Texture = 1.5 },
		"Grain must be from 1 to 1024, is 0":                            func(c *Config) { c.Grain = 0 },
		"Drift must be from 0 to 10000, is NaN":                         func(c *Config) { c.Drift = math.NaN() },
		"Shake must be from 0 to 256, is 300":                           func(c *Config) { c.Shake = 300 },
		"MinCrossing must be from 1ms to 10s, is 0s":                    func(c *Config) { c.MinCrossing = 0 },
		"MaxCrossing must be from 100ms to 10s, is 50ms":                func(c *Config) { c.MaxCrossing = 50 * time.Millisecond },
		"Lead must be from 0s to 10s, is -1ns":                          func(c *Config) { c.Lead = -1 },
	} {
		c := DefaultConfig()
		spoil(&c)
		require.ErrorContains(t, c.Validate(), "airplanes: "+want)
		_, _, err := Record(t.Context(), Delta, c, 0)
		require.ErrorContains(t, err, want)
		_, err = NewDataSet(c, 1, 0)
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, DefaultConfig().Validate())
}

// The largest of what is allowed can be recorded.
func TestExtremes(t *testing.T) {
	c := short()
	c.MinSize, c.MaxSize, c.Tilt = MaxSize, MaxSize, 0
	c.Shake, c.ShakeRate, c.Drift = MaxShake, 1000, MaxSpeed
	c.Yaw, c.Spin, c.Slant, c.Bend, c.Texture = 180, 3600, 1, 0.5, 1
	c.Grain = MaxGrain
	c.MinCrossing, c.MaxCrossing = 5*time.Millisecond, 10*time.Millisecond
	for class := range Class(Classes) {
		all, _, err := Record(t.Context(), class, c, uint64(class))
		require.NoError(t, err)
		require.NotEmpty(t, all)
	}
	c.Geometry = events.Geometry{Width: 1, Height: 1}
	_, _, err := Record(t.Context(), Delta, c, 1)
	require.NoError(t, err)
}
