package readout

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	lapack "gonum.org/v1/gonum/lapack/gonum"
)

// tridiagonal is a symmetric matrix as Q T Q', Q orthogonal and T tridiagonal.
// Adding a multiple of the identity adds it to T's diagonal and leaves Q alone,
// which is why one reduction serves every lambda. Its methods may run side by side.
type tridiagonal struct {
	m    int
	q    []float64 // m x m
	diag []float64
	off  []float64
}

// tridiagonalise reduces the symmetric m x m matrix whose upper triangle a holds.
// It takes a over.
func tridiagonalise(a []float64, m int) *tridiagonal {
	t := &tridiagonal{m: m, q: a, diag: make([]float64, m), off: make([]float64, m-1)}
	tau := make([]float64, m-1)
	var impl lapack.Implementation
	work := make([]float64, 1)
	impl.Dsytrd(blas.Upper, m, a, m, t.diag, t.off, tau, work, -1)
	size := int(work[0])
	impl.Dorgtr(blas.Upper, m, a, m, tau, work, -1)
	work = make([]float64, max(size, int(work[0])))
	impl.Dsytrd(blas.Upper, m, a, m, t.diag, t.off, tau, work, len(work))
	impl.Dorgtr(blas.Upper, m, a, m, tau, work, len(work))
	return t
}

// general is Q as gonum takes it.
func (t *tridiagonal) general() blas64.General {
	return blas64.General{Rows: t.m, Cols: t.m, Stride: t.m, Data: t.q}
}

// factor decomposes scale * T + shift * I into L D L', L unit lower bidiagonal,
// and writes the diagonal of D and what stands below that of L. It is false if
// that matrix is not positive definite in floating point.
func (t *tridiagonal) factor(scale, shift float64, diag, below []float64) bool {
	for i, v := range t.diag {
		diag[i] = scale*v + shift
	}
	for i, v := range t.off {
		below[i] = scale * v
	}
	return lapack.Implementation{}.Dpttrf(t.m, diag, below)
}

// solve replaces b, m x n with the given stride, by (T + shift I)^-1 b. It is
// false as factor is.
func (t *tridiagonal) solve(shift float64, b []float64, n, stride int) bool {
	diag, below := make([]float64, t.m), make([]float64, t.m-1)
	ok := t.factor(1, shift, diag, below)
	if ok {
		lapack.Implementation{}.Dpttrs(t.m, n, diag, below, b, stride)
	}
	return ok
}
