package sensor

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.OneOf(rapid.Float64Range(0x1p-1022, 2), rapid.Float64Range(0.5, math.MaxFloat64)).Draw(t, "x")
		want := math.Log(x)
		require.InDelta(t, want, ln(x), 1e-15*math.Abs(want)+2e-16)
	})
	require.Zero(t, ln(1))
	require.InEpsilon(t, -1074*math.Ln2, ln(math.SmallestNonzeroFloat64), 1e-15)
}

func TestLevel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := float32(math.Exp(rapid.Float64Range(math.Log(MinDark), math.Log(2*MaxLuminance)).Draw(t, "log")))
		require.InDelta(t, math.Log(float64(x))*levelOne, level(x), 1.1)
	})
	require.Zero(t, level(1))
}

func TestGauss(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const n = 200000
	var mean, variance float64
	beyond := 0
	for range n {
		v := gauss(rng)
		mean += v / n
		variance += v * v / n
		if math.Abs(v) > 2 {
			beyond++
		}
	}
	require.InDelta(t, 0, mean, 0.01)
	require.InDelta(t, 1, variance, 0.02)
	require.InDelta(t, 0.0455, float64(beyond)/n, 0.003)
}
