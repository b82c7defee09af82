package predict_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/predict"
)

func TestRankCorrelations(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct{ x, y, want []float64 }{
		"the same order":  {[]float64{1, 2, 3, 4}, []float64{-5, 0, 1e9, 2e9}, []float64{1, 1}},
		"the other order": {[]float64{1, 2, 3, 4}, []float64{9, 8, 7, -1}, []float64{-1, -1}},
		// Ranks 0 1 2 3 4 and 1 0 3 2 4: 1 - 6*4/(5*24); 8 pairs agree and 2 do not.
		"two swaps": {[]float64{1, 2, 3, 4, 5}, []float64{20, 10, 40, 30, 50}, []float64{0.8, 0.6}},
		// Ranks 0 1 2 3 and 0.5 0.5 2.5 2.5: 4/sqrt(5*4); 4 pairs agree, 2 are tied in y.
		"ties":      {[]float64{1, 2, 3, 4}, []float64{1, 1, 2, 2}, []float64{4 / math.Sqrt(20), 4 / math.Sqrt(24)}},
		"all equal": {[]float64{1, 2, 3}, []float64{5, 5, 5}, []float64{nan, nan}},
		"NaN":       {[]float64{1, nan, 3}, []float64{5, 6, 7}, []float64{nan, nan}},
		"one":       {[]float64{1}, []float64{1}, []float64{nan, nan}},
		"none":      {nil, nil, []float64{nan, nan}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, got := range []float64{predict.Spearman(c.x, c.y), predict.Kendall(c.x, c.y)} {
				if math.IsNaN(c.want[i]) {
					require.True(t, math.IsNaN(got), "%v", got)
				} else {
					require.InDelta(t, c.want[i], got, 1e-12)
				}
			}
		})
	}
	require.PanicsWithValue(t, predict.PanicPairs, func() { predict.Spearman([]float64{1}, nil) })
	require.PanicsWithValue(t, predict.PanicPairs, func() { predict.Kendall([]float64{1}, nil) })
	require.PanicsWithValue(t, predict.PanicPairs, func() { predict.Interval([]float64{1}, nil, predict.Kendall, 0.9, 10, 1) })
}

// Without ties both are what the textbooks' short forms say, and what gonum knows of
// them; what keeps the order changes nothing.
func TestRankCorrelationsWithoutTies(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 40).Draw(t, "n")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x, y := make([]float64, n), make([]float64, n)
		squares := 0.0
		for i, at := range rng.Perm(n) {
			x[i] = math.Exp(float64(i))
			y[i] = float64(at) - 7
			squares += float64((i - at) * (i - at))
		}
		require.InDelta(t, 1-6*squares/float64(n*(n*n-1)), predict.Spearman(x, y), 1e-9)
		require.InDelta(t, stat.Kendall(x, y, nil), predict.Kendall(x, y), 1e-9)
		require.InDelta(t, predict.Spearman(y, x), predict.Spearman(x, y), 1e-12)
	})
}

// The interval holds the correlation that the pairs were drawn with about as often as
// it says, and is the same for a seed.
func TestInterval(t *testing.T) {
	const sets, n = 200, 60
	// Of two normal numbers with correlation r, Spearman's is 6/pi*asin(r/2).
	const r = 0.7
	truth := 6 / math.Pi * math.Asin(r/2)
	rng := rand.New(rand.NewPCG(1, 2))
	held := 0
	for range sets {
		x, y := make([]float64, n), make([]float64, n)
		for i := range x {
			x[i] = rng.NormFloat64()
			y[i] = r*x[i] + math.Sqrt(1-r*r)*rng.NormFloat64()
		}
		low, high := predict.Interval(x, y, predict.Spearman, 0.9, 200, 1)
		require.Less(t, low, high)
		if low <= truth && truth <= high {
			held++
		}
		again, _ := predict.Interval(x, y, predict.Spearman, 0.9, 200, 1)
		require.Equal(t, low, again)
	}
	require.InDelta(t, 0.9, float64(held)/sets, 0.07)

	for _, x := range [][]float64{nil, {1}, {2, 2, 2}} {
		low, high := predict.Interval(x, slices.Clone(x), predict.Spearman, 0.9, 20, 1)
		require.True(t, math.IsNaN(low) && math.IsNaN(high))
	}
}
