package readout

import (
	"context"
	"encoding/json"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

var both = []Method{Ridge, Logistic}

// nuisance adds to every row strong noise along a few directions that all share:
// too large a lambda cannot tell it from the classes.
func nuisance(d Data) Data {
	r := rand.New(rand.NewPCG(99, 99))
	dim := len(d.Rows[0])
	directions := make([]float64, 5*dim)
	for i := range directions {
		directions[i] = r.NormFloat64()
	}
	for _, row := range d.Rows {
		for k := range 5 {
			strength := 5 * r.NormFloat64()
			for j := range row {
				row[j] += float32(strength * directions[k*dim+j])
			}
		}
	}
	return d
}

func TestCrossValidationChoosesASensibleLambda(t *testing.T) {
	// With about as many samples as columns the smallest lambdas overfit.
	d := nuisance(blobs(1, 2120, 96, 3, 3))
	fresh := Data{Rows: d.Rows[120:], Labels: d.Labels[120:]}
	d = Data{Rows: d.Rows[:120], Labels: d.Labels[:120]}
	for _, method := range both {
		m, r, err := Train(t.Context(), d, Options{Method: method, Seed: 3})
		require.NoError(t, err)
		require.Equal(t, 5, r.Folds)
		require.Empty(t, r.Notes, "%s", r)
		require.False(t, r.AtEdge)
		best := r.Grid[r.Chosen]
		require.Greater(t, best.Accuracy, r.Grid[0].Accuracy+0.01, "%s", r)
		require.Greater(t, best.Accuracy, r.Grid[len(r.Grid)-1].Accuracy+0.05, "%s", r)
		require.Positive(t, best.Std)
		requireSameBits(t, r.Lambda, m.Lambda())
		requireSameBits(t, r.InverseTemperature, m.Parameters().InverseTemperature)
		require.Less(t, r.LogLoss, math.Log(3)/2)

		require.Equal(t, best.Correct, r.Confusion.Correct())
		require.Equal(t, len(d.Rows), r.Confusion.Total())
		right := 0
		for i, c := range r.OutOfFold {
			if r.Classes[c] == d.Labels[i] {
				right++
			}
		}
		require.Equal(t, best.Correct, right)

		c, err := Evaluate(m, fresh)
		require.NoError(t, err)
		require.InDelta(t, best.Accuracy, c.Accuracy(), 0.08)
	}
}

// The honest measure: labels without any relation to the rows are guessed at chance.
func TestHeldOutSamplesAreHeldOut(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	var d Data
	for range 200 {
		row := make([]float32, 300)
		for j := range row {
			row[j] = float32(r.NormFloat64())
		}
		d.Rows, d.Labels = append(d.Rows, row), append(d.Labels, string(rune('a'+r.IntN(2))))
	}
	for _, method := range both {
		_, report, err := Train(t.Context(), d, Options{Method: method, Lambdas: []float64{1}})
		require.NoError(t, err)
		require.InDelta(t, 0.5, report.Grid[0].Accuracy, 0.12)
		require.False(t, report.AtEdge) // a grid of one has no edge
	}
}

func TestTiesGoToTheLargerLambdaAndEdgesAreTold(t *testing.T) {
	d := blobs(2, 40, 10, 2, 0.01) // separable at any lambda
	_, r, err := Train(t.Context(), d, Options{Lambdas: []float64{1e-3, 1e-1, 1e-2, 1e-2}})
	require.NoError(t, err)
	require.Len(t, r.Grid, 3)
	requireSameBits(t, 0.1, r.Lambda)
	require.True(t, r.AtEdge)
	require.Contains(t, r.Notes[0], "edge of the grid")
	require.Contains(t, r.String(), "*        0.1   100.00%")
}

func TestAPointWithoutSolutionIsNeverChosen(t *testing.T) {
	r := &Report{Grid: []Point{{Lambda: 1, Correct: 9, Failed: true}, {Lambda: 2, Correct: 5}, {Lambda: 3, Correct: 4}}}
	require.NoError(t, r.choose())
	require.Equal(t, 1, r.Chosen)
	r = &Report{Grid: []Point{{Lambda: 1, Failed: true}}}
	require.ErrorContains(t, r.choose(), "no lambda")
}

func TestSmallClasses(t *testing.T) {
	d := blobs(3, 40, 5, 2, 1)
	d.Rows, d.Labels = append(d.Rows, d.Rows[:3]...), append(d.Labels, "rare", "rare", "rare")
	_, r, err := Train(t.Context(), d, Options{})
	require.NoError(t, err)
	require.Equal(t, 3, r.Folds)
	require.Contains(t, r.Notes[0], `class "rare" has only 3 samples: 3 folds instead of 5`)

	d.Labels[len(d.Labels)-1], d.Labels[len(d.Labels)-2] = "a", "a"
	_, _, err = Train(t.Context(), d, Options{})
	require.ErrorContains(t, err, `class "rare" has one sample`)
}

func TestWhatCannotBeLearnedFrom(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(-1))
	for want, d := range map[string]Data{
		"no samples":                      {},
		"2 rows but 1 labels":             {Rows: [][]float32{{1}, {2}}, Labels: []string{"a"}},
		"1 different classes":             {Rows: [][]float32{{1}, {2}}, Labels: []string{"a", "a"}},
		"rows of length 0":                {Rows: [][]float32{{}, {}}, Labels: []string{"a", "b"}},
		"row 1: readout: not a vector":    {Rows: [][]float32{{1}, {2, 3}}, Labels: []string{"a", "b"}},
		"expected length 1, found 2":      {Rows: [][]float32{{1}, {2, 3}}, Labels: []string{"a", "b"}},
		"entry 1 is NaN":                  {Rows: [][]float32{{1, 2}, {2, nan}}, Labels: []string{"a", "b"}},
		"entry 0 is -Inf":                 {Rows: [][]float32{{1, 2}, {inf, 1}}, Labels: []string{"a", "b"}},
		"all rows are equal":              {Rows: [][]float32{{1}, {1}, {1}, {1}}, Labels: []string{"a", "b", "a", "b"}},
		`class name "": expected 1 to 25`: {Rows: [][]float32{{1}, {2}}, Labels: []string{"", "b"}},
	} {
		_, _, err := Train(t.Context(), d, Options{})
		require.ErrorContains(t, err, want)
	}
	d := blobs(1, 10, 2, 2, 1)
	for want, o := range map[string]Options{
		"unknown method":     {Method: "svm"},
		"1 folds":            {Folds: 1},
		"-1 workers":         {Workers: -1},
		"lambda 0: expected": {Lambdas: []float64{1, 0}},
		"lambda NaN":         {Lambdas: []float64{math.NaN()}},
		"lambda +Inf":        {Lambdas: []float64{math.Inf(1)}},
		"grid of 1001":       {Lambdas: LogGrid(1, 2, 1001)},
	} {
		_, _, err := Train(t.Context(), d, o)
		require.ErrorContains(t, err, want)
	}
}

