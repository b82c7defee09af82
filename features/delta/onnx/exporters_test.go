package onnx_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// kindsOf are the types of a network's layers.
func kindsOf(n *onnx.Network) (out []topology.Kind) {
	for _, l := range n.Topology.Layers {
		out = append(out, l.Kind)
	}
	return out
}

// Networks in the forms that exporters give them, beside the definitions.
func TestExportersForms(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	toLast, toFirst := with("perm", []int{0, 2, 3, 1}), with("perm", []int{0, 3, 1, 2})
	relu, linear, conv, flatten, pool := topology.ReLU, topology.Linear, topology.Conv2D, topology.Flatten, topology.AvgPool
	same := with("auto_pad", "SAME_UPPER")
	for name, c := range map[string]struct {
		g     *net
		kinds []topology.Kind
		last  bool
	}{
		// Keras, through tf2onnx: channels last outside, first around convolutions, and the flatten in
		// the order that Keras has.
		"channels last": {
			chain(15, []int{0, 5, 4, 3}, map[string]any{"w": filled(rng, 4, 3, 3, 3), "b": filled(rng, 4), "v": filled(rng, 80, 6), "c": filled(rng, 6), "s": ints{-1, 80}},
				op{kind: "Transpose", in: []string{"x"}, out: "xt", attributes: toFirst}, op{kind: "Conv", in: []string{"xt", "w", "b"}, out: "h", attributes: same},
				op{kind: "Relu", in: []string{"h"}, out: "r"}, op{kind: "Transpose", in: []string{"r"}, out: "rt", attributes: toLast},
				op{kind: "Reshape", in: []string{"rt", "s"}, out: "f"}, op{kind: "MatMul", in: []string{"f", "v"}, out: "m"}, op{kind: "Add", in: []string{"m", "c"}, out: "y"}),
			[]topology.Kind{conv, relu, flatten, linear},
			true,
		},
		"bias channels last": {
			chain(15, []int{0, 5, 4, 3}, map[string]any{"w": filled(rng, 4, 3, 3, 3), "b": filled(rng, 4), "v": filled(rng, 6, 80)},
				op{kind: "Transpose", in: []string{"x"}, out: "xt", attributes: toFirst}, op{kind: "Conv", in: []string{"xt", "w"}, out: "h", attributes: same},
				op{kind: "Transpose", in: []string{"h"}, out: "ht", attributes: toLast}, op{kind: "Add", in: []string{"ht", "b"}, out: "hb"},
				op{kind: "Relu", in: []string{"hb"}, out: "r"}, op{kind: "Flatten", in: []string{"r"}, out: "f"},
				op{kind: "Gemm", in: []string{"f", "v"}, out: "y", attributes: with("transB", 1)}),
			[]topology.Kind{conv, relu, flatten, linear},
			true,
		},
		"there and back": {chain(15, []int{0, 2, 5, 4}, map[string]any{"w": filled(rng, 3, 2, 2, 2), "v": filled(rng, 3, 3, 2, 2)},
			op{kind: "Conv", in: []string{"x", "w"}, out: "a"}, op{kind: "Transpose", in: []string{"a"}, out: "b", attributes: toLast},
			op{kind: "Relu", in: []string{"b"}, out: "c"}, op{kind: "Add", in: []string{"b", "c"}, out: "d"}, op{kind: "Transpose", in: []string{"d"}, out: "e", attributes: toFirst},
			op{kind: "Conv", in: []string{"e", "v"}, out: "y"}), []topology.Kind{conv, relu, topology.Add, conv}, false},
		"mixed features": {
			chain(15, []int{0, 3, 2, 2}, map[string]any{"w": filled(rng, 12, 4), "k": filled(rng, 12), "n": filled(rng, 12), "m": filled(rng, 12), "p": positive(rng, 12)},
				op{kind: "Relu", in: []string{"x"}, out: "a"}, op{kind: "Transpose", in: []string{"a"}, out: "b", attributes: toLast}, op{kind: "Flatten", in: []string{"b"}, out: "c"},
				op{kind: "Mul", in: []string{"c", "k"}, out: "d"}, op{kind: "Relu", in: []string{"d"}, out: "e"},
				op{kind: "BatchNormalization", in: []string{"e", "k", "n", "m", "p"}, out: "f"}, op{kind: "MatMul", in: []string{"f", "w"}, out: "y"}),
			[]topology.Kind{relu, flatten, conv, relu, conv, linear},
			false,
		},
		"one channel, put last and first by sizes": {chain(15, []int{0, 5, 4, 1}, map[string]any{"first": ints{-1, 1, 5, 4}, "w": filled(rng, 3, 1, 2, 2)},
			op{kind: "Reshape", in: []string{"x", "first"}, out: "a"}, op{kind: "Conv", in: []string{"a", "w"}, out: "y"}), []topology.Kind{conv}, false},
		"mean of rows and columns, channels last": {
			chain(13, []int{0, 2, 5, 4}, map[string]any{"w": filled(rng, 3, 2, 2, 2), "v": filled(rng, 3, 2)},
				op{kind: "Conv", in: []string{"x", "w"}, out: "a"}, op{kind: "Transpose", in: []string{"a"}, out: "b", attributes: toLast},
				op{kind: "ReduceMean", in: []string{"b"}, out: "c", attributes: with("axes", []int{1, 2}, "keepdims", 0)}, op{kind: "MatMul", in: []string{"c", "v"}, out: "y"}),
			[]topology.Kind{conv, pool, linear},
			false,
		},
		"mean, squeezed": {
			chain(13, []int{0, 2, 5, 4}, map[string]any{"axes": ints{2, 3}, "v": filled(rng, 2, 2)},
				op{kind: "GlobalAveragePool", in: []string{"x"}, out: "a"}, op{kind: "Squeeze", in: []string{"a", "axes"}, out: "b"}, op{kind: "MatMul", in: []string{"b", "v"}, out: "y"}),
			[]topology.Kind{pool, linear},
			false,
		},
		"mean, kept last": {
			chain(13, []int{0, 2, 5, 4}, map[string]any{"v": filled(rng, 2, 2)},
				op{kind: "Relu", in: []string{"x"}, out: "r"}, op{kind: "Transpose", in: []string{"r"}, out: "a", attributes: toLast},
				op{kind: "ReduceMean", in: []string{"a"}, out: "b", attributes: with("axes", []int{1, 2})},
				op{kind: "Squeeze", in: []string{"b"}, out: "c", attributes: with("axes", []int{1, 2})}, op{kind: "MatMul", in: []string{"c", "v"}, out: "y"}),
			[]topology.Kind{relu, pool, linear},
			false,
		},
		// Convolution, ReLU, normalisation: behind the ReLU it cannot be folded into what is in front.
		"normalised behind a relu": {
			chain(15, []int{0, 2, 5, 4}, map[string]any{"w": filled(rng, 3, 2, 2, 2), "s": filled(rng, 3), "t": filled(rng, 3), "m": filled(rng, 3), "v": positive(rng, 3), "u": filled(rng, 2, 3, 2, 2)},
				op{kind: "Conv", in: []string{"x", "w"}, out: "a"}, op{kind: "Relu", in: []string{"a"}, out: "b"},
				op{kind: "BatchNormalization", in: []string{"b", "s", "t", "m", "v"}, out: "c"}, op{kind: "Conv", in: []string{"c", "u"}, out: "y", attributes: with("pads", []int{1, 1, 1, 1})}),
			[]topology.Kind{conv, relu, conv, conv},
			false,
		},
		// torchvision's Normalize, and Keras's Rescaling, which is what a level is worth.
		"normalised input": {
			chain(15, []int{0, 2, 5, 4}, map[string]any{"m": filled(rng, 1, 2, 1, 1), "d": positive(rng, 1, 2, 1, 1), "w": filled(rng, 3, 2, 3, 3)},
				op{kind: "Sub", in: []string{"x", "m"}, out: "a"}, op{kind: "Div", in: []string{"a", "d"}, out: "b"}, op{kind: "Conv", in: []string{"b", "w"}, out: "y", attributes: same}),
			[]topology.Kind{conv, conv},
			false,
		},
		"scaled input": {chain(15, []int{0, 4, 5, 1}, map[string]any{"k": tensor{nil, []float64{0.125}}, "w": filled(rng, 3, 1, 3, 3)},
			op{kind: "Cast", in: []string{"x"}, out: "f", attributes: with("to", 1)}, op{kind: "Mul", in: []string{"f", "k"}, out: "a"},
			op{kind: "Transpose", in: []string{"a"}, out: "b", attributes: toFirst}, op{kind: "Conv", in: []string{"b", "w"}, out: "y"}), []topology.Kind{conv}, false},
		// A normalisation that an exporter took apart.
		"factors and summands behind a convolution": {chain(15, []int{0, 2, 5, 4}, map[string]any{"w": filled(rng, 3, 2, 2, 2), "k": filled(rng, 3, 1, 1), "b": filled(rng, 1, 3, 1, 1), "d": positive(rng)},
			op{kind: "Conv", in: []string{"x", "w"}, out: "a"}, op{kind: "Mul", in: []string{"k", "a"}, out: "b1"}, op{kind: "Add", in: []string{"b1", "b"}, out: "c"},
			op{kind: "Sub", in: []string{"b", "c"}, out: "d1"}, op{kind: "Div", in: []string{"d1", "d"}, out: "y"}), []topology.Kind{conv}, false},
		"padding of its own": {
			chain(11, []int{0, 2, 5, 4}, map[string]any{"p": ints{0, 0, 1, 0, 0, 0, 0, 1}, "q": ints{0, 0, 1, 1, 0, 0, 1, 1}, "z": tensor{nil, []float64{0}}, "w": filled(rng, 3, 2, 3, 3)},
				op{kind: "Pad", in: []string{"x", "p", "z"}, out: "a"}, op{kind: "Conv", in: []string{"a", "w"}, out: "b", attributes: with("strides", []int{2, 1}, "pads", []int{0, 1, 1, 0})},
				op{kind: "Relu", in: []string{"b"}, out: "c"}, op{kind: "Pad", in: []string{"c", "q"}, out: "d"}, op{kind: "AveragePool", in: []string{"d"}, out: "y", attributes: with("kernel_shape", []int{2, 2})}),
			[]topology.Kind{conv, relu, pool},
			false,
		},
		"padding, as it was": {chain(9, []int{0, 2, 5, 4}, map[string]any{"w": filled(rng, 3, 2, 3, 3)},
			op{kind: "PadOnce", in: []string{"x"}, out: "a"}, op{kind: "Conv", in: []string{"a", "w"}, out: "y"}), []topology.Kind{conv}, false},
		// x.view(-1, 1, 5, 4), and unsqueeze(1) of [batch row column].
		"flat input with sizes": {chain(15, []int{0, 40}, map[string]any{"s": ints{-1, 2, 5, 4}, "w": filled(rng, 3, 2, 2, 2)},
			op{kind: "Reshape", in: []string{"x", "s"}, out: "a"}, op{kind: "Conv", in: []string{"a", "w"}, out: "y"}), []topology.Kind{conv}, false},
		"input with a channel": {chain(15, []int{0, 5, 4}, map[string]any{"axes": ints{1}, "w": filled(rng, 3, 1, 2, 2)},
			op{kind: "Unsqueeze", in: []string{"x", "axes"}, out: "a"}, op{kind: "Conv", in: []string{"a", "w"}, out: "y"}), []topology.Kind{conv}, false},
		"input with a channel, last": {chain(15, []int{0, 5, 4}, map[string]any{"axes": ints{-1}, "w": filled(rng, 3, 1, 2, 2)},
			op{kind: "Unsqueeze", in: []string{"x", "axes"}, out: "a"}, op{kind: "Transpose", in: []string{"a"}, out: "b", attributes: toFirst}, op{kind: "Conv", in: []string{"b", "w"}, out: "y"}), []topology.Kind{conv}, false},
		"input that two take": {
			chain(15, []int{0, 6}, map[string]any{"k": tensor{nil, []float64{2}}, "w": filled(rng, 6, 6)},
				op{kind: "Mul", in: []string{"x", "k"}, out: "a"}, op{kind: "MatMul", in: []string{"x", "w"}, out: "b"}, op{kind: "Add", in: []string{"a", "b"}, out: "y"}),
			[]topology.Kind{conv, linear, topology.Add},
			false,
		},
		"bias of what others take": {chain(9, []int{1, 5}, map[string]any{"b": filled(rng, 5), "w": filled(rng, 5, 5)}, op{kind: "MatMul", in: []string{"x", "w"}, out: "h"},
			op{kind: "Add", in: []string{"h", "b"}, out: "k"}, op{kind: "Add", in: []string{"h", "k"}, out: "y"}), []topology.Kind{linear, conv, topology.Add}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "padding, as it was" { // by attributes, until version 10
				c.g.ops[0].kind, c.g.ops[0].attributes = "Pad", with("pads", []int{0, 0, 1, 1, 0, 0, 1, 0}, "mode", "constant", "value", 0.0)
				n, err := onnx.Read(c.g.bytes(), asItIs)
				require.NoError(t, err)
				require.Equal(t, [4]int{1, 1, 1, 0}, n.Topology.Layers[0].Padding)
				return
			}
			for f := range forms {
				c.g.form = f
				n := agrees(t, c.g, rng)
				require.Equal(t, c.kinds, kindsOf(n))
				require.Equal(t, c.last, n.ChannelsLast)
			}
		})
	}
}

