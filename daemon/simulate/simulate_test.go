package simulate_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/saccade-dev/saccade/daemon/simulate"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/inspect"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/sim/digits"
	"github.com/saccade-dev/saccade/sim/saccades"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func options(t *testing.T, dir string) simulate.Options {
	t.Helper()
	source, err := digits.NewFonts(digits.DefaultStyle())
	require.NoError(t, err)
	return simulate.Options{Dir: dir, Train: 12, Test: 3, Seed: 9, Source: source, Config: saccades.DefaultConfig()}
}

// tree is the content of every file below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		rel, _ := filepath.Rel(dir, path)
		out[filepath.ToSlash(rel)] = string(b)
		return err
	}))
	return out
}

func TestWrite(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	o := options(t, dir)
	steps := 0
	o.Done = func() { steps++ }
	n, err := simulate.Write(t.Context(), o)
	require.NoError(t, err)
	require.Equal(t, 15, steps)

	set, err := nmnist.OpenSet(dir)
	require.NoError(t, err)
	require.Len(t, set.Train, 12)
	require.Len(t, set.Test, 3)
	var total int64
	labels := map[string]int{}
	for _, r := range append(set.Train, set.Test...) {
		labels[r.Label]++
		s, err := inspect.File(t.Context(), r.Path, events.OpenOptions{Geometry: o.Config.Geometry}, false)
		require.NoError(t, err)
		require.Zero(t, s.BackwardSteps, r.Path)
		// What N-MNIST's recordings hold: thousands of events in a third of a second.
		require.Greater(t, s.Events, int64(1000), r.Path)
		require.InDelta(t, 300_000, s.Duration(), 30_000, r.Path)
		total += s.Events
	}
	require.Equal(t, n, total)
	require.Len(t, labels, 10, "every digit, for twelve are two more than ten")
}

func TestSameSeedSameBytes(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, seed uint64, cores int) map[string]string {
		o := options(t, filepath.Join(dir, name))
		o.Seed = seed
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		_, err := simulate.Write(t.Context(), o)
		require.NoError(t, err)
		return tree(t, o.Dir)
	}
	one := write("one", 9, 1)
	require.Len(t, one, 15)
	require.Equal(t, one, write("many", 9, 6))
	require.NotEqual(t, one, write("other", 10, 6))
}

// The halves are not each other's copies, nor those of the next seed.
func TestHalvesDiffer(t *testing.T) {
	o := options(t, t.TempDir())
	o.Train, o.Test = 4, 4
	_, err := simulate.Write(t.Context(), o)
	require.NoError(t, err)
	next := options(t, t.TempDir())
	next.Train, next.Test, next.Seed = 4, 4, o.Seed+1
	_, err = simulate.Write(t.Context(), next)
	require.NoError(t, err)
	seen := map[string]string{}
	for name, files := range map[string]map[string]string{"this": tree(t, o.Dir), "next": tree(t, next.Dir)} {
		for path, content := range files {
			before, twice := seen[content]
			require.False(t, twice, "%s of %s seed is %s", path, name, before)
			seen[content] = path
		}
	}
	require.Len(t, seen, 16)
}

// A folder with recordings is left as it is.
func TestUsedFolder(t *testing.T) {
	for _, half := range []string{"Train", "Test"} {
		o := options(t, t.TempDir())
		require.NoError(t, os.MkdirAll(filepath.Join(o.Dir, half, "3"), 0o700))
		_, err := simulate.Write(t.Context(), o)
		require.ErrorContains(t, err, filepath.Join(o.Dir, half)+": expected no recordings yet, found 3")
		require.Empty(t, tree(t, o.Dir))
	}
	// One that was made for it is taken.
	o := options(t, t.TempDir())
	o.Train, o.Test = 1, 0
	require.NoError(t, os.MkdirAll(filepath.Join(o.Dir, "Train"), 0o700))
	_, err := simulate.Write(t.Context(), o)
	require.NoError(t, err)
	require.Len(t, tree(t, o.Dir), 1)
	require.DirExists(t, filepath.Join(o.Dir, "Test"), "a half without recordings has its folder too")
}

func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	_, err := simulate.Write(t.Context(), options(t, file))
	require.ErrorContains(t, err, "not a directory")

	o := options(t, t.TempDir())
	o.Train = saccades.MaxLen + 1
	_, err = simulate.Write(t.Context(), o)
	require.Error(t, err)
	require.Empty(t, tree(t, o.Dir))

	o = options(t, t.TempDir())
	o.Source = broken{}
	_, err = simulate.Write(t.Context(), o)
	require.ErrorIs(t, err, errBroken)
}

var errBroken = errors.New("no more digits")

// broken is a source that has none.
type broken struct{}

func (broken) Digit(int, *rand.Rand) (digits.Image, error) { return digits.Image{}, errBroken }

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	o := options(t, t.TempDir())
	o.Train = 200
	steps := 0
	o.Done = func() {
		if steps++; steps == 2 {
			cancel()
		}
	}
	_, err := simulate.Write(ctx, o)
	require.ErrorIs(t, err, context.Canceled)
	written := tree(t, o.Dir)
	require.GreaterOrEqual(t, len(written), 2)
	require.Less(t, len(written), 200)
	for path, content := range written {
		require.Zero(t, len(content)%5, "%s is whole", path)
	}
}
