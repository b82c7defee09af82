package quantise_test

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// Weights of which the sums would leave 32 bits get a coarser unit, and weights that
// are all zero some unit.
func TestSumsFit(t *testing.T) {
	top, err := topology.Parse([]byte(`
input: {channels: 5000, max: 32767}
layers:
  - {name: out, type: linear, out: 3, weights: int16}
`), "")
	require.NoError(t, err)
	p := quantise.Params{Input: 1, Layers: map[string]quantise.Layer{"out": {Weights: make([]float64, 15000), Bias: []float64{1, -1, 0}}}}
	for i := range 5000 {
		p.Layers["out"].Weights[i] = 1
		p.Layers["out"].Weights[5000+i] = -1
	}
	n, _, err := quantise.Quantise(top, p)
	require.NoError(t, err)
	require.Less(t, n.Bounds(0).Max, int64(1<<31))
	require.Greater(t, n.Bounds(0).Max, int64(1<<29), "not coarser than it must be")
	for i := range p.Layers["out"].Weights {
		p.Layers["out"].Weights[i] = 0
	}
	clear(p.Layers["out"].Bias)
	_, _, err = quantise.Quantise(top, p)
	require.NoError(t, err)
}

func TestParamsRefused(t *testing.T) {
	top, good, inputs := calibrated(t, "mlp", topology.Int8, 1)
	refused := func(name, says string, change func(l *quantise.Layer)) {
		t.Helper()
		p := quantise.Params{Input: good.Input, Layers: map[string]quantise.Layer{}}
		for name, l := range good.Layers {
			p.Layers[name] = quantise.Layer{Weights: slices.Clone(l.Weights), Bias: slices.Clone(l.Bias), Steps: slices.Clone(l.Steps)}
		}
		l := p.Layers[name]
		change(&l)
		p.Layers[name] = l
		_, _, err := quantise.Quantise(top, p)
		require.ErrorContains(t, err, says)
	}
	refused("hidden", "quantise: layer hidden: expected 1200 weights, found 1199", func(l *quantise.Layer) { l.Weights = l.Weights[1:] })
	refused("hidden", "layer hidden: expected 30 biases, found 0", func(l *quantise.Layer) { l.Bias = nil })
	refused("delta2", "layer delta2: expected 20 steps, found 0", func(l *quantise.Layer) { l.Steps = nil })
	refused("delta2", "layer delta2: steps: value 3: found 0", func(l *quantise.Layer) { l.Steps[3] = 0 })
	refused("out", "layer out: weights: value 9: found NaN", func(l *quantise.Layer) { l.Weights[9] = math.NaN() })
	refused("relu", "layer relu: bound: expected a number from 0, of a cut only, found 1", func(l *quantise.Layer) { l.Bound = 1 })
	refused("relu", "layer relu: expected 0 biases, found 1", func(l *quantise.Layer) { l.Bias = []float64{1} })
	refused("other", "layer other: there is none of that name", func(l *quantise.Layer) { l.Bias = []float64{1} })
	refused("delta", "layer delta: step 1e-20, of sums in units of", func(l *quantise.Layer) { l.Steps[0] = 1e-20 })
	_, _, err := quantise.Quantise(top, quantise.Params{})
	require.ErrorContains(t, err, "the worth of the input's levels")

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = quantise.Calibrate(ctx, top, good, slices.Values(inputs))
	require.ErrorIs(t, err, context.Canceled)
	_, err = quantise.Calibrate(t.Context(), top, random(t, top, rand.New(rand.NewPCG(1, 1))), slices.Values([][]int32{}))
	require.ErrorContains(t, err, "expected frames to calibrate with")
}
