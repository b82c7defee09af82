package learn_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/daemon/learn"
	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// integers is a network with random numbers, and steps of which some are large and some small.
func integers(t *testing.T, text string) *delta.Network {
	t.Helper()
	top, err := topology.Parse([]byte(text), "")
	require.NoError(t, err)
	g, err := top.Resolve()
	require.NoError(t, err)
	rng := rand.New(rand.NewPCG(1, 2))
	p := quantise.Params{Input: 0.25, Layers: map[string]quantise.Layer{}}
	for i := range g.Nodes[1:] {
		n := &g.Nodes[i+1]
		l := quantise.Layer{}
		for range n.WeightsLen() {
			l.Weights = append(l.Weights, rng.NormFloat64()*0.5)
		}
		if n.Kind.Weighted() && !n.NoBias {
			for range n.Out.Channels {
				l.Bias = append(l.Bias, rng.NormFloat64()*0.5)
			}
		}
		if n.Kind == topology.Cut {
			l.Bound = 0.3
		}
		if n.Kind.Quantises() {
			for range n.Step.Of(n.Out) {
				l.Steps = append(l.Steps, 0.05+0.2*rng.Float64())
			}
		}
		p.Layers[n.Name] = l
	}
	net, _, err := quantise.Quantise(top, p)
	require.NoError(t, err)
	return net
}

// numbers are those of all layers.
func numbers(n *delta.Network) (out []delta.Params) {
	for i := range n.Topology().Layers {
		out = append(out, *n.Params(i))
	}
	return out
}

// The real numbers of an integer network say what it says, and make it again.
func TestRealParams(t *testing.T) {
	const head = "input: {channels: 2, height: 6, width: 5, max: 7}\nlayers:\n"
	for name, layers := range map[string]string{
		"one": "  - {name: flat, type: flatten}\n  - {name: logits, type: linear, out: 3}\n",
		"per layer": `
  - {name: conv, type: conv2d, out: 4, kernel: 3, padding: 1}
  - {name: relu, type: relu}
  - {name: delta, type: delta}
  - {name: flat, type: flatten}
  - {name: logits, type: linear, out: 3}
`,
		"per channel, through pools": `
  - {name: conv, type: conv2d, out: 4, kernel: 3, padding: 1, groups: 2}
  - {name: relu, type: relu}
  - {name: mean, type: avgpool, kernel: 2}
  - {name: delta, type: delta, step: channel}
  - {name: conv2, type: conv2d, out: 6, kernel: 2, bias: false}
  - {name: most, type: maxpool, kernel: [2, 1]}
  - {name: send, type: threshold, threshold: 2, step: channel}
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 5, weights: int16}
  - {name: relu2, type: relu}
  - {name: logits, type: linear, out: 3}
`,
		"per neuron, and the output pooled": `
  - {name: conv, type: conv2d, out: 4, kernel: 3}
  - {name: flat, type: flatten}
  - {name: delta, type: delta, step: neuron}
  - {name: hidden, type: linear, out: 5}
  - {name: delta2, type: delta, step: neuron}
  - {name: logits, type: linear, out: 3}
`,
		"an addition, a cut and a topk": `
  - {name: conv, type: conv2d, out: 4, kernel: 3, padding: 1}
  - {name: relu, type: relu}
  - {name: delta, type: delta, step: channel}
  - {name: conv2, type: conv2d, out: 4, kernel: 3, padding: 1}
  - {name: sum, type: add, with: delta}
  - {name: relu2, type: relu}
  - {name: small, type: cut}
  - {name: delta2, type: delta}
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 8}
  - {name: few, type: topk, k: 5}
  - {name: send, type: threshold, threshold: 2}
  - {name: logits, type: linear, out: 3}
`,
	} {
		t.Run(name, func(t *testing.T) {
			net := integers(t, head+layers)
			if name == "one" || name == "per layer" {
				old, err := delta.New(net.Topology(), numbers(net), delta.Scales{Input: net.Scales().Input, Output: net.Scales().Output})
				require.NoError(t, err)
				net = old // as of a file that does not say what sums are worth
			}
			p, err := learn.RealParams(net)
			require.NoError(t, err)
			ref, err := quantise.NewReference(net.Topology(), *p)
			require.NoError(t, err)
			again, _, err := quantise.Quantise(net.Topology(), *p)
			require.NoError(t, err)
			dense, twice := delta.NewDense(net), delta.NewDense(again)
			rng := rand.New(rand.NewPCG(3, 4))
			in := make([]int32, net.Topology().Input.Len())
			different := 0.0
			for range 50 {
				for i := range in {
					if rng.IntN(3) == 0 {
						in[i] = rng.Int32N(8)
					}
				}
				want, err := dense.Step(in)
				require.NoError(t, err)
				got, err := ref.Step(in)
				require.NoError(t, err)
				real := net.Real(nil, want)
				require.InDeltaSlice(t, real, got, 1e-6)
				for _, v := range real {
					different = max(different, v-real[0])
				}
				out, err := twice.Step(in)
				require.NoError(t, err)
				require.InDeltaSlice(t, real, again.Real(nil, out), 0.05)
			}
			require.Greater(t, different, 0.2, "the network says something")
		})
	}
}

