package readout

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// logistic trains by multinomial logistic regression on subsets of the samples.
//
// Counts of features are strongly correlated, and plain L-BFGS takes a thousand
// steps where this takes some dozens: weights are sought in coordinates in which
// the loss at its start is round. With C = X'X/n = Q T Q' for all samples, T
// tridiagonal, the curvature is close to kappa C + lambda I, and kappa T + lambda
// I = R R' with R bidiagonal, so that v = R'Q'w costs one product with Q. C
// belongs to all samples, held out ones among them, but no label enters it and it
// decides only how fast the minimum is reached.
//
// Samples of fewer rows than columns are first rotated into as many columns as
// there are rows, which changes neither the loss nor the length of the weights.
type logistic struct {
	x       *design
	y       []int
	classes int
	width   int                             // columns that are optimised over
	load    func(dst []float64, idx []int)  // the samples in these columns
	c       *tridiagonal                    // of C
	basis   []float64                       // Q; nil if load gives X Q already
	unfold  func(theta []float64) []float64 // classes x width in Q's basis to classes x dim
}

// maxRotated bounds the copy of the samples that a rotation needs to 1 GiB.
const maxRotated = 1 << 27

func newLogistic(x *design, s *samples) *logistic {
	l := &logistic{x: x, y: s.y, classes: len(s.classes), width: x.dim}
	n := len(s.rows)
	switch {
	case n < x.dim && n <= maxSystem && int64(n)*int64(x.dim) <= maxRotated:
		l.rotated(n)
	case x.dim <= maxSystem:
		l.direct(n)
	default:
		l.diagonal(n)
	}
	return l
}

// direct works on the samples as they are.
func (l *logistic) direct(n int) {
	d := l.x.dim
	gram := make([]float64, d*d)
	l.x.primal(gram, 1/float64(n), sequence(n))
	l.c = tridiagonalise(gram, d)
	l.load = l.x.load
	l.basis = l.c.q
	l.unfold = l.toColumns
}

// diagonal is for more samples and columns than a matrix can be had of: Q is the
// identity and only T's diagonal is used.
func (l *logistic) diagonal(n int) {
	d := l.x.dim
	diag, row := make([]float64, d), make([]float64, d)
	for i := range n {
		l.x.load(row, []int{i})
		for j, v := range row {
			diag[j] += v * v / float64(n)
		}
	}
	l.c = &tridiagonal{m: d, diag: diag, off: make([]float64, d-1)}
	l.load = l.x.load
	l.unfold = func(theta []float64) []float64 { return theta }
}

// rotated factors the samples into L P, L being n x n and lower triangular and P
// having orthonormal rows, and goes on with L Q in their place.
func (l *logistic) rotated(n int) {
	d := l.x.dim
	l.width = n
	a := make([]float64, n*d)
	l.x.load(a, sequence(n))
	tau := make([]float64, n)
	work := make([]float64, 1)
	lapack64.Gelqf(matrix(a, n, d), tau, work, -1)
	work = make([]float64, int(work[0]))
	lapack64.Gelqf(matrix(a, n, d), tau, work, len(work))

	lower, upper := make([]float64, n*n), make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			lower[i*n+j] = a[i*d+j]
			upper[j*n+i] = a[i*d+j]
		}
	}
	gram := make([]float64, n*n)
	addOuter(gram, n, 1/float64(n), upper, n)
	l.c = tridiagonalise(gram, n)
	rows := upper // done with
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, matrix(lower, n, n), l.c.general(), 0, matrix(rows, n, n))
	l.load = func(dst []float64, idx []int) {
		for k, i := range idx {
			copy(dst[k*n:(k+1)*n], rows[i*n:(i+1)*n])
		}
	}
	l.unfold = func(theta []float64) []float64 {
		w := l.toColumns(theta)
		out := make([]float64, l.classes*d)
		for c := range l.classes {
			copy(out[c*d:], w[c*n:(c+1)*n])
		}
		work := make([]float64, 1)
		lapack64.Ormlq(blas.Right, blas.NoTrans, matrix(a, n, d), tau, matrix(out, l.classes, d), work, -1)
		work = make([]float64, int(work[0]))
		lapack64.Ormlq(blas.Right, blas.NoTrans, matrix(a, n, d), tau, matrix(out, l.classes, d), work, len(work))
		return out
	}
}

// toColumns is theta Q'.
func (l *logistic) toColumns(theta []float64) []float64 {
	w := make([]float64, len(theta))
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, matrix(theta, l.classes, l.width), l.c.general(), 0, matrix(w, l.classes, l.width))
	return w
}

// path trains on train at every lambda, from the largest down, each starting
// where the one before ended, and judges test.
func (l *logistic) path(ctx context.Context, train, test []int, lambdas []float64) (*foldPath, error) {
	p := newFoldPath(len(lambdas), len(test))
	fit := newFit(l, train)
	for i := len(lambdas) - 1; i >= 0; i-- {
		converged, err := fit.minimise(ctx, lambdas[i])
		if err != nil {
			return nil, err
		}
		p.unconverged[i] = !converged
		for at := 0; at < len(test); at += block {
			idx := test[at:min(at+block, len(test))]
			probs := fit.judge(idx)
			for k, j := range idx {
				row := probs[k*l.classes : (k+1)*l.classes]
				p.predicted[i][at+k] = int16(floats.MaxIdx(row))
				p.loss[i] += logLoss(row, l.y[j])
			}
		}
	}
	return p, nil
}

// fit trains on train at one lambda.
func (l *logistic) fit(ctx context.Context, train []int, lambda float64) (*linear, error) {
	fit := newFit(l, train)
	converged, err := fit.minimise(ctx, lambda)
	if err != nil {
		return nil, err
	}
	out := &linear{weights: l.unfold(fit.theta), bias: fit.bias, unconverged: !converged}
	for c := range out.bias {
		out.bias[c] -= floats.Dot(out.weights[c*l.x.dim:(c+1)*l.x.dim], l.x.mean)
	}
	return out, nil
}

// logLoss turns scores into probabilities and gives -log of that of class c.
func logLoss(scores []float64, c int) float64 {
	top := floats.Max(scores)
	own := scores[c] - top
	sum := 0.0
	for k, s := range scores {
		scores[k] = math.Exp(s - top)
		sum += scores[k]
	}
	floats.Scale(1/sum, scores)
	return math.Log(sum) - own
}
