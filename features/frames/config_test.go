package frames_test

import (
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/frames"
)

func TestRefused(t *testing.T) {
	for says, change := range map[string]func(*frames.Config){
		"geometry 0x1: expected sides":                       func(c *frames.Config) { c.Width = 0 },
		`source "pixels": expected one of ["events" "feat`:   func(c *frames.Config) { c.Source = "pixels" },
		`kind "images": expected one of ["counts" "surface"`: func(c *frames.Config) { c.Kind = "images" },
		`mode "both": expected one of`:                       func(c *frames.Config) { c.Mode = "both" },
		`mode "merged": expected none of source "features"`:  func(c *frames.Config) { c.Source, c.Features = frames.Features, 3 },
		"features 0: expected 1 to 32768":                    func(c *frames.Config) { c.Source, c.Mode = frames.Features, "" },
		"layer 1, features 0: expected none of source":       func(c *frames.Config) { c.Layer = 1 },
		"every 1ms, every_events 5: expected one of them":    func(c *frames.Config) { c.Events = 5 },
		"every 0s: expected whole microseconds from 1µs":     func(c *frames.Config) { c.Every = 0 },
		"every 1.5µs: expected whole microseconds":           func(c *frames.Config) { c.Every = 1500 },
		"every_events -1: expected 1 to 2147483648":          func(c *frames.Config) { c.Every, c.Events = 0, -1 },
		"max_empty 3: expected none with every_events":       func(c *frames.Config) { c.Every, c.Events, c.MaxEmpty = 0, 9, 3 },
		"max_empty -2: expected -1 to 256":                   func(c *frames.Config) { c.MaxEmpty = -2 },
		"pool 65: expected 1 to 64":                          func(c *frames.Config) { c.Pool = 65 },
		"pool -1: expected 1 to 64":                          func(c *frames.Config) { c.Pool = -1 },
		"kernel 2: expected 3 to 64":                         func(c *frames.Config) { c.Pool, c.Kernel = 3, 2 },
		"levels 32768: expected 1 to 32767":                  func(c *frames.Config) { c.Levels = 32768 },
		"step 65537: expected 1 to 65536":                    func(c *frames.Config) { c.Step = 65537 },
		`step 2: expected none of kind "surface"`:            func(c *frames.Config) { c.Kind, c.Tau, c.Step = frames.Surface, time.Second, 2 },
		"tau 0s: expected whole microseconds from 1µs to 1m": func(c *frames.Config) { c.Kind = frames.Surface },
		`decay "cubic": expected one of`:                     func(c *frames.Config) { c.Kind, c.Decay = frames.Surface, "cubic" },
		"last_events 0: expected 1 to":                       func(c *frames.Config) { c.Kind, c.Decay = frames.Surface, feast.DecayIndex },
		`tau 1s: expected none of decay "index"`: func(c *frames.Config) {
			c.Kind, c.Decay, c.Tau = frames.Surface, feast.DecayIndex, time.Second
		},
		`tau 1s, last_events 0: expected none of kind "counts"`: func(c *frames.Config) { c.Tau = time.Second },
		"last_events 9: expected none but of decay":             func(c *frames.Config) { c.Kind, c.Tau, c.Last = frames.Surface, time.Second, 9 },
		"2 planes of 4096x4096: expected at most 16777216 values": func(c *frames.Config) {
			c.Width, c.Height, c.Mode = 4096, 4096, frames.Split
		},
	} {
		c := line(change)
		require.ErrorContains(t, c.Validate(), says)
		_, err := frames.New(c)
		require.ErrorContains(t, err, says)
	}
}

func TestCanonical(t *testing.T) {
	c := frames.Default()
	require.Equal(t, frames.Config{
		Source: frames.Events, Mode: frames.Split, Every: 10 * time.Millisecond, MaxEmpty: 16,
		Pool: 1, Kernel: 1, Kind: frames.Counts, Levels: 15, Step: 1,
	}, c)
	require.Equal(t, c, c.Canonical())
	require.NoError(t, c.Check(), "the geometry comes later")
	require.Error(t, c.Validate())
	c.Width, c.Height, c.Pool, c.Kernel = 34, 33, 4, 0
	require.Equal(t, []int{2, 9, 9, 162}, []int{c.Planes(), c.Rows(), c.Columns(), c.Len()})
	require.Equal(t, 4, c.Canonical().Kernel)
}

func TestYAML(t *testing.T) {
	var c frames.Config
	require.NoError(t, yaml.UnmarshalWithOptions([]byte(`
source: features
layer: 2
every_events: 500
pool: 2
kernel: 3
kind: surface
decay: linear
tau: 20ms
levels: 31
`), &c, yaml.Strict()))
	require.Equal(t, frames.Config{
		Source: frames.Features, Layer: 2, Events: 500, Pool: 2, Kernel: 3,
		Kind: frames.Surface, Decay: feast.DecayLinear, Tau: 20 * time.Millisecond, Levels: 31,
	}, c)
	require.NoError(t, c.Check())
}
