package simulate_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/inspect"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/sim/airplanes"
)

// airplaneOptions are of short recordings of a field that N-MNIST's format cannot hold.
func airplaneOptions(dir string) simulate.AirplaneOptions {
	c := airplanes.DefaultConfig()
	c.Geometry = events.Geometry{Width: 280, Height: 60}
	c.Sides = airplanes.Left
	c.MinSize, c.MaxSize = 20, 30
	c.MinCrossing, c.MaxCrossing = 40*time.Millisecond, 60*time.Millisecond
	return simulate.AirplaneOptions{Dir: dir, Train: 8, Test: 1, Seed: 5, Config: c}
}

// row is one of boxes.tsv.
type row struct {
	class                    string
	t                        int64
	left, top, right, bottom float64
}

// boxes reads a half's ground truth, by file.
func boxes(t *testing.T, half string) map[string][]row {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(half, "boxes.tsv"))
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	require.Equal(t, "file\tclass\tt_us\tleft\ttop\tright\tbottom", lines[0])
	out := map[string][]row{}
	for _, line := range lines[1:] {
		f := strings.Split(line, "\t")
		require.Len(t, f, 7)
		var v [5]float64
		for i := range v {
			v[i], err = strconv.ParseFloat(f[i+2], 64)
			require.NoError(t, err)
		}
		out[f[0]] = append(out[f[0]], row{f[1], int64(v[0]), v[1], v[2], v[3], v[4]})
	}
	return out
}

func TestWriteAirplanes(t *testing.T) {
	o := airplaneOptions(filepath.Join(t.TempDir(), "new"))
	steps := 0
	o.Done = func() { steps++ }
	n, err := simulate.WriteAirplanes(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, 9, steps)
	set, err := nmnist.OpenSet(o.Dir)
	require.NoError(t, err)
	require.Len(t, set.Train, 8)
	require.Len(t, set.Test, 1)
	keep := simulate.AirplaneGeometry("", o.Config.Geometry)
	require.Equal(t, events.Geometry{Width: 256, Height: 60}, keep)
	var total int64
	labels := map[string]int{}
	for _, r := range append(set.Train, set.Test...) {
		labels[r.Label]++
		s, err := inspect.File(t.Context(), r.Path, events.OpenOptions{Geometry: keep}, false)
		require.NoError(t, err)
		require.Zero(t, s.BackwardSteps, r.Path)
		require.Greater(t, s.Events, int64(500), r.Path)
		total += s.Events
	}
	require.Equal(t, n, total)
	require.Len(t, labels, airplanes.Classes)
	require.Len(t, boxes(t, filepath.Join(o.Dir, "Train")), 8)
	require.Len(t, boxes(t, filepath.Join(o.Dir, "Test")), 1)
}

// The boxes are where the events are, in the coordinates of what was kept.
func TestBoxesHoldTheEvents(t *testing.T) {
	o := airplaneOptions(t.TempDir())
	o.Config.Texture, o.Config.Sensor.NoiseRate, o.Config.Sensor.LeakRate, o.Config.Sensor.HotRate = 0, 0, 0, 0
	o.Keep = events.Geometry{Width: 201, Height: 41} // odd, so that the middle is between pixels
	_, err := simulate.WriteAirplanes(t.Context(), o)
	require.NoError(t, err)
	half := filepath.Join(o.Dir, "Train")
	near, all := 0, 0
	for name, rows := range boxes(t, half) {
		require.Equal(t, filepath.Dir(name), rows[0].class)
		f, err := events.Open(filepath.Join(half, name), events.OpenOptions{Geometry: o.Keep})
		require.NoError(t, err)
		p := events.NewPacket(1 << 20)
		require.NoError(t, f.Read(p))
		require.NoError(t, f.Close())
		for _, r := range rows {
			require.True(t, 0 <= r.left && r.left < r.right && r.right <= 201, "%+v", r)
			require.True(t, 0 <= r.top && r.top < r.bottom && r.bottom <= 41, "%+v", r)
			for _, e := range p.Events {
				if e.T > r.t-500 && e.T <= r.t+500 {
					all++
					x, y := float64(e.X)+0.5, float64(e.Y)+0.5
					// It comes from the left, at up to seven pixels a millisecond, and the
					// pixels answer late.
					if x > r.left-16 && x < r.right+5 && y > r.top-4 && y < r.bottom+4 {
						near++
					}
				}
			}
		}
	}
	require.Greater(t, all, 1000)
	require.Greater(t, float64(near), 0.95*float64(all))
}

