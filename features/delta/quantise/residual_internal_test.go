package quantise

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/delta"
)

// Both sides of an addition come to one unit as closely as 32 bits allow, or not at all.
func TestResidual(t *testing.T) {
	p := new(delta.Params)
	out, err := residual(p, tensor{[]float64{0.3}, 127}, tensor{[]float64{0.1, 0.07}, 1000})
	require.NoError(t, err)
	require.Equal(t, [2][]int32{{3072, 4389}, {1024, 1024}}, p.Multiply)
	require.InDeltaSlice(t, []float64{0.1 / 1024, 0.07 / 1024}, out.unit, 1e-12)
	require.EqualValues(t, 4389*127+1024*1000, out.most)

	// Little room: a multiplier of 8 for one side.
	_, err = residual(p, tensor{[]float64{0.31}, 1e6}, tensor{[]float64{0.1}, 1e8})
	require.NoError(t, err)
	require.Equal(t, [2][]int32{{25}, {8}}, p.Multiply)

	// Units that are the same cost nothing, however many additions follow each other.
	_, err = residual(p, tensor{[]float64{0.3}, 1e9}, tensor{[]float64{0.3}, 1e9})
	require.NoError(t, err)
	require.Equal(t, [2][]int32{{1}, {1}}, p.Multiply)

	_, err = residual(p, tensor{[]float64{1}, 5e8}, tensor{[]float64{0.7}, 5e8})
	require.ErrorContains(t, err, "come to one unit by no better than 30.0 %: expected a delta layer")
	_, err = residual(p, tensor{[]float64{1}, 2e9}, tensor{[]float64{1}, 2e9})
	require.ErrorContains(t, err, "expected a sum within 32 bits, or a delta layer")
}
