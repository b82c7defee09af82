package train

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Bounds are found between those that were measured, and no error allowed means none.
func TestBounded(t *testing.T) {
	curves := []cutCurve{{name: "a", bounds: []float64{0, 1, 2, 4}, errors: []float64{0, 0, 0.1, 0.5}, values: []float64{0.5, 1, 1, 3}}}
	for relative, bound := range map[float64]float64{0: 1, 0.05: 1.5, 0.1: 2, 0.3: 3, 0.5: 4, 1: 4} {
		p := bounded(quantise.Params{Input: 1, Layers: map[string]quantise.Layer{"b": {Bias: []float64{1}}}}, curves, relative)
		require.InDelta(t, bound, p.Layers["a"].Bound, 1e-9, "%v", relative)
		require.Len(t, p.Layers, 2)
	}
	for bound, share := range map[float64]float64{0: 0, 0.5: 0, 0.6: 0.25, 1: 0.25, 1.1: 0.75, 3: 0.75, 4: 1} {
		require.InDelta(t, share, curves[0].below(bound), 1e-12, "%v", bound)
	}
	require.InDelta(t, (0.5+0)/2, relativeError([][]float64{{3, 1}, {1, 1}}, [][]float64{{2, 1}, {1, 1}}, []float64{1, 1}), 1e-12)
}

// What is behind a cut is what its values are multiplied by, on every way there.
func TestWeightedBehind(t *testing.T) {
	top, err := topology.Parse([]byte(`
input: {channels: 2, height: 4, width: 4, max: 3}
layers:
  - {name: cut, type: cut}
  - {name: a, type: conv2d, out: 2, kernel: 1}
  - {name: sum, type: add, with: cut}
  - {name: relu, type: relu}
  - {name: b, type: conv2d, out: 2, kernel: 1}
  - {name: flat, type: flatten}
  - {name: last, type: cut}
`), "")
	require.NoError(t, err)
	g, err := top.Resolve()
	require.NoError(t, err)
	require.Equal(t, []int{2, 5}, weightedBehind(g, 1))
	require.Empty(t, weightedBehind(g, 7))
	_, err = cutCurves(t.Context(), g, quantise.Params{Input: 1, Layers: map[string]quantise.Layer{
		"a": {Weights: make([]float64, 4), Bias: make([]float64, 2)}, "b": {Weights: make([]float64, 4), Bias: make([]float64, 2)},
	}}, [][]int32{make([]int32, 32)}, func() {})
	require.ErrorContains(t, err, "layer last: expected a layer with weights behind the cut")
}
