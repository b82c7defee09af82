package demo

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/daemon/simulate"
	_ "github.com/saccade-dev/saccade/events/mono"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stages writes down what is told of the stages.
type stages struct {
	mu    sync.Mutex
	told  []string // the names, in the order of their ends
	open  int
	onSet func(name string, done int)
}

type stage struct {
	all         *stages
	name        string
	done, total int
}

func (s *stages) stage(name string) Stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open++
	return &stage{all: s, name: name}
}

func (s *stage) Set(done, total int) {
	s.all.mu.Lock()
	s.done, s.total = done, total
	s.all.mu.Unlock()
	if s.all.onSet != nil {
		s.all.onSet(s.name, done)
	}
}

func (s *stage) Share(done float64) { s.Set(int(100*done+0.5), 100) }

func (s *stage) End() {
	s.all.mu.Lock()
	defer s.all.mu.Unlock()
	s.all.open--
	name := s.name
	if s.done != s.total || s.total == 0 {
		name += ", in part"
	}
	s.all.told = append(s.all.told, name)
}

func options(t *testing.T, s *stages) Options {
	t.Helper()
	// The temporary folder is looked at after the run.
	tmp := filepath.Join(t.TempDir(), "tmp")
	require.NoError(t, os.Mkdir(tmp, 0o700))
	t.Setenv("TMPDIR", tmp)
	source, err := digits.NewFonts(digits.DefaultStyle())
	require.NoError(t, err)
	config := saccades.DefaultConfig()
	return Options{
		Train: 20, Test: 5, Source: source, Geometry: config.Geometry, Seed: 3,
		Device: "purego", Method: readout.Ridge, Log: slog.New(slog.DiscardHandler), Stage: s.stage,
	}
}

// rawPool counts raw events in the cells of a pooling of features.
func rawPool(c pool.Config) pool.Config {
	c.Source, c.Features = pool.SourceEvents, 2
	return c
}

func nothingLeft(t *testing.T) {
	t.Helper()
	found, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, found, "temporary folders")
}

// withData has the demo take recordings of the first labels, two of each to train
// on and one to test with, which is quicker than to simulate all ten.
func withData(t *testing.T, o *Options, labels int) {
	t.Helper()
	o.Data = t.TempDir()
	_, err := simulate.Write(t.Context(), simulate.Options{
		Dir: o.Data, Train: 20, Test: 10, Seed: o.Seed, Source: o.Source, Config: saccades.DefaultConfig(),
	})
	require.NoError(t, err)
	for _, half := range []string{trainHalf, testHalf} {
		for label := labels; label < 10; label++ {
			require.NoError(t, os.RemoveAll(filepath.Join(o.Data, half, strconv.Itoa(label))))
		}
	}
	o.Train, o.Test, o.Source = 0, 0, nil
}

