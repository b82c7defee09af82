package saccades

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/sim/dataset/datasettest"
	"github.com/saccade-dev/saccade/sim/digits"
)

func fonts(t testing.TB) *digits.Fonts {
	f, err := digits.NewFonts(digits.DefaultStyle())
	require.NoError(t, err)
	return f
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
	require.Equal(t, []string{"968177717e61bc37", "17245298a8c6ab67", "03199ce005cabec4", "1fb6aaddd4b9aaa6"}, got)
}

func TestRecord(t *testing.T) {
	m := randomImage(1)
	c := DefaultConfig()
	all, err := Record(t.Context(), m, c, 1)
	require.NoError(t, err)
	datasettest.InOrder(t, all, c.Geometry, c.Duration.Microseconds())

	again, err := Record(t.Context(), m, c, 1)
	require.NoError(t, err)
	require.Equal(t, all, again)
	other, err := Record(t.Context(), m, c, 2)
	require.NoError(t, err)
	require.NotEqual(t, all, other, "another seed")
	c.Camera++
	other, err = Record(t.Context(), m, c, 1)
	require.NoError(t, err)
	require.NotEqual(t, all, other, "another camera")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Record(ctx, m, c, 1)
	require.ErrorIs(t, err, context.Canceled)
}

// Shown nothing, the camera sends its noise and nothing else.
func TestBlankScreen(t *testing.T) {
	c := DefaultConfig()
	all, err := Record(t.Context(), &digits.Image{}, c, 1)
	require.NoError(t, err)
	n := float64(c.Geometry.Width * c.Geometry.Height)
	want := n * c.Duration.Seconds() * (c.Sensor.NoiseRate + c.Sensor.LeakRate + c.Sensor.HotShare*c.Sensor.HotRate)
	require.InDelta(t, want, len(all), 6*math.Sqrt(want))
}

func TestValidate(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		"Geometry must have sides from 1 to 4096, is 0x34":     func(c *Config) { c.Geometry.Width = 0 },
		"Sensor: sensor: Dark must be":                         func(c *Config) { c.Sensor.Dark = 0 },
		"Black must be from 0 to 1e+09, is -1":                 func(c *Config) { c.Black = -1 },
		"White must be from 0 to 1e+09, is NaN":                func(c *Config) { c.White = math.NaN() },
		"Blur must be from 0 to 8, is 9":                       func(c *Config) { c.Blur = 9 },
		"X must be from -4096 to 4096, is +Inf":                func(c *Config) { c.X = math.Inf(1) },
		"Y must be from -4096 to 4096, is 5000":                func(c *Config) { c.Y = 5000 },
		"PositionJitter must be from 0 to 4096, is -1":         func(c *Config) { c.PositionJitter = -1 },
		"Duration must be from 0s to 1h0m0s, is -1ns":          func(c *Config) { c.Duration = -1 },
		"OnsetJitter must be from 0s to 1h0m0s, is 2h0m0s":     func(c *Config) { c.OnsetJitter = 2 * time.Hour },
		"Motion must have up to 1024 movements, has 1025":      func(c *Config) { c.Motion = make([]Movement, 1025) },
		"Motion[1].Duration must be from 1µs to 1h0m0s, is 0s": func(c *Config) { c.Motion[1].Duration = 0 },
		"Motion[0].Start must be from 0s to 1h0m0s, is -1ns":   func(c *Config) { c.Motion[0].Start = -1 },
		"Motion[2].Rise must be from 0 to 1, is 1.5":           func(c *Config) { c.Motion[2].Rise = 1.5 },
		"Motion[2].Fall must be from 0 to 0.5, is 0.6":         func(c *Config) { c.Motion[2].Rise, c.Motion[2].Fall = 0.5, 0.6 },
		"Motion[0].X must be from -4096 to 4096, is NaN":       func(c *Config) { c.Motion[0].X = math.NaN() },
	} {
		c := DefaultConfig()
		spoil(&c)
		require.ErrorContains(t, c.Validate(), "saccades: "+want)
		_, err := Record(t.Context(), &digits.Image{}, c, 0)
		require.ErrorContains(t, err, want)
		_, err = NewDataSet(nil, c, 1, 0)
		require.ErrorContains(t, err, want)
	}
}

// BenchmarkRecord is of one digit, drawn and recorded, as a data set does it.
func BenchmarkRecord(b *testing.B) {
	d, err := NewDataSet(fonts(b), DefaultConfig(), 1000, 1)
	require.NoError(b, err)
	i, n := 0, 0
	for b.Loop() {
		r, err := d.Recording(b.Context(), i%1000)
		require.NoError(b, err)
		i++
		n += len(r.Events)
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
