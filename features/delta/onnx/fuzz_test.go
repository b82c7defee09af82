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
