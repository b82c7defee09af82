package onnx_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/quantise"
)

// scale is what a level of the tests' inputs is worth: a power of two, so that it is exact.
const scale = 1.0 / 8

// asItIs reads a network as the file has it.
var asItIs = onnx.Options{Input: onnx.Input{Min: -16, Max: 16, Scale: scale}, Deltas: onnx.Nowhere}

// filled is a tensor of random numbers of few bits.
func filled(rng *rand.Rand, dims ...int) tensor {
	t := tensor{dims: dims}
	for range count(dims) {
		t.values = append(t.values, exact(rng.NormFloat64()))
	}
	return t
}

// positive is a tensor of random numbers above 0.
func positive(rng *rand.Rand, dims ...int) tensor {
	t := tensor{dims: dims}
	for range count(dims) {
		t.values = append(t.values, exact(0.5+rng.Float64()))
	}
	return t
}

// agrees compares a network that was read with the definitions, on random inputs.
func agrees(t require.TestingT, g *net, rng *rand.Rand) *onnx.Network {
	if h, ok := t.(interface{ Helper() }); ok {
		h.Helper()
	}
	n, err := onnx.Read(g.bytes(), asItIs)
	require.NoError(t, err)
	r, err := quantise.NewReference(n.Topology, n.Params)
	require.NoError(t, err, n.Topology)
	dims := append([]int{1}, g.input[1:]...)
	for range 3 {
		levels, input := make([]int32, count(dims)), tensor{dims: dims}
		for i := range levels {
			levels[i] = rng.Int32N(33) - 16
			input.values = append(input.values, float64(levels[i])*scale)
		}
		if n.ChannelsLast { // levels are channels first
			s := n.Topology.Input
			input = permuted(tensor{[]int{1, s.Channels, s.Height, s.Width}, input.values}, []int{0, 2, 3, 1})
			input.dims = dims
		}
		want := g.evaluate(t, input)[g.output]
		got, err := r.Step(levels)
		require.NoError(t, err)
		require.Len(t, got, len(want.values), n.Topology)
		for i, v := range want.values {
			require.InDelta(t, v, got[i], 1e-9*(1+max(v, -v)), "output %d of\n%s", i, n.Topology)
		}
	}
	return n
}

// attributes are given as pairs.
func with(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		name, _ := pairs[i].(string)
		out[name] = pairs[i+1]
	}
	return out
}

// single is a network of one operator that takes the input and constants.
func single(kind string, input []int, attributes map[string]any, constants ...any) *net {
	g := &net{opset: 17, input: input, output: "y", initial: map[string]any{}}
	o := op{kind: kind, in: []string{"x"}, out: "y", attributes: attributes}
	for i, c := range constants {
		name := fmt.Sprintf("c%d", i)
		g.initial[name] = c
		o.in = append(o.in, name)
	}
	g.ops = []op{o}
	return g
}