func TestResultDoesNotDependOnScheduling(t *testing.T) {
	d := blobs(9, 150, 90, 4, 3)
	for _, method := range both {
		var model, report []byte
		for _, procs := range []int{1, 4} {
			for _, workers := range []int{1, 3} {
				old := runtime.GOMAXPROCS(procs)
				m, r, err := Train(t.Context(), d, Options{Method: method, Workers: workers, Seed: 2})
				runtime.GOMAXPROCS(old)
				require.NoError(t, err)
				gotModel, err := m.MarshalBinary()
				require.NoError(t, err)
				gotReport, err := json.Marshal(r)
				require.NoError(t, err)
				if model == nil {
					model, report = gotModel, gotReport
				}
				require.Equal(t, model, gotModel)
				require.JSONEq(t, string(report), string(gotReport))
			}
		}
	}
}

func TestCancelledTrainingStops(t *testing.T) {
	defer goleak.VerifyNone(t)
	d := blobs(9, 100, 40, 2, 3)
	for _, method := range both {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		o := Options{Method: method, Workers: 2, Progress: func(int, int) { calls++; cancel() }}
		_, _, err := Train(ctx, d, o)
		require.ErrorIs(t, err, context.Canceled)
		require.Less(t, calls, 5)
		calls = 0
		_, _, err = Train(ctx, d, o) // cancelled from the start
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, calls)
	}
}