// A factor of the whole input is no layer.
func TestScaleOfTheInput(t *testing.T) {
	g := chain(15, []int{0, 6}, map[string]any{"k": tensor{nil, []float64{255}}, "w": filled(rand.New(rand.NewPCG(1, 9)), 6, 2)},
		op{kind: "Div", in: []string{"x", "k"}, out: "a"}, op{kind: "MatMul", in: []string{"a", "w"}, out: "y"})
	n, err := onnx.Read(g.bytes(), onnx.Options{Input: onnx.Input{Max: 255, Scale: 1}, Deltas: onnx.Nowhere})
	require.NoError(t, err)
	require.InDelta(t, 1.0/255, n.Params.Input, 1e-18)
	g.initial["k"], g.ops[0].kind = tensor{nil, []float64{math.Inf(1)}}, "Mul"
	_, err = onnx.Read(g.bytes(), asItIs)
	require.ErrorContains(t, err, "what a level of the input is worth: expected a number above 0 behind what the file multiplies it with, found +Inf")
}

// A bound that no float is beyond is none, in the form of either version of Clip.
func TestClipWithoutABound(t *testing.T) {
	for _, g := range []*net{
		single("Clip", []int{1, 5}, nil, tensor{nil, []float64{0}}, tensor{nil, []float64{math.MaxFloat32}}),
		single("Clip", []int{1, 5}, nil, tensor{nil, []float64{0}}, tensor{nil, []float64{math.Inf(1)}}),
		chain(9, []int{1, 5}, nil, op{kind: "Clip", in: []string{"x"}, out: "y", attributes: with("min", 0.0)}),
		chain(9, []int{1, 5}, nil, op{kind: "Clip", in: []string{"x"}, out: "y", attributes: with("min", 0.0, "max", math.MaxFloat32)}),
	} {
		n, err := onnx.Read(g.bytes(), asItIs)
		require.NoError(t, err)
		require.Equal(t, []topology.Kind{topology.ReLU}, kindsOf(n))
	}
}

// A sigmoid at the end is left out as a softmax is.
func TestLogits(t *testing.T) {
	g := chain(15, []int{0, 6}, map[string]any{"w": filled(rand.New(rand.NewPCG(1, 9)), 6, 2)},
		op{kind: "MatMul", in: []string{"x", "w"}, out: "a"}, op{kind: "Sigmoid", in: []string{"a"}, out: "y"})
	_, err := onnx.Read(g.bytes(), asItIs)
	require.ErrorContains(t, err, "found Sigmoid (Options.Logits, --logits of the command, leaves it out")
	o := asItIs
	o.Logits = true
	n, err := onnx.Read(g.bytes(), o)
	require.NoError(t, err)
	require.Equal(t, []topology.Kind{topology.Linear}, kindsOf(n))
}
