package train

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func sprintf(format string, a ...any) string { return fmt.Sprintf(format, a...) }

func TestFunctions(t *testing.T) {
	for i := range 20001 {
		x := -float64(i) / 28
		require.InDelta(t, 1, exp(x)/math.Exp(x), 1e-14, "%v", x)
		if x < -700 {
			break
		}
	}
	require.Zero(t, exp(-1e9))
	require.True(t, math.IsNaN(exp(math.NaN())))
	for x := 1e-300; x < 1e300; x *= 1.37 {
		require.InDelta(t, math.Log(x), log(x), 1e-14*max(1, math.Abs(math.Log(x))), "%v", x)
	}
	for i := range 1001 {
		x := float64(i) / 1000
		require.InDelta(t, math.Cos(math.Pi*x), cosine(x), 1e-14)
	}
	for n := range 60 {
		require.InDelta(t, math.Pow(0.9, float64(n)), power(0.9, n), 1e-15)
	}
}

// Levels are floor(v/q + 1/2), halves and edges included, as the engine rounds.
func TestLevel(t *testing.T) {
	for v := float32(-9); v <= 9; v += 0.125 {
		want := min(max(math.Floor(float64(v)/0.5+0.5), -7), 7)
		require.EqualValues(t, want, level(v, 0.5, 7), "%v", v)
	}
	require.True(t, math.IsNaN(float64(level(float32(math.NaN()), 1, 7))))
	require.EqualValues(t, 7, level(float32(math.Inf(1)), 1, 7))
}

func TestSchedules(t *testing.T) {
	s := Schedule{Kind: Cosine, Rate: 1, Warmup: 0.1, Final: 0.2}
	require.InDelta(t, 0.1, s.share(0, 100, 0, 10), 1e-12)
	require.InDelta(t, 1, s.share(9, 100, 0, 10), 1e-12)
	require.InDelta(t, 1, s.share(10, 100, 1, 10), 1e-12)
	require.InDelta(t, 0.6, s.share(55, 100, 5, 10), 1e-12)
	require.InDelta(t, 0.2, s.share(100, 100, 10, 10), 1e-12)
	s = Schedule{Kind: Step, Factor: 0.1}
	for epoch, want := range []float64{1, 1, 0.1, 0.1, 0.01, 0.01} {
		require.InDelta(t, want, s.share(0, 60, epoch, 6), 1e-12)
	}
	s = Schedule{Kind: Constant}
	require.Equal(t, 1.0, s.share(59, 60, 5, 6))
}

// Both optimisers are as their papers write them, in float64, with decay apart.
func TestOptimisers(t *testing.T) {
	for _, o := range []Optimiser{{Kind: Adam}, {Kind: SGD}, {Kind: SGD, Momentum: -1}} {
		o = o.complete()
		w, moments := []float32{0.5}, [][]float32{{0}, {0}}
		x, m, v := 0.5, 0.0, 0.0
		for i := 1; i <= 200; i++ {
			g := math.Sin(float64(i)) + 0.3
			const rate, decay, scale = 0.01, 0.1, 0.5
			o.apply(w, []float32{float32(g)}, moments[:o.moments()], scale, rate, decay, i)
			g *= scale
			if o.Kind == Adam {
				m, v = o.Beta1*m+(1-o.Beta1)*g, o.Beta2*v+(1-o.Beta2)*g*g
				x -= rate * (m/(1-math.Pow(o.Beta1, float64(i)))/(math.Sqrt(v/(1-math.Pow(o.Beta2, float64(i))))+o.Epsilon) + decay*x)
			} else {
				m = max(o.Momentum, 0)*m + g
				x -= rate * (m + decay*x)
			}
			require.InDelta(t, x, w[0], 1e-5)
		}
	}
}
