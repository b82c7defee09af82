package sensor

import "math"

// The level of a pixel is the natural logarithm of its luminance in units of
// 2^-24: from ln(MinDark) to ln(MaxLuminance) it takes 30 bits with its sign.
const (
	levelBits = 24
	levelOne  = 1 << levelBits

	tableBits  = 11 // of the mantissa index the table
	restBits   = 23 - tableBits
	tableScale = 40 // fraction bits in the table
)

// lnTable holds ln(1 + k/2^tableBits). Between two entries a straight line is
// off by at most (2^-11)^2/8 = 3e-8, half a unit of the level.
var lnTable = func() (t [1<<tableBits + 1]int64) {
	for k := range t {
		t[k] = int64(math.RoundToEven(ln(1+float64(k)/(1<<tableBits)) * (1 << tableScale)))
	}
	return t
}()

var ln2 = lnTable[1<<tableBits]

// level is the logarithm of a positive, normal float32 as a pixel's level. It
// takes the number apart, looks its mantissa up and interpolates, in integers.
func level(luminance float32) int32 {
	bits := math.Float32bits(luminance)
	exponent := int64(bits>>23) - 127
	k := bits >> restBits & (1<<tableBits - 1)
	rest := int64(bits & (1<<restBits - 1))
	a, b := lnTable[k], lnTable[k+1]
	v := exponent*ln2 + a + (b-a)*rest>>restBits
	return int32((v + 1<<(tableScale-levelBits-1)) >> (tableScale - levelBits))
}

// ln is the natural logarithm of a positive, finite x, equal to the last bit on
// every machine. [math.Log] is not: it is assembly on some, and elsewhere its
// multiply-adds are fused or not as the processor allows.
func ln(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1)
	s2 := float64(s * s)
	sum := 0.0
	for _, c := range artanh {
		sum = float64(sum*s2) + c
	}
	return float64(2*float64(s*sum)) + float64(float64(e)*math.Ln2)
}

// artanh is the series of artanh(s)/s in s^2, from its last term to its first: as
// ln m = 2 artanh s with |s| <= 0.172, it is cut off below 2^-60.
var artanh = [...]float64{1. / 23, 1. / 21, 1. / 19, 1. / 17, 1. / 15, 1. / 13, 1. / 11, 1. / 9, 1. / 7, 1. / 5, 1. / 3, 1}
