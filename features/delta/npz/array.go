package npz

import (
	"fmt"
	"math"
	"slices"
)

// Array is an array in C order, whatever the file's was: the last axis runs fastest.
type Array struct {
	Shape []int  // none for a single value
	Type  string // of the values in the file, as numpy writes it, such as <f4 or |i1

	ints   []int64   // of whole numbers
	floats []float64 // of floats
}

// Len is the number of values.
func (a *Array) Len() int { return max(len(a.ints), len(a.floats)) }

// Whole tells whether the values are whole numbers by their type.
func (a *Array) Whole() bool { return a.floats == nil }

// Floats are the values as float64. Whole numbers beyond 2^53 are an error, as they
// would not be the same.
func (a *Array) Floats() ([]float64, error) {
	if !a.Whole() {
		return slices.Clone(a.floats), nil
	}
	out := make([]float64, len(a.ints))
	for i, v := range a.ints {
		if v > 1<<53 || v < -1<<53 {
			return nil, fmt.Errorf("value %d: expected a number that a float64 can hold, found %d", i, v)
		}
		out[i] = float64(v)
	}
	return out, nil
}

// Ints are the values as whole numbers within limits. A value beyond them, or a float that is
// not whole, is an error.
func (a *Array) Ints(least, most int64) ([]int64, error) {
	out := slices.Clone(a.ints)
	if !a.Whole() {
		out = make([]int64, len(a.floats))
		for i, v := range a.floats {
			if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
				return nil, fmt.Errorf("value %d: expected a whole number, found %v", i, v)
			}
			out[i] = int64(v)
		}
	}
	for i, v := range out {
		if v < least || v > most {
			return nil, fmt.Errorf("value %d: expected %d to %d, found %d", i, least, most, v)
		}
	}
	return out, nil
}

// fortran puts values of Fortran order, the first axis fastest, into C order.
func fortran[T any](values []T, shape []int) []T {
	out := make([]T, len(values))
	index := make([]int, len(shape))
	for at := range out {
		from, stride := 0, 1
		for axis, i := range index {
			from += i * stride
			stride *= shape[axis]
		}
		out[at] = values[from]
		for axis := len(index) - 1; axis >= 0; axis-- {
			if index[axis]++; index[axis] < shape[axis] {
				break
			}
			index[axis] = 0
		}
	}
	return out
}
