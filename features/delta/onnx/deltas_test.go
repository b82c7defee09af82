package onnx_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// pictures is a small network as PyTorch names things.
func pictures(rng *rand.Rand) *net {
	return chain(17, []int{0, 2, 8, 8}, map[string]any{"w1": filled(rng, 4, 2, 3, 3), "b1": filled(rng, 4), "w2": filled(rng, 10, 64), "b2": filled(rng, 10)},
		op{kind: "Conv", name: "/features/features.0/Conv", in: []string{"x", "w1", "b1"}, out: "a", attributes: with("pads", []int{1, 1, 1, 1})},
		op{kind: "Relu", name: "/features/features.1/Relu", in: []string{"a"}, out: "b"},
		op{kind: "MaxPool", name: "/features/features.2/MaxPool", in: []string{"b"}, out: "c", attributes: with("kernel_shape", []int{2, 2}, "strides", []int{2, 2})},
		op{kind: "Flatten", name: "/Flatten", in: []string{"c"}, out: "d"},
		op{kind: "Gemm", name: "/classifier/Gemm", in: []string{"d", "w2", "b2"}, out: "e", attributes: with("transB", 1)},
		op{kind: "Softmax", name: "7", in: []string{"e"}, out: "y", attributes: with("axis", -1)})
}

func TestTopology(t *testing.T) {
	o := asItIs
	o.Deltas, o.Step, o.Levels, o.Logits, o.Weights = onnx.BehindReLU, topology.PerChannel, 31, true, topology.Int16
	n, err := onnx.Read(pictures(rand.New(rand.NewPCG(6, 6))).bytes(), o)
	require.NoError(t, err)
	require.Equal(t, `name: "test_graph"
input: {channels: 2, height: 8, width: 8, min: -16, max: 16}
layers:
  - {name: "features.features.0.Conv", type: conv2d, out: 4, kernel: [3, 3], stride: [1, 1], padding: [1, 1, 1, 1], groups: 1, bias: true, weights: int16}
  - {name: "features.features.1.Relu", type: relu}
  - {name: "features.features.1.Relu.delta", type: delta, step: channel, levels: 31}
  - {name: "features.features.2.MaxPool", type: maxpool, kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0]}
  - {name: "Flatten", type: flatten}
  - {name: "classifier.Gemm", type: linear, out: 10, bias: true, weights: int16}
`, n.Topology.String())
	o.Threshold = 3
	n, err = onnx.Read(pictures(rand.New(rand.NewPCG(6, 6))).bytes(), o)
	require.NoError(t, err)
	require.Equal(t, topology.Layer{Name: "features.features.1.Relu.delta", Kind: topology.Threshold, Threshold: 3, Step: topology.PerChannel, Levels: 31}, n.Topology.Layers[2])
}

// Names that are no names of layers, or are taken, become some.
func TestNames(t *testing.T) {
	n, err := onnx.Read(chain(17, []int{1, 4}, nil,
		op{kind: "Relu", name: "input", in: []string{"x"}, out: "a"}, op{kind: "Relu", name: "12", in: []string{"a"}, out: "b"},
		op{kind: "Relu", name: "ä/ö relu!", in: []string{"b"}, out: "c"}, op{kind: "Relu", name: "ä/ö relu?", in: []string{"c"}, out: "d"},
		op{kind: "Relu", name: "a.very.long.name.of.a.layer.that.goes.on.and.on.until.nobody.reads.it.any.more", in: []string{"d"}, out: "e"}).bytes(), asItIs)
	require.NoError(t, err)
	var names []string
	for _, l := range n.Topology.Layers {
		names = append(names, l.Name)
	}
	require.Equal(t, []string{"input_2", "relu_12", "relu", "relu_2", "a.very.long.name.of.a.layer.that.goes.on.and.on"}, names)
}

