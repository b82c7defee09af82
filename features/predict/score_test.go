package predict_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/features/predict"
)

// clouds draws n patterns of length d, in classes whose centroids are apart by about
// so many standard deviations.
func clouds(n, d, classes int, apart float64, seed uint64) predict.Patterns {
	rng := rand.New(rand.NewPCG(seed, 3))
	centroids := make([][]float64, classes)
	for c := range centroids {
		for range d {
			centroids[c] = append(centroids[c], apart*rng.NormFloat64()/math.Sqrt(2*float64(d)))
		}
	}
	var p predict.Patterns
	for i := range n {
		row := make([]float32, d)
		for j := range row {
			row[j] = float32(centroids[i%classes][j] + rng.NormFloat64())
		}
		p.Rows, p.Labels = append(p.Rows, row), append(p.Labels, fmt.Sprintf("class %02d", i%classes))
	}
	return p
}

func score(t require.TestingT, p predict.Patterns) predict.Score {
	s, err := predict.Of(context.Background(), p)
	require.NoError(t, err)
	return s
}

// byDefinition is the score as doc.go says it: with the metric as a matrix, and every
// centroid without the pattern as a mean of its own.
func byDefinition(p predict.Patterns) (separability, plain, pairs float64) {
	n, d := len(p.Rows), len(p.Rows[0])
	classes := slices.Compact(slices.Sorted(slices.Values(p.Labels)))
	mean := func(label string, without int) *mat.VecDense {
		m, k := mat.NewVecDense(d, nil), 0.0
		for i, row := range p.Rows {
			if p.Labels[i] == label && i != without {
				for j, x := range row {
					m.SetVec(j, m.AtVec(j)+float64(x))
				}
				k++
			}
		}
		m.ScaleVec(1/k, m)
		return m
	}
	within := mat.NewSymDense(d, nil)
	rows := make([]*mat.VecDense, n)
	for i, row := range p.Rows {
		rows[i] = mat.NewVecDense(d, nil)
		for j, x := range row {
			rows[i].SetVec(j, float64(x))
		}
		var z mat.VecDense
		z.SubVec(rows[i], mean(p.Labels[i], -1))
		within.SymRankOne(within, 1, &z)
	}
	lambda := predict.Shrinkage * mat.Trace(within) / float64(min(n, d))
	for j := range d {
		within.SetSym(j, j, within.At(j, j)+lambda)
	}
	identity := mat.NewDiagDense(d, nil)
	for j := range d {
		identity.SetDiag(j, 1)
	}
	var inverse mat.Dense
	if err := inverse.Inverse(within); err != nil {
		panic(err)
	}
	of := func(metric mat.Matrix) (least, between float64) {
		var nearest []float64
		margins := map[[2]string][]float64{}
		for i := range n {
			own, best := mean(p.Labels[i], i), math.Inf(1)
			for _, c := range classes {
				if c == p.Labels[i] {
					continue
				}
				var middle, across mat.VecDense
				other := mean(c, -1)
				middle.AddScaledVec(own, 1, other)
				middle.AddScaledVec(rows[i], -0.5, &middle)
				across.SubVec(own, other)
				m := mat.Inner(&middle, metric, &across)
				margins[[2]string{p.Labels[i], c}] = append(margins[[2]string{p.Labels[i], c}], m)
				best = min(best, m)
			}
			nearest = append(nearest, best)
		}
		for _, m := range margins {
			mean, std := stat.MeanStdDev(m, nil)
			between += mean / std / float64(len(margins))
		}
		mean, std := stat.MeanStdDev(nearest, nil)
		return mean / std, between
	}
	plain, _ = of(identity)
	separability, pairs = of(&inverse)
	return separability, plain, pairs
}

func TestScoreIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		classes := rapid.IntRange(2, 4).Draw(t, "classes")
		n := classes * rapid.IntRange(3, 6).Draw(t, "patterns of a class")
		p := clouds(n, rapid.IntRange(2, 30).Draw(t, "dim"), classes, rapid.Float64Range(0, 6).Draw(t, "apart"), rapid.Uint64().Draw(t, "seed"))
		separability, plain, pairs := byDefinition(p)
		s := score(t, p)
		require.InDelta(t, separability, s.Separability, 1e-6*(1+math.Abs(separability)))
		require.InDelta(t, plain, s.Plain, 1e-6*(1+math.Abs(plain)))
		require.InDelta(t, pairs, s.Pairs, 1e-6*(1+math.Abs(pairs)))
	})
}

