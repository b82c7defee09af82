package predict

import (
	"context"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// Shrinkage is the weight of the identity in the metric, in units of the mean
// eigenvalue of the spread within classes. It was chosen on one grid of
// configurations, among 0.01 to 30, and matters little from 1 to 10.
const Shrinkage = 3

// rounding is the share of all scatter that may be nothing but rounding.
const rounding = 1e-12

// products are what is known of patterns in some metric: of each pattern with each
// class's centroid, and of it with itself.
type products struct {
	centroid []float64 // n x classes: mean over the class of the pattern's products with it
	own      []float64 // n
}

// plain are the products in the patterns' own space.
func (s *set) plain(g blas64.Symmetric) products {
	p := products{centroid: make([]float64, g.N*len(s.classes)), own: make([]float64, g.N)}
	blas64.Symm(blas.Left, 1, g, s.averages(), 0, p.matrix(len(s.classes)))
	for i := range p.own {
		p.own[i] = g.Data[i*g.Stride+i]
	}
	return p
}

// averages is the n x classes matrix that takes a mean over each class.
func (s *set) averages() blas64.General {
	k := len(s.classes)
	m := blas64.General{Rows: len(s.y), Cols: k, Stride: k, Data: make([]float64, len(s.y)*k)}
	for i, c := range s.y {
		m.Data[i*k+c] = 1 / s.count[c]
	}
	return m
}

func (p products) matrix(classes int) blas64.General {
	return blas64.General{Rows: len(p.own), Cols: classes, Stride: classes, Data: p.centroid}
}

// shrunk are the products in the metric M = (W + lambda I)^-1 times lambda, W being
// the scatter within classes, Z'Z over rows Z less their class's centroid, and lambda
// its mean eigenvalue times Shrinkage. Patterns may be longer than there are many of
// them, so M is never formed: by Woodbury's identity lambda M = I - Z'(ZZ' + lambda I)^-1 Z,
// and all that is needed are products of rows. g is overwritten.
func (s *set) shrunk(ctx context.Context, g blas64.Symmetric, plain products) (products, error) {
	n, k := g.N, len(s.classes)
	// v is Z times the rows, and g becomes ZZ'.
	v := blas64.General{Rows: n, Cols: n, Stride: n, Data: make([]float64, n*n)}
	trace := 0.0
	for i := range n {
		for j := range n {
			v.Data[i*n+j] = g.Data[min(i, j)*n+max(i, j)] - plain.centroid[j*k+s.y[i]]
		}
	}
	between, total := s.between(plain), 0.0
	for i := range n {
		total += plain.own[i]
		for j := i; j < n; j++ {
			a, b := s.y[i], s.y[j]
			g.Data[i*n+j] += between[a*k+b] - plain.centroid[i*k+b] - plain.centroid[j*k+a]
		}
		trace += g.Data[i*n+i]
	}
	if trace <= rounding*total {
		return plain, nil // classes without any spread: no direction is to be shortened
	}
	lambda := Shrinkage * trace / float64(min(n, s.dim))
	for i := range n {
		g.Data[i*n+i] += lambda
	}
	if err := ctx.Err(); err != nil {
		return plain, err
	}
	factor, ok := lapack64.Potrf(g)
	if !ok {
		return plain, errNoNumbers
	}
	// ZZ' + lambda I = U'U, and with V = U'^-1 Z times rows, what is taken off a
	// product of two rows is that of their columns of V.
	blas64.Trsm(blas.Left, blas.Trans, 1, factor, v)
	if err := ctx.Err(); err != nil {
		return plain, err
	}
	out := products{centroid: append([]float64(nil), plain.centroid...), own: append([]float64(nil), plain.own...)}
	means := blas64.General{Rows: n, Cols: k, Stride: k, Data: make([]float64, n*k)}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, v, s.averages(), 0, means)
	blas64.Gemm(blas.Trans, blas.NoTrans, -1, v, means, 1, out.matrix(k))
	for i := range n {
		for j := range n {
			out.own[j] -= v.Data[i*n+j] * v.Data[i*n+j]
		}
	}
	return out, nil
}

// between is the classes x classes products of centroids.
func (s *set) between(p products) []float64 {
	k := len(s.classes)
	out := make([]float64, k*k)
	for i, c := range s.y {
		for b := range k {
			out[c*k+b] += p.centroid[i*k+b] / s.count[c]
		}
	}
	return out
}
