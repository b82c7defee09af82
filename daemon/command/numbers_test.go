package command

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestRatio(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.0208333: "0.0208", 0.00008138: "0.0000814", 1.25: "1.25", 1: "1.00", 0.09996: "0.100", 0.9999: "1.00",
		99.96: "100", 1250.4: "1250", -0.5: "-0.500", 1e-30: "0.000000000000", math.Inf(1): "+Inf",
	} {
		require.Equal(t, want, ratio(v), "%g", v)
	}
	require.Equal(t, "NaN", ratio(math.NaN()))
	// Nothing of a size that occurs is off by more than half a unit of the third digit.
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.Float64Range(1e-9, 1e6).Draw(t, "v")
		back, err := strconv.ParseFloat(ratio(v), 64)
		require.NoError(t, err)
		require.InEpsilon(t, v, back, 0.0051)
	})
}
