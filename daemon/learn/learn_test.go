package learn_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/daemon/simulate/simulatetest"
	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	"github.com/saccade-dev/saccade/sim/saccades"
)

func TestMain(m *testing.M) { simulatetest.Main(m, &shared) }

var shared = simulatetest.Folder{Train: 30, Config: saccades.DefaultConfig()}

// small is a layer that learns quickly, for tests that do not look at what.
func small() feast.Config {
	c := feast.Default()
	c.Neurons, c.Radius = 4, 2
	return c
}

func purego(t *testing.T) hw.Target {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

// file makes a recording of a test's own.
func file(t *testing.T, content []byte) nmnist.Recording {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "3")
	require.NoError(t, os.MkdirAll(dir, 0o700))
	path := filepath.Join(dir, "00007.bin")
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return nmnist.Recording{Path: path, Label: "3"}
}

func content(t *testing.T, r nmnist.Recording) []byte {
	t.Helper()
	b, err := os.ReadFile(r.Path)
	require.NoError(t, err)
	return b
}

// onCores runs f with GOMAXPROCS set.
func onCores(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}

func TestShuffled(t *testing.T) {
	in := make([]nmnist.Recording, 50)
	for i := range in {
		in[i].Path = fmt.Sprint(i)
	}
	before := slices.Clone(in)
	one := learn.Shuffled(in, 1)
	require.Equal(t, before, in)
	require.ElementsMatch(t, in, one)
	require.NotEqual(t, in, one)
	require.Equal(t, one, learn.Shuffled(in, 1))
	require.NotEqual(t, one, learn.Shuffled(in, 2))
}

func TestFeatures(t *testing.T) {
	in := shared.Recordings(t)
	config := small()
	var steps int
	m, counters, err := learn.Features(t.Context(), config, purego(t), in, func() { steps++ })
	require.NoError(t, err)
	require.Equal(t, len(in), steps)
	require.Equal(t, config, m.Feast)
	require.Nil(t, m.Readout)
	require.NoError(t, m.Validate())

	// Every event of the files was seen once.
	var size int64
	for _, r := range in {
		st, err := os.Stat(r.Path)
		require.NoError(t, err)
		size += st.Size()
	}
	require.Equal(t, uint64(size/5), counters.Events())
	// FEAST's own balance, roughly, as the thresholds' way there counts too.
	require.InEpsilon(t, config.Balance(), float64(counters.Missed)/float64(counters.Hits), 0.3)
	require.NotEqual(t, feast.RandomWeights(config), m.Weights, "it learned")

	again, _, err := learn.Features(t.Context(), config, purego(t), in, nil)
	require.NoError(t, err)
	require.Equal(t, m, again)
	config.Seed++
	other, _, err := learn.Features(t.Context(), config, purego(t), in, nil)
	require.NoError(t, err)
	require.NotEqual(t, m.Weights, other.Weights)

	config.Neurons = 0
	_, _, err = learn.Features(t.Context(), config, purego(t), in, nil)
	require.ErrorContains(t, err, "neurons 0")
}

// Layers learn together in one pass, or one after the other in as many.
func TestStack(t *testing.T) {
	in := shared.Recordings(t)[:6]
	layers := []stack.Config{{Feast: small(), Pool: 1}, {Feast: small(), Pool: 2}}
	steps := 0
	apart, counters, err := learn.Stack(t.Context(), layers, false, purego(t), in, func() { steps++ })
	require.NoError(t, err)
	require.Equal(t, 2*len(in), steps)
	require.Equal(t, 2, learn.Passes(2, false))
	require.Equal(t, 1, learn.Passes(2, true))
	require.NoError(t, apart.Validate())
	require.Len(t, apart.Upper, 1)
	alone, _, err := learn.Features(t.Context(), small(), purego(t), in, nil)
	require.NoError(t, err)
	require.Equal(t, alone.Weights, apart.Weights, "the first layer does not know of the second")
	// The second was given what the first, frozen, had found.
	require.Equal(t, counters[1].Events(), counters[1].Hits+counters[1].Missed+counters[1].Border)
	require.Positive(t, counters[1].Missed)

	steps = 0
	together, counters, err := learn.Stack(t.Context(), layers, true, purego(t), in, func() { steps++ })
	require.NoError(t, err)
	require.Equal(t, len(in), steps)
	require.Equal(t, counters[0].Hits, counters[1].Events())
	require.Equal(t, apart.Weights, together.Weights)
	require.NotEqual(t, apart.Upper[0].Weights, together.Upper[0].Weights)

	recipe, err := apart.Pooling(pool.Recipe{Pool: pool.Config{CellWidth: 17, CellHeight: 17}}, nil)
	require.NoError(t, err)
	v, err := learn.RecipeVectors(t.Context(), apart, purego(t), recipe, in, nil)
	require.NoError(t, err)
	require.Len(t, v.Rows[0], 2*2*apart.Top().Features())
	_, _, err = learn.Stack(t.Context(), nil, true, purego(t), in, nil)
	require.ErrorContains(t, err, "expected 1 to 8 layers, found 0")
}

