package readout

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/lapack/lapack64"
)

// maxSystem bounds the side of the matrix that ridge solves, and with it one
// matrix to 2 GiB.
const maxSystem = 1 << 14

// ridge trains by ridge regression on subsets of the samples. Everything that
// subsets share is computed once: the products of all samples with each other
// (dual) or of all columns with each other (primal).
type ridge struct {
	x       *design
	y       []int
	classes int
	isDual  bool
	gram    []float64 // n x n, or dim x dim with only its upper triangle
}

func newRidge(x *design, s *samples) (*ridge, error) {
	return newRidgeForm(x, s, len(s.rows) <= s.dim)
}

func newRidgeForm(x *design, s *samples, dual bool) (*ridge, error) {
	n := len(s.rows)
	m := s.dim
	if dual {
		m = n
	}
	if m > maxSystem {
		return nil, fmt.Errorf("readout: ridge over %d samples of dimension %d: the smaller may be %d at most, pool into larger cells or use %s",
			n, s.dim, maxSystem, Logistic)
	}
	r := &ridge{x: x, y: s.y, classes: len(s.classes), isDual: dual, gram: make([]float64, m*m)}
	if dual {
		x.dual(r.gram)
	} else {
		r.x.primal(r.gram, 1, sequence(n))
	}
	return r, nil
}

func sequence(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = i
	}
	return s
}

// system is the linear system (a + n lambda I) z = b of a training subset, moved
// so that the subset's mean is zero. z holds weights (primal) or coefficients of
// samples (dual), a column a class.
type system struct {
	train   []int
	m       int
	a       []float64 // m x m, upper triangle
	b       []float64 // m x classes
	target  []float64 // mean target of each class
	mean    []float64 // primal: the subset's mean row; dual: mean product of each of its samples with all
	overall float64   // dual: the mean of mean
}

func (r *ridge) system(train []int) *system {
	s := &system{train: train, target: make([]float64, r.classes)}
	n := float64(len(train))
	for _, i := range train {
		s.target[r.y[i]]++
	}
	if r.isDual {
		r.dualSystem(s, n)
	} else {
		r.primalSystem(s, n)
	}
	for c, count := range s.target {
		s.target[c] = 2*count/n - 1
	}
	return s
}

// dualSystem centres the products of the subset twice, by row and by column. It
// finds the classes' counts in s.target.
func (r *ridge) dualSystem(s *system, n float64) {
	s.m = len(s.train)
	s.a = make([]float64, s.m*s.m)
	s.mean = make([]float64, s.m)
	total := len(r.y)
	for j, p := range s.train {
		from, to := r.gram[p*total:(p+1)*total], s.a[j*s.m:(j+1)*s.m]
		for k, q := range s.train {
			to[k] = from[q]
		}
		s.mean[j] = floats.Sum(to) / n
	}
	s.overall = floats.Sum(s.mean) / n
	for j := range s.train {
		row, shift := s.a[j*s.m:(j+1)*s.m], s.overall-s.mean[j]
		for k := range row {
			row[k] += shift - s.mean[k]
		}
	}
	s.b = make([]float64, s.m*r.classes)
	for j, i := range s.train {
		for c := range r.classes {
			s.b[j*r.classes+c] = -2 * s.target[c] / n
		}
		s.b[j*r.classes+r.y[i]] += 2
	}
}

// primalSystem takes the rows outside the subset away from the product over all,
// as they are the fewer in cross-validation, and then the subset's mean.
func (r *ridge) primalSystem(s *system, n float64) {
	d := r.x.dim
	s.m = d
	s.a = make([]float64, d*d)
	inside := make([]bool, len(r.y))
	for _, i := range s.train {
		inside[i] = true
	}
	var rest []int
	for i, in := range inside {
		if !in {
			rest = append(rest, i)
		}
	}
	if len(rest) <= len(s.train) {
		copy(s.a, r.gram)
		r.x.primal(s.a, -1, rest)
	} else {
		r.x.primal(s.a, 1, s.train)
	}

	sums := make([]float64, r.classes*d) // of the rows of each class
	row := make([]float64, d)
	for _, i := range s.train {
		r.x.load(row, []int{i})
		floats.Add(sums[r.y[i]*d:(r.y[i]+1)*d], row)
	}
	s.mean = make([]float64, d)
	for c := range r.classes {
		floats.AddScaled(s.mean, 1/n, sums[c*d:(c+1)*d])
	}
	for i, v := range s.mean {
		floats.AddScaled(s.a[i*d:(i+1)*d], -n*v, s.mean)
	}
	// Targets of +1 and -1, moved to a mean of zero: twice the class's rows, less
	// twice its share of all rows.
	s.b = make([]float64, d*r.classes)
	for c := range r.classes {
		for j, v := range sums[c*d : (c+1)*d] {
			s.b[j*r.classes+c] = 2 * (v - s.target[c]*s.mean[j])
		}
	}
}