// From a file to integers: calibrated, quantised and run, the network decides as the one
// in the file.
func TestToIntegers(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	g := pictures(rng)
	o := asItIs
	o.Deltas, o.Step, o.Levels, o.Logits = onnx.BehindReLU, topology.PerLayer, 127, true
	n, err := onnx.Read(g.bytes(), o)
	require.NoError(t, err)
	var frames [][]int32
	frame := make([]int32, 128)
	for range 100 {
		frame = slices.Clone(frame)
		for range 10 {
			frame[rng.IntN(len(frame))] = rng.Int32N(33) - 16
		}
		frames = append(frames, frame)
	}
	p, err := quantise.Calibrate(t.Context(), n.Topology, n.Params, slices.Values(frames))
	require.NoError(t, err)
	network, _, err := quantise.Quantise(n.Topology, p)
	require.NoError(t, err)
	d := delta.NewDense(network)
	best := func(v []float64) int { return slices.Index(v, slices.Max(v)) }
	same := 0
	g.ops = g.ops[:5] // without the softmax
	for _, frame := range frames {
		input := tensor{dims: []int{1, 2, 8, 8}}
		for _, v := range frame {
			input.values = append(input.values, float64(v)*scale)
		}
		out, err := d.Step(frame)
		require.NoError(t, err)
		if best(network.Real(nil, out)) == best(g.evaluate(t, input)["e"].values) {
			same++
		}
	}
	t.Logf("%d of %d decisions are those of the file", same, len(frames))
	require.Greater(t, same, 95)
}

// What exporters of channels-last networks write becomes integers too: with a normalisation behind a
// ReLU, and a flatten in their order, and wherever delta activations are put.
func TestChannelsLastToIntegers(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	g := chain(15, []int{0, 8, 8, 2}, map[string]any{
		"w1": filled(rng, 4, 2, 3, 3), "b1": filled(rng, 4), "k": positive(rng, 4), "s": filled(rng, 4), "m": filled(rng, 4), "v": positive(rng, 4),
		"w2": filled(rng, 4, 4, 3, 3), "w3": filled(rng, 64, 10), "f": tensor{nil, []float64{0.5}},
	},
		op{kind: "Mul", in: []string{"x", "f"}, out: "x2"}, op{kind: "Transpose", in: []string{"x2"}, out: "xt", attributes: with("perm", []int{0, 3, 1, 2})},
		op{kind: "Conv", in: []string{"xt", "w1", "b1"}, out: "a", attributes: with("auto_pad", "SAME_UPPER")}, op{kind: "Relu", in: []string{"a"}, out: "b"},
		op{kind: "BatchNormalization", in: []string{"b", "k", "s", "m", "v"}, out: "c"},
		op{kind: "Conv", in: []string{"c", "w2"}, out: "d", attributes: with("auto_pad", "SAME_UPPER", "strides", []int{2, 2})}, op{kind: "Relu", in: []string{"d"}, out: "e"},
		op{kind: "Transpose", in: []string{"e"}, out: "et", attributes: with("perm", []int{0, 2, 3, 1})}, op{kind: "Flatten", in: []string{"et"}, out: "h"},
		op{kind: "MatMul", in: []string{"h", "w3"}, out: "y"})
	agrees(t, g, rng)
	for _, place := range []onnx.Place{onnx.BehindReLU, onnx.Everywhere} {
		o := asItIs
		o.Deltas, o.Step, o.Levels = place, topology.PerChannel, 127
		n, err := onnx.Read(g.bytes(), o)
		require.NoError(t, err)
		require.True(t, n.ChannelsLast)
		var frames [][]int32
		for range 60 {
			frame := make([]int32, 128)
			for i := range frame {
				frame[i] = rng.Int32N(33) - 16
			}
			frames = append(frames, frame)
		}
		p, err := quantise.Calibrate(t.Context(), n.Topology, n.Params, slices.Values(frames))
		require.NoError(t, err)
		network, _, err := quantise.Quantise(n.Topology, p)
		require.NoError(t, err)
		d := delta.NewDense(network)
		same := 0
		for _, frame := range frames {
			levels := tensor{dims: []int{1, 2, 8, 8}}
			for _, v := range frame {
				levels.values = append(levels.values, float64(v)*scale)
			}
			want := g.evaluate(t, permuted(levels, []int{0, 2, 3, 1}))["y"].values
			out, err := d.Step(frame)
			require.NoError(t, err)
			got := network.Real(nil, out)
			if slices.Index(want, slices.Max(want)) == slices.Index(got, slices.Max(got)) {
				same++
			}
		}
		t.Logf("deltas %d: %d of %d decisions are those of the file", place, same, len(frames))
		require.Greater(t, same, 54)
	}
}

// A file as it was written once is read as the same network for ever.
func TestFileOfBefore(t *testing.T) {
	const path = "testdata/pictures.onnx"
	want := pictures(rand.New(rand.NewPCG(6, 6))).bytes()
	if os.Getenv("SACCADE_UPDATE") != "" {
		require.NoError(t, os.WriteFile(path, want, 0o600))
	}
	o := asItIs
	o.Logits = true
	before, err := onnx.Load(path, o)
	require.NoError(t, err)
	now, err := onnx.Read(want, o)
	require.NoError(t, err)
	require.Equal(t, now, before)
}