func TestRealParamsAreRefused(t *testing.T) {
	net := integers(t, `
input: {channels: 2, height: 1, width: 1, max: 7}
layers:
  - {name: hidden, type: linear, out: 4}
  - {name: few, type: topk, k: 2}
  - {name: logits, type: linear, out: 3}
`)
	_, err := learn.RealParams(net)
	require.NoError(t, err)
	old, err := delta.New(net.Topology(), numbers(net), delta.Scales{Input: 1, Output: net.Scales().Output})
	require.NoError(t, err)
	_, err = learn.RealParams(old)
	require.EqualError(t, err, "layer few: expected, of a network with a layer of type topk, a file that says what sums are worth: this one is older or was made elsewhere, so that it cannot be refined: train or import it anew")
}

// Of a network that says what its sums are worth, the real numbers are those that were rounded, and their
// integers the same again.
func TestRealParamsAreThoseOfTraining(t *testing.T) {
	net := integers(t, `
input: {channels: 2, height: 6, width: 5, max: 7}
layers:
  - {name: conv, type: conv2d, out: 4, kernel: 3, padding: 1}
  - {name: relu, type: relu}
  - {name: small, type: cut}
  - {name: delta, type: delta, step: channel}
  - {name: conv2, type: conv2d, out: 4, kernel: 3, padding: 1}
  - {name: mean, type: avgpool, kernel: [1, 5]}
  - {name: relu2, type: relu}
  - {name: delta2, type: delta}
  - {name: flat, type: flatten}
  - {name: hidden, type: linear, out: 8, weights: int16}
  - {name: few, type: topk, k: 5}
  - {name: send, type: threshold, threshold: 2, step: neuron}
  - {name: logits, type: linear, out: 3}
`)
	p, err := learn.RealParams(net)
	require.NoError(t, err)
	again, _, err := quantise.Quantise(net.Topology(), *p)
	require.NoError(t, err)
	for i, l := range net.Topology().Layers {
		want, got := net.Params(i), again.Params(i)
		require.Equal(t, want.Weights8, got.Weights8, l.Name)
		require.Equal(t, want.Weights16, got.Weights16, l.Name)
		require.Equal(t, want.Bias, got.Bias, l.Name)
		require.Equal(t, want.Bound, got.Bound, l.Name)
	}
	var buffer delta.Network
	b, err := net.MarshalBinary()
	require.NoError(t, err)
	require.NoError(t, buffer.UnmarshalBinary(b))
	same, err := learn.RealParams(&buffer)
	require.NoError(t, err)
	require.Equal(t, p, same, "the file says as much as the network")
}
