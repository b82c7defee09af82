package command

import (
	"fmt"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta/topology"
)

// expectation is what frames are to give: labels, integers or real numbers.
type expectation struct {
	labels, integers []int64
	reals            []float64
	outputs          int

	result expectedJSON
	first  string // the first that is other, in words
}

// expectedJSON is what came of the comparison.
type expectedJSON struct {
	Kind      string   `json:"kind"` // labels, integers or values
	Compared  int      `json:"compared"`
	Different int      `json:"different"`
	Labels    *int     `json:"same_label,omitempty"` // frames whose largest output is the expected one
	Largest   *float64 `json:"largest_difference,omitempty"`
}

// loadExpectation reads an array that stands for frames of outputs of a shape.
func loadExpectation(path string, frames int, out topology.Shape) (*expectation, error) {
	const name = "output"
	a, err := loadArray(path, name)
	if err != nil {
		return nil, err
	}
	x := &expectation{outputs: out.Len()}
	switch {
	case len(a.Shape) == 1 && a.Shape[0] == frames && a.Whole() && x.outputs > 1:
		x.result.Kind = "labels"
		x.labels, err = a.Ints(0, int64(x.outputs)-1)
	case len(a.Shape) < 1 || a.Shape[0] != frames || a.Len() != frames*x.outputs:
		hint := ""
		if len(a.Shape) > 0 && a.Shape[0] > frames && a.Shape[0]%frames == 0 {
			hint = fmt.Sprintf("; --hold gives every frame several times, here %d times as often", a.Shape[0]/frames)
		}
		return nil, fmt.Errorf("%s: expected [step] labels, or [step] outputs, %d of %d, found an array of sizes %v%s", path, frames, x.outputs, a.Shape, hint)
	case a.Whole():
		x.result.Kind = "integers"
		x.integers, err = a.Ints(math.MinInt64, math.MaxInt64)
	default:
		x.result.Kind = "values"
		x.reals, err = a.Floats()
		if i := slices.IndexFunc(x.reals, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) }); i >= 0 && err == nil {
			err = fmt.Errorf("value %d: expected a number, found %v", i, x.reals[i])
		}
		x.result.Largest = new(float64)
		x.result.Labels = new(int)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return x, nil
}

// take compares a frame.
func (x *expectation) take(frame int, out []int32, real []float64) {
	switch x.result.Kind {
	case "labels":
		x.note(int64(largest(real)) == x.labels[frame], "")
	case "integers":
		for i, v := range out {
			want := x.integers[frame*x.outputs+i]
			x.note(int64(v) == want, "frame %d, output %d: expected %d, found %d", frame, i, want, v)
		}
	default:
		expected := x.reals[frame*x.outputs:][:x.outputs]
		for i, v := range real {
			apart := math.Abs(v - expected[i])
			if apart > *x.result.Largest {
				*x.result.Largest = apart
				x.first = fmt.Sprintf("frame %d, output %d: expected %v, found %v", frame, i, expected[i], v)
			}
			x.result.Compared++
			if v != expected[i] {
				x.result.Different++
			}
		}
		if largest(real) == largest(expected) {
			*x.result.Labels++
		}
	}
}

// note counts a comparison, and remembers the first that was not as expected.
func (x *expectation) note(same bool, format string, args ...any) {
	x.result.Compared++
	if same {
		return
	}
	if x.result.Different++; x.first == "" {
		x.first = fmt.Sprintf(format, args...)
	}
}

// String tells people.
func (r expectedJSON) String() string {
	if r.Kind == "values" {
		return fmt.Sprintf("%s: the largest difference is %.6g; the same label in %s", plural(r.Compared, "value"), *r.Largest, plural(*r.Labels, "frame"))
	}
	same := r.Compared - r.Different
	return fmt.Sprintf("%s of %s %s as expected (%s)", grouped(same), grouped(r.Compared), r.Kind, percent(float64(same)/float64(max(r.Compared, 1))))
}

// err is what should be as expected and is not: any integer, and values beyond the
// tolerance, where one was given. Labels may be the truth, which no network always finds.
func (x *expectation) err(path string, tolerance float64, given bool) error {
	switch {
	case x.result.Kind == "values" && given && *x.result.Largest > tolerance:
		return fmt.Errorf("%s: %s, more than %v apart", path, x.first, tolerance)
	case x.result.Kind == "integers" && x.result.Different > 0:
		return fmt.Errorf("%s: %s (%d of %d are other)", path, x.first, x.result.Different, x.result.Compared)
	default:
		return nil
	}
}
