package quantise

import (
	"cmp"
	"math"
	"slices"

	"github.com/saccade-dev/saccade/features/delta"
)

// nearly is how far a bound is taken down, as a share of itself. A value that is as large
// as the bound is kept; that is so with the bound as float64 has it and in units of the
// values, both of which are rounded, as no other value is so near.
const nearly = 1.0 / (1 << 40)

// cutBounds takes a bound into the units of a cut's values, and gives the bound that the
// integers stand for: |v|*unit < bound is |v| < ceil(bound/unit).
func cutBounds(p *delta.Params, bound float64, in tensor) float64 {
	bound -= bound * nearly
	p.Bound = make([]int32, len(in.unit))
	for i, unit := range in.unit {
		// Sums are below 2^31-1: a bound of that leaves nothing.
		p.Bound[i] = int32(min(math.Ceil(bound/unit), math.MaxInt32))
	}
	return bound
}

// weighMagnitudes gives each unit of a topk's values as a share of the largest one.
func weighMagnitudes(p *delta.Params, in tensor) {
	largest := slices.Max(in.unit)
	if slices.Min(in.unit) == largest {
		p.Weigh = []int32{1}
		return
	}
	p.Weigh = make([]int32, len(in.unit))
	for i, unit := range in.unit {
		p.Weigh[i] = int32(max(math.Round(unit/largest*(1<<30)), 1))
	}
}

// rough is the magnitude of a value, rounded to 24 bits: sums that are the same as
// integers differ as real numbers by what rounds units and steps to 30 bits, and would be
// kept in another order.
func rough(v float64) uint64 { return (math.Float64bits(math.Abs(v)) + 1<<27) >> 28 }

// topK keeps the values of largest magnitude, of equal ones those that come first. The
// slice is room for their order, and is given back.
func topK(out, in []float64, keep int, order []int) []int {
	order = order[:0]
	for i, v := range in {
		if out[i] = 0; v != 0 {
			order = append(order, i)
		}
	}
	if len(order) > keep {
		slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(rough(in[b]), rough(in[a])) })
	}
	for _, i := range order[:min(keep, len(order))] {
		out[i] = in[i]
	}
	return order
}
