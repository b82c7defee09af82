package quantise_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// An output whose weights are all zero, as pruning and batch normalisation leave some,
// keeps its bias, and the delta activation behind it its steps.
func TestOutputsWithoutWeights(t *testing.T) {
	const text = `
input: {channels: 2, max: 7}
layers:
  - {name: hidden, type: linear, out: 2, weights: %s}
  - {name: delta, type: delta}
  - {name: out, type: linear, out: 2, weights: int16}
`
	for name, weights := range map[string][]float64{"one": {0, 0, 1, 1}, "all": {0, 0, 0, 0}} {
		for _, format := range []string{"int8", "int16"} {
			t.Run(name+" "+format, func(t *testing.T) {
				top := parsed(t, text, format)
				p := quantise.Params{Input: 1, Layers: map[string]quantise.Layer{
					"hidden": {Weights: weights, Bias: []float64{0.1, -3}},
					"delta":  {Steps: []float64{0.05}},
					"out":    {Weights: []float64{1, 0, 0, 1}, Bias: []float64{0, 0}},
				}}
				n, rounded, err := quantise.Quantise(top, p)
				require.NoError(t, err)
				require.InDelta(t, -3, rounded.Layers["hidden"].Bias[1], 0.03)
				got, err := delta.NewDense(n).Step([]int32{2, 3})
				require.NoError(t, err)
				want := []float64{0.1, -3}
				if name == "one" {
					want[1] = 2
				}
				require.InDeltaSlice(t, want, n.Real(nil, got), 0.06)
			})
		}
	}
}

// A bias of an output without weights that is large beside the others' sums has a unit of
// its own.
func TestLargeBiasWithoutWeights(t *testing.T) {
	top := parsed(t, `
input: {channels: 1, max: 7}
layers:
  - {name: hidden, type: linear, out: 2, weights: %s}
  - {name: delta, type: delta, step: channel}
  - {name: out, type: linear, out: 2, weights: int16}
`, "int8")
	n, _, err := quantise.Quantise(top, quantise.Params{Input: 1, Layers: map[string]quantise.Layer{
		"hidden": {Weights: []float64{1e-6, 0}, Bias: []float64{0, 1e6}},
		"delta":  {Steps: []float64{1e-6, 1e4}},
		"out":    {Weights: []float64{1, 0, 0, 1}, Bias: []float64{0, 0}},
	}})
	require.NoError(t, err)
	got, err := delta.NewDense(n).Step([]int32{5})
	require.NoError(t, err)
	require.InEpsilon(t, 1e6, n.Real(nil, got)[1], 0.01)
}

func parsed(t *testing.T, text, format string) *topology.Topology {
	t.Helper()
	top, err := topology.Parse(fmt.Appendf(nil, text, format), "")
	require.NoError(t, err)
	return top
}
