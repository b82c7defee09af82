package npz

import (
	"fmt"
	"math"

	"github.com/saccade-dev/saccade/features/delta/float16"
)

// Array is an array whose header has been read. Its values stay in the file, packed as
// they are, until one of the methods asks for them; they come in C order, whatever the
// file's was: the last axis runs fastest.
type Array struct {
	Shape []int  // none for a single value
	Type  string // of the values in the file, as numpy writes it, such as <f4 or |i1

	layout layout
	values values
}

// layout says how values stand in a file.
type layout struct {
	order, kind byte // as in a type: <, >, | or =; b, i, u or f
	size        int  // bytes of a value
	count       int
	fortran     bool
}

// Len is the number of values.
func (a *Array) Len() int { return a.layout.count }

// Whole tells whether the values are whole numbers by their type.
func (a *Array) Whole() bool { return a.layout.kind != 'f' }

// Floats are the values as float64. Whole numbers beyond 2^53 are an error, as they
// would not be the same; so are values that cannot be unpacked.
func (a *Array) Floats() ([]float64, error) {
	out := make([]float64, a.Len())
	err := a.each(func(i int, bits uint64) error {
		if !a.Whole() {
			out[i] = a.layout.float(bits)
			return nil
		}
		v, err := a.layout.whole(i, bits)
		if err == nil && (v > 1<<53 || v < -1<<53) {
			err = fmt.Errorf("value %d: expected a number that a float64 can hold, found %d", i, v)
		}
		out[i] = float64(v)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Ints are the values as whole numbers within limits. A value beyond them, or a float that is
// not whole, is an error; so are values that cannot be unpacked.
func (a *Array) Ints(least, most int64) ([]int64, error) {
	out := make([]int64, a.Len())
	err := a.EachInt(least, most, func(i int, v int64) error {
		out[i] = v
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// EachInt calls a function with each of what Ints would give, in order, and keeps none of
// them. The function's error ends it, and is returned as it is.
func (a *Array) EachInt(least, most int64, take func(i int, v int64) error) error {
	return a.each(func(i int, bits uint64) error {
		v, err := a.layout.whole(i, bits)
		if err != nil {
			return err
		}
		if v < least || v > most {
			return fmt.Errorf("value %d: expected %d to %d, found %d", i, least, most, v)
		}
		return take(i, v)
	})
}

// float is a number of IEEE 754, of 2, 4 or 8 bytes.
func (l *layout) float(bits uint64) float64 {
	switch l.size {
	case 8:
		return math.Float64frombits(bits)
	case 4:
		return float64(math.Float32frombits(uint32(bits)))
	default:
		return float16.Float64(uint16(bits))
	}
}

// whole is the value as a whole number, which a float may be too.
func (l *layout) whole(i int, bits uint64) (int64, error) {
	switch {
	case l.kind == 'f':
		v := l.float(bits)
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			return 0, fmt.Errorf("value %d: expected a whole number, found %v", i, v)
		}
		return int64(v), nil
	case l.kind == 'u' && bits > math.MaxInt64:
		return 0, fmt.Errorf("value %d: expected at most %d, found %d", i, int64(math.MaxInt64), bits)
	case l.kind == 'b' && bits > 1:
		return 0, fmt.Errorf("value %d: expected a boolean, 0 or 1, found %d", i, bits)
	case l.kind == 'i':
		unused := 64 - 8*l.size
		return int64(bits<<unused) >> unused, nil
	default:
		return int64(bits), nil
	}
}
