package delta_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/delta"
)

// Requantisation is the rounding of the exact product, halves upwards, and nothing on
// the way overflows.
func TestRequantRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ratio := math.Ldexp(rapid.Float64Range(1, 2).Draw(t, "mantissa"), rapid.IntRange(-31, 28).Draw(t, "exponent"))
		r, err := delta.NewRequant(ratio)
		require.NoError(t, err)
		require.InEpsilon(t, ratio, r.Ratio(), 1.0/(1<<30))
		v := rapid.OneOf(rapid.Int32(), rapid.SampledFrom([]int32{math.MinInt32, math.MaxInt32, 0, 1, -1})).Draw(t, "v")
		exact := new(big.Int).Mul(big.NewInt(int64(v)), big.NewInt(int64(r.Mul)))
		exact.Add(exact, new(big.Int).Lsh(big.NewInt(1), uint(r.Shift)-1))
		exact.Rsh(exact, uint(r.Shift)) // of a big.Int it rounds down
		require.Equal(t, exact.Int64(), r.Level(v))
	})
	for _, ratio := range []float64{0, -1, math.NaN(), math.Inf(1), 1 << 30, 0x1p-32} {
		_, err := delta.NewRequant(ratio)
		require.Error(t, err, ratio)
	}
	r, err := delta.NewRequant(0.5)
	require.NoError(t, err)
	for v, want := range map[int32]int64{0: 0, 1: 1, -1: 0, 2: 1, -2: -1, 3: 2, -3: -1} {
		require.Equal(t, want, r.Level(v), v)
	}
	r, err = delta.NewRequant(math.Nextafter(1<<30, 0))
	require.NoError(t, err)
	require.Equal(t, delta.Requant{Mul: math.MaxInt32, Shift: 1}, r)
}
