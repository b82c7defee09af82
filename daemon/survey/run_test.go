package survey

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
)

// What is told of frozen layers is what the packages compute by themselves, one
// recording after the other.
func TestRun(t *testing.T) {
	recordings := simulated(t, 20)
	behind := upper(6, 1, 2)
	m := withReadout(t, small(t, recordings, behind), recordings)
	before, err := m.MarshalBinary()
	require.NoError(t, err)
	steps := 0
	r, err := Run(t.Context(), Options{
		Model: m, Target: target(t), Recordings: recordings,
		Stage: func(name string, n int) (step, end func()) {
			require.Equal(t, "looking at features", name)
			require.Equal(t, 20, n)
			done := make(chan struct{}, n)
			return func() { done <- struct{}{} }, func() { steps = len(done) }
		},
	})
	require.NoError(t, err)
	require.Equal(t, 20, steps)
	after, err := m.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, before, after, "the model is left as it is")

	s, err := m.Stack(target(t))
	require.NoError(t, err)
	order := learn.Shuffled(recordings, m.Feast.Seed)
	require.NoError(t, learn.Pass(t.Context(), s, m.Feast.Geometry(), order, nil))
	run := r.Report("a model")
	_, err = report.Write(t.TempDir(), run)
	require.NoError(t, err)
	require.Len(t, run.Behind, 1)
	levels := append([]report.Level{{Layer: run.Layer, Rasters: run.Rasters, Activation: run.Activation}}, run.Behind...)
	for i, l := range r.Layers {
		c := s.Layer(i).Counters()
		require.Equal(t, c.Hits, l.Hits)
		require.Zero(t, l.Missed, "the nearest feature wins")
		require.Equal(t, c.Border, l.Border)
		require.Equal(t, c.Events(), l.Hits+l.Border)
		wins, placed, won := []uint64{}, 0, 0
		for _, b := range levels[i].Layer.Banks {
			for k, n := range b.Wins {
				wins = append(wins, uint64(n))
				for _, at := range b.Places[k] {
					placed += int(at)
				}
			}
		}
		require.Equal(t, c.Wins, wins)
		require.Equal(t, int(c.Hits), placed, "every event that a feature won is on the maps")
		for _, raster := range levels[i].Rasters {
			won += len(raster.Events)
		}
		require.Len(t, levels[i].Rasters, 10)
		require.Positive(t, won)
		require.Less(t, won, placed, "of each label the first recording")
		require.Len(t, levels[i].Activation.Classes, 10)
		require.Len(t, levels[i].Layer.Course.Intervals, 20)
		require.Equal(t, "20 recordings, with frozen features", levels[i].Activation.What)
		require.True(t, levels[i].Layer.Frozen)
	}
	require.Equal(t, []string{"OFF", "ON"}, run.Behind[0].Layer.Surfaces)

	v, err := learn.RecipeVectors(t.Context(), m, target(t), m.Recipe(), recordings, nil)
	require.NoError(t, err)
	confusion, err := readout.Evaluate(m.Readout, readout.Data{Rows: v.Rows, Labels: v.Labels})
	require.NoError(t, err)
	require.Equal(t, confusion, r.Confusion)
	require.Equal(t, v.Events, r.Events)

	r.Recordings = 1
	require.Equal(t, "1 recording, with frozen features", r.Report("a model").Activation.What)
}

// The misses beside a layer that leaves none out are those of one that has thresholds.
func TestMissesAreOfThresholds(t *testing.T) {
	recordings := simulated(t, 10)
	m := small(t, recordings[:4])
	nearest, err := Run(t.Context(), Options{Model: m, Target: target(t), Recordings: recordings})
	require.NoError(t, err)
	ruled := *m
	ruled.Feast.Inference = feast.Thresholds
	r, err := Run(t.Context(), Options{Model: &ruled, Target: target(t), Recordings: recordings})
	require.NoError(t, err)
	a, b := nearest.Layers[0], r.Layers[0]
	require.Positive(t, b.Missed)
	require.Zero(t, a.Missed)
	require.Equal(t, b.Hits+b.Missed, a.Hits)
	require.Equal(t, b.MissedRate, a.MissedRate)
	require.InDelta(t, float64(b.Missed)/float64(b.Hits+b.Missed), b.MissedRate, 1e-12)
	one, other := nearest.Report("").Layer.Banks, r.Report("").Layer.Banks
	for i := range one {
		require.Equal(t, other[i].History, one[i].History)
	}
}

// Whatever the number of cores, the same is told.
func TestCoresDoNotMatter(t *testing.T) {
	recordings := simulated(t, 20)
	m := small(t, recordings, upper(5, 1, 1))
	told := func(cores int) report.Run {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		r, err := Run(t.Context(), Options{Model: m, Target: target(t), Recordings: recordings, Most: 13})
		require.NoError(t, err)
		require.Equal(t, 13, r.Recordings)
		r.Started, r.Seconds = time.Time{}, 0
		return r.Report("")
	}
	require.Equal(t, told(1), told(3))
}

