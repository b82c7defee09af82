package readout

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/floats"
)

// logisticLoss is the objective that the package comment states, written down as
// it stands there.
func logisticLoss(s *samples, train []int, l *linear, lambda float64) float64 {
	classes := len(s.classes)
	scores := l.scores(s, train)
	loss := lambda / 2 * floats.Dot(l.weights, l.weights)
	for k, i := range train {
		row := scores[k*classes : (k+1)*classes]
		loss += (floats.LogSumExp(row) - row[s.y[i]]) / float64(len(train))
	}
	return loss
}

// forms are the three ways in which logistic regression sees its samples.
var forms = map[string]func(l *logistic, n int){
	"direct":   (*logistic).direct,
	"diagonal": (*logistic).diagonal,
	"rotated":  (*logistic).rotated,
}

func logisticOf(t *testing.T, d Data, form string) (*samples, *logistic) {
	s, x := prepare(t, d)
	l := &logistic{x: x, y: s.y, classes: len(s.classes), width: s.dim}
	forms[form](l, len(s.rows))
	return s, l
}

func TestLogisticGradientAgainstFiniteDifferences(t *testing.T) {
	for form := range forms {
		t.Run(form, func(t *testing.T) {
			_, l := logisticOf(t, blobs(3, 24, 30, 3, 1), form)
			f := newFit(l, sequence(20))
			f.condition(0.01)
			r := rand.New(rand.NewPCG(1, 1))
			v := make([]float64, len(f.theta)+len(f.bias))
			for i := range v {
				v[i] = r.NormFloat64()
			}
			gradient, unused := make([]float64, len(v)), make([]float64, len(v))
			f.value(v, gradient)
			const h = 1e-5
			for i := range v {
				at := v[i]
				v[i] = at + h
				above := f.value(v, unused)
				v[i] = at - h
				below := f.value(v, unused)
				v[i] = at
				require.InDelta(t, (above-below)/(2*h), gradient[i], 1e-8+1e-6*math.Abs(gradient[i]), "coordinate %d", i)
			}
		})
	}
}

func TestRoundCoordinatesInvert(t *testing.T) {
	_, l := logisticOf(t, blobs(3, 24, 30, 3, 1), "direct")
	f := newFit(l, sequence(20))
	f.condition(0.01)
	for i := range f.theta {
		f.theta[i] = float64(i%7) - 3
	}
	f.bias[1] = 4
	theta := append([]float64(nil), f.theta...)
	v := f.coordinates()
	clear(f.theta)
	clear(f.bias)
	f.place(v)
	require.InDeltaSlice(t, theta, f.theta, 1e-9)
	require.Equal(t, []float64{0, 4, 0}, f.bias)
}

// However the samples are seen, the same minimum of the stated objective is found:
// no step away from it goes down, and the loss agrees.
func TestLogisticIsTheMinimumInEveryForm(t *testing.T) {
	d := blobs(4, 60, 70, 3, 3)
	const lambda = 0.05
	losses := make([]float64, 0, len(forms))
	for _, form := range []string{"direct", "rotated", "diagonal"} {
		s, l := logisticOf(t, d, form)
		train := sequence(60)
		got, err := l.fit(t.Context(), train, lambda)
		require.NoError(t, err)
		require.False(t, got.unconverged)
		loss := logisticLoss(s, train, got, lambda)
		losses = append(losses, loss)
		r := rand.New(rand.NewPCG(2, 2))
		for range 200 {
			moved := &linear{weights: append([]float64(nil), got.weights...), bias: append([]float64(nil), got.bias...)}
			for i := range moved.weights {
				moved.weights[i] += 0.01 * r.NormFloat64()
			}
			require.Less(t, loss, logisticLoss(s, train, moved, lambda))
		}
	}
	require.InDeltaSlice(t, []float64{losses[0], losses[0], losses[0]}, losses, 1e-6)
}

// Labels drawn from known log-odds: the estimate comes close with many samples.
func TestLogisticRecoversAKnownModel(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	var d Data
	for range 20000 {
		row := []float32{float32(r.NormFloat64()), float32(r.NormFloat64())}
		label := "no"
		if r.Float64() < 1/(1+math.Exp(-(2*float64(row[0])-float64(row[1])+0.5))) {
			label = "yes"
		}
		d.Rows, d.Labels = append(d.Rows, row), append(d.Labels, label)
	}
	s, x := prepare(t, d)
	got, err := newLogistic(x, s).fit(t.Context(), sequence(len(s.y)), 1e-6)
	require.NoError(t, err)
	require.InDelta(t, 2, got.weights[2]-got.weights[0], 0.1)
	require.InDelta(t, -1, got.weights[3]-got.weights[1], 0.1)
	require.InDelta(t, 0.5, got.bias[1]-got.bias[0], 0.1)
}

func TestLogisticFormsBySize(t *testing.T) {
	for _, tc := range []struct{ n, dim, width int }{{40, 10, 10}, {10, 40, 10}} {
		s, x := prepare(t, blobs(6, tc.n, tc.dim, 2, 1))
		l := newLogistic(x, s)
		require.Equal(t, tc.width, l.width)
		require.Equal(t, tc.n < tc.dim, l.basis == nil)
	}
}