// The whole story. What came over NATS is what the packages compute by themselves
// from the same files, bit for bit.
func TestRun(t *testing.T) {
	var s stages
	o := options(t, &s)
	withData(t, &o, 4)
	r, err := Run(t.Context(), o)
	require.NoError(t, err)
	nothingLeft(t)
	require.Equal(t, []string{"checking recordings", "learning features", "pooling features", "training readouts", "recognising"}, s.told)
	require.Zero(t, s.open)

	target, err := hw.Find("purego")
	require.NoError(t, err)
	recordings := func(half string) (out []nmnist.Recording) {
		sources := r.story.train
		if half == testHalf {
			sources = r.story.test
		}
		for _, s := range sources {
			out = append(out, nmnist.Recording{Path: s.Path, Label: s.Truth})
		}
		return out
	}
	train, test := recordings(trainHalf), recordings(testHalf)
	require.Len(t, train, 8)
	require.Len(t, test, 4)

	layer, err := feast.New(r.model.Feast, target)
	require.NoError(t, err)
	require.NoError(t, learn.Pass(t.Context(), layer, layer.Config().Geometry(), train, nil))
	require.Equal(t, layer.Weights(), r.model.Weights, "features")
	offline := layer.Counters()
	require.Equal(t, offline.Missed, uint64(r.learned.counts.Missed))
	require.Equal(t, offline.Border, uint64(r.learned.counts.Border))
	require.Equal(t, offline.Events(), uint64(r.Learning.Events))

	pooled, err := learn.ModelVectors(t.Context(), r.model, target, r.model.Pool, train, nil)
	require.NoError(t, err)
	require.Equal(t, pooled.Rows, r.pooled.vectors.Rows, "vectors")
	require.Equal(t, pooled.Labels, r.pooled.vectors.Labels)

	raw, err := learn.Described(t.Context(), nil, pool.Recipe{Pool: rawPool(r.model.Pool)}, train, nil)
	require.NoError(t, err)
	require.Equal(t, raw.Rows, r.pooled.raw.Rows, "raw counts")
	require.Equal(t, raw.Labels, r.pooled.raw.Labels)

	tested, err := learn.ModelVectors(t.Context(), r.model, target, r.model.Pool, test, nil)
	require.NoError(t, err)
	for i, row := range tested.Rows {
		class, confidence, err := r.model.Readout.Predict(row)
		require.NoError(t, err)
		l := r.tested.labels[r.story.test[i].Recording]
		require.Equal(t, r.model.Readout.Class(class), l.Label)
		require.Equal(t, confidence, l.Confidence)
		require.Equal(t, test[i].Label, l.Truth)
	}

	// The numbers hang together.
	require.Equal(t, r.Confusion.Accuracy(), r.Accuracy)
	require.Equal(t, 4, r.Confusion.Total())
	require.Equal(t, pooled.Events+tested.Events, r.Events)
	require.Equal(t, 20, r.Replayed().Recordings)
	require.Equal(t, 2*pooled.Events+tested.Events, r.Replayed().Events)
	require.True(t, slices.IsSorted(r.Latencies))
	require.Positive(t, r.P50)
	require.LessOrEqual(t, r.P50, r.P99)
	require.LessOrEqual(t, r.P99, slices.Max(r.Latencies))
	require.InDelta(t, *r.Balance, *r.MissesPerHit, 0.005)
	require.False(t, r.Simulated)
	require.Len(t, r.story.samples, 8, "one for each recording that was learned from, and none later")
	require.Len(t, r.pictured, 4)

	b, err := json.Marshal(r)
	require.NoError(t, err)
	var object struct {
		Accuracy   float64
		Recordings int
		Features   struct {
			Tau int `json:"tau_us"`
		}
	}
	require.NoError(t, json.Unmarshal(b, &object))
	require.Equal(t, r.Accuracy, object.Accuracy)
	require.Equal(t, 12, object.Recordings)
	require.Equal(t, 20_000, object.Features.Tau)

	run := r.Report()
	require.WithinDuration(t, time.Now(), run.Started, time.Hour)
	require.Len(t, run.Recordings, 4)
	hits := func(p *passed) (n int) {
		return p.counts.Events - p.counts.Missed - p.counts.Border - p.counts.Outside
	}
	// Every event that a feature won is on the maps and, of the test half, which has
	// one recording of each label, in the rasters.
	placed := 0
	for _, b := range run.Layer.Banks {
		for _, counts := range b.Places {
			for _, n := range counts {
				placed += int(n)
			}
		}
	}
	require.Equal(t, hits(r.pooled), placed)
	won := 0
	for i, raster := range run.Rasters {
		require.Equal(t, strconv.Itoa(i), raster.Label)
		require.Equal(t, r.tested.labels[raster.Name].Label, raster.Predicted)
		won += len(raster.Events)
	}
	require.Len(t, run.Rasters, 4)
	require.Equal(t, hits(r.tested), won)
	require.Len(t, run.Activation.Classes, 4)
	for _, c := range run.Activation.Classes {
		require.Equal(t, 2, c.Recordings, c.Label)
		sum := 0.0
		for _, share := range c.Mean {
			sum += share
		}
		require.InDelta(t, 1, sum, 1e-9)
	}
	require.NotEmpty(t, run.Recordings[0].Predicted)
	_, err = report.Write(t.TempDir(), run)
	require.NoError(t, err)
}

func TestRunSimulates(t *testing.T) {
	var s stages
	o := options(t, &s)
	o.Train, o.Test = 0, 1
	_, err := Run(t.Context(), o)
	require.ErrorContains(t, err, "Train")
	require.Equal(t, []string{"simulating recordings"}, s.told)
	nothingLeft(t)
}

// Whenever it is interrupted, it ends soon, tells the stage's end and leaves
// nothing behind.
func TestCancelled(t *testing.T) {
	for _, name := range []string{"simulating recordings", "learning features", "pooling features", "training readouts", "recognising"} {
		t.Run(name, func(t *testing.T) {
			var s stages
			o := options(t, &s)
			if name != "simulating recordings" {
				withData(t, &o, 2)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			s.onSet = func(stage string, done int) {
				if stage == name && done >= 1 {
					cancel()
				}
			}
			_, err := Run(ctx, o)
			require.ErrorIs(t, err, context.Canceled)
			require.Zero(t, s.open)
			require.Contains(t, s.told[len(s.told)-1], name)
			nothingLeft(t)
		})
	}
}
