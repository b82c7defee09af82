package readout

import (
	"math"
	"math/big"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func someModel(t require.TestingT, seed uint64, classes, dim int) *Model {
	r := rand.New(rand.NewPCG(seed, 11))
	p := Parameters{Method: Ridge, Lambda: 0.25, InverseTemperature: 3}
	for c := range classes {
		p.Classes = append(p.Classes, string([]rune{'a' + rune(c/26), 'a' + rune(c%26)}))
		p.Bias = append(p.Bias, r.NormFloat64())
		row := make([]float32, dim)
		for j := range row {
			row[j] = float32(r.NormFloat64())
		}
		p.Weights = append(p.Weights, row)
	}
	m, err := NewModel(p)
	require.NoError(t, err)
	return m
}

func someVector(seed uint64, dim int) []float32 {
	r := rand.New(rand.NewPCG(seed, 13))
	v := make([]float32, dim)
	for j := range v {
		v[j] = float32(r.Float64())
	}
	return v
}

func requireSameBits(t *testing.T, want, got float64) {
	t.Helper()
	require.Equal(t, math.Float64bits(want), math.Float64bits(got), "expected %v, found %v", want, got)
}

// The sum of products is that of four lanes whose every addition is rounded once,
// as a fused multiply-add would round it too.
func TestDotIsTheSameFused(t *testing.T) {
	for dim := range 70 {
		a, b := someVector(1, dim), someVector(2, dim)
		for j := range a {
			a[j] -= 0.5
			b[j] *= float32(math.Pow(10, float64(j%9-4)))
		}
		var lanes [4]float64
		for j := range a {
			lanes[j%4] = math.FMA(float64(a[j]), float64(b[j]), lanes[j%4])
		}
		requireSameBits(t, (lanes[0]+lanes[1])+(lanes[2]+lanes[3]), dot(a, b))
	}
}

func TestPredictionIsTheLargestScore(t *testing.T) {
	m := someModel(t, 1, 7, 33)
	p := m.Parameters()
	for seed := range uint64(100) {
		v := someVector(seed, 33)
		scores, err := m.Scores(nil, v)
		require.NoError(t, err)
		sum := 0.0
		best := 0
		for c, s := range scores {
			want := p.Bias[c]
			for j := range v {
				want += float64(p.Weights[c][j]) * float64(v[j])
			}
			require.InDelta(t, want, s, 1e-12)
			if s > scores[best] {
				best = c
			}
		}
		for _, s := range scores {
			sum += math.Exp(3 * (s - scores[best]))
		}
		class, confidence, err := m.Predict(v)
		require.NoError(t, err)
		require.Equal(t, best, class)
		require.InDelta(t, 1/sum, confidence, 1e-14)
		probabilities, err := m.Probabilities(scores, v)
		require.NoError(t, err)
		requireSameBits(t, probabilities[class], confidence)
		total := 0.0
		for _, q := range probabilities {
			total += q
		}
		require.InDelta(t, 1, total, 1e-14)
	}
}

func TestTiesGoToTheLowerIndex(t *testing.T) {
	m, err := NewModel(Parameters{
		Method: Logistic, Classes: []string{"a", "b", "c"}, Weights: [][]float32{{0}, {1}, {1}},
		Bias: make([]float64, 3), InverseTemperature: 1,
	})
	require.NoError(t, err)
	class, confidence, err := m.Predict([]float32{40})
	require.NoError(t, err)
	require.Equal(t, 1, class)
	require.Equal(t, "b", m.Class(class))
	require.InDelta(t, 0.5, confidence, 1e-12)
}

func TestVectorsThatCannotBeJudged(t *testing.T) {
	m := someModel(t, 1, 3, 4)
	for _, v := range [][]float32{
		nil,
		{1, 2, 3},
		{1, 2, 3, 4, 5},
		{1, 2, float32(math.NaN()), 4},
		{float32(math.Inf(1)), 2, 3, 4},
		{1, 2, 3, float32(math.Inf(-1))},
	} {
		_, _, err := m.Predict(v)
		require.ErrorIs(t, err, ErrVector)
		_, err = m.Scores(nil, v)
		require.ErrorIs(t, err, ErrVector)
		_, err = m.Probabilities(nil, v)
		require.ErrorIs(t, err, ErrVector)
	}
	_, _, err := m.Predict([]float32{math.MaxFloat32, -math.MaxFloat32, math.SmallestNonzeroFloat32, 0})
	require.NoError(t, err)
}

// The largest numbers a model may hold leave no NaN behind.
func TestExtremeModelStaysFinite(t *testing.T) {
	m, err := NewModel(Parameters{
		Method: Ridge, Classes: []string{"a", "b"}, InverseTemperature: maxBeta, Bias: []float64{maxBias, -maxBias},
		Weights: [][]float32{{math.MaxFloat32, -math.MaxFloat32}, {-math.MaxFloat32, math.MaxFloat32}},
	})
	require.NoError(t, err)
	class, confidence, err := m.Predict([]float32{math.MaxFloat32, -math.MaxFloat32})
	require.NoError(t, err)
	require.Zero(t, class)
	requireSameBits(t, 1, confidence)
}

func TestPredictDoesNotAllocate(t *testing.T) {
	m, v := someModel(t, 1, 10, 1568), someVector(1, 1568)
	scores := make([]float64, 10)
	require.Zero(t, testing.AllocsPerRun(20, func() {
		_, _, err := m.Predict(v)
		if err != nil {
			panic(err)
		}
		if scores, err = m.Scores(scores, v); err != nil {
			panic(err)
		}
	}))
}

func TestModelIsSafeForConcurrentUse(t *testing.T) {
	m, v := someModel(t, 1, 10, 100), someVector(1, 100)
	want, confidence, err := m.Predict(v)
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				class, c, err := m.Predict(v)
				if class != want || c != confidence || err != nil {
					t.Error("another prediction beside others")
				}
			}
		})
	}
	wg.Wait()
}

