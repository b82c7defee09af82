package onnx_test

import (
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// chain is a network of operators behind each other.
func chain(opset int, input []int, initial map[string]any, ops ...op) *net {
	return &net{opset: opset, input: input, initial: initial, ops: ops, output: ops[len(ops)-1].out}
}

func TestNetworks(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	normal := func(c int) map[string]any {
		return map[string]any{"scale": filled(rng, c), "shift": filled(rng, c), "mean": filled(rng, c), "variance": positive(rng, c)}
	}
	merged := func(parts ...map[string]any) map[string]any {
		out := map[string]any{}
		for _, m := range parts {
			maps.Copy(out, m)
		}
		return out
	}
	bn := op{kind: "BatchNormalization", in: []string{"h", "scale", "shift", "mean", "variance"}, out: "y", attributes: with("epsilon", 0.25)}
	conv := op{kind: "Conv", in: []string{"x", "w"}, out: "h"}
	image := []int{0, 2, 5, 5}
	for name, g := range map[string]*net{
		"matmul and bias": chain(13, []int{0, 5}, map[string]any{"w": filled(rng, 5, 3), "b": filled(rng, 3)},
			op{kind: "MatMul", in: []string{"x", "w"}, out: "h"}, op{kind: "Add", in: []string{"h", "b"}, out: "y"}),
		"bias and matmul": chain(13, []int{0, 5}, map[string]any{"w": filled(rng, 5, 3), "b": filled(rng, 1, 3)},
			op{kind: "MatMul", in: []string{"x", "w"}, out: "h"}, op{kind: "Add", in: []string{"b", "h"}, out: "y"}),
		"conv and bias": chain(13, image, map[string]any{"w": filled(rng, 3, 2, 2, 2), "b": filled(rng, 3, 1, 1)},
			conv, op{kind: "Add", in: []string{"h", "b"}, out: "y"}),
		"conv, bias and bias": chain(13, image, map[string]any{"w": filled(rng, 3, 2, 2, 2), "b": filled(rng, 1, 3, 1, 1), "b1": filled(rng, 3)},
			op{kind: "Conv", in: []string{"x", "w", "b1"}, out: "h"}, op{kind: "Add", in: []string{"b", "h"}, out: "y"}),
		"conv and normalisation": chain(13, image, merged(normal(3), map[string]any{"w": filled(rng, 3, 2, 2, 2)}), conv, bn),
		"gemm and normalisation": chain(13, []int{1, 5}, merged(normal(3), map[string]any{"w": filled(rng, 5, 3), "b": filled(rng, 3)}),
			op{kind: "Gemm", in: []string{"x", "w", "b"}, out: "h"}, bn),
		"matmul, bias, normalisation": chain(13, []int{1, 5}, merged(normal(3), map[string]any{"w": filled(rng, 5, 3), "b": filled(rng, 3)}),
			op{kind: "MatMul", in: []string{"x", "w"}, out: "g"}, op{kind: "Add", in: []string{"g", "b"}, out: "h"}, bn),
		"transposed weights": chain(13, []int{1, 5}, map[string]any{"w": filled(rng, 3, 5)},
			op{kind: "Transpose", in: []string{"w"}, out: "wt", attributes: with("perm", []int{1, 0})}, op{kind: "MatMul", in: []string{"x", "wt"}, out: "y"}),
		"weights on the left": chain(13, []int{1, 5}, map[string]any{"w": filled(rng, 3, 5), "b": filled(rng, 3, 1)},
			op{kind: "Transpose", in: []string{"x"}, out: "xt"}, op{kind: "MatMul", in: []string{"w", "xt"}, out: "h"},
			op{kind: "Add", in: []string{"h", "b"}, out: "k"}, op{kind: "Transpose", in: []string{"k"}, out: "y", attributes: with("perm", []int{1, 0})}),
		"gemm of the transposed": chain(13, []int{1, 5}, map[string]any{"w": filled(rng, 5, 3)},
			op{kind: "Transpose", in: []string{"x"}, out: "xt"}, op{kind: "Gemm", in: []string{"xt", "w"}, out: "y", attributes: with("transA", 1)}),
		"constants as nodes": chain(13, []int{1, 6}, nil,
			op{kind: "Constant", out: "c", attributes: map[string]any{"value": filled(rng, 12)}}, op{kind: "Constant", out: "s", attributes: map[string]any{"value": ints{6, -1}}},
			op{kind: "Reshape", in: []string{"c", "s"}, out: "w"}, op{kind: "Identity", in: []string{"w"}, out: "v"}, op{kind: "MatMul", in: []string{"x", "v"}, out: "y"}),
		"nothing in inference": chain(13, []int{1, 3, 4}, map[string]any{"w": filled(rng, 12, 2)},
			op{kind: "Identity", in: []string{"x"}, out: "a"}, op{kind: "Flatten", in: []string{"a"}, out: "b"}, op{kind: "Dropout", in: []string{"b"}, out: "c"},
			op{kind: "MatMul", in: []string{"c", "w"}, out: "d"}, op{kind: "Identity", in: []string{"d"}, out: "y"}),
		"residual": chain(13, image, map[string]any{"w": filled(rng, 2, 2, 3, 3), "v": filled(rng, 2, 2, 1, 1)},
			op{kind: "Conv", in: []string{"x", "v"}, out: "a"}, op{kind: "Relu", in: []string{"a"}, out: "b"},
			op{kind: "Conv", in: []string{"b", "w"}, out: "c", attributes: with("pads", []int{1, 1, 1, 1})},
			op{kind: "Add", in: []string{"c", "b"}, out: "d"}, op{kind: "Add", in: []string{"x", "d"}, out: "e"}, op{kind: "Relu", in: []string{"e"}, out: "y"}),
		"one pixel": chain(13, image, map[string]any{"w": filled(rng, 3, 2, 5, 5), "v": filled(rng, 3, 4), "b": filled(rng, 3)},
			conv, op{kind: "Flatten", in: []string{"h"}, out: "f"}, op{kind: "Add", in: []string{"f", "b"}, out: "g"}, op{kind: "MatMul", in: []string{"g", "v"}, out: "y"}),
		"what is not needed": chain(13, []int{1, 5}, map[string]any{"w": filled(rng, 5, 3)},
			op{kind: "Whatever", in: []string{"x"}, out: "z"}, op{kind: "MatMul", in: []string{"x", "w"}, out: "y"}),
		"old addition": chain(6, image, map[string]any{"w": filled(rng, 5, 2, 1, 1), "b": filled(rng, 5)}, conv,
			op{kind: "Add", in: []string{"h", "b"}, out: "y", attributes: with("broadcast", 1, "axis", 1)}),
	} {
		t.Run(name, func(t *testing.T) {
			if name == "old addition" {
				// The definition of now needs the axes behind the channels.
				n, err := onnx.Read(g.bytes(), asItIs)
				require.NoError(t, err)
				require.Equal(t, plain(g.initial["b"]).values, n.Params.Layers["h"].Bias)
				return
			}
			for f := range forms {
				g.form, g.batchName, g.constInputs = f, f%2 == 0, f == unpacked
				agrees(t, g, rng)
			}
		})
	}
}

// Sizes of a flatten that a program works out, as exporters write x.view(x.size(0), -1).
func TestComputedReshape(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	w := filled(rng, 12, 2)
	zero := op{kind: "Constant", out: "zero", attributes: with("value_int", 0)}
	g := chain(13, []int{0, 3, 2, 2}, map[string]any{"w": w, "rest": ints{-1}, "axes": ints{0}, "from": ints{0}, "to": ints{1}},
		op{kind: "Relu", in: []string{"x"}, out: "h"},
		op{kind: "Shape", in: []string{"h"}, out: "shape"}, zero,
		op{kind: "Gather", in: []string{"shape", "zero"}, out: "batch"}, op{kind: "Unsqueeze", in: []string{"batch", "axes"}, out: "one"},
		op{kind: "Concat", in: []string{"one", "rest"}, out: "sizes", attributes: with("axis", 0)},
		op{kind: "Reshape", in: []string{"h", "sizes"}, out: "flat"}, op{kind: "MatMul", in: []string{"flat", "w"}, out: "y"})
	sliced := chain(13, g.input, g.initial, g.ops[0], g.ops[1],
		op{kind: "Slice", in: []string{"shape", "from", "to"}, out: "one"}, g.ops[5], g.ops[6], g.ops[7])
	plain := chain(13, g.input, g.initial, g.ops[0], op{kind: "Flatten", in: []string{"h"}, out: "flat"}, g.ops[7])
	want := agrees(t, plain, rng)
	for _, other := range []*net{g, sliced} {
		n, err := onnx.Read(other.bytes(), asItIs)
		require.NoError(t, err)
		require.Equal(t, want.Params, n.Params)
		require.Len(t, n.Topology.Layers, len(want.Topology.Layers))
	}
	for i, l := range want.Topology.Layers {
		require.Equal(t, []topology.Kind{topology.ReLU, topology.Flatten, topology.Linear}[i], l.Kind)
	}
}
