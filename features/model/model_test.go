package model_test

import (
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/model"
	"github.com/saccade-dev/saccade/features/pool"
	"github.com/saccade-dev/saccade/features/readout"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// small is a configuration whose files are small.
func small() feast.Config {
	return feast.Config{
		Width: 12, Height: 9, Mode: feast.Split, Border: feast.BorderSkip,
		Neurons: 3, Radius: 1, Tau: 10 * time.Millisecond,
		Eta: 0.01, DeltaI: 0.002, DeltaE: 0.004, InitialThreshold: 0.25, Seed: 7,
	}
}

// features is a model without a readout.
func features(c feast.Config) *model.Model {
	return &model.Model{Feast: c, Weights: feast.RandomWeights(c)}
}

// whole is a model with a readout over its features.
func whole(t require.TestingT, c feast.Config, pooling pool.Config) *model.Model {
	m := features(c)
	pooling.Geometry, pooling.Features, pooling.Source = c.Geometry(), c.Features(), pool.SourceFeatures
	p, err := pool.New(pooling)
	require.NoError(t, err)
	m.Pool = p.Config()
	rng := rand.New(rand.NewPCG(c.Seed, 3))
	parameters := readout.Parameters{
		Method: readout.Ridge, Classes: []string{"0", "1", "seven"}, Bias: []float64{0.5, -1, 0},
		Lambda: 0.125, InverseTemperature: 4,
	}
	for range parameters.Classes {
		row := make([]float32, p.Len())
		for i := range row {
			row[i] = float32(rng.NormFloat64())
		}
		parameters.Weights = append(parameters.Weights, row)
	}
	m.Readout, err = readout.NewModel(parameters)
	require.NoError(t, err)
	return m
}

// every is a model of version 2 of each kind of readout, on a descriptor of three
// parts and with a schedule.
func every(t require.TestingT) map[string]*model.Model {
	recipe := whole(t, small(), pool.Config{CellWidth: 12, CellHeight: 9}).Recipe()
	recipe.Parts = []pool.Part{{Kind: pool.KindCounts}, {Kind: pool.KindBins, Edges: []int64{500, 1500}}, {Kind: pool.KindDecayed, Tau: 700}}
	rng := rand.New(rand.NewPCG(5, 5))
	var d readout.Data
	var traces [][][]float64
	var labels []int
	for i := range 24 {
		row := make([]float32, recipe.Len())
		for j := range row {
			row[j] = float32(rng.NormFloat64()) + float32(i%2)
		}
		d.Rows, d.Labels = append(d.Rows, row), append(d.Labels, []string{"0", "seven"}[i%2])
		traces, labels = append(traces, [][]float64{{rng.Float64(), 0.5}, {rng.Float64(), 0.5}}), append(labels, i%2)
	}
	schedule, err := readout.Calibrate(traces, labels, 2)
	require.NoError(t, err)
	out := map[string]*model.Model{}
	for _, method := range readout.Methods() {
		c, _, err := readout.Training{Method: method, Hidden: 7, Degree: 2}.Train(context.Background(), d)
		require.NoError(t, err)
		m := features(small())
		m.Pool, m.Parts, m.Readout, m.Schedule = recipe.Pool, recipe.Parts, c, schedule
		out[string(method)] = m
	}
	return out
}

func marshal(t require.TestingT, m *model.Model) []byte {
	b, err := m.MarshalBinary()
	require.NoError(t, err)
	return b
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := feast.Config{
			Width: rapid.IntRange(1, 64).Draw(t, "width"), Height: rapid.IntRange(1, 64).Draw(t, "height"),
			Mode:    rapid.SampledFrom([]feast.Mode{feast.Split, feast.Merged}).Draw(t, "mode"),
			Border:  rapid.SampledFrom([]feast.Border{feast.BorderSkip, feast.BorderZero}).Draw(t, "border"),
			Neurons: rapid.IntRange(1, 9).Draw(t, "neurons"), Radius: rapid.IntRange(0, 3).Draw(t, "radius"),
			Tau:    time.Duration(rapid.Int64Range(1, 1e6).Draw(t, "tau")) * time.Microsecond,
			Eta:    rapid.Float64Range(0, feast.MaxEta).Draw(t, "eta"),
			DeltaI: rapid.Float64Range(0, feast.MaxDelta).Draw(t, "delta_i"),
			DeltaE: rapid.Float64Range(0, feast.MaxDelta).Draw(t, "delta_e"), Seed: rapid.Uint64().Draw(t, "seed"),
			InitialThreshold: rapid.Float64Range(-1, 1).Draw(t, "threshold"),
		}
		m := features(c)
		if rapid.Bool().Draw(t, "readout") {
			m = whole(t, c, pool.Config{
				CellWidth: rapid.IntRange(1, 70).Draw(t, "cell width"), CellHeight: rapid.IntRange(1, 70).Draw(t, "cell height"),
				Spread: rapid.SampledFrom([]pool.Spread{pool.SpreadHard, pool.SpreadBilinear}).Draw(t, "spread"),
			})
		}
		b := marshal(t, m)
		var read model.Model
		require.NoError(t, read.UnmarshalBinary(b))
		require.Equal(t, m, &read)
		require.Equal(t, b, marshal(t, &read), "the same model gives the same bytes")
	})
}