// What is kept is a part of the same recordings.
func TestKeepIsAPart(t *testing.T) {
	read := func(keep events.Geometry) [][]events.Event {
		o := airplaneOptions(t.TempDir())
		o.Train, o.Test, o.Keep = 2, 0, keep
		_, err := simulate.WriteAirplanes(t.Context(), o)
		require.NoError(t, err)
		list, err := nmnist.Folder(filepath.Join(o.Dir, "Train"))
		require.NoError(t, err)
		var out [][]events.Event
		for _, r := range list {
			f, err := events.Open(r.Path, events.OpenOptions{Geometry: keep})
			require.NoError(t, err)
			p := events.NewPacket(1 << 20)
			require.NoError(t, f.Read(p))
			require.NoError(t, f.Close())
			out = append(out, p.Events)
		}
		return out
	}
	large, small := read(events.Geometry{Width: 256, Height: 60}), read(events.Geometry{Width: 100, Height: 50})
	require.Len(t, small, 2)
	for i, all := range large {
		var want []events.Event
		for _, e := range all {
			if e.X >= 78 && e.X < 178 && e.Y >= 5 && e.Y < 55 {
				e.X, e.Y = e.X-78, e.Y-5
				want = append(want, e)
			}
		}
		require.NotEmpty(t, want)
		require.Equal(t, want, small[i])
	}
}

func TestSameAirplanesForAnyNumberOfCores(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, seed uint64, cores int) map[string]string {
		o := airplaneOptions(filepath.Join(dir, name))
		o.Train, o.Seed = 4, seed
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		_, err := simulate.WriteAirplanes(t.Context(), o)
		require.NoError(t, err)
		return tree(t, o.Dir)
	}
	one := write("one", 9, 1)
	require.Len(t, one, 7, "five recordings and two files of boxes, and nothing left from writing them")
	require.Equal(t, one, write("many", 9, 6))
	require.NotEqual(t, one, write("other", 10, 6))
}

func TestAirplaneErrors(t *testing.T) {
	for want, spoil := range map[string]func(*simulate.AirplaneOptions){
		"nmnist holds 256x240 pixels at the most, and the recording has 280x60": func(o *simulate.AirplaneOptions) { o.Keep = o.Config.Geometry },
		"geometry 281x60: expected a part of the 280x60 pixels":                 func(o *simulate.AirplaneOptions) { o.Keep = events.Geometry{Width: 281, Height: 60} },
		"geometry 10x0: expected a part":                                        func(o *simulate.AirplaneOptions) { o.Keep = events.Geometry{Width: 10} },
		`unknown format "raw"`:                                                  func(o *simulate.AirplaneOptions) { o.Format = "raw" },
		"MinSize must be":                                                       func(o *simulate.AirplaneOptions) { o.Config.MinSize = 0 },
		"must have from 0 to":                                                   func(o *simulate.AirplaneOptions) { o.Train = -1 },
	} {
		o := airplaneOptions(t.TempDir())
		spoil(&o)
		_, err := simulate.WriteAirplanes(t.Context(), o)
		require.ErrorContains(t, err, want)
		require.Empty(t, tree(t, o.Dir))
	}
	o := airplaneOptions(t.TempDir())
	require.NoError(t, os.MkdirAll(filepath.Join(o.Dir, "Test", "delta"), 0o700))
	_, err := simulate.WriteAirplanes(t.Context(), o)
	require.ErrorContains(t, err, "expected no recordings yet, found delta")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = simulate.WriteAirplanes(ctx, airplaneOptions(t.TempDir()))
	require.ErrorIs(t, err, context.Canceled)
}

// Of formats that hold more than N-MNIST's all of the field is written.
func TestAirplaneGeometry(t *testing.T) {
	atis := events.Geometry{Width: 304, Height: 240}
	require.Equal(t, atis, simulate.AirplaneGeometry("another", atis))
	require.Equal(t, events.Geometry{Width: 256, Height: 240}, simulate.AirplaneGeometry("nmnist", atis))
	require.Equal(t, events.Geometry{Width: 40, Height: 30}, simulate.AirplaneGeometry("", events.Geometry{Width: 40, Height: 30}))
	// 256x240 is what the writer takes, and no more.
	f, err := events.FormatByName(nmnist.Name)
	require.NoError(t, err)
	for _, g := range []events.Geometry{{Width: 257, Height: 240}, {Width: 256, Height: 241}, {Width: 256, Height: 240}} {
		_, err := f.NewWriter(nil, events.Header{Geometry: g})
		require.Equal(t, g == simulate.AirplaneGeometry("", g), err == nil, "%v", g)
	}
}
