package readout

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// design is the matrix of samples, moved so that its columns have a mean of zero.
// The intercept takes up the shift exactly; without it a mean that is large
// beside the deviations would drown them in the products below. It is kept as
// the caller's float32 rows and widened a block at a time.
type design struct {
	rows  [][]float32
	dim   int
	mean  []float64
	scale float64 // mean squared length of a moved row
}

func newDesign(s *samples) *design {
	x := &design{rows: s.rows, dim: s.dim, mean: make([]float64, s.dim)}
	n := float64(len(s.rows))
	for _, row := range s.rows {
		for j, v := range row {
			x.mean[j] += float64(v)
		}
	}
	for j := range x.mean {
		x.mean[j] /= n
	}
	for _, row := range s.rows {
		for j, v := range row {
			u := float64(v) - x.mean[j]
			x.scale += u * u / n
		}
	}
	return x
}

// load writes the moved rows of idx into dst, len(idx) x dim.
func (x *design) load(dst []float64, idx []int) {
	for k, i := range idx {
		out := dst[k*x.dim : (k+1)*x.dim]
		for j, v := range x.rows[i] {
			out[j] = float64(v) - x.mean[j]
		}
	}
}

// block is how many samples or columns are widened at a time: a block of 5,000
// columns is 10 MB.
const block = 256

// primal adds sign * X'X over the rows of idx to gram, dim x dim. Only the upper
// triangle is filled.
func (x *design) primal(gram []float64, sign float64, idx []int) {
	cols := make([]float64, x.dim*block)
	for len(idx) > 0 {
		b := min(block, len(idx))
		for k, i := range idx[:b] {
			for j, v := range x.rows[i] {
				cols[j*b+k] = float64(v) - x.mean[j]
			}
		}
		addOuter(gram, x.dim, sign, cols, b)
		idx = idx[b:]
	}
}

// dual fills gram, n x n, with XX' over all rows, both triangles.
func (x *design) dual(gram []float64) {
	n := len(x.rows)
	part := make([]float64, n*min(block, x.dim))
	for j := 0; j < x.dim; j += block {
		b := min(block, x.dim-j)
		mean := x.mean[j : j+b]
		for i, row := range x.rows {
			out := part[i*b : (i+1)*b]
			for k, v := range row[j : j+b] {
				out[k] = float64(v) - mean[k]
			}
		}
		addOuter(gram, n, 1, part, b)
	}
	for i := range n {
		for j := range i {
			gram[i*n+j] = gram[j*n+i]
		}
	}
}

// addOuter adds sign * BB', B being m x b, to the upper triangle of gram. Tiles
// below the diagonal are left out, which halves the work.
func addOuter(gram []float64, m int, sign float64, b []float64, width int) {
	const tile = 256
	rows := func(i, n int) blas64.General {
		return blas64.General{Rows: n, Cols: width, Stride: width, Data: b[i*width:]}
	}
	for i := 0; i < m; i += tile {
		ni := min(tile, m-i)
		for j := i; j < m; j += tile {
			nj := min(tile, m-j)
			blas64.Gemm(blas.NoTrans, blas.Trans, sign, rows(i, ni), rows(j, nj), 1,
				blas64.General{Rows: ni, Cols: nj, Stride: m, Data: gram[i*m+j:]})
		}
	}
}
