// Package hw is the boundary to the hardware that saccade computes on: what a
// target is, the registry of those compiled in, and the arithmetic that every
// one of them performs to the same bits.
//
// # The boundary
//
// A caller sees a layer, not a dot product: a packet of events goes in, a packet
// of results comes out ([Layer]), so that an accelerator pays for one transfer a
// packet. Targets that are CPUs share one implementation of the layer, which is
// written where its rule is read, in features/feast; what they differ in is the
// [Kernels] under it. Package hw/cpu holds those, package hw/hwtest the
// conformance suite that every target passes.
//
// # The arithmetic
//
// All of it is integer, so that the order of a summation does not matter and no
// compiler can change a bit. The formats, with p = [PeakBits] of the context's
// length n:
//
//	quantity                    format         bound
//	surface value, context      int16          0..2^p, 2^p at the event itself
//	sum of squares              uint32         n * 4^p < 2^32
//	norm |c|                    Q4 in uint32   floor(sqrt(sum << 8))
//	match weight                Q15 in int16   the master copy, rounded
//	dot product                 int32          |c| * 2^15 < 2^31 (Cauchy-Schwarz)
//	selection threshold         Q24 in int32
//	master weight               Q24 in int32
//	eta                         Q32 in int32   below 0.5
//	context of length one       Q15 in int16   rounded down
//	stamp                       uint32         MaxStamp
//
// Products are of 16 bits, in the learning step too ([Kernels].Learn): that is what
// a multiplier of an FPGA has, and what the widest instructions of a CPU take most
// of. A master weight is pulled by the difference of the context to its rounded
// value: that costs eta*2^-16 of its own precision of 2^-24, and nothing for the eta
// that learning takes.
//
// The surface's decay is a shift and a polynomial, defined in [Decay.Value]. The
// threshold test needs no division: dot<<13 >= threshold*norm.
package hw
