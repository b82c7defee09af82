package predict

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat"
)

// PanicPairs is the panic of correlations of lists of different lengths.
const PanicPairs = "predict: a correlation needs two lists of one length"

// Spearman is the rank correlation of pairs (x[i], y[i]), -1 to 1: Pearson's
// correlation of their ranks, equal values sharing the mean of theirs (C. Spearman,
// 1904). It is NaN where one of the lists has a NaN or nothing but equal values.
func Spearman(x, y []float64) float64 {
	if len(x) != len(y) {
		panic(PanicPairs)
	}
	if slices.ContainsFunc(x, math.IsNaN) || slices.ContainsFunc(y, math.IsNaN) || len(x) < 2 {
		return math.NaN()
	}
	return stat.Correlation(ranks(x), ranks(y), nil)
}

// ranks are the places of values in ascending order, from 0; equal values have the
// mean of their places.
func ranks(v []float64) []float64 {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	out := make([]float64, len(v))
	for first := 0; first < len(order); {
		end := first + 1
		for end < len(order) && v[order[end]] == v[order[first]] {
			end++
		}
		for _, i := range order[first:end] {
			out[i] = float64(first+end-1) / 2
		}
		first = end
	}
	return out
}

// Kendall is the rank correlation tau-b of pairs (x[i], y[i]), -1 to 1: the pairs of
// pairs in the same order less those in opposite orders, over the geometric mean of
// how many are not tied in x and how many are not in y (M. G. Kendall, 1945). It is
// NaN where one of the lists has a NaN or nothing but equal values. It takes time by
// the square of the length.
func Kendall(x, y []float64) float64 {
	if len(x) != len(y) {
		panic(PanicPairs)
	}
	if slices.ContainsFunc(x, math.IsNaN) || slices.ContainsFunc(y, math.IsNaN) {
		return math.NaN()
	}
	same, inX, inY := 0, 0, 0
	for i := range x {
		for j := range i {
			a, b := cmp.Compare(x[i], x[j]), cmp.Compare(y[i], y[j])
			same += a * b
			inX += a * a
			inY += b * b
		}
	}
	return float64(same) / math.Sqrt(float64(inX)*float64(inY))
}

// Interval is the middle share of what a correlation is over resamples of the pairs
// (x[i], y[i]), each as many pairs as there are, drawn with repetition: the percentile
// interval of B. Efron's bootstrap (1979). A resample without a correlation, being all
// ties, is drawn again, and after a hundred in a row the interval is NaN.
func Interval(x, y []float64, of func(x, y []float64) float64, share float64, resamples int, seed uint64) (low, high float64) {
	if len(x) != len(y) {
		panic(PanicPairs)
	}
	rng := rand.New(rand.NewPCG(seed, 0xb007))
	found := make([]float64, 0, resamples)
	a, b := make([]float64, len(x)), make([]float64, len(x))
	for failed := 0; len(x) > 0 && len(found) < resamples && failed < 100; {
		for i := range a {
			k := rng.IntN(len(x))
			a[i], b[i] = x[k], y[k]
		}
		if r := of(a, b); !math.IsNaN(r) {
			found = append(found, r)
			failed = 0
		} else {
			failed++
		}
	}
	if len(found) < max(resamples, 1) {
		return math.NaN(), math.NaN()
	}
	slices.Sort(found)
	return stat.Quantile((1-share)/2, stat.LinInterp, found, nil), stat.Quantile((1+share)/2, stat.LinInterp, found, nil)
}