// Patterns that are longer than the blocks in which they are multiplied.
func TestLongPatterns(t *testing.T) {
	p := clouds(12, 1100, 2, 30, 1)
	_, plain, _ := byDefinition(clouds(12, 1100, 2, 30, 1))
	require.InDelta(t, plain, score(t, p).Plain, 1e-6)
}

// Neither where patterns are nor how large, nor their order, nor the names of classes
// make a difference.
func TestScoreIsOfTheShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := clouds(24, rapid.IntRange(1, 40).Draw(t, "dim"), 3, rapid.Float64Range(0, 5).Draw(t, "apart"), rapid.Uint64().Draw(t, "seed"))
		want := score(t, p)
		// By powers of two, so that float32 rounds alike.
		scale := float32(math.Ldexp(1, rapid.IntRange(-40, 40).Draw(t, "scale")))
		rng := rand.New(rand.NewPCG(1, 1))
		var moved predict.Patterns
		for _, i := range rng.Perm(len(p.Rows)) {
			row := slices.Clone(p.Rows[i])
			for j := range row {
				row[j] *= scale
			}
			moved.Rows, moved.Labels = append(moved.Rows, row), append(moved.Labels, "another "+p.Labels[i])
		}
		got := score(t, moved)
		require.InDelta(t, want.Separability, got.Separability, 1e-9*(1+math.Abs(want.Separability)))
		require.InDelta(t, want.Plain, got.Plain, 1e-9*(1+math.Abs(want.Plain)))
		require.InDelta(t, want.Scatter, got.Scatter, 1e-9*(1+math.Abs(want.Scatter)))
		require.Equal(t, "another "+want.Hardest.Is, got.Hardest.Is)
	})
}

func TestPlaceMakesNoDifference(t *testing.T) {
	p := clouds(60, 20, 3, 3, 1)
	for _, row := range p.Rows {
		for j := range row {
			row[j] = float32(math.Round(float64(row[j]) * 64)) // so that moving rounds nothing
		}
	}
	want := score(t, p)
	for _, row := range p.Rows {
		for j := range row {
			row[j] += 4096
		}
	}
	require.InDelta(t, want.Separability, score(t, p).Separability, 1e-9)
}

// Classes that are farther apart score more, and classes that are none score less than
// nothing: a pattern is farther from a centroid that was made without it.
func TestScoreGrowsWithTheDistance(t *testing.T) {
	last := predict.Score{Separability: math.Inf(-1), Plain: math.Inf(-1), Scatter: math.Inf(-1)}
	for _, apart := range []float64{0, 2, 4, 8, 16} {
		s := score(t, clouds(200, 300, 5, apart, 7))
		require.Greater(t, s.Separability, last.Separability)
		require.Greater(t, s.Plain, last.Plain)
		require.Greater(t, s.Scatter, last.Scatter)
		if apart == 0 {
			require.Negative(t, s.Separability)
			require.InDelta(t, 0, s.Scatter, 0.02)
		}
		last = s
	}
}

// What varies within all classes in a direction of its own takes less from the score
// than from that in the patterns' own space: that is what the metric is for.
func TestMetricShortensWhatVariesAnyway(t *testing.T) {
	p := clouds(200, 50, 4, 6, 3)
	before := score(t, p)
	rng := rand.New(rand.NewPCG(9, 9))
	for _, row := range p.Rows {
		common := 12 * rng.NormFloat64()
		for j := range row {
			row[j] += float32(common / math.Sqrt(50))
		}
	}
	after := score(t, p)
	require.Less(t, after.Plain, 0.5*before.Plain)
	require.Greater(t, after.Separability, 0.8*before.Separability)
}

func TestHardestPair(t *testing.T) {
	p := clouds(120, 10, 4, 0, 5)
	for i, row := range p.Rows {
		row[0] += []float32{-100, 0, 4, 100}[i%4] // classes 1 and 2 are neighbours
	}
	s := score(t, p)
	require.ElementsMatch(t, []string{"class 01", "class 02"}, []string{s.Hardest.Is, s.Hardest.Like})
	require.Less(t, s.Hardest.Spreads, s.Pairs)
}

