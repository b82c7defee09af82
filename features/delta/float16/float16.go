package float16

import "math"

// Float64 is a binary16 of these bits: a sign, 5 bits of the exponent and 10 of the fraction.
// Signs of zeros and of infinities stay; a NaN is some NaN.
func Float64(bits uint16) float64 {
	exponent, fraction := int(bits>>10&31), float64(bits&1023)
	var v float64
	switch {
	case exponent == 0: // no leading 1, and the exponent of 1
		v = math.Ldexp(fraction, -24)
	case exponent < 31:
		v = math.Ldexp(1024+fraction, exponent-25)
	case fraction == 0:
		v = math.Inf(1)
	default:
		return math.NaN()
	}
	if bits>>15 == 1 {
		v = -v
	}
	return v
}

// Brain is a bfloat16 of these bits.
func Brain(bits uint16) float64 {
	return float64(math.Float32frombits(uint32(bits) << 16))
}
