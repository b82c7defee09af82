package pool_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/pool"
)

// Counts of layers that are joined are those of each layer alone, cell by cell, however
// the packet is parted.
func TestJoinCountsEachLayer(t *testing.T) {
	g := events.Geometry{Width: 9, Height: 7}
	config := func(features int) pool.Config {
		return pool.Config{
			Geometry: g, CellWidth: 4, CellHeight: 3, Features: features, Source: pool.SourceFeatures,
			Spread: pool.SpreadBilinear, Transform: pool.TransformNone, Norm: pool.NormNone,
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		features := rapid.SliceOfN(rapid.IntRange(1, 5), 1, 4).Draw(t, "features")
		var layers []int
		for i := range features {
			if rapid.Bool().Draw(t, "counted") {
				layers = append(layers, i+1)
			}
		}
		if len(layers) == 0 {
			layers = []int{1}
		}
		j, err := pool.NewJoin(layers, features)
		require.NoError(t, err)
		sum := pool.JoinedFeatures(layers, features)
		joined, err := pool.New(config(sum))
		require.NoError(t, err)
		apart := make([]*pool.Pool, len(layers))
		for k, n := range layers {
			apart[k], err = pool.New(config(features[n-1]))
			require.NoError(t, err)
		}
		won := uint64(0)
		for range rapid.IntRange(1, 3).Draw(t, "packets") {
			in := make([]events.Event, rapid.IntRange(0, 20).Draw(t, "events"))
			answers := make([][]int16, len(features))
			for l := range answers {
				answers[l] = make([]int16, len(in))
				for i := range in {
					answers[l][i] = int16(rapid.IntRange(-2, features[l]-1).Draw(t, "winner"))
				}
			}
			for i := range in {
				in[i] = events.Event{X: uint16(rapid.IntRange(0, 8).Draw(t, "x")), Y: uint16(rapid.IntRange(0, 6).Draw(t, "y"))}
			}
			all := j.Packet(in, func(layer int) []int16 { return answers[layer] })
			require.Len(t, all.In, len(layers)*len(in))
			at := rapid.IntRange(0, len(in)).Draw(t, "at")
			for _, a := range []pool.Answers{all.Part(0, at), all.Part(at, len(in))} {
				joined.Add(a.In, a.Winners)
				won += a.Won()
			}
			for k, n := range layers {
				apart[k].Add(in, answers[n-1])
			}
		}
		vector := joined.Vector(nil)
		counted := uint64(0)
		first := 0
		for k, n := range layers {
			each := features[n-1]
			for i, v := range apart[k].Vector(nil) {
				require.Equal(t, v, vector[i/each*sum+first+i%each], "layer %d", n)
			}
			first += each
		}
		for _, a := range apart {
			for _, v := range a.Vector(nil) {
				counted += uint64(v)
			}
		}
		require.GreaterOrEqual(t, counted, won, "an event is shared in parts of one, and counted by more")
	})
}

func TestJoinAllocatesNothing(t *testing.T) {
	j, err := pool.NewJoin([]int{1, 2}, []int{3, 4})
	require.NoError(t, err)
	in, below, top := make([]events.Event, 64), make([]int16, 64), make([]int16, 64)
	var a pool.Answers
	packet := func() {
		a = j.Packet(in, func(layer int) []int16 {
			if layer == 1 {
				return top
			}
			return below
		})
	}
	packet()
	require.Zero(t, testing.AllocsPerRun(100, packet))
	require.EqualValues(t, 128, a.Won())
	require.Equal(t, []int16{0, 3}, a.Winners[:2], "features of the second stand behind those of the first")
	require.PanicsWithValue(t, pool.PanicAnswers, func() {
		j.Packet(in, func(int) []int16 { return below[:3] })
	})
}

func TestJoinIsRefused(t *testing.T) {
	for _, c := range []struct {
		layers, features []int
		says             string
	}{
		{[]int{0}, []int{3}, "expected numbers from 1 in ascending order"},
		{[]int{2, 1}, []int{3, 3}, "expected numbers from 1 in ascending order"},
		{[]int{1, 1}, []int{3, 3}, "expected numbers from 1 in ascending order"},
		{[]int{1, 3}, []int{3, 3}, "layer 3: expected one of 2"},
		{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9}, make([]int, 9), "9 layers: expected 8 at most"},
		{[]int{1, 2}, []int{30_000, 2_768}, "expected 1 to 32767 features in all"},
		{[]int{1}, []int{0}, "expected 1 to 32767 features in all"},
	} {
		_, err := pool.NewJoin(c.layers, c.features)
		require.ErrorContains(t, err, c.says)
	}
}

// A recipe tells which layers it counts, writes it and compares it.
func TestRecipeOfLayers(t *testing.T) {
	r := pool.Recipe{Pool: pool.Config{Geometry: events.Geometry{Width: 9, Height: 9}, Features: 7}, Layers: []int{1, 3}}
	require.NoError(t, r.Validate())
	require.Equal(t, "counts of layers 1, 3", r.String())
	b, err := json.Marshal(r)
	require.NoError(t, err)
	var back pool.Recipe
	require.NoError(t, json.Unmarshal(b, &back))
	require.True(t, r.Equal(back))
	back.Layers = []int{2}
	require.False(t, r.Equal(back))
	require.Equal(t, "counts of layer 2", back.String())
	back.Layers = []int{2, 1}
	require.ErrorContains(t, back.Validate(), "ascending order")
	r.Pool.Source, r.Pool.Features = pool.SourceEvents, 2
	require.ErrorContains(t, r.Validate(), "expected none where events are counted")
}