// Bits that must be the same on every architecture.
func TestPredictionGoldenBits(t *testing.T) {
	digest := uint64(14695981039346656037) // FNV-1a
	add := func(v float64) { digest = (digest ^ math.Float64bits(v)) * 1099511628211 }
	for seed := range uint64(200) {
		m, v := someModel(t, seed, 10, 101), someVector(seed, 101)
		p, err := m.Probabilities(nil, v)
		require.NoError(t, err)
		for _, x := range p {
			add(x)
		}
		class, confidence, err := m.Predict(v)
		require.NoError(t, err)
		add(float64(class))
		add(confidence)
	}
	require.Equal(t, uint64(0x79fbb364701945b3), digest, "%#x", digest)
}

func TestExpIsCloseToTheTruth(t *testing.T) {
	requireSameBits(t, 1, exp(0))
	require.Zero(t, exp(-1000))
	require.Zero(t, exp(math.Inf(-1)))
	rapid.Check(t, func(t *rapid.T) {
		x := -rapid.Float64Range(0, 708).Draw(t, "x")
		// e^x = (e^(x/2^20))^(2^20), the inner one by its series, in 200 bits.
		z := new(big.Float).SetPrec(200).SetMantExp(new(big.Float).SetPrec(200).SetFloat64(x), -20)
		want, term := big.NewFloat(1).SetPrec(200), big.NewFloat(1).SetPrec(200)
		for i := 1; i < 40; i++ {
			term.Mul(term, z).Quo(term, new(big.Float).SetPrec(200).SetInt64(int64(i)))
			want.Add(want, term)
		}
		for range 20 {
			want.Mul(want, want)
		}
		w, _ := want.Float64()
		ulp := math.Nextafter(w, 2) - w
		require.LessOrEqual(t, math.Abs(exp(x)-w), 2*ulp, "exp(%v)", x)
	})
}

func TestParametersThatMakeNoModel(t *testing.T) {
	good := func() Parameters {
		return Parameters{
			Method: Ridge, Classes: []string{"a", "b"}, Weights: [][]float32{{1, 2}, {3, 4}},
			Bias: []float64{0, 1}, Lambda: 1, InverseTemperature: 1,
		}
	}
	m, err := NewModel(good())
	require.NoError(t, err)
	require.Equal(t, good(), m.Parameters())
	for want, spoil := range map[string]func(*Parameters){
		"unknown method":        func(p *Parameters) { p.Method = "" },
		"1 different classes":   func(p *Parameters) { p.Classes, p.Weights, p.Bias = p.Classes[:1], p.Weights[:1], p.Bias[:1] },
		"expected ascending":    func(p *Parameters) { p.Classes = []string{"b", "a"} },
		"expected one of each":  func(p *Parameters) { p.Bias = p.Bias[:1] },
		"expected length 2":     func(p *Parameters) { p.Weights[1] = []float32{1} },
		"entry 0 is NaN":        func(p *Parameters) { p.Weights[1][0] = float32(math.NaN()) },
		"bias NaN":              func(p *Parameters) { p.Bias[1] = math.NaN() },
		"bias +Inf":             func(p *Parameters) { p.Bias[1] = math.Inf(1) },
		"lambda -1":             func(p *Parameters) { p.Lambda = -1 },
		"inverse temperature N": func(p *Parameters) { p.InverseTemperature = math.NaN() },
		"dimension 0":           func(p *Parameters) { p.Weights = [][]float32{{}, {}} },
		"UTF-8":                 func(p *Parameters) { p.Classes[1] = "b\xff" },
	} {
		p := good()
		spoil(&p)
		_, err := NewModel(p)
		require.ErrorContains(t, err, want)
	}
}

func TestEvaluateRefusesWhatItDoesNotKnow(t *testing.T) {
	m := someModel(t, 1, 3, 2)
	_, err := Evaluate(m, Data{Rows: [][]float32{{1, 2}}, Labels: []string{"zz"}})
	require.ErrorContains(t, err, `class "zz"`)
	_, err = Evaluate(m, Data{Rows: [][]float32{{1}}, Labels: []string{"aa"}})
	require.ErrorIs(t, err, ErrVector)
	_, err = Evaluate(m, Data{Rows: [][]float32{{1}}})
	require.Error(t, err)
}

func BenchmarkPredict(b *testing.B) {
	m, v := someModel(b, 1, 10, 1568), someVector(1, 1568)
	for b.Loop() {
		_, _, err := m.Predict(v)
		if err != nil {
			b.Fatal(err)
		}
	}
}