// learned is a model to pool with.
func learned(t *testing.T) *model.Model {
	t.Helper()
	m, _, err := learn.Features(t.Context(), small(), purego(t), shared.Recordings(t)[:4], nil)
	require.NoError(t, err)
	return m
}

// serial pools recordings as one reads it in the papers: one after the other, with
// nothing of the package.
func serial(t *testing.T, layer *stack.Stack, config pool.Config, in []nmnist.Recording) learn.Vectors {
	t.Helper()
	var v learn.Vectors
	for _, r := range in {
		counts, err := pool.New(config)
		require.NoError(t, err)
		b := content(t, r)
		list := make([]events.Event, 0, len(b)/5)
		for ; len(b) > 0; b = b[5:] {
			list = append(list, events.Event{
				T: int64(b[2]&0x7f)<<16 | int64(b[3])<<8 | int64(b[4]),
				X: uint16(b[0]), Y: uint16(b[1]), P: events.Polarity(b[2] >> 7),
			})
		}
		winners := make([]int16, len(list))
		if layer != nil {
			layer.Reset()
			require.NoError(t, layer.Process(list, winners))
		}
		counts.Add(list, winners)
		v.Rows = append(v.Rows, counts.Vector(nil))
		v.Labels = append(v.Labels, r.Label)
		v.Events += int64(len(list))
	}
	return v
}

// However many cores pool, the vectors are those of one.
func TestDescribedEqualsSerial(t *testing.T) {
	in := shared.Recordings(t)
	m := learned(t)
	layer, err := m.Stack(purego(t))
	require.NoError(t, err)
	features := learn.PoolConfig(m.Feast, pool.Config{Spread: pool.SpreadBilinear})
	raw := pool.Config{Geometry: m.Feast.Geometry(), Source: pool.SourceEvents}
	wantFeatures, wantRaw := serial(t, layer, features, in), serial(t, nil, raw, in)
	require.Len(t, wantFeatures.Rows[0], 7*7*8)
	for _, cores := range []int{1, 5} {
		onCores(cores, func() {
			var steps atomic.Int64
			got, err := learn.ModelVectors(t.Context(), m, purego(t), features, in, func() { steps.Add(1) })
			require.NoError(t, err)
			require.Equal(t, wantFeatures, got)
			require.Equal(t, int64(len(in)), steps.Load())
			got, err = learn.Described(t.Context(), nil, pool.Recipe{Pool: raw}, in, nil)
			require.NoError(t, err)
			require.Equal(t, wantRaw, got)
		})
	}
	none, err := learn.Described(t.Context(), nil, pool.Recipe{Pool: raw}, nil, nil)
	require.NoError(t, err)
	require.Empty(t, none.Rows)
}

func TestPoolConfig(t *testing.T) {
	c := feast.Default()
	c.Width, c.Height, c.Neurons = 240, 180, 20
	got := learn.PoolConfig(c, pool.Config{CellWidth: 9, CellHeight: 7, Spread: pool.SpreadHard, Norm: pool.NormNone})
	require.Equal(t, pool.Config{
		Geometry: events.Geometry{Width: 240, Height: 180}, CellWidth: 9, CellHeight: 7,
		Source: pool.SourceFeatures, Features: 40, Spread: pool.SpreadHard, Norm: pool.NormNone,
	}, got)
}

