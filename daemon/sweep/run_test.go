package sweep_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/simulate/simulatetest"
	"github.com/saccade-dev/saccade/daemon/sweep"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/predict"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/sim/saccades"
)

func TestMain(m *testing.M) { simulatetest.Main(m, &shared) }

var shared = simulatetest.Folder{Train: 30, Config: saccades.DefaultConfig()}

// options are those of a sweep over nine small layers.
func options(t *testing.T) sweep.Options {
	base := feast.Default()
	base.Neurons, base.Radius = 4, 2
	var space sweep.Space
	require.NoError(t, space.Vary("neurons=1,2,4"))
	require.NoError(t, space.Vary("tau=2ms,20ms,200ms"))
	trials, err := space.Grid(base)
	require.NoError(t, err)
	target, err := hw.Find(hw.Auto)
	require.NoError(t, err)
	return sweep.Options{
		Trials: trials, Recordings: shared.Recordings(t), Target: target,
		Pool: pool.Config{Spread: pool.SpreadBilinear}, Results: filepath.Join(t.TempDir(), "results.jsonl"),
	}
}

// timeless is an outcome without what another run may not repeat.
func timeless(o *sweep.Outcome) sweep.Outcome {
	out := *o
	out.Computed, out.Known = 0, 0
	out.Ranked = slices.Clone(o.Ranked)
	for i := range out.Ranked {
		out.Ranked[i].Result.Seconds = 0
	}
	out.Start.Result.Seconds = 0
	return out
}

func lines(t *testing.T, path string) int {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	return bytes.Count(b, []byte("\n"))
}

func TestRun(t *testing.T) {
	o := options(t)
	var mu sync.Mutex
	var steps []string
	o.Stage = func(name string, n int) (func(), func()) {
		var count atomic.Int64
		return func() { count.Add(1) }, func() {
			mu.Lock()
			defer mu.Unlock()
			steps = append(steps, fmt.Sprintf("%s %d/%d", name, count.Load(), n))
		}
	}
	out, err := sweep.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, []string{"reading recordings 30/30", "configurations 9/9"}, steps)
	require.Len(t, out.Ranked, 9)
	require.Equal(t, 9, out.Computed)
	require.Zero(t, out.Known)
	require.Equal(t, []int{30}, out.Rungs)
	require.Equal(t, o.Trials[0], out.Start.Result.Config)
	require.Equal(t, 10, lines(t, o.Results))
	var numbers []int
	for i, trial := range out.Ranked {
		numbers = append(numbers, trial.Number)
		require.Equal(t, o.Trials[trial.Number], trial.Result.Config)
		if i > 0 {
			require.LessOrEqual(t, trial.Result.Score.Separability, out.Ranked[i-1].Result.Score.Separability)
		}
	}
	slices.Sort(numbers)
	require.Equal(t, []int{0, 1, 2, 3, 4, 5, 6, 7, 8}, numbers)
	require.Equal(t, 4, out.Ranked[0].Result.Config.Neurons, "one neuron tells nothing of what it saw")

	// The result is what learning and scoring by hand gives.
	trial := out.Ranked[2]
	m, counters, err := learn.Features(t.Context(), trial.Result.Config, o.Target, o.Recordings, nil)
	require.NoError(t, err)
	v, err := learn.ModelVectors(t.Context(), m, o.Target, learn.PoolConfig(m.Feast, o.Pool), o.Recordings, nil)
	require.NoError(t, err)
	score, err := predict.Of(t.Context(), predict.Patterns{Rows: v.Rows, Labels: v.Labels})
	require.NoError(t, err)
	require.Equal(t, score, trial.Result.Score)
	require.Equal(t, counters.MissedRate(), trial.Result.MissedRate)
}

