package readout

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Bounds on what can be learned from and on what a model may be.
const (
	MaxClasses   = 1000
	MaxLabel     = 255     // bytes of a class's name
	MaxDimension = 1 << 24 // of a vector
	MaxWeights   = 1 << 28 // classes times dimension
)

// ErrVector is wrapped by the errors of vectors that cannot be judged: those of
// the wrong length and those with an entry that is not finite.
var ErrVector = errors.New("readout: not a vector that can be judged")

// Data are labelled samples: n vectors of one length and the class of each.
type Data struct {
	Rows   [][]float32
	Labels []string
}

// samples are Data found to be in order, with classes by index.
type samples struct {
	rows    [][]float32
	dim     int
	classes []string // in ascending order
	y       []int    // the class of each row
	count   []int    // how many rows each class has
}

func newSamples(d Data) (*samples, error) {
	if len(d.Rows) != len(d.Labels) {
		return nil, fmt.Errorf("readout: %d rows but %d labels", len(d.Rows), len(d.Labels))
	}
	if len(d.Rows) == 0 {
		return nil, errors.New("readout: no samples")
	}
	s := &samples{rows: d.Rows, dim: len(d.Rows[0]), classes: slices.Clone(d.Labels)}
	if s.dim < 1 || s.dim > MaxDimension {
		return nil, fmt.Errorf("readout: rows of length %d: expected 1 to %d", s.dim, MaxDimension)
	}
	for i, row := range d.Rows {
		if err := checkVector(row, s.dim); err != nil {
			return nil, fmt.Errorf("row %d: %w", i, err)
		}
	}
	slices.Sort(s.classes)
	s.classes = slices.Compact(s.classes)
	if err := checkClasses(s.classes, s.dim); err != nil {
		return nil, err
	}
	s.y = make([]int, len(d.Labels))
	s.count = make([]int, len(s.classes))
	for i, label := range d.Labels {
		c, _ := slices.BinarySearch(s.classes, label)
		s.y[i] = c
		s.count[c]++
	}
	return s, nil
}

// checkClasses looks at the classes of a model or a training set.
func checkClasses(classes []string, dim int) error {
	if len(classes) < 2 || len(classes) > MaxClasses {
		return fmt.Errorf("readout: %d different classes: expected 2 to %d", len(classes), MaxClasses)
	}
	if int64(len(classes))*int64(dim) > MaxWeights {
		return fmt.Errorf("readout: %d classes of dimension %d: at most %d weights", len(classes), dim, MaxWeights)
	}
	for i, name := range classes {
		if name == "" || len(name) > MaxLabel || !utf8.ValidString(name) {
			return fmt.Errorf("readout: class name %q: expected 1 to %d bytes of UTF-8", name, MaxLabel)
		}
		if i > 0 && classes[i-1] >= name {
			return fmt.Errorf("readout: class %q behind %q: expected ascending names", name, classes[i-1])
		}
	}
	return nil
}

// checkVector tells whether a vector can be judged; by what is zero and has no
// dimension, none can.
func checkVector(v []float32, dim int) error {
	if len(v) != dim || dim == 0 {
		return fmt.Errorf("%w: expected length %d, found %d", ErrVector, dim, len(v))
	}
	for i, x := range v {
		if !finite(x) {
			return fmt.Errorf("%w: entry %d is %v", ErrVector, i, x)
		}
	}
	return nil
}

// finite tells whether a float32 is a number: not all bits of its exponent are set.
func finite(x float32) bool {
	const exponent = 0x7f800000
	return math.Float32bits(x)&exponent != exponent
}
