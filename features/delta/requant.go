package delta

import (
	"fmt"
	"math"
)

// Requant turns sums into levels, the same on every machine:
//
//	level = floor((v*Mul + 2^(Shift-1)) / 2^Shift)
//
// which is v*Mul/2^Shift rounded, halves upwards. Mul is from 2^30 to 2^31-1 and Shift
// from 1 to 62, so that the product, of a value of 32 bits, and what is added to it fit
// 64 bits, and the ratio has 30 bits or more.
type Requant struct {
	Mul   int32
	Shift uint8
}

// NewRequant is the nearest to a ratio, from 2^-31 on and below 2^30.
func NewRequant(ratio float64) (Requant, error) {
	if !(ratio >= 0x1p-31 && ratio < 0x1p30) {
		return Requant{}, fmt.Errorf("the ratio of a value's unit to a step: expected 2^-31 or more and less than 2^30, found %v", ratio)
	}
	fraction, exponent := math.Frexp(ratio) // from 0.5
	mul := math.Round(math.Ldexp(fraction, 31))
	if mul == 1<<31 {
		mul, exponent = 1<<30, exponent+1
	}
	// Rounded up to 2^30 itself there would be no bit to round by.
	if exponent > 30 {
		mul, exponent = math.MaxInt32, 30
	}
	return Requant{Mul: int32(mul), Shift: uint8(31 - exponent)}, nil
}

// Ratio is what values are multiplied by.
func (r Requant) Ratio() float64 { return math.Ldexp(float64(r.Mul), -int(r.Shift)) }

// Level is that of a value, not limited to the levels that there are.
func (r Requant) Level(v int32) int64 {
	return (int64(v)*int64(r.Mul) + 1<<(r.Shift-1)) >> r.Shift
}

// valid tells whether the numbers are within their ranges.
func (r Requant) valid() bool { return r.Mul >= 1<<30 && r.Shift >= 1 && r.Shift <= 62 }