// A sweep that is stopped goes on where it was, also on other numbers of cores and
// with half a line at the end of its file, and comes to the same result.
func TestStoppedAndResumed(t *testing.T) {
	for _, halving := range []int{0, 3} {
		t.Run(fmt.Sprint("halving by ", halving), func(t *testing.T) {
			o := options(t)
			o.Halving = halving
			if halving > 0 {
				o.Recordings = slices.DeleteFunc(slices.Clone(o.Recordings), func(r nmnist.Recording) bool { return r.Label != "1" && r.Label != "8" && r.Label != "0" })
				o.Recordings = doubled(t, o.Recordings)
			}
			want, err := sweep.Run(t.Context(), o)
			require.NoError(t, err)
			results := want.Computed
			if halving > 0 {
				require.Equal(t, []int{30, 90}, want.Rungs)
				require.GreaterOrEqual(t, results, 9+3)
				require.LessOrEqual(t, results, 9+4, "the best third, and where it began")
				require.Equal(t, 90, want.Start.Result.Recordings)
			}
			o.Results += ".again"
			stops, known := 0, 0
			for cores := 1; ; cores++ {
				ctx, cancel := context.WithCancel(t.Context())
				var done atomic.Int64
				o.Stage = func(name string, _ int) (func(), func()) {
					return func() {
						if name != "reading recordings" && done.Add(1) == 2 {
							cancel()
						}
					}, func() {}
				}
				o.Jobs = cores
				got, err := sweep.Run(ctx, o)
				cancel()
				if err == nil {
					require.Equal(t, timeless(want), timeless(got))
					require.Equal(t, results, got.Computed+got.Known)
					require.GreaterOrEqual(t, got.Known, 2*stops)
					break
				}
				require.ErrorIs(t, err, context.Canceled)
				var stopped *sweep.StoppedError
				require.ErrorAs(t, err, &stopped)
				require.ErrorContains(t, err, "configurations are in "+o.Results+": the same command goes on from there")
				require.GreaterOrEqual(t, lines(t, o.Results), known+3, "two more results, below the first line")
				require.Less(t, stops, 20)
				stops++
				known = lines(t, o.Results) - 1
				f, err := os.OpenFile(o.Results, os.O_WRONLY|os.O_APPEND, 0)
				require.NoError(t, err)
				_, err = f.WriteString(`{"recordings":30,"config":{"wid`)
				require.NoError(t, err)
				require.NoError(t, f.Close())
			}
			require.Positive(t, stops)
			o.Stage = nil
			again, err := sweep.Run(t.Context(), o)
			require.NoError(t, err)
			require.Zero(t, again.Computed, "nothing is computed twice")
			require.Equal(t, timeless(want), timeless(again))
			require.Equal(t, results+1, lines(t, o.Results))
		})
	}
}

// doubled is ten of each recording, under names of their own.
func doubled(t *testing.T, in []nmnist.Recording) []nmnist.Recording {
	dir := t.TempDir()
	for i, r := range in {
		b, err := os.ReadFile(r.Path)
		require.NoError(t, err)
		require.NoError(t, os.MkdirAll(filepath.Join(dir, r.Label), 0o700))
		for k := range 10 {
			// Each a little shorter than the one before.
			require.NoError(t, os.WriteFile(filepath.Join(dir, r.Label, fmt.Sprintf("%03d-%d.bin", i, k)), b[:len(b)-5*100*k], 0o600))
		}
	}
	out, err := nmnist.Folder(dir)
	require.NoError(t, err)
	require.Len(t, out, 90)
	return out
}

// The same sweep on any number of cores, one or many at once.
func TestRunOnAnyNumberOfCores(t *testing.T) {
	o := options(t)
	o.Trials = o.Trials[:5]
	want, err := sweep.Run(t.Context(), o)
	require.NoError(t, err)
	for _, cores := range []int{1, 4} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			o.Results = filepath.Join(t.TempDir(), "results.jsonl")
			got, err := sweep.Run(t.Context(), o)
			require.NoError(t, err)
			require.Equal(t, timeless(want), timeless(got))
		}()
	}
}