func TestPatternsWithoutSpread(t *testing.T) {
	alike := predict.Patterns{Labels: []string{"a", "b", "a", "b"}}
	apart := alike
	for _, label := range alike.Labels {
		alike.Rows = append(alike.Rows, []float32{0.1, 0.3, 7.7})
		apart.Rows = append(apart.Rows, []float32{0.1, float32(label[0]), 1.0 / 3})
	}
	s := score(t, alike)
	require.Zero(t, s.Separability)
	require.Zero(t, s.Plain)
	require.Zero(t, s.Scatter)
	s = score(t, apart)
	require.Equal(t, float64(predict.MaxScore), s.Separability)
	require.Equal(t, float64(predict.MaxScore), s.Scatter)
}

func TestScoreOnAnyNumberOfCores(t *testing.T) {
	p := clouds(150, 700, 5, 3, 1)
	want := score(t, p)
	for _, cores := range []int{1, 3, 8} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
			require.Equal(t, want, score(t, p), "the same bits")
		}()
	}
}

func TestPatternsThatCannotBe(t *testing.T) {
	row := []float32{1, 2}
	rows := [][]float32{row, row, row, row}
	labels := []string{"a", "a", "b", "b"}
	for name, c := range map[string]struct {
		p    predict.Patterns
		says string
	}{
		"none":      {predict.Patterns{}, "0 patterns: expected 1 to 4096"},
		"labels":    {predict.Patterns{Rows: rows, Labels: labels[:3]}, "4 patterns but 3 labels"},
		"many":      {predict.Patterns{Rows: make([][]float32, predict.MaxPatterns+1), Labels: make([]string, predict.MaxPatterns+1)}, "4097 patterns"},
		"empty":     {predict.Patterns{Rows: [][]float32{{}, {}}, Labels: labels[:2]}, "length 0"},
		"ragged":    {predict.Patterns{Rows: [][]float32{row, row, row, {1}}, Labels: labels}, "pattern 3: expected length 2, found 1"},
		"NaN":       {predict.Patterns{Rows: [][]float32{row, row, row, {1, float32(math.NaN())}}, Labels: labels}, "pattern 3: entry 1 is NaN"},
		"infinite":  {predict.Patterns{Rows: [][]float32{{float32(math.Inf(-1)), 1}, row, row, row}, Labels: labels}, "pattern 0: entry 0 is -Inf"},
		"large":     {predict.Patterns{Rows: [][]float32{{math.MaxFloat32, 1}, row, row, row}, Labels: labels}, "at most 1e+30"},
		"one label": {predict.Patterns{Rows: rows[:2], Labels: labels[:2]}, "1 different labels: expected 2 to 1000"},
		"one of it": {predict.Patterns{Rows: rows[:3], Labels: labels[:3]}, `label "b" has one pattern`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := predict.Of(t.Context(), c.p)
			require.ErrorContains(t, err, c.says)
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := predict.Of(ctx, clouds(10, 10, 2, 1, 1))
	require.ErrorIs(t, err, context.Canceled)
}

// Whatever the numbers are, there is a score or an error, and no NaN.
func FuzzScore(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, uint8(3))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 255, 255}, uint8(2))
	f.Fuzz(func(t *testing.T, b []byte, dim uint8) {
		d := int(dim%8) + 1
		var p predict.Patterns
		for row := range slices.Chunk(b[:min(len(b), 512)/d*d], d) {
			one := make([]float32, d)
			for j, x := range row {
				one[j] = float32(math.Ldexp(float64(int8(x)%16), int(x>>2)))
			}
			p.Rows, p.Labels = append(p.Rows, one), append(p.Labels, fmt.Sprint(row[0]%3))
		}
		s, err := predict.Of(t.Context(), p)
		if err == nil {
			for _, v := range []float64{s.Separability, s.Plain, s.Pairs, s.Scatter, s.Hardest.Spreads} {
				require.False(t, math.IsNaN(v) || math.Abs(v) > predict.MaxScore, "%+v", s)
			}
		}
	})
}
