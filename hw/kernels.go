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

	// Learn moves the master weights of the winner towards the context and keeps
	// their length at one, m += eta*(c/|c| - m) + m*(1-|m'|^2)/2 with the length |m'|
	// that the first term would leave, and rounds them to the match weights, which
	// hold the rounded master weights before as well. With the numbers of p, for every
	// element:
	//
	//	d = Difference(Normalised(c, p.Shift, p.Factor), w)
	//	m += (d*p.Rate + w*p.Renormal + 1<<(p.Drop-1)) >> p.Drop
	//	w = MatchWeight(m)
	//	squares += w*w
	//
	// all modulo 2^32. It returns the squares. All slices have ContextLen of the elements and are zero
	// behind them.
	Learn func(master []int32, weights, c []int16, p Pull) (squares uint32)

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

// Pull is what a learning step multiplies with.
type Pull struct {
	Shift  uint   // of the context to the left, see Scale
	Factor uint16 // of the context, then
	Rate   int16  // of the difference between context and weights, see Rate
	// Renormal is the factor of the weights, which brings their length towards one:
	// the Newton step (1-|m'|^2)/2, in the units of Rate and saturated.
	Renormal int16
	Drop     uint // what the sum of both products is shifted to the right by
}

// NewPull computes what a neuron needs to learn a context of that norm: from its dot
// product with the context, the sum of squares of its match weights, Q30, and eta,
// Q32.
//
// The squared length behind the step towards the context follows from what is known
// before it, so that one pass over the weights does both: with s = |w|^2, t =
// w*c/|c| and |c/|c|| = 1 it is s + 2*eta*(t-s) + eta^2*(1-2t+s). What rounding adds
// is in the next step's s. One is the greatest match weight there is, 1 - 2^-15:
// towards anything longer, the weights of a neuron that has only one would grow for
// ever.
func NewPull(norm uint32, dot int32, squares uint32, eta int32) Pull {
	const one = math.MaxInt16 * math.MaxInt16
	shift, factor := Scale(norm)
	rate, drop := Rate(eta)
	s, e := int64(squares), int64(eta)
	t := int64(dot) * int64(factor) >> (16 - min(shift, 16))
	length := s + (t-s)*e>>31 + ((one-2*t+s)*e>>EtaFraction)*e>>EtaFraction
	round := 2*WeightFraction + 1 - (MasterFraction - WeightFraction) - drop
	g := (one - length + 1<<(round-1)) >> round
	return Pull{Shift: shift, Factor: factor, Rate: rate, Renormal: int16(max(min(g, math.MaxInt16), math.MinInt16)), Drop: drop}
}

// MatchWeight is the match weight of a master weight.
func MatchWeight(master int32) int16 {
	const shift = MasterFraction - WeightFraction
	return int16(max(min((master+1<<(shift-1))>>shift, math.MaxInt16), math.MinInt16))
}