// Results of a space go into a sweep over another one; those of other recordings or
// another pooling do not.
func TestWhatResultsAreUsedFor(t *testing.T) {
	o := options(t)
	all := o.Trials
	o.Trials = all[:4]
	_, err := sweep.Run(t.Context(), o)
	require.NoError(t, err)
	o.Trials = all[2:6]
	out, err := sweep.Run(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, 2, out.Known)
	require.Equal(t, 2, out.Computed)

	other := o
	other.Limit = 20
	_, err = sweep.Run(t.Context(), other)
	require.ErrorContains(t, err, "its results are of 30 recordings, and this sweep is over 20")
	other = o
	other.Pool.Norm = pool.NormNone
	_, err = sweep.Run(t.Context(), other)
	require.ErrorContains(t, err, "pooled in another way")
	other = o
	other.Recordings = slices.Clone(o.Recordings)
	b, err := os.ReadFile(o.Recordings[3].Path)
	require.NoError(t, err)
	b[0] ^= 1
	dir := filepath.Join(t.TempDir(), o.Recordings[3].Label)
	require.NoError(t, os.Mkdir(dir, 0o700))
	other.Recordings[3].Path = filepath.Join(dir, filepath.Base(o.Recordings[3].Path))
	require.NoError(t, os.WriteFile(other.Recordings[3].Path, b, 0o600))
	_, err = sweep.Run(t.Context(), other)
	require.ErrorContains(t, err, "its results are of other recordings")
	b[0] ^= 1 // the same bytes elsewhere are the same recording
	require.NoError(t, os.WriteFile(other.Recordings[3].Path, b, 0o600))
	out, err = sweep.Run(t.Context(), other)
	require.NoError(t, err)
	require.Zero(t, out.Computed)
}

func TestRunsThatCannotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*sweep.Options)
		says   string
	}{
		"nothing": {func(o *sweep.Options) { o.Trials = nil }, "0 configurations: expected 1 to 10000"},
		"config":  {func(o *sweep.Options) { o.Trials[3].Neurons = 0 }, "neurons 0: expected"},
		"pool":    {func(o *sweep.Options) { o.Pool.CellWidth = -1 }, "cell of -1x5"},
		"limit":   {func(o *sweep.Options) { o.Limit = 4097 }, "at most 4097 recordings: expected 1 to 4096"},
		"large": {func(o *sweep.Options) {
			o.Trials = o.Trials[:1]
			o.Trials[0].Neurons, o.Pool.CellWidth, o.Pool.CellHeight = 4000, 1, 1
		}, "4000 neurons: the patterns of 30 recordings have 277440000 entries"},
		"few":      {func(o *sweep.Options) { o.Limit = 15 }, "has one pattern"},
		"halving":  {func(o *sweep.Options) { o.Halving = -1 }, "halving by -1"},
		"jobs":     {func(o *sweep.Options) { o.Jobs = -1 }, "-1 configurations at once"},
		"geometry": {func(o *sweep.Options) { o.Trials = o.Trials[:1]; o.Trials[0].Width = 20 }, "expected an event within 20x34 pixels"},
		"missing": {func(o *sweep.Options) {
			o.Recordings = slices.Clone(o.Recordings)
			o.Recordings[7].Path += ".none"
		}, ".bin.none: no such file"},
		"folder": {func(o *sweep.Options) { o.Results = filepath.Join(o.Results, "none", "results") }, "no such file or directory"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options(t)
			c.change(&o)
			_, err := sweep.Run(t.Context(), o)
			require.ErrorContains(t, err, c.says)
			var stopped *sweep.StoppedError
			require.NotErrorAs(t, err, &stopped)
		})
	}
}

func TestAccuracy(t *testing.T) {
	o := options(t)
	good, err := sweep.Accuracy(t.Context(), o, o.Trials[0])
	require.NoError(t, err)
	require.Greater(t, good, 0.4) // of ten classes with three recordings each
	require.LessOrEqual(t, good, 1.0)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = sweep.Accuracy(ctx, o, o.Trials[0])
	require.ErrorIs(t, err, context.Canceled)
}

// The accuracy is that of `train readout`: lambda is chosen among the rest, where there
// is enough of it.
func TestAccuracyIsOfUnseenRecordings(t *testing.T) {
	o := options(t)
	o.Recordings = doubled(t, o.Recordings[:9]) // of three digits
	got, err := sweep.Accuracy(t.Context(), o, o.Trials[0])
	require.NoError(t, err)
	m, _, err := learn.Features(t.Context(), o.Trials[0], o.Target, o.Recordings, nil)
	require.NoError(t, err)
	v, err := learn.ModelVectors(t.Context(), m, o.Target, learn.PoolConfig(m.Feast, o.Pool), o.Recordings, nil)
	require.NoError(t, err)
	cv, err := readout.CrossValidate(t.Context(), readout.Data{Rows: v.Rows, Labels: v.Labels}, readout.Training{Options: readout.Options{Seed: 1}})
	require.NoError(t, err)
	require.Equal(t, cv.Confusion.Accuracy(), got)
	require.Equal(t, 5, cv.Folds)
}
