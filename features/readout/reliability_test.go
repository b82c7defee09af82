package readout

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReliability(t *testing.T) {
	var r Reliability
	require.True(t, math.IsNaN(r.ECE()))
	require.Empty(t, r.Bins())
	r.Add(0.75, true)
	r.Add(0.79, false)
	r.Add(1, true)
	require.Equal(t, []ReliabilityBin{
		{Low: 0.7, High: 0.8, Decisions: 2, Confidence: 0.77, Accuracy: 0.5},
		{Low: 0.9, High: 1, Decisions: 1, Confidence: 1, Accuracy: 1},
	}, r.Bins())
	require.InDelta(t, 2.0/3*(0.77-0.5), r.ECE(), 1e-12)
	require.InDelta(t, 2.0/3, r.Accuracy(), 1e-12)
	require.InDelta(t, 2.54/3, r.Confidence(), 1e-12)
	n, right := r.Total()
	require.Equal(t, []int{3, 2}, []int{n, right})
	require.Equal(t, "  confidence   mean   right  decisions\n"+
		"  0.7 to 0.8  0.770  0.500          2\n  0.9 to 1.0  1.000  1.000          1\n", r.String())

	// No number leaves the table.
	for _, c := range []float64{math.NaN(), -1, 2, math.Inf(1), math.Inf(-1)} {
		r.Add(c, true)
	}
	n, _ = r.Total()
	require.Equal(t, 8, n)
	require.False(t, math.IsNaN(r.ECE()))
}

// Confidences that are right on average have next to no error, and those that are
// too sure by a tenth have one of a tenth.
func TestECEIsTheErrorOfCalibration(t *testing.T) {
	for _, by := range []float64{0, 0.1} {
		var r Reliability
		rng := rand.New(rand.NewPCG(1, 2))
		for range 100_000 {
			p := 0.9 * rng.Float64()
			r.Add(p+by, rng.Float64() < p)
		}
		require.InDelta(t, by, r.ECE(), 0.01)
	}
}