func TestProgressReachesItsTotal(t *testing.T) {
	var seen []int
	_, _, err := Train(t.Context(), blobs(9, 50, 10, 2, 3), Options{Folds: 3, Workers: 3, Progress: func(done, total int) {
		require.Equal(t, 61, total)
		seen = append(seen, done)
	}})
	require.NoError(t, err)
	require.Equal(t, []int{20, 40, 60, 61}, seen)
}

func TestFoldsAreStratified(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 7).Draw(t, "folds")
		counts := rapid.SliceOfN(rapid.IntRange(k, 30), 2, 6).Draw(t, "class sizes")
		s := &samples{classes: make([]string, len(counts))}
		for c, n := range counts {
			s.y = append(s.y, slices.Repeat([]int{c}, n)...)
		}
		fold := stratify(s, k, rapid.Uint64().Draw(t, "seed"))
		all, of := make([]int, k), make([][]int, len(counts))
		for i, f := range fold {
			if of[s.y[i]] == nil {
				of[s.y[i]] = make([]int, k)
			}
			all[f]++
			of[s.y[i]][f]++
		}
		for _, sizes := range append(of, all) {
			require.LessOrEqual(t, slices.Max(sizes)-slices.Min(sizes), 1)
		}
	})
}

func TestSeedDecidesTheFolds(t *testing.T) {
	s := &samples{classes: make([]string, 1), y: make([]int, 100)}
	first := stratify(s, 5, 1)
	require.Equal(t, first, stratify(s, 5, 1))
	require.NotEqual(t, first, stratify(s, 5, 2))
}

func TestLogGrid(t *testing.T) {
	require.InDeltaSlice(t, []float64{0.01, 0.1, 1, 10}, LogGrid(0.01, 10, 4), 1e-12)
	require.Equal(t, []float64{3}, LogGrid(3, 9, 1))
}

func TestTemperatureIsThatOfTheScores(t *testing.T) {
	// Labels drawn from softmax(z); scores are z/4, so beta must be near 4.
	r := rand.New(rand.NewPCG(1, 9))
	const n, classes = 20000, 3
	scores, y := make([]float64, n*classes), make([]int, n)
	p := make([]float64, classes)
	for i := range n {
		for c := range p {
			p[c] = 2 * r.NormFloat64()
			scores[i*classes+c] = p[c] / 4
		}
		softmax(p, 1)
		for u := r.Float64(); u > p[y[i]] && y[i] < classes-1; y[i]++ {
			u -= p[y[i]]
		}
	}
	beta, loss := calibrate(scores, y, classes)
	require.InDelta(t, 4, beta, 0.15)
	for _, other := range []float64{0.9 * beta, 1.1 * beta} {
		worse := 0.0
		for i, c := range y {
			copy(p, scores[i*classes:])
			softmax(p, other)
			worse -= math.Log(p[c]) / n
		}
		require.Less(t, loss, worse)
	}

	// Scores that are always right have no finite best temperature: smoothing gives one.
	beta, loss = calibrate([]float64{1, 0, 0, 1, 1, 0, 0, 1}, []int{0, 1, 0, 1}, 2)
	require.InDelta(t, math.Log(9), beta, 1e-4) // p = 1 - 1/(4+1)/2 = 0.9
	require.InDelta(t, -math.Log(0.9), loss, 1e-4)

	// Scores that mislead are not believed at all.
	beta, loss = calibrate([]float64{0, 1, 1, 0}, []int{0, 1}, 2)
	require.Zero(t, beta)
	require.InDelta(t, math.Log(2), loss, 1e-12)
}

func BenchmarkRidgeCrossValidation(b *testing.B) {
	d := blobs(1, 800, 1568, 10, 8)
	for b.Loop() {
		_, _, err := Train(b.Context(), d, Options{})
		require.NoError(b, err)
	}
}

func BenchmarkLogisticCrossValidation(b *testing.B) {
	d := blobs(1, 800, 196, 10, 3)
	for b.Loop() {
		_, _, err := Train(b.Context(), d, Options{Method: Logistic})
		require.NoError(b, err)
	}
}
