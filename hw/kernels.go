package hw

import "math"

// Kernels are the inner loops of a CPU target. All work on memory of the caller
// and keep none. Slices have the lengths that are stated; a kernel may panic
// when they do not, and reads and writes nothing outside them.
type Kernels struct {
	// Context gathers the side*side patch of a surface whose first row begins at
	// surface[0] and whose rows are stride cells apart, as values of d at the
	// time now, row by row into c. Ages are now less the cell, 0 for a cell of
	// the future. It returns the sum of squares, below 2^32.
	//
	// len(surface) is at least (side-1)*stride+side, len(c) is
	// ContextLen(side*side); what lies behind side*side in c stays as it is.
	Context func(c []int16, surface []uint32, stride, side int, now uint32, d *Decay) uint32

	// WeightWords is the memory, in 64-bit words, of the match weights of that
	// many neurons and elements. It is zero when it is made, and whole neurons are
	// put into it by Pack, in any order and as often as wanted.
	WeightWords func(neurons, elements int) int
	// Pack puts the match weights of one neuron into weights, rounded from its
	// master weights, in the order that the target's Match likes.
	Pack func(weights []uint64, neurons, neuron int, master []int32)
	// Match computes the dot product of every neuron's match weights with the
	// context: dots[i] for i below len(dots), the number of neurons. len(weights)
	// is WeightWords of them, and len(c) is ContextLen; c is zero behind its
	// elements, so that a whole register may be read there.
	Match func(dots []int32, weights []uint64, c []int16)

	// Learn moves the master weights of the winner towards the context and
	// brings their length back to one: m += eta*(c/|c| - m), then one Newton step
	// m += m*(1-|m|^2)/2. The context's reciprocal length is [Reciprocal]. The
	// products are [Normalised], [MulHigh] and [Renormal]; len(c) is ContextLen of
	// len(master).
	Learn func(master []int32, c []int16, reciprocal uint32, eta int32)
}

// Fraction bits of the formats.
const (
	NormFraction      = 4
	WeightFraction    = 15
	ThresholdFraction = 24
	MasterFraction    = 24
	EtaFraction       = 32

	// MatchShift makes dot and threshold*norm comparable.
	MatchShift = ThresholdFraction + NormFraction - WeightFraction

	// reciprocalExtra: c*reciprocal, at most 2^30, is c/|c| with six bits more
	// than a master weight has.
	reciprocalExtra = 6
)

// contextAlign is what a context's length is rounded up to: 32 int16 are one
// register of 512 bits.
const contextAlign = 32

// ContextLen is the length of a context's memory for n elements.
func ContextLen(n int) int { return (n + contextAlign - 1) &^ (contextAlign - 1) }

// Norm is the length of a context in Q4 from its sum of squares.
func Norm(sumOfSquares uint32) uint32 {
	// The square root of a float64 is rounded correctly on every machine, and
	// below 2^52 rounding cannot carry it to the next integer.
	return uint32(math.Sqrt(float64(uint64(sumOfSquares) << (2 * NormFraction))))
}

// Reciprocal is the factor that brings a context of that norm to the length one;
// the norm is positive.
func Reciprocal(norm uint32) uint32 {
	const one = 1 << (MasterFraction + reciprocalExtra + NormFraction)
	return uint32((one + uint64(norm)/2) / uint64(norm))
}

// Normalised is one element of the context of length one, in the format of a
// master weight.
func Normalised(c int16, reciprocal uint32) int32 {
	return int32((uint32(c)*reciprocal + 1<<(reciprocalExtra-1)) >> reciprocalExtra)
}

// MulHigh is the rounded product of a number with a factor in Q32.
func MulHigh(a, factor int32) int32 {
	return int32((int64(a)*int64(factor) + 1<<(EtaFraction-1)) >> EtaFraction)
}

// Renormal is the factor in Q32 of the Newton step m += m*factor that brings a
// vector with the given sum of squares, Q48, towards length one.
func Renormal(sumOfSquares int64) int32 {
	const shift = 2*MasterFraction - EtaFraction + 1
	f := (int64(1)<<(2*MasterFraction) - sumOfSquares + 1<<(shift-1)) >> shift
	return int32(max(min(f, math.MaxInt32), math.MinInt32))
}

// MatchWeight is the match weight of a master weight.
func MatchWeight(master int32) int16 {
	const shift = MasterFraction - WeightFraction
	return int16(max(min((master+1<<(shift-1))>>shift, math.MaxInt16), math.MinInt16))
}
