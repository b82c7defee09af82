package decidetest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/decide"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
	"github.com/saccade-dev/saccade/features/frames"
	"github.com/saccade-dev/saccade/features/model"
)

// Shape says what the network is like.
type Shape struct {
	Hidden    int     // neurons of the hidden layer; 0 for none
	Threshold int     // in steps, from which a change is sent; 0 for a delta activation
	Step      float64 // levels that a unit of the hidden sums is worth
	Output    float64 // what a unit of the outputs is worth
	Seed      uint64  // of the weights
}

// New is a network over complete frames, not calibrated: one hidden layer behind which changes are sent, and an output for
// each label.
func New(t testing.TB, c frames.Config, labels []string, s Shape) *decide.Network {
	t.Helper()
	rng := rand.New(rand.NewPCG(s.Seed, 9))
	weights := func(n int) []int8 {
		out := make([]int8, n)
		for i := range out {
			out[i] = int8(rng.IntN(255) - 127)
		}
		return out
	}
	layers, params, last := "  - {name: flat, type: flatten}\n", []delta.Params{{}}, c.Len()
	if s.Hidden > 0 {
		layers += fmt.Sprintf("  - {name: hidden, type: linear, out: %d}\n  - {name: relu, type: relu}\n", s.Hidden)
		if s.Threshold > 0 {
			layers += fmt.Sprintf("  - {name: held, type: threshold, threshold: %d}\n", s.Threshold)
		} else {
			layers += "  - {name: delta, type: delta}\n"
		}
		step, err := delta.NewRequant(s.Step)
		require.NoError(t, err)
		params = append(params, delta.Params{Weights8: weights(s.Hidden * c.Len()), Bias: make([]int32, s.Hidden)}, delta.Params{}, delta.Params{Requant: []delta.Requant{step}})
		last = s.Hidden
	}
	top, err := topology.Parse(fmt.Appendf(nil, "input: {channels: %d, height: %d, width: %d, max: %d}\nlayers:\n%s  - {name: out, type: linear, out: %d}\n",
		c.Planes(), c.Rows(), c.Columns(), c.Levels, layers, len(labels)), "")
	require.NoError(t, err)
	params = append(params, delta.Params{Weights8: weights(last * len(labels)), Bias: make([]int32, len(labels))})
	net, err := delta.New(top, params, delta.Scales{Input: 1, Output: []float64{s.Output}})
	require.NoError(t, err)
	n := &decide.Network{Frames: c, Net: net, Labels: labels}
	require.NoError(t, n.Validate())
	return n
}

// Behind puts such a network behind the layers of a model, which complete its frames.
func Behind(t testing.TB, m *model.Model, c frames.Config, labels []string, s Shape) {
	t.Helper()
	c, err := decide.Complete(c, m.Layers())
	require.NoError(t, err)
	m.Network = New(t, c, labels, s)
	require.NoError(t, m.Validate())
}