// Whatever the readout and the descriptor, what was saved is what is read, and it
// decides the same.
func TestEveryReadoutRoundTrips(t *testing.T) {
	for name, m := range every(t) {
		t.Run(name, func(t *testing.T) {
			b := marshal(t, m)
			var read model.Model
			require.NoError(t, read.UnmarshalBinary(b))
			require.Equal(t, b, marshal(t, &read))
			require.True(t, m.Recipe().Equal(read.Recipe()))
			require.Equal(t, m.Schedule, read.Schedule)
			vec := make([]float32, m.Readout.Dim())
			for i := range vec {
				vec[i] = float32(i % 3)
			}
			want, err := m.Readout.Scores(nil, vec)
			require.NoError(t, err)
			got, err := read.Readout.Scores(nil, vec)
			require.NoError(t, err)
			require.Equal(t, want, got)
		})
	}
}

// Files that were written before there was a version 2 are read, and written again
// with the same bytes: states of pipelines name a model by them.
func TestVersionOneIsRead(t *testing.T) {
	want := map[string]*model.Model{
		"v1-features.model": features(small()),
		"v1-readout.model":  whole(t, small(), pool.Config{Spread: pool.SpreadBilinear}),
	}
	for name, m := range want {
		path := filepath.Join("testdata", name)
		b, err := os.ReadFile(path)
		require.NoError(t, err)
		read, err := model.Load(path)
		require.NoError(t, err)
		require.Equal(t, m, read)
		require.Equal(t, b, marshal(t, read))
	}
	// One part of counts is what version 1 has.
	m := want["v1-readout.model"]
	b := marshal(t, m)
	m.Parts = []pool.Part{{Kind: pool.KindCounts}}
	require.Equal(t, b, marshal(t, m))
}

// A pooling that leaves things to their defaults is written with them filled in.
func TestDefaultsAreFilledIn(t *testing.T) {
	m := whole(t, small(), pool.Config{})
	want := m.Pool
	m.Pool = pool.Config{Geometry: want.Geometry, Features: want.Features}
	require.NoError(t, m.Validate())
	var read model.Model
	require.NoError(t, read.UnmarshalBinary(marshal(t, m)))
	require.Equal(t, want, read.Pool)
	require.Equal(t, pool.DefaultCell, read.Pool.CellWidth)
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.model")
	m := whole(t, small(), pool.Config{})
	require.NoError(t, m.Save(path))
	read, err := model.Load(path)
	require.NoError(t, err)
	require.Equal(t, m, read)

	// A second one takes the first one's place, and nothing is left beside it.
	other := features(small())
	require.NoError(t, other.Save(path))
	read, err = model.Load(path)
	require.NoError(t, err)
	require.Equal(t, other, read)
	found, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, found, 1)
}

func TestSaveLeavesTheOldFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.model")
	m := features(small())
	require.NoError(t, m.Save(path))
	before, err := os.ReadFile(path)
	require.NoError(t, err)

	unchanged := func() {
		t.Helper()
		after, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, before, after)
		found, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, found, 1, "nothing is left beside it")
	}

	wrong := features(small())
	wrong.Weights.Thresholds = wrong.Weights.Thresholds[1:]
	require.ErrorContains(t, wrong.Save(path), "thresholds: expected 6, found 5")
	unchanged()

	if os.Geteuid() == 0 {
		t.Log("run by root, whom a folder's permissions do not stop: that part is left out")
	} else {
		require.NoError(t, os.Chmod(dir, 0o500))
		err = features(feast.Default()).Save(path)
		require.ErrorIs(t, err, fs.ErrPermission)
		require.NoError(t, os.Chmod(dir, 0o700))
		unchanged()
	}
}

