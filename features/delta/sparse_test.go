package delta_test

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// sparse is a network of one layer that leaves values out, over two channels of 2x3.
func sparse(t require.TestingT, layer topology.Layer, p delta.Params) *delta.Network {
	layer.Name = "sparse"
	n, err := delta.New(&topology.Topology{
		Input:  topology.Input{Shape: topology.Shape{Channels: 2, Height: 2, Width: 3}, Min: -9, Max: 9},
		Layers: []topology.Layer{layer},
	}, []delta.Params{p}, one())
	require.NoError(t, err)
	return n
}

// Which values are kept, by hand. Those of equal magnitude are taken in the order of
// channels, rows and columns, which is not the order of the engine's memory.
func TestSparseByHand(t *testing.T) {
	in := []int32{
		3, -5, 0,
		5, 1, -3,

		-5, 2, 0,
		3, -3, 9,
	}
	for _, c := range []struct {
		name  string
		layer topology.Layer
		p     delta.Params
		want  []int32
	}{
		{"one", topology.Layer{Kind: topology.TopK, K: 1}, delta.Params{Weigh: []int32{1}}, []int32{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9}},
		{"ties", topology.Layer{Kind: topology.TopK, K: 3}, delta.Params{Weigh: []int32{7}}, []int32{0, -5, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9}},
		{"more ties", topology.Layer{Kind: topology.TopK, Share: 0.5}, delta.Params{Weigh: []int32{1}}, []int32{3, -5, 0, 5, 0, -3, -5, 0, 0, 0, 0, 9}},
		{"weighed", topology.Layer{Kind: topology.TopK, K: 3}, delta.Params{Weigh: []int32{1, 4}}, []int32{0, 0, 0, 0, 0, 0, -5, 0, 0, 3, 0, 9}},
		{"all", topology.Layer{Kind: topology.TopK, Share: 1}, delta.Params{Weigh: []int32{1}}, in},
		{"cut", topology.Layer{Kind: topology.Cut}, delta.Params{Bound: []int32{3}}, []int32{3, -5, 0, 5, 0, -3, -5, 0, 0, 3, -3, 9}},
		{"cut by channel", topology.Layer{Kind: topology.Cut}, delta.Params{Bound: []int32{5, 0}}, []int32{0, -5, 0, 5, 0, 0, -5, 2, 0, 3, -3, 9}},
		{"cut all", topology.Layer{Kind: topology.Cut}, delta.Params{Bound: []int32{math.MaxInt32}}, make([]int32, 12)},
		{"cut by value", topology.Layer{Kind: topology.Cut}, delta.Params{Bound: []int32{9, 0, 0, 9, 0, 9, 0, 9, 0, 0, 9, 9}}, []int32{0, -5, 0, 0, 1, 0, -5, 0, 0, 3, 0, 9}},
	} {
		n := sparse(t, c.layer, c.p)
		d := delta.NewDense(n)
		got, err := d.Step(in)
		require.NoError(t, err)
		require.Equal(t, c.want, got, c.name)
		e := engine(t, n)
		got, err = e.Step(in)
		require.NoError(t, err)
		require.Equal(t, c.want, got, c.name)
		// What is left out may change its sign: nothing is sent.
		other := slices.Clone(in)
		for i, v := range c.want {
			if v == 0 {
				other[i] = -other[i]
			}
		}
		got, err = e.Step(other)
		require.NoError(t, err)
		require.Equal(t, c.want, got, c.name)
		require.Zero(t, e.Counters().Layers[1].Sent, c.name)
	}
}

// A topk gives no more than k values, none of them smaller than one that it left out,
// and what it gives is what it was given.
func TestTopKKeepsTheLargest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		keep := rapid.IntRange(1, 12).Draw(t, "k")
		e := engine(t, sparse(t, topology.Layer{Kind: topology.TopK, K: keep}, delta.Params{Weigh: []int32{rapid.Int32Range(1, math.MaxInt32).Draw(t, "weigh")}}))
		for range 5 {
			in := rapid.SliceOfN(rapid.Int32Range(-9, 9), 12, 12).Draw(t, "input")
			out, err := e.Step(in)
			require.NoError(t, err)
			var kept, left []int32
			for i, v := range out {
				if v == 0 {
					left = append(left, max(in[i], -in[i]))
					continue
				}
				require.Equal(t, in[i], v)
				kept = append(kept, max(v, -v))
			}
			require.LessOrEqual(t, len(kept), keep)
			if len(kept) < keep && len(left) > 0 {
				require.Zero(t, slices.Max(left), "what is left out is zero where there is room")
			}
			if len(kept) > 0 && len(left) > 0 {
				require.GreaterOrEqual(t, slices.Min(kept), slices.Max(left))
			}
		}
	})
}

func TestSparseParamsRefused(t *testing.T) {
	for says, c := range map[string]struct {
		kind topology.Kind
		p    delta.Params
	}{
		"layer sparse: bounds: expected one of [1 2 12], found 0":                {topology.Cut, delta.Params{}},
		"layer sparse: bounds: expected numbers from 0, found -1":                {topology.Cut, delta.Params{Bound: []int32{-1}}},
		"layer sparse: weights of magnitudes: expected one of [1 2 12], found 3": {topology.TopK, delta.Params{Weigh: []int32{1, 1, 1}}},
		"layer sparse: weights of magnitudes: expected numbers from 1, found 0":  {topology.TopK, delta.Params{Weigh: []int32{2, 0}}},
		"layer sparse: bounds: expected one of [0], found 1":                     {topology.ReLU, delta.Params{Bound: []int32{1}}},
	} {
		layer := topology.Layer{Name: "sparse", Kind: c.kind}
		if c.kind == topology.TopK {
			layer.K = 1
		}
		_, err := delta.New(&topology.Topology{
			Input:  topology.Input{Shape: topology.Shape{Channels: 2, Height: 2, Width: 3}, Max: 9},
			Layers: []topology.Layer{layer},
		}, []delta.Params{c.p}, one())
		require.ErrorContains(t, err, says)
	}
}
