package survey

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if dir, err := made(); err == nil && os.RemoveAll(dir) != nil {
			code = max(code, 1)
		}
		os.Exit(code)
	}))
}

// made is a folder of twenty recordings of digits, two of each, made once for all tests.
var made = sync.OnceValues(func() (dir string, err error) {
	source, err := digits.NewFonts(digits.DefaultStyle())
	if err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp("", "saccade-survey-"); err != nil {
		return "", err
	}
	_, err = simulate.Write(context.Background(), simulate.Options{Dir: dir, Train: 20, Test: 1, Seed: 3, Source: source, Config: saccades.DefaultConfig()})
	return dir, err
})

// simulated are 20 recordings of digits, two of each, or 10, one of each.
func simulated(t *testing.T, n int) []nmnist.Recording {
	t.Helper()
	dir, err := made()
	require.NoError(t, err)
	recordings, err := nmnist.Folder(filepath.Join(dir, "Train"))
	require.NoError(t, err)
	return Evenly(recordings, label, n)
}

func target(t *testing.T) hw.Target {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

// small is a model of one layer, or of more, that has learned from recordings.
func small(t *testing.T, recordings []nmnist.Recording, behind ...stack.Config) *model.Model {
	t.Helper()
	c := feast.Default()
	c.Neurons, c.Radius = 4, 2
	m, _, err := learn.Stack(t.Context(), stack.Of(c, behind...), true, target(t), recordings, nil)
	require.NoError(t, err)
	return m
}

// withReadout trains a readout on the model's features.
func withReadout(t *testing.T, m *model.Model, recordings []nmnist.Recording) *model.Model {
	t.Helper()
	recipe, err := m.Pooling(pool.Recipe{Pool: pool.Config{CellWidth: 9, CellHeight: 9}}, nil)
	require.NoError(t, err)
	v, err := learn.RecipeVectors(t.Context(), m, target(t), recipe, recordings, nil)
	require.NoError(t, err)
	m.Pool = recipe.Pool
	m.Readout, _, err = readout.Train(t.Context(), readout.Data{Rows: v.Rows, Labels: v.Labels}, readout.Options{Method: readout.Ridge, Seed: 1})
	require.NoError(t, err)
	return m
}
