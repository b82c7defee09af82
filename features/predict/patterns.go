package predict

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// Bounds on what is scored. Time grows with the square of the patterns times their
// length, and with the cube of the patterns; memory with their square, two float64 a
// pair.
const (
	MaxPatterns  = 1 << 12
	MaxDimension = 1 << 24 // of a pattern
	MaxClasses   = 1000
)

// Patterns are activation patterns: how often each feature won in each place, pooled
// over a recording, with the recording's label.
type Patterns struct {
	Rows   [][]float32 // n patterns of one length d
	Labels []string    // n
}

// set is Patterns found to be in order, with classes by index.
type set struct {
	rows    [][]float32
	dim     int
	classes []string // ascending
	y       []int    // the class of each row
	count   []float64
}

func newSet(p Patterns) (*set, error) {
	n := len(p.Rows)
	if n != len(p.Labels) {
		return nil, fmt.Errorf("predict: %d patterns but %d labels", n, len(p.Labels))
	}
	if n == 0 || n > MaxPatterns {
		return nil, fmt.Errorf("predict: %d patterns: expected 1 to %d", n, MaxPatterns)
	}
	s := &set{rows: p.Rows, dim: len(p.Rows[0]), classes: slices.Clone(p.Labels), y: make([]int, n)}
	if s.dim < 1 || s.dim > MaxDimension {
		return nil, fmt.Errorf("predict: patterns of length %d: expected 1 to %d", s.dim, MaxDimension)
	}
	for i, row := range s.rows {
		if len(row) != s.dim {
			return nil, fmt.Errorf("predict: pattern %d: expected length %d, found %d", i, s.dim, len(row))
		}
		for j, x := range row {
			// Large numbers too: their products would be no numbers any more.
			if v := math.Abs(float64(x)); !(v <= maxEntry) {
				return nil, fmt.Errorf("predict: pattern %d: entry %d is %v: expected a number of at most %g", i, j, x, maxEntry)
			}
		}
	}
	slices.Sort(s.classes)
	s.classes = slices.Compact(s.classes)
	if len(s.classes) < 2 || len(s.classes) > MaxClasses {
		return nil, fmt.Errorf("predict: %d different labels: expected 2 to %d", len(s.classes), MaxClasses)
	}
	s.count = make([]float64, len(s.classes))
	for i, label := range p.Labels {
		s.y[i], _ = slices.BinarySearch(s.classes, label)
		s.count[s.y[i]]++
	}
	for c, n := range s.count {
		if n < 2 {
			return nil, fmt.Errorf("predict: label %q has one pattern: a spread needs two or more", s.classes[c])
		}
	}
	return s, nil
}

// maxEntry bounds the entries of patterns, so that no sum of products can overflow.
const maxEntry = 1e30

// errNoNumbers is a loss of all precision, which centred patterns of bounded entries
// should never meet.
var errNoNumbers = errors.New("predict: the patterns' products are no numbers")

// block is how many columns are multiplied at a time: the patterns are never held in
// float64 as a whole.
const block = 512

// gram is the n x n products of the rows, less their mean row, with each other. Its
// upper triangle is filled in.
func (s *set) gram(ctx context.Context) (blas64.Symmetric, error) {
	n := len(s.rows)
	g := blas64.Symmetric{N: n, Stride: n, Data: make([]float64, n*n), Uplo: blas.Upper}
	part := make([]float64, n*min(block, s.dim))
	for first := 0; first < s.dim; first += block {
		if err := ctx.Err(); err != nil {
			return g, err
		}
		width := min(block, s.dim-first)
		mean := make([]float64, width)
		for i, row := range s.rows {
			for j := range width {
				// Less the first row to begin with, so that equal rows are exactly zero.
				v := float64(row[first+j]) - float64(s.rows[0][first+j])
				part[i*width+j] = v
				mean[j] += v / float64(n)
			}
		}
		for i := range n {
			for j := range width {
				part[i*width+j] -= mean[j]
			}
		}
		blas64.Syrk(blas.NoTrans, 1, blas64.General{Rows: n, Cols: width, Stride: width, Data: part}, 1, g)
	}
	return g, nil
}
