package hw

import (
	"fmt"
	"math"
	"slices"
)

// Levelling says how sums become levels. It is made by [NewLevelling] and not changed.
type Levelling struct {
	// Mul and Shift are one number each, for all sums, or as many as there are sums.
	Mul, Shift []int32
	// Low and High limit the levels. A level is passed on when it is more than Threshold
	// away from what was passed on last, of 0 when it is another.
	Low, High, Threshold int32
}

// The bounds of a levelling.
const (
	MaxLevelShift = 62            // so that a product and what rounds it fit 64 bits
	MaxLevel      = math.MaxInt16 // a level's magnitude
)

// NewLevelling checks the numbers: as many multipliers as shifts, at least one; shifts
// from 1 to MaxLevelShift; Low to High within MaxLevel on either side of zero; a threshold
// from 0 to MaxLevel. It keeps the slices.
func NewLevelling(mul, shift []int32, low, high, threshold int32) (*Levelling, error) {
	switch {
	case len(mul) == 0 || len(mul) != len(shift):
		return nil, fmt.Errorf("levels: expected as many multipliers as shifts, found %d and %d", len(mul), len(shift))
	case slices.Min(shift) < 1 || slices.Max(shift) > MaxLevelShift:
		return nil, fmt.Errorf("levels: expected shifts from 1 to %d, found %d to %d", MaxLevelShift, slices.Min(shift), slices.Max(shift))
	case low > high || low < -MaxLevel || high > MaxLevel:
		return nil, fmt.Errorf("levels: expected them within %d on either side of zero, found %d to %d", MaxLevel, low, high)
	case threshold < 0 || threshold > MaxLevel:
		return nil, fmt.Errorf("levels: expected a threshold from 0 to %d, found %d", MaxLevel, threshold)
	}
	return &Levelling{Mul: mul, Shift: shift, Low: low, High: high, Threshold: threshold}, nil
}