// With learning, a copy learns as a stack does, and is what is looked at.
func TestLearn(t *testing.T) {
	recordings := simulated(t, 20)
	m := withReadout(t, small(t, recordings[:6], upper(5, 1, 1)), recordings)
	before, err := m.MarshalBinary()
	require.NoError(t, err)
	r, err := Run(t.Context(), Options{Model: m, Target: target(t), Recordings: recordings, Learn: true})
	require.NoError(t, err)
	after, err := m.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, before, after)

	s, err := m.Stack(target(t))
	require.NoError(t, err)
	s.SetLearning(true)
	require.NoError(t, learn.Pass(t.Context(), s, m.Feast.Geometry(), learn.Shuffled(recordings, m.Feast.Seed), nil))
	run := r.Report("")
	for i, l := range append([]report.Level{{Layer: run.Layer}}, run.Behind...) {
		require.Equal(t, s.Weights()[i], r.survey.levels[i].weights)
		require.Positive(t, *r.Layers[i].Turned)
		require.False(t, l.Layer.Frozen)
		c := s.Layer(i).Counters()
		missed, seen := int64(0), int64(0)
		for _, b := range l.Layer.Banks {
			require.Len(t, b.History, 20)
			last := b.History[19]
			missed, seen = missed+last.Missed, seen+last.Events
			require.Equal(t, b.Thresholds, last.Thresholds, "what the pass ended with is what is shown")
		}
		require.Equal(t, int64(c.Missed), missed)
		require.Equal(t, int64(c.Hits+c.Missed), seen)
	}
	require.NotNil(t, r.Confusion)
	_, err = report.Write(t.TempDir(), run)
	require.NoError(t, err)
}

// Every kind of layer has a report.
func TestKindsOfLayers(t *testing.T) {
	recordings := simulated(t, 10)
	for name, change := range map[string]func(*feast.Config){
		"merged, linear": func(c *feast.Config) { c.Mode, c.Decay, c.Tau = feast.Merged, feast.DecayLinear, 60*time.Millisecond },
		"index":          func(c *feast.Config) { c.Decay, c.Last = feast.DecayIndex, 300 },
		"on, noise":      func(c *feast.Config) { c.Mode, c.MinRecent, c.Recent = feast.On, 2, 5*time.Millisecond },
		"planes":         func(c *feast.Config) { c.Mode, c.Planes, c.Border = feast.Planes, 2, feast.BorderZero },
		"annealed":       func(c *feast.Config) { c.Anneal = feast.Anneal{Every: 1000, Factor: 0.5} },
	} {
		t.Run(name, func(t *testing.T) {
			c := feast.Default()
			c.Neurons, c.Radius = 3, 1
			change(&c)
			m, _, err := learn.Stack(t.Context(), stack.Of(c), true, target(t), recordings, nil)
			require.NoError(t, err)
			r, err := Run(t.Context(), Options{Model: m, Target: target(t), Recordings: recordings})
			require.NoError(t, err)
			l := r.Layers[0]
			require.Positive(t, l.Hits)
			require.Equal(t, c.Mode == feast.On, l.Ignored > 0)
			require.Equal(t, c.MinRecent > 0, l.Noise > 0)
			require.Equal(t, uint64(r.Events), l.Hits+l.Missed+l.Border+l.Noise+l.Ignored)
			paths, err := report.Write(t.TempDir(), r.Report(name))
			require.NoError(t, err)
			html, err := os.ReadFile(paths[len(paths)-1])
			require.NoError(t, err)
			require.Contains(t, string(html), "the model names nothing")
			require.NotContains(t, string(html), `id="latency"`)
		})
	}
}

func TestRunRefuses(t *testing.T) {
	recordings := simulated(t, 20)
	m := withReadout(t, small(t, recordings), recordings)
	_, err := Run(t.Context(), Options{Model: m, Target: target(t)})
	require.EqualError(t, err, "survey: expected one recording or more, found none")

	other := slices.Concat(recordings[:3], []nmnist.Recording{{Path: "x/1.bin", Label: "x"}})
	_, err = Run(t.Context(), Options{Model: m, Target: target(t), Recordings: other})
	require.EqualError(t, err, "x/1.bin: label x is not among those that the model knows: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9")

	path := filepath.Join(t.TempDir(), "a.bin")
	require.NoError(t, os.WriteFile(path, []byte{33, 33, 0, 0, 1, 7}, 0o600))
	for _, learning := range []bool{false, true} {
		damaged := slices.Concat(recordings[:3], []nmnist.Recording{{Path: path, Label: "1"}})
		_, err = Run(t.Context(), Options{Model: m, Target: target(t), Recordings: damaged, Learn: learning})
		require.ErrorContains(t, err, path)
		require.ErrorContains(t, err, "at byte 5")

		ctx, cancel := context.WithCancel(t.Context())
		_, err = Run(ctx, Options{
			Model: m, Target: target(t), Recordings: recordings, Learn: learning,
			Stage: func(string, int) (step, end func()) { return cancel, func() {} },
		})
		require.ErrorIs(t, err, context.Canceled)
	}
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	_, err = Run(t.Context(), Options{Model: m, Target: target(t), Recordings: []nmnist.Recording{{Path: path, Label: "1"}}})
	require.ErrorContains(t, err, path)
}
