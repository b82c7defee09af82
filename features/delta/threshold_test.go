package delta_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
	"github.com/saccade-dev/saccade/features/delta/topology"
)

// What a threshold delta sends is never more than the threshold away from what it is
// given, however slowly that drifts and for however long; what it sends in a step is
// always more than the threshold.
func TestThresholdIsABound(t *testing.T) {
	top, err := topology.Parse([]byte(`
input: {channels: 3, min: -3000, max: 3000}
layers:
  - {name: held, type: threshold, threshold: 9, levels: 32767}
`), "")
	require.NoError(t, err)
	r, err := delta.NewRequant(1)
	require.NoError(t, err)
	n, err := delta.New(top, []delta.Params{{Requant: []delta.Requant{r}}}, one())
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		e := engine(t, n)
		input, before := make([]int32, 3), make([]int32, 3)
		// Drifts of a unit a step, each of which is below the threshold.
		drift := rapid.SliceOfN(rapid.Int32Range(-12, 12), 3, 3).Draw(t, "drift")
		for range rapid.IntRange(1, 200).Draw(t, "steps") {
			for i := range input {
				input[i] += drift[i]
			}
			out, err := e.Step(input)
			require.NoError(t, err)
			for i, v := range out {
				require.LessOrEqual(t, max(input[i]-v, v-input[i]), int32(9))
				if v != before[i] {
					require.Greater(t, max(v-before[i], before[i]-v), int32(9))
				}
			}
			copy(before, out)
		}
	})
}
