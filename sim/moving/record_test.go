package moving

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/sim/dataset/datasettest"
	"github.com/saccade-dev/saccade/sim/digits"
)

// short is a configuration whose recordings take little time.
func short() Config {
	c := DefaultConfig()
	c.Duration = 60 * time.Millisecond
	return c
}

// The digests were taken on amd64 and checked on arm64: a change of one is a change of
// what every seed stands for.
func TestRecordingsAreTheSameEverywhere(t *testing.T) {
	d, err := NewDataSet(fonts(t), DefaultConfig(), 4, 1)
	require.NoError(t, err)
	var got []string
	for r, err := range d.All(t.Context(), 1) {
		require.NoError(t, err)
		got = append(got, datasettest.Digest(r.Events))
	}
	require.Equal(t, []string{"4c2093782c2b1f4c", "dace6ea0571c1c5f", "bc22db0ebbdf0bd5", "9d0f2552050b6919"}, got)
}

func TestRecord(t *testing.T) {
	c, m := short(), drawn(t, 5)
	all, p, err := Record(t.Context(), m, c, 1)
	require.NoError(t, err)
	datasettest.InOrder(t, all, c.Geometry, c.Duration.Microseconds())

	again, q, err := Record(t.Context(), m, c, 1)
	require.NoError(t, err)
	require.Equal(t, all, again)
	require.Equal(t, p, q)
	other, q, err := Record(t.Context(), m, c, 2)
	require.NoError(t, err)
	require.NotEqual(t, all, other, "another seed")
	require.NotEqual(t, p, q)
	c.Camera++
	other, q, err = Record(t.Context(), m, c, 1)
	require.NoError(t, err)
	require.NotEqual(t, all, other, "another camera")
	require.Equal(t, p, q, "on the same path")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err = Record(ctx, m, c, 1)
	require.ErrorIs(t, err, context.Canceled)
}

// The default configuration is what its comment says, and its digits cross much of the
// field.
func TestDefaults(t *testing.T) {
	const n = 20
	d, err := NewDataSet(fonts(t), DefaultConfig(), n, 3)
	require.NoError(t, err)
	var all, moved float64
	for r, err := range d.All(t.Context(), 2) {
		require.NoError(t, err)
		all += float64(len(r.Events)) / n
		x0, y0 := r.Path.Centre(0)
		far := 0.0
		for at := int64(0); at <= 500_000; at += 10_000 {
			x, y := r.Path.Centre(at)
			far = max(far, math.Hypot(x-x0, y-y0))
		}
		moved += far / n
	}
	t.Logf("%.0f events on average; moved by %.1f pixels", all, moved)
	require.InDelta(t, 4000, all, 1000)
	require.Greater(t, moved, 10.0)

	still := DefaultConfig()
	var none digits.Image
	noise, _, err := Record(t.Context(), &none, still, 1)
	require.NoError(t, err)
	t.Logf("%d events of noise", len(noise))
	require.InDelta(t, 150, len(noise), 100)
}

// What moves faster makes about as many events a pixel of its way.
func TestEventsGoByTheWay(t *testing.T) {
	c := DefaultConfig()
	c.Sensor.NoiseRate, c.Sensor.LeakRate, c.Sensor.HotRate = 0, 0, 0
	c.MinScale, c.MaxScale = 1, 1
	count := func(speed float64) int {
		c.MinSpeed, c.MaxSpeed = speed, speed
		all, _, err := Record(t.Context(), drawn(t, 2), c, 9)
		require.NoError(t, err)
		return len(all)
	}
	still, slow, fast := count(0), count(30), count(90)
	require.Less(t, still, 50)
	require.InEpsilon(t, 3*slow, fast, 0.4)
}

func TestValidate(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"Geometry must have sides from 1 to 4096, is 0x48": func(c *Config) { c.Geometry.Width = 0 },
		"Sensor: sensor: Dark must be":                     func(c *Config) { c.Sensor.Dark = 0 },
		"Ground must be from 0 to 1e+09, is -1":            func(c *Config) { c.Ground = -1 },
		"Ink must be from 0 to 1e+09, is NaN":              func(c *Config) { c.Ink = math.NaN() },
		"Aperture must be from 0.1 to 16, is 0":            func(c *Config) { c.Aperture = 0 },
		"MinScale must be from 0.0625 to 64, is 0":         func(c *Config) { c.MinScale = 0 },
		"MaxScale must be from 0.9 to 64, is 0.5":          func(c *Config) { c.MaxScale = 0.5 },
		"MinSpeed must be from 0 to 10000, is +Inf":        func(c *Config) { c.MinSpeed = math.Inf(1) },
		"MaxSpeed must be from 30 to 10000, is 1":          func(c *Config) { c.MaxSpeed = 1 },
		"Beyond must be from 0 to 0.5, is 0.6":             func(c *Config) { c.Beyond = 0.6 },
		"Ease must be from 0 to 1024, is -2":               func(c *Config) { c.Ease = -2 },
		"Duration must be from 0s to 1h0m0s, is -1ns":      func(c *Config) { c.Duration = -1 },
	} {
		c := DefaultConfig()
		spoil(&c)
		require.ErrorContains(t, c.Validate(), "moving: "+want)
		_, _, err := Record(t.Context(), new(digits.Image), c, 0)
		require.ErrorContains(t, err, want)
		_, err = NewDataSet(fonts(t), c, 1, 0)
		require.ErrorContains(t, err, want)
	}
	require.NoError(t, DefaultConfig().Validate())
}

// The extremes of what is allowed can be recorded.
func TestExtremes(t *testing.T) {
	m := drawn(t, 8)
	for _, spoil := range []func(*Config){
		func(c *Config) { c.MinScale, c.MaxScale = MaxScale, MaxScale },
		func(c *Config) { c.MinScale, c.MaxScale = MinScale, MinScale },
		func(c *Config) { c.MinSpeed, c.MaxSpeed, c.Ease = MaxSpeed, MaxSpeed, 0 },
		func(c *Config) { c.Aperture, c.Beyond = MaxAperture, 0.5 },
		func(c *Config) { c.Geometry = events.Geometry{Width: 1, Height: 1} },
		func(c *Config) { c.Geometry, c.Ease = events.Geometry{Width: 300, Height: 2}, MaxEase },
		func(c *Config) { c.Ground, c.Ink = 0, 1e9 },
		func(c *Config) { c.Duration = 0 },
	} {
		c := short()
		spoil(&c)
		_, _, err := Record(t.Context(), m, c, 1)
		require.NoError(t, err)
	}
}
