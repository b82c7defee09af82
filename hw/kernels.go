package hw

import (
	"math"
	"math/bits"
)

// Kernels are the inner loops of a CPU target. All work on memory of the caller
// and keep none. Slices have the lengths that are stated; a kernel panics when
// they do not, and reads and writes nothing outside them.
type Kernels struct {
	// Run takes events through the whole rule of a [Bank], in their order, and puts
	// what became of each into its step. It is one call for as many events as there
	// are; Context, Match and Learn are its parts, for tests, for measurements and
	// for targets that put Run together from them.
	Run func(b *Bank, steps []Step)

	// Context gathers a patch whose first cell is cells[first], as values of the
	// decay at the time now, plane by plane and row by row, into c. Ages are now less
	// the cell, 0 for a cell of the future; stamps are at most MaxStamp. It returns the sum of squares, below
	// 2^32. len(c) is ContextSpace of the patch's elements; behind those c is zero
	// before and after.
	Context func(c []int16, cells []uint32, first int, p *Patch, now uint32) uint32

	// Match computes the dot products of every neuron's match weights with Batch
	// contexts: dots[k*DotLen(neurons)+i] for context k and neuron i. contexts are
	// Batch rows of ContextSpace(elements) each, weights NeuronRows(neurons) rows of
	// ContextLen(elements), and both are zero behind their elements. What is in dots
	// behind the neurons of a row is not defined.
	Match func(dots []int32, weights, contexts []int16, neurons, elements int)

	// Learn moves the master weights of the winner towards the context, m +=
	// eta*(c/|c| - m), brings their length back to one by a Newton step, m +=
	// m*(1-|m|^2)/2, and rounds them to the match weights, which hold the rounded
	// master weights before as well. For every element, with s and r from
	// [Scale] of the norm and e and k from [Rate] of eta:
	//
	//	m += (Difference(Normalised(c, s, r), w)*e + 1<<(k-1)) >> k
	//	w = MatchWeight(m)
	//	sum += w*w, modulo 2^32
	//
	// and then, with f = [Renormal](sum):
	//
	//	m += (w*f + 1<<6) >> 7
	//	w = MatchWeight(m)
	//
	// All slices have ContextLen of the elements and are zero behind them.
	Learn func(master []int32, weights, c []int16, norm uint32, eta int32)

	// Delta are the inner loops of delta networks.
	Delta DeltaKernels
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
)

// Norm is the length of a context in Q4 from its sum of squares.
func Norm(sumOfSquares uint32) uint32 {
	// The square root of a float64 is rounded correctly on every machine, and
	// below 2^52 rounding cannot carry it to the next integer.
	return uint32(math.Sqrt(float64(uint64(sumOfSquares) << (2 * NormFraction))))
}

// Scale gives what brings a context of that norm to the length one, see
// [Normalised]: a shift to the left of 20 bits at the most, and a factor in Q16.
// The factor has all of its 16 bits, whatever the norm, which is below 2^20.
func Scale(norm uint32) (shift uint, factor uint16) {
	shift = uint(20 - bits.Len32(norm))
	return shift, uint16(min(uint64(1)<<(35-shift)/uint64(max(norm, 1)), math.MaxUint16))
}

// Normalised is one element of the context of length one, Q15: never negative, and
// below one as the factor is rounded down. It is a product of 16 bits.
func Normalised(c int16, shift uint, factor uint16) int16 {
	return int16(uint32(uint16(c)<<shift) * uint32(factor) >> 16)
}

// Difference is a-b, saturated.
func Difference(a, b int16) int16 {
	return int16(max(min(int32(a)-int32(b), math.MaxInt16), math.MinInt16))
}

// Rate turns eta, Q32 and below one half, into a factor of 15 bits and the shift
// that follows the product with it: eta*2^9 is factor/2^shift, for what is Q15
// becomes Q24.
func Rate(eta int32) (factor int16, shift uint) {
	drop := uint(max(2, bits.Len32(uint32(eta))-15))
	return int16(eta >> drop), EtaFraction + WeightFraction - MasterFraction - drop
}

// Renormal is the factor in Q16, saturated, of the Newton step m += m*factor that
// brings a vector of match weights with the given sum of squares, Q30, towards
// length one. One is the greatest match weight there is, 1 - 2^-15: towards anything
// longer, the weights of a neuron that has only one would grow for ever.
func Renormal(sumOfSquares uint32) int16 {
	f := (int64(math.MaxInt16)*math.MaxInt16 - int64(sumOfSquares) + 1<<14) >> 15
	return int16(max(min(f, math.MaxInt16), math.MinInt16))
}

// MatchWeight is the match weight of a master weight.
func MatchWeight(master int32) int16 {
	const shift = MasterFraction - WeightFraction
	return int16(max(min((master+1<<(shift-1))>>shift, math.MaxInt16), math.MinInt16))
}
