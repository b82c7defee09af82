package decide_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/stack"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// small are frames of a sensor of 6x5 pixels.
func small() frames.Config {
	return frames.Config{Width: 6, Height: 5, Every: time.Millisecond, Levels: 7, MaxEmpty: 2}.Canonical()
}

// network is one of random weights over frames, with a delta activation and a threshold,
// so that what was before matters.
func network(t testing.TB, c frames.Config, seed uint64) *decide.Network {
	t.Helper()
	top, err := topology.Parse(fmt.Appendf(nil, `
input: {channels: %d, height: %d, width: %d, max: %d}
layers:
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 8}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: more, type: linear, out: 6}
  - {name: held, type: threshold, threshold: 2}
  - {name: out, type: linear, out: 3}
`, c.Planes(), c.Rows(), c.Columns(), c.Levels), "test")
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(seed, 1))
	weights := func(n int) []int8 {
		out := make([]int8, n)
		for i := range out {
			out[i] = int8(rng.IntN(255) - 127)
		}
		return out
	}
	requant := func(v float64) []delta.Requant {
		r, err := delta.NewRequant(v)
		require.NoError(t, err)
		return []delta.Requant{r}
	}
	net, err := delta.New(top, []delta.Params{
		{},
		{Weights8: weights(8 * c.Len()), Bias: make([]int32, 8)},
		{},
		{Requant: requant(0.02)},
		{Weights8: weights(48), Bias: []int32{5, -5, 0, 1, 2, 3}},
		{Requant: requant(0.01)},
		{Weights8: weights(18), Bias: []int32{1, 2, 3}},
	}, delta.Scales{Input: 0.5, Output: []float64{0.001, 0.002, 0.0015}})
	require.NoError(t, err)
	return &decide.Network{Frames: c, Net: net, Labels: []string{"a", "b", "c"}}
}

func purego(t testing.TB) hw.Target {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

func TestValidate(t *testing.T) {
	require.NoError(t, network(t, small(), 1).Validate())
	for says, change := range map[string]func(*decide.Network){
		"expected a network, found none": func(n *decide.Network) { n.Net = nil },
		"frames: geometry 0x5":           func(n *decide.Network) { n.Frames.Width = 0 },
		"expected 2 planes of 7x5 (width x height), or 70 values, and levels from 0 or less to 7 or more, found 2 planes of 6x5 and levels 0 to 7": func(n *decide.Network) { n.Frames.Width = 7 },
		"expected 1 planes of 6x5 (width x height), or 30 values, and ":                                                                            func(n *decide.Network) { n.Frames.Mode = frames.Merged },
		"levels from 0 or less to 8 or more, found 2 planes of 6x5 and levels 0 to 7":                                                              func(n *decide.Network) { n.Frames.Levels = 8 },
		"labels: expected 3, one for each output, and at most 4096, foun":                                                                          func(n *decide.Network) { n.Labels = n.Labels[1:] },
		`label 1: "a" stands twice`:                           func(n *decide.Network) { n.Labels = []string{"a", "a", "c"} },
		`label 2: expected 1 to 255 bytes of UTF-8, found ""`: func(n *decide.Network) { n.Labels = []string{"a", "b", ""} },
	} {
		n := network(t, small(), 1)
		change(n)
		require.ErrorContains(t, n.Validate(), says)
		_, err := decide.New(n, purego(t))
		require.ErrorContains(t, err, says)
		_, err = decide.Calibrate(n, purego(t), nil)
		require.ErrorContains(t, err, says)
	}
}

func TestComplete(t *testing.T) {
	first := feast.Default()
	second := first
	second.Neurons, second.Radius, second.Border = 9, 1, feast.BorderZero
	layers, err := stack.Complete(stack.Of(first, stack.Config{Feast: second, Pool: 2}))
	require.NoError(t, err)
	c := frames.Config{Every: time.Millisecond}
	got, err := decide.Complete(c, layers)
	require.NoError(t, err)
	require.Equal(t, []int{34, 34, 0, 2}, []int{got.Width, got.Height, got.Features, got.Planes()})
	require.Equal(t, -1, decide.Layer(got, 2))
	c.Source = frames.Features
	for layer, want := range [][]int{{1, 9}, {0, 32}, {1, 9}} {
		c.Layer = layer
		got, err = decide.Complete(c, layers)
		require.NoError(t, err)
		require.Equal(t, []int{34, 34, want[1]}, []int{got.Width, got.Height, got.Planes()}, "events keep their pixels")
		require.Equal(t, want[0], decide.Layer(got, 2))
	}
	c.Layer = 3
	_, err = decide.Complete(c, layers)
	require.ErrorContains(t, err, "frames: layer 3: expected 1 to 2, or 0 for the last")
	_, err = decide.Complete(c, nil)
	require.ErrorContains(t, err, "expected layers")
}