func TestSaveSaysWhere(t *testing.T) {
	dir := t.TempDir()
	m := features(small())
	err := m.Save(dir)
	require.EqualError(t, err, dir+": expected a file to write, found a folder")

	path := filepath.Join(dir, "not", "there.model")
	err = m.Save(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.EqualError(t, err, "create "+path+": no such file or directory", "and no temporary name")
}

func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, content []byte) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, content, 0o600))
		return path
	}
	_, err := model.Load(filepath.Join(dir, "nothing"))
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = model.Load(dir)
	require.EqualError(t, err, dir+": expected a model file, found a folder")
	_, err = model.Load(os.DevNull)
	require.EqualError(t, err, os.DevNull+": expected a model file, found something else")
	for name, c := range map[string]struct {
		content []byte
		says    string
	}{
		"empty":     {nil, `model: at byte 0: expected "SACMODEL", found ""`},
		"recording": {[]byte{19, 16, 0, 2, 136, 11, 16, 0, 3, 7}, `model: at byte 0: expected "SACMODEL", found "\x13\x10\x00\x02\x88\v\x10\x00"`},
		"readout":   {[]byte("srdo\x01\x00\x00\x00"), `model: at byte 0: expected "SACMODEL", found "srdo\x01\x00\x00\x00"`},
		"state":     {[]byte("SACSTATE\x01\x00\x00\x00"), `model: at byte 0: expected "SACMODEL", found "SACSTATE"`},
		"magic":     {[]byte("SACMODEL"), "model: at byte 8: expected a header of 16 bytes, found the end"},
	} {
		path := write(name, c.content)
		_, err := model.Load(path)
		require.EqualError(t, err, path+": "+c.says)
	}
	// A file of a size that nobody means is refused before it is read.
	path := write("huge", nil)
	require.NoError(t, os.Truncate(path, model.MaxBytes+1))
	_, err = model.Load(path)
	require.EqualError(t, err, path+": expected a model file of at most 1073741824 bytes, found 1073741825")
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		spoil func(*model.Model)
		says  string
	}{
		"layer":            {func(m *model.Model) { m.Feast.Neurons = 0 }, "feast: neurons 0: expected 1 to 4096"},
		"weights":          {func(m *model.Model) { m.Weights.Master = nil }, "feast: weights: expected 54"},
		"weights too long": {func(m *model.Model) { m.Weights.Master[0] = 1 << 30 }, "expected a vector of length one"},
		"pooling":          {func(m *model.Model) { m.Pool.CellWidth = -1 }, "pool: cell of -1x5"},
		"raw events":       {func(m *model.Model) { m.Pool.Source, m.Pool.Features = pool.SourceEvents, 2 }, "the pooling is not one of this layer's features"},
		"other features":   {func(m *model.Model) { m.Pool.Features++ }, "the pooling is not one of this layer's features"},
		"another geometry": {func(m *model.Model) { m.Pool.Geometry.Width++ }, "the pooling is not one of this layer's features"},
		"another length":   {func(m *model.Model) { m.Pool.CellWidth = 2 }, "the readout takes vectors of 36, and the pooling gives 72"},
		"schedule alone":   {func(m *model.Model) { m.Readout, m.Schedule = nil, new(readout.Schedule) }, "a schedule is of a readout, and there is none"},
		"part":             {func(m *model.Model) { m.Parts = []pool.Part{{Kind: "sums"}} }, "unknown kind \"sums\""},
		"more bins":        {func(m *model.Model) { m.Parts = []pool.Part{{Kind: pool.KindBins, Edges: []int64{7}}} }, "the readout takes vectors of 36, and the pooling gives 72"},
		"a very long pooling": {func(m *model.Model) {
			m.Feast.Width, m.Feast.Height, m.Pool.CellWidth, m.Pool.CellHeight = 1024, 1024, 1, 1
			m.Pool.Geometry = m.Feast.Geometry()
		}, "the readout takes vectors of 36, and the pooling gives 6291456"},
	} {
		t.Run(name, func(t *testing.T) {
			m := whole(t, small(), pool.Config{})
			require.NoError(t, m.Validate())
			c.spoil(m)
			require.ErrorContains(t, m.Validate(), c.says)
			_, err := m.MarshalBinary()
			require.ErrorContains(t, err, c.says, "what is not valid is not written")
		})
	}
}

// A model's layer is as the layer that learned, and does not learn.
func TestLayer(t *testing.T) {
	c := small()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	learner, err := feast.New(c, target)
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 1))
	in := make([]events.Event, 5000)
	for i := range in {
		in[i] = events.Event{T: int64(i * 50), X: uint16(rng.IntN(c.Width)), Y: uint16(rng.IntN(c.Height)), P: events.Polarity(rng.IntN(2))}
	}
	winners := make([]int16, len(in))
	require.NoError(t, learner.Process(in, winners))

	m := &model.Model{Feast: c, Weights: learner.Weights()}
	var read model.Model
	require.NoError(t, read.UnmarshalBinary(marshal(t, m)))
	layer, err := read.Stack(target)
	require.NoError(t, err)
	require.False(t, layer.Layer(0).Learning())
	learner.SetLearning(false)
	learner.Reset()
	again := make([]int16, len(in))
	require.NoError(t, learner.Process(in, winners))
	require.NoError(t, layer.Process(in, again))
	require.Equal(t, winners, again)
	require.Equal(t, []feast.Weights{learner.Weights()}, layer.Weights())

	broken := features(c)
	broken.Weights.Master = nil
	_, err = broken.Stack(target)
	require.Error(t, err)
}

// Every error of a refused file leaves the model that was there.
func TestRefusedFileLeavesTheModel(t *testing.T) {
	m := whole(t, small(), pool.Config{})
	want := *m
	b := marshal(t, features(small()))
	for n := range len(b) {
		require.Error(t, m.UnmarshalBinary(b[:n]))
	}
	require.Equal(t, want, *m)
	require.Error(t, m.UnmarshalBinary(append(b, 0)))
	require.Equal(t, want, *m)
}