func TestOperators(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	image := []int{1, 4, 7, 6}
	for name, g := range map[string]*net{
		"gemm":                        single("Gemm", []int{1, 5}, nil, filled(rng, 5, 3), filled(rng, 3)),
		"gemm, no bias":               single("Gemm", []int{1, 5}, nil, filled(rng, 5, 3)),
		"clip":                        single("Clip", image, nil, tensor{nil, []float64{0}}),
		"max":                         single("Max", image, nil, tensor{nil, []float64{0}}),
		"factors":                     single("Mul", image, nil, filled(rng, 4, 1, 1)),
		"factors of features":         single("Mul", []int{1, 5}, nil, filled(rng, 1, 5)),
		"negative factor":             single("Mul", image, nil, tensor{nil, []float64{-0.25}}),
		"difference":                  single("Sub", image, nil, filled(rng, 1, 4, 1, 1)),
		"sum with a constant":         single("Add", image, nil, filled(rng, 4, 1, 1)),
		"one number added":            single("Add", []int{1, 3, 4}, nil, filled(rng)),
		"normalisation":               single("BatchNormalization", image, nil, filled(rng, 4), filled(rng, 4), filled(rng, 4), positive(rng, 4)),
		"normalisation of features":   single("BatchNormalization", []int{1, 5}, nil, filled(rng, 5), filled(rng, 5), filled(rng, 5), positive(rng, 5)),
		"mean":                        single("ReduceMean", image, with("axes", []int{2, 3})),
		"mean, from behind":           single("ReduceMean", image, with("keepdims", 0), ints{-1, -2}),
		"gemm, transposed":            single("Gemm", []int{1, 5}, with("transB", 1, "alpha", 0.5, "beta", 2.0), filled(rng, 3, 5), filled(rng, 1, 3)),
		"gemm, square":                single("Gemm", []int{1, 4}, nil, filled(rng, 4, 4), filled(rng, 1)),
		"gemm, one number":            single("Gemm", []int{1, 4}, with("transB", 1), filled(rng, 4, 4), filled(rng)),
		"matmul":                      single("MatMul", []int{1, 5}, nil, filled(rng, 5, 3)),
		"conv":                        single("Conv", image, nil, filled(rng, 3, 4, 3, 2), filled(rng, 3)),
		"conv, no bias":               single("Conv", image, with("kernel_shape", []int{3, 2}), filled(rng, 3, 4, 3, 2)),
		"conv, strides":               single("Conv", image, with("strides", []int{2, 3}), filled(rng, 2, 4, 3, 2)),
		"conv, pads":                  single("Conv", image, with("pads", []int{1, 0, 2, 1}), filled(rng, 2, 4, 3, 2)),
		"conv, pads and strides":      single("Conv", image, with("pads", []int{0, 1, 1, 2}, "strides", []int{3, 2}, "dilations", []int{1, 1}), filled(rng, 2, 4, 4, 3)),
		"conv, groups":                single("Conv", image, with("group", 2), filled(rng, 6, 2, 2, 2), filled(rng, 6)),
		"conv, depthwise":             single("Conv", image, with("group", 4), filled(rng, 8, 1, 2, 2)),
		"conv, same upper":            single("Conv", image, with("auto_pad", "SAME_UPPER", "strides", []int{2, 1}), filled(rng, 2, 4, 4, 4)),
		"conv, same lower":            single("Conv", image, with("auto_pad", "SAME_LOWER", "strides", []int{2, 1}), filled(rng, 2, 4, 4, 4)),
		"conv, valid":                 single("Conv", image, with("auto_pad", "VALID", "strides", []int{2, 2}), filled(rng, 2, 4, 2, 4)),
		"maxpool":                     single("MaxPool", image, with("kernel_shape", []int{2, 3})),
		"maxpool, strides":            single("MaxPool", image, with("kernel_shape", []int{2, 2}, "strides", []int{2, 2})),
		"maxpool, pads":               single("MaxPool", image, with("kernel_shape", []int{3, 3}, "strides", []int{2, 2}, "pads", []int{1, 1, 1, 1})),
		"maxpool, ceil":               single("MaxPool", image, with("kernel_shape", []int{2, 2}, "strides", []int{2, 2}, "ceil_mode", 1)),
		"maxpool, ceil and pads":      single("MaxPool", image, with("kernel_shape", []int{3, 3}, "strides", []int{3, 4}, "pads", []int{1, 1, 1, 1}, "ceil_mode", 1)),
		"maxpool, same":               single("MaxPool", image, with("kernel_shape", []int{2, 2}, "strides", []int{2, 2}, "auto_pad", "SAME_UPPER")),
		"avgpool":                     single("AveragePool", image, with("kernel_shape", []int{2, 3}, "strides", []int{1, 2})),
		"avgpool, pads":               single("AveragePool", image, with("kernel_shape", []int{3, 3}, "pads", []int{1, 1, 0, 2}, "count_include_pad", 1)),
		"avgpool, ceil without a use": single("AveragePool", image, with("kernel_shape", []int{3, 2}, "strides", []int{2, 2}, "ceil_mode", 1)),
		"global":                      single("GlobalAveragePool", image, nil),
		"relu":                        single("Relu", image, nil),
		"flatten":                     single("Flatten", image, nil),
		"flatten, axis from behind":   single("Flatten", image, with("axis", -3)),
		"reshape, open":               single("Reshape", image, nil, ints{1, -1}),
		"reshape, batch of 0":         single("Reshape", image, nil, ints{0, -1}),
		"reshape, open batch":         single("Reshape", image, nil, ints{-1, 168}),
	} {
		t.Run(name, func(t *testing.T) {
			for f := range forms {
				g.form = f
				agrees(t, g, rng)
			}
		})
	}
}

// The order that layers take the weights in is that of the file, not by chance.
func TestWeightsOfGemm(t *testing.T) {
	g := single("Gemm", []int{1, 2}, nil, tensor{[]int{2, 3}, []float64{1, 2, 3, 4, 5, 6}})
	n, err := onnx.Read(g.bytes(), asItIs)
	require.NoError(t, err)
	require.Equal(t, quantise.Params{Input: scale, Layers: map[string]quantise.Layer{"y": {Weights: []float64{1, 4, 2, 5, 3, 6}}}}, n.Params)
	require.Equal(t, "a test", n.Producer)
	require.Equal(t, 17, n.Opset)
}
