package sweep

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
)

// maxValues bounds how many values one parameter may have.
const maxValues = 1000

// values are those that a parameter may have: a list, or a range.
type values struct {
	kind kind
	list []value // of a range, its steps: empty where it has none
	// low and high are a range's ends, where it is one.
	isRange   bool
	low, high value
}

// parseValues reads a list, A,B,C; a range, A..B; or N values of one, A..B/N.
func parseValues(k kind, text string) (values, error) {
	if from, to, ok := strings.Cut(text, ".."); ok && k != word {
		return parseRange(k, from, to)
	}
	v := values{kind: k}
	for part := range strings.SplitSeq(text, ",") {
		one, err := k.parse(strings.TrimSpace(part))
		if err != nil {
			return v, err
		}
		if slices.Contains(v.list, one) {
			return v, fmt.Errorf("%s stands twice in %q", k.text(one), text)
		}
		if v.list = append(v.list, one); len(v.list) > maxValues {
			return v, fmt.Errorf("expected at most %d values", maxValues)
		}
	}
	return v, nil
}

func parseRange(k kind, from, to string) (v values, err error) {
	v = values{kind: k, isRange: true}
	to, count, counted := strings.Cut(to, "/")
	if v.low, err = k.parse(strings.TrimSpace(from)); err != nil {
		return v, err
	}
	if v.high, err = k.parse(strings.TrimSpace(to)); err != nil {
		return v, err
	}
	low, high := v.low.number, v.high.number
	if !(low < high) {
		return v, fmt.Errorf("expected a range from less to more, found %s..%s", k.text(v.low), k.text(v.high))
	}
	if k != whole && low <= 0 {
		return v, fmt.Errorf("expected a range above 0, whose values stand at equal ratios, found one from %s: write a list", k.text(v.low))
	}
	if !counted {
		if k == whole {
			if high-low >= maxValues {
				return v, fmt.Errorf("expected a range of at most %d whole numbers, found %s..%s", maxValues, k.text(v.low), k.text(v.high))
			}
			for x := low; x <= high; x++ {
				v.list = append(v.list, value{number: x})
			}
		}
		return v, nil
	}
	n, err := strconv.Atoi(strings.TrimSpace(count))
	if err != nil || n < 2 || n > maxValues {
		return v, fmt.Errorf("expected 2 to %d values of a range, found %q", maxValues, count)
	}
	for i := range n {
		v.list = append(v.list, value{number: v.at(float64(i) / float64(n-1))})
	}
	v.list = slices.Compact(v.list)
	return v, nil
}

// at is the number at a share of the way through a range, 0 to 1: evenly for whole
// numbers, at equal ratios for others, rounded to what people would write.
func (v values) at(share float64) float64 {
	low, high := v.low.number, v.high.number
	x := low + share*(high-low)
	if v.kind != whole {
		x = low * math.Pow(high/low, share)
	}
	return max(low, min(v.kind.round(x), high))
}

// draw gives one of the values, all as likely, or one from anywhere in a range.
func (v values) draw(rng *rand.Rand) value {
	if len(v.list) > 0 {
		return v.list[rng.IntN(len(v.list))]
	}
	return value{number: v.at(rng.Float64())}
}

// ends are values which are in their bounds if all are.
func (v values) ends() []value {
	if v.isRange {
		return []value{v.low, v.high}
	}
	return v.list
}
