package survey

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/report"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/decide/decidetest"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
)

// withNetwork puts a network of random weights over frames into a model.
func withNetwork(t *testing.T, m *model.Model, c frames.Config, labels []string) {
	t.Helper()
	decidetest.Behind(t, m, c, labels, decidetest.Shape{Output: 0.01, Seed: 3})
}

// A network names recordings by the features of the layer that its frames are of, and
// before a readout that the model has, too.
func TestNetworkJudges(t *testing.T) {
	recordings := simulated(t, 20)
	m := withReadout(t, small(t, recordings, upper(6, 1, 2)), recordings)
	labels := Labels(recordings, label)
	withNetwork(t, m, frames.Config{Source: frames.Features, Layer: 1, Events: 300, Pool: 4}, labels)
	r, err := Run(t.Context(), Options{Model: m, Target: target(t), Recordings: recordings})
	require.NoError(t, err)
	require.Zero(t, r.Unnamed)

	s, err := m.Stack(target(t))
	require.NoError(t, err)
	d, err := decide.New(m.Network, target(t))
	require.NoError(t, err)
	want := readout.NewConfusion(labels)
	for _, of := range recordings {
		in, err := Read(t.Context(), of.Path, m.Feast.Geometry())
		require.NoError(t, err)
		s.Reset()
		d.Reset()
		winners := make([]int16, len(in))
		for from := 0; from < len(in); from += 1000 {
			part := in[from:min(from+1000, len(in))]
			require.NoError(t, s.Process(part, winners[:len(part)]))
			require.NoError(t, d.Add(part, s.Winners(0), ignored))
		}
		require.NoError(t, d.End(ignored))
		want.Add(int(of.Label[0]-'0'), d.All().Class)
	}
	require.Equal(t, want, r.Confusion)
	run := r.Report("")
	require.Equal(t, "The network", run.Tables[2].Name)
	_, err = report.Write(t.TempDir(), run)
	require.NoError(t, err)
}

// A recording without a frame has no name, and counts as mistaken.
func TestUnnamed(t *testing.T) {
	recordings := simulated(t, 10)
	m := small(t, recordings[:2])
	withNetwork(t, m, frames.Config{Every: 1000, Mode: frames.On}, Labels(recordings, label))
	j, err := newJudge(m, target(t))
	require.NoError(t, err)
	j.reset()
	class, err := j.end()
	require.NoError(t, err)
	require.Equal(t, -1, class)
	r := &Result{Recordings: 4, Confusion: readout.NewConfusion([]string{"a", "b"}), Unnamed: 2}
	r.Confusion.Add(0, 0)
	r.Confusion.Add(1, 1)
	require.InDelta(t, 0.5, r.Accuracy(), 0)
}

// A readout may count the features of several layers.
func TestReadoutOfSeveralLayers(t *testing.T) {
	recordings := simulated(t, 20)
	m := small(t, recordings, upper(6, 1, 2))
	recipe, err := m.Pooling(pool.Recipe{Pool: pool.Config{CellWidth: 9, CellHeight: 9}}, []int{1, 2})
	require.NoError(t, err)
	v, err := learn.RecipeVectors(t.Context(), m, target(t), recipe, recordings, nil)
	require.NoError(t, err)
	m.Pool, m.Parts, m.Counted = recipe.Pool, recipe.Parts, recipe.Layers
	data := readout.Data{Rows: v.Rows, Labels: v.Labels}
	m.Readout, _, err = readout.Train(t.Context(), data, readout.Options{Method: readout.Ridge, Seed: 1})
	require.NoError(t, err)
	want, err := readout.Evaluate(m.Readout, data)
	require.NoError(t, err)
	r, err := Run(t.Context(), Options{Model: m, Target: target(t), Recordings: recordings})
	require.NoError(t, err)
	require.Equal(t, want, r.Confusion)
	require.Equal(t, events.Geometry{Width: 34, Height: 34}, r.Report("").Recordings[0].Geometry)
}
