package onnx_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/onnx"
	"github.com/saccade-dev/saccade/features/delta/quantise"
)

// FuzzRead: whatever the bytes, an error or a network whose numbers fit its topology.
func FuzzRead(f *testing.F) {
	rng := rand.New(rand.NewPCG(8, 8))
	seeds := pictures(rng)
	for kind := range forms {
		seeds.form = kind
		f.Add(seeds.bytes())
		f.Add(single("Conv", []int{0, 4, 5, 5}, with("auto_pad", "SAME_LOWER", "group", 2), filled(rng, 2, 2, 3, 3)).bytes())
	}
	f.Add(chain(15, []int{0, 5, 4, 3}, map[string]any{"w": filled(rng, 4, 3, 3, 3), "v": filled(rng, 48, 6), "p": ints{0, 0, 1, 1, 0, 0, 1, 1}, "k": filled(rng, 4), "a": ints{2, 3}},
		op{kind: "Transpose", in: []string{"x"}, out: "xt", attributes: with("perm", []int{0, 3, 1, 2})}, op{kind: "Pad", in: []string{"xt", "p"}, out: "z"},
		op{kind: "Conv", in: []string{"z", "w"}, out: "h", attributes: with("strides", []int{2, 1})}, op{kind: "Clip", in: []string{"h"}, out: "r", attributes: with("min", 0.0)},
		op{kind: "Transpose", in: []string{"r"}, out: "rt", attributes: with("perm", []int{0, 2, 3, 1})}, op{kind: "Mul", in: []string{"rt", "k"}, out: "m"},
		op{kind: "Flatten", in: []string{"m"}, out: "f"}, op{kind: "MatMul", in: []string{"f", "v"}, out: "y"}).bytes())
	f.Add(chain(13, []int{0, 20}, map[string]any{"s": ints{-1, 1, 5, 4}, "a": ints{2, 3}, "b": filled(rng, 1)},
		op{kind: "Reshape", in: []string{"x", "s"}, out: "i"}, op{kind: "Sub", in: []string{"i", "b"}, out: "c"}, op{kind: "ReduceMean", in: []string{"c", "a"}, out: "m"},
		op{kind: "Squeeze", in: []string{"m", "a"}, out: "q"}, op{kind: "Unsqueeze", in: []string{"q", "a"}, out: "u"}, op{kind: "Sigmoid", in: []string{"u"}, out: "y"}).bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, place := range []onnx.Place{onnx.BehindReLU, onnx.Everywhere, onnx.Nowhere} {
			o := asItIs
			o.Deltas, o.Logits = place, place == onnx.Everywhere
			n, err := onnx.Read(b, o)
			if err != nil {
				continue
			}
			g, err := n.Topology.Resolve()
			require.NoError(t, err)
			for i := range g.Nodes {
				l, node := n.Params.Layers[g.Nodes[i].Name], &g.Nodes[i]
				require.Len(t, l.Weights, node.WeightsLen())
				if node.Kind.Weighted() && !node.NoBias {
					require.Len(t, l.Bias, node.Out.Channels)
				} else {
					require.Nil(t, l.Bias)
				}
			}
			if place == onnx.Nowhere && g.Last().Out.Len() < 1<<12 && len(b) < 1<<12 {
				_, _ = quantise.NewReference(n.Topology, n.Params)
			}
		}
	})
}
