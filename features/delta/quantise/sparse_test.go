package quantise_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/quantise"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// A cut leaves out the levels whose real values are below its bound, and keeps the level
// that lies on it, however its step and the bound round.
func TestCutOfLevels(t *testing.T) {
	top, err := topology.Parse([]byte("input: {channels: 400, min: -200, max: 200}\nlayers: [{name: cut, type: cut}]"), "")
	require.NoError(t, err)
	input := make([]int32, 400)
	for i := range input {
		input[i] = int32(i - 200)
	}
	rapid.Check(t, func(t *rapid.T) {
		step := rapid.Float64Range(1e-9, 1e9).Draw(t, "step")
		level := rapid.IntRange(0, 210).Draw(t, "level")
		above := rapid.SampledFrom([]float64{0, 1e-6, 0.5, 0.999}).Draw(t, "above")
		p := quantise.Params{Input: step, Layers: map[string]quantise.Layer{"cut": {Bound: (float64(level) + above) * step}}}
		n, rounded, err := quantise.Quantise(top, p)
		require.NoError(t, err)
		got, err := delta.NewDense(n).Step(input)
		require.NoError(t, err)
		r, err := quantise.NewReference(top, rounded)
		require.NoError(t, err)
		want, err := r.Step(input)
		require.NoError(t, err)
		for i, v := range input {
			kept := max(v, -v) > int32(level) || max(v, -v) == int32(level) && above == 0
			require.Equal(t, kept && v != 0, got[i] != 0, "%d of a bound of level %d + %v", v, level, above)
			require.Equal(t, float64(got[i])*step, want[i])
		}
	})
}
