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
	require.Equal(t, [2][]int32{{12288, 17554}, {4096, 4096}}, p.Multiply)
	require.InDeltaSlice(t, []float64{0.1 / 4096, 0.07 / 4096}, out.unit, 1e-12)
	require.EqualValues(t, 17554*127+4096*1000, out.most)

	// Little room: a multiplier of 16 for one side.
	_, err = residual(p, tensor{[]float64{0.3}, 1e6}, tensor{[]float64{0.1}, 1e8})
	require.NoError(t, err)
	require.Equal(t, [2][]int32{{48}, {16}}, p.Multiply)

	_, err = residual(p, tensor{[]float64{1}, 5e8}, tensor{[]float64{0.7}, 5e8})
	require.ErrorContains(t, err, "come to one unit by no better than 30.0 %: expected a delta layer")
	_, err = residual(p, tensor{[]float64{1}, 2e9}, tensor{[]float64{1}, 2e9})
	require.ErrorContains(t, err, "expected a sum within 32 bits, or a delta layer")
}
