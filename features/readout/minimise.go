package readout

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	opt "gonum.org/v1/gonum/optimize" //nolint:misspell // the module spells it so
)

// logisticFit is logistic regression on one subset of the samples, at one lambda
// after another.
type logisticFit struct {
	l     *logistic
	train []int

	theta []float64 // weights in Q's basis, classes x width
	bias  []float64

	// Of the lambda being worked on: kappa T + lambda I = L D L'.
	lambda float64
	root   []float64 // square roots of D
	below  []float64 // below the diagonal of L

	weights, gradWeights []float64 // in the samples' columns, classes x width
	rows, probs          []float64 // of a block of samples
}

func newFit(l *logistic, train []int) *logisticFit {
	size := l.classes * l.width
	return &logisticFit{
		l: l, train: train, theta: make([]float64, size), bias: make([]float64, l.classes),
		root: make([]float64, l.width), below: make([]float64, l.width-1),
		weights: make([]float64, size), gradWeights: make([]float64, size),
		rows: make([]float64, block*l.width), probs: make([]float64, block*l.classes),
	}
}

const (
	// gradientDrop is how far the largest entry of the gradient, in round
	// coordinates, has to fall below that of the model that knows nothing.
	gradientDrop  = 1e-4
	maxIterations = 1000
	history       = 10 // pairs of vectors that L-BFGS remembers
)

// minimise goes down from theta and bias, which it replaces, and tells whether it
// arrived. Stopping short of it is no error: the weights are usable.
func (f *logisticFit) minimise(ctx context.Context, lambda float64) (converged bool, err error) {
	f.condition(lambda)
	start := f.coordinates()
	size := len(start)
	gradient := make([]float64, size)
	f.value(make([]float64, size), gradient)
	tolerance := gradientDrop * floats.Norm(gradient, math.Inf(1))

	// The optimiser asks for value and gradient one after the other; they cost
	// hardly more together than either alone.
	at, value := make([]float64, size), math.NaN()
	evaluate := func(v []float64) {
		if math.IsNaN(value) || !slices.Equal(at, v) {
			copy(at, v)
			value = f.value(at, gradient)
		}
	}
	problem := opt.Problem{
		Func: func(v []float64) float64 { evaluate(v); return value },
		Grad: func(grad, v []float64) { evaluate(v); copy(grad, gradient) },
		Status: func() (opt.Status, error) {
			if err := ctx.Err(); err != nil {
				return opt.Failure, err
			}
			return opt.NotTerminated, nil
		},
	}
	result, err := opt.Minimize(problem, start, &opt.Settings{ //nolint:misspell // as above
		GradientThreshold: tolerance,
		Converger:         opt.NeverTerminate{},
		MajorIterations:   maxIterations,
	}, &opt.LBFGS{Store: history})
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if result == nil {
		return false, errors.Join(errors.New("readout: logistic regression could not start"), err)
	}
	f.place(result.X)
	// A line search that finds no lower point ends with an error; the best point
	// so far is then as far as float64 goes.
	return err == nil && result.Status == opt.GradientThreshold, nil
}

// condition prepares the round coordinates for a lambda. kappa is the curvature
// of the loss at its start, before any class is preferred.
func (f *logisticFit) condition(lambda float64) {
	f.lambda = lambda
	shift := max(lambda, 1e-12*f.l.x.scale)
	for !f.l.c.factor(1/float64(f.l.classes), shift, f.root, f.below) {
		shift *= 10 // this bends the coordinates, not the penalty
	}
	for i, d := range f.root {
		f.root[i] = math.Sqrt(d)
	}
}

// place sets theta and bias from round coordinates v: R'theta = v, with R' the
// square root of D times L'.
func (f *logisticFit) place(v []float64) {
	m := f.l.width
	for c := range f.l.classes {
		from, to := v[c*m:(c+1)*m], f.theta[c*m:(c+1)*m]
		next := 0.0
		for i := m - 1; i >= 0; i-- {
			t := from[i] / f.root[i]
			if i < m-1 {
				t -= f.below[i] * next
			}
			to[i], next = t, t
		}
	}
	copy(f.bias, v[len(f.theta):])
}

// coordinates is the inverse of place.
func (f *logisticFit) coordinates() []float64 {
	m := f.l.width
	v := make([]float64, len(f.theta)+len(f.bias))
	for c := range f.l.classes {
		from, to := f.theta[c*m:(c+1)*m], v[c*m:(c+1)*m]
		for i, t := range from {
			if i < m-1 {
				t += f.below[i] * from[i+1]
			}
			to[i] = t * f.root[i]
		}
	}
	copy(v[len(f.theta):], f.bias)
	return v
}

// value gives the penalised loss at round coordinates v and writes its gradient.
func (f *logisticFit) value(v, gradient []float64) float64 {
	l, n, m := f.l, float64(len(f.train)), f.l.width
	f.place(v)
	clear(gradient)
	clear(f.gradWeights)
	gradTheta, gradBias := gradient[:len(f.theta)], gradient[len(f.theta):]
	f.express()
	loss := f.lambda / 2 * floats.Dot(f.theta, f.theta)
	for at := 0; at < len(f.train); at += block {
		idx := f.train[at:min(at+block, len(f.train))]
		probs := f.scores(idx)
		for k, i := range idx {
			row := probs[k*l.classes : (k+1)*l.classes]
			loss += logLoss(row, l.y[i]) / n
			row[l.y[i]]--
			floats.AddScaled(gradBias, 1/n, row)
		}
		blas64.Gemm(blas.Trans, blas.NoTrans, 1/n, matrix(probs, len(idx), l.classes), matrix(f.rows, len(idx), m),
			1, matrix(f.gradWeights, l.classes, m))
	}
	if l.basis != nil {
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, matrix(f.gradWeights, l.classes, m), l.c.general(), 0, matrix(gradTheta, l.classes, m))
	} else {
		copy(gradTheta, f.gradWeights)
	}
	floats.AddScaled(gradTheta, f.lambda, f.theta)
	for c := range l.classes { // and through place: R^-1 of it
		g := gradTheta[c*m : (c+1)*m]
		for i := 1; i < m; i++ {
			g[i] -= f.below[i-1] * g[i-1]
		}
		for i := range g {
			g[i] /= f.root[i]
		}
	}
	return loss
}

// express brings theta into the samples' columns.
func (f *logisticFit) express() {
	if f.l.basis == nil {
		copy(f.weights, f.theta)
		return
	}
	classes, m := f.l.classes, f.l.width
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, matrix(f.theta, classes, m), f.l.c.general(), 0, matrix(f.weights, classes, m))
}

// scores loads a block of samples and gives their scores by what express left.
func (f *logisticFit) scores(idx []int) []float64 {
	classes, m := f.l.classes, f.l.width
	f.l.load(f.rows, idx)
	out := f.probs[:len(idx)*classes]
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, matrix(f.rows, len(idx), m), matrix(f.weights, classes, m), 0, matrix(out, len(idx), classes))
	for k := range idx {
		floats.Add(out[k*classes:(k+1)*classes], f.bias)
	}
	return out
}

// judge gives the scores of up to a block of samples at theta and bias.
func (f *logisticFit) judge(idx []int) []float64 {
	f.express()
	return f.scores(idx)
}