// against writes what the samples of idx are multiplied with z for, len(idx) x m.
func (r *ridge) against(s *system, dst []float64, idx []int) {
	if !r.isDual {
		r.x.load(dst, idx)
		for k := range idx {
			floats.Sub(dst[k*s.m:(k+1)*s.m], s.mean)
		}
		return
	}
	for k, i := range idx {
		from, to := r.gram[i*len(r.y):(i+1)*len(r.y)], dst[k*s.m:(k+1)*s.m]
		for j, q := range s.train {
			to[j] = from[q]
		}
		shift := s.overall - floats.Sum(to)/float64(s.m)
		for j := range to {
			to[j] += shift - s.mean[j]
		}
	}
}

// path trains on train at every lambda and judges test.
func (r *ridge) path(ctx context.Context, train, test []int, lambdas []float64) (*foldPath, error) {
	p := newFoldPath(len(lambdas), len(test))
	s := r.system(train)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	t := tridiagonalise(s.a, s.m)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rotated := make([]float64, s.m*r.classes)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, t.general(), matrix(s.b, s.m, r.classes), 0, matrix(rotated, s.m, r.classes))

	// Several lambdas side by side make one wide product of many narrow ones.
	side := max(1, min(len(lambdas), 512/r.classes))
	z := make([]float64, s.m*side*r.classes)
	w := make([]float64, len(z))
	const samples = 64
	left, scores := make([]float64, samples*s.m), make([]float64, samples*side*r.classes)
	for first := 0; first < len(lambdas); first += side {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		group := min(side, len(lambdas)-first)
		width := group * r.classes
		for g := range group {
			for i := range s.m {
				copy(z[i*width+g*r.classes:][:r.classes], rotated[i*r.classes:])
			}
			shift := float64(len(train)) * lambdas[first+g]
			p.failed[first+g] = !t.solve(shift, z[g*r.classes:s.m*width], r.classes, width)
		}
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, t.general(), matrix(z, s.m, width), 0, matrix(w, s.m, width))
		for at := 0; at < len(test); at += samples {
			idx := test[at:min(at+samples, len(test))]
			r.against(s, left, idx)
			blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, matrix(left, len(idx), s.m), matrix(w, s.m, width), 0, matrix(scores, len(idx), width))
			for k := range idx {
				for g := range group {
					judged := scores[k*width+g*r.classes:][:r.classes]
					floats.Add(judged, s.target)
					p.predicted[first+g][at+k] = int16(floats.MaxIdx(judged))
				}
			}
		}
	}
	return p, nil
}

// fit trains on train at one lambda, by Cholesky's decomposition.
func (r *ridge) fit(ctx context.Context, train []int, lambda float64) (*linear, error) {
	s := r.system(train)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for i := range s.m {
		s.a[i*s.m+i] += float64(len(train)) * lambda
	}
	factor, ok := lapack64.Potrf(blas64.Symmetric{N: s.m, Stride: s.m, Data: s.a, Uplo: blas.Upper})
	if !ok {
		return nil, fmt.Errorf("readout: ridge at lambda %g: the matrix is not positive definite, take a larger lambda", lambda)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	z := matrix(s.b, s.m, r.classes)
	lapack64.Potrs(factor, z)

	d := r.x.dim
	out := &linear{weights: make([]float64, r.classes*d), bias: make([]float64, r.classes)}
	mean := s.mean
	if r.isDual {
		mean = r.combine(out.weights, z, train)
	} else {
		for j := range d {
			for c := range r.classes {
				out.weights[c*d+j] = z.Data[j*r.classes+c]
			}
		}
	}
	for c := range out.bias {
		w := out.weights[c*d : (c+1)*d]
		out.bias[c] = s.target[c] - floats.Dot(w, mean) - floats.Dot(w, r.x.mean)
	}
	return out, nil
}

// combine turns a dual solution into weights, z'X, and gives the mean row of the
// subset besides. The coefficients of a class sum to zero, so it makes no
// difference to the weights whether the mean is taken off the rows.
func (r *ridge) combine(weights []float64, z blas64.General, train []int) (mean []float64) {
	d := r.x.dim
	mean = make([]float64, d)
	rows := make([]float64, min(block, len(train))*d)
	for at := 0; at < len(train); at += block {
		idx := train[at:min(at+block, len(train))]
		r.x.load(rows, idx)
		part := matrix(z.Data[at*r.classes:], len(idx), r.classes)
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, part, matrix(rows, len(idx), d), 1, matrix(weights, r.classes, d))
		for k := range idx {
			floats.AddScaled(mean, 1/float64(len(train)), rows[k*d:(k+1)*d])
		}
	}
	return mean
}

func matrix(data []float64, rows, cols int) blas64.General {
	return blas64.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}