// damaged are recordings that cannot be read to their end, and what is said of
// them.
func damaged(t *testing.T) map[string]struct {
	recording nmnist.Recording
	says      string
} {
	t.Helper()
	good := content(t, shared.Recordings(t)[0])
	outside := slices.Clone(good)
	outside[5*700] = 200
	return map[string]struct {
		recording nmnist.Recording
		says      string
	}{
		"missing":   {nmnist.Recording{Path: filepath.Join(t.TempDir(), "00007.bin"), Label: "3"}, "no such file"},
		"empty":     {file(t, nil), "the file is empty"},
		"truncated": {file(t, good[:5003]), "at byte 5000: expected an event of 5 bytes, found the end of the file after 3"},
		"outside":   {file(t, outside), "at byte 3500: expected an event within 34x34 pixels, found x 200"},
		"text":      {file(t, []byte("this is not a recording at all")), "it is text"},
		"marks":     {file(t, slices.Repeat([]byte{0, 240, 0, 0, 0}, 10)), "the recording has no events"},
	}
}

func TestDamageNamesTheFile(t *testing.T) {
	in := shared.Recordings(t)[:6]
	m := learned(t)
	for name, c := range damaged(t) {
		t.Run(name, func(t *testing.T) {
			with := slices.Concat(in[:3], []nmnist.Recording{c.recording}, in[3:])
			_, _, err := learn.Features(t.Context(), small(), purego(t), with, nil)
			require.ErrorContains(t, err, c.recording.Path)
			require.ErrorContains(t, err, c.says)
			v, err := learn.ModelVectors(t.Context(), m, purego(t), learn.PoolConfig(m.Feast, pool.Config{}), with, nil)
			require.ErrorContains(t, err, c.recording.Path)
			require.ErrorContains(t, err, c.says)
			require.Empty(t, v)
		})
	}
}

// Of several damaged recordings the first is named, whoever finds his first.
func TestFirstDamageIsNamed(t *testing.T) {
	in := shared.Recordings(t)[:12]
	first := filepath.Join(t.TempDir(), "first.bin")
	in = slices.Insert(slices.Clone(in), 8, nmnist.Recording{Path: first, Label: "0"})
	for i := range 4 {
		in = append(in, nmnist.Recording{Path: fmt.Sprintf("%s.%d", first, i), Label: "0"})
	}
	raw := pool.Config{Geometry: events.Geometry{Width: 34, Height: 34}, Source: pool.SourceEvents}
	for range 20 {
		onCores(8, func() {
			_, err := learn.Described(t.Context(), nil, pool.Recipe{Pool: raw}, in, nil)
			var pe *fs.PathError
			require.ErrorAs(t, err, &pe)
			require.Equal(t, first, pe.Path)
		})
	}
}

func TestCancelled(t *testing.T) {
	in := shared.Recordings(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var steps int
	_, _, err := learn.Features(ctx, small(), purego(t), in, func() {
		if steps++; steps == 3 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, steps, "nothing more was learned from")

	m := learned(t)
	ctx, cancel = context.WithCancel(t.Context())
	defer cancel()
	var pooled atomic.Int64
	_, err = learn.ModelVectors(ctx, m, purego(t), learn.PoolConfig(m.Feast, pool.Config{}), in, func() {
		if pooled.Add(1) == 3 {
			cancel()
		}
	})
	require.ErrorIs(t, err, context.Canceled)
	require.Less(t, pooled.Load(), int64(len(in)))
}

func TestWorkersThatCannotBe(t *testing.T) {
	in := shared.Recordings(t)[:4]
	wrong := errors.New("no such layer")
	_, err := learn.Described(t.Context(), func() (*stack.Stack, error) { return nil, wrong }, pool.Recipe{Pool: pool.Config{
		Geometry: events.Geometry{Width: 34, Height: 34}, Features: 8,
	}}, in, nil)
	require.ErrorIs(t, err, wrong)
	_, err = learn.Described(t.Context(), nil, pool.Recipe{}, in, nil)
	require.ErrorContains(t, err, "geometry 0x0")
}
