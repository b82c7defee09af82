package hw

import "unsafe"

// Patch is the part of a surface that the context of an event is taken from:
// Planes squares of Side x Side cells, one above the other.
type Patch struct {
	Side   int // cells, odd
	Stride int // cells from one row to the next
	Planes int // squares: 1, or the feature maps of the layer before
	Plane  int // cells from one plane to the next
	Decay  *Decay
}

// Elements is the number of cells of the patch, and of elements of a context.
func (p *Patch) Elements() int { return p.Planes * p.Side * p.Side }

// Span is the number of cells from the first of a patch to behind its last.
func (p *Patch) Span() int { return (p.Planes-1)*p.Plane + (p.Side-1)*p.Stride + p.Side }

// Bank is the neurons that compete for the events of one surface, as a kernel
// sees them: a FEAST layer has one or two. The memory is the caller's; [NewBank]
// makes it.
//
// The rule, for every step in order: the event's cell takes its stamp. If the
// event takes part, its context is computed. It is noise, and nothing else
// happens, where fewer than MinRecent elements are Recent or more. The neuron with
// the largest dot product wins, the lowest index of equals; while Selecting, only
// among those that reach their threshold: dot<<MatchShift >= threshold*norm, with
// the context's [Norm]. Where there is none, the event is missed. While Learning,
// a missed event lowers every threshold by DeltaE; otherwise the winner's rises
// by DeltaI, and its weights learn the context.
type Bank struct {
	Patch

	Cells []uint32 // the surface: stamps up to MaxStamp, 0 where nothing ever fired

	Neurons    int
	Master     []int32  // Q24 [Neurons][ContextLen], zero behind the elements
	Weights    []int16  // Q15 [NeuronRows][ContextLen], rounded from Master
	Squares    []uint32 // Q30 [Neurons]: the sums of squares of Weights
	Thresholds []int32  // Q24 [Neurons]

	Selecting bool // only neurons that reach their threshold can win
	Learning  bool // thresholds and weights change; then Selecting is on too
	Eta       int32
	DeltaI    int32 // Q24
	DeltaE    int32 // Q24

	// A context with fewer than MinRecent elements of at least Recent is noise;
	// 0 lets every event compete. Recent is positive.
	MinRecent int
	Recent    int16

	// Memory for the kernel to work in, with nothing in it between two calls but
	// zeros behind the elements of the contexts.
	Contexts []int16 // [2*Batch][ContextSpace]: one batch competes, one is made
	Dots     []int32 // [Batch][DotLen]
}

// Step is an event on its way through a bank.
type Step struct {
	Cell  uint32 // what takes the stamp, an index of Bank.Cells
	First uint32 // the first cell of the patch; its Span lies within Bank.Cells
	Now   uint32 // the stamp, at most MaxStamp
	// Winner is Pending for an event that takes part, and then becomes the neuron
	// that won, Missed or Noise. Any other event fires its cell and no more, and its
	// Winner stays as it is.
	Winner int32
}

// MaxStamp is the latest stamp: the difference of two of them has a sign, with what
// is added for rounding too.
const MaxStamp = 1<<31 - 1<<14

// Pending is the Winner of a step that has yet to compete.
const Pending int32 = -1 << 31

// Batch is how many contexts are matched at once, so that weights need to be
// loaded once for all of them. A kernel that learns in between corrects the dot
// products of the neuron that changed.
const Batch = 4

// What lengths are rounded up to: 32 int16 and 16 int32 are a register of 512
// bits; neurons are matched four at a time.
const (
	contextAlign = 32
	dotAlign     = 16
	neuronAlign  = 4
)

// ContextLen is the length of a row of weights, and of what is read of a context,
// for n elements.
func ContextLen(n int) int { return roundUp(n, contextAlign) }

// ContextSpace is the length of a context's memory for n elements: a kernel may
// write zeros behind ContextLen too.
func ContextSpace(n int) int { return ContextLen(n) + contextAlign }

// DotLen is the length of a row of dot products.
func DotLen(neurons int) int { return roundUp(neurons, dotAlign) }

// NeuronRows is the number of rows of match weights; those behind the neurons are
// zero.
func NeuronRows(neurons int) int { return roundUp(neurons, neuronAlign) }

func roundUp(n, to int) int { return (n + to - 1) / to * to }

// NewBank makes a bank of that many neurons with weights and thresholds of zero.
func NewBank(p Patch, cells []uint32, neurons int) *Bank {
	n := p.Elements()
	return &Bank{
		Patch: p, Cells: cells, Neurons: neurons,
		Master:     aligned[int32](neurons * ContextLen(n)),
		Weights:    aligned[int16](NeuronRows(neurons) * ContextLen(n)),
		Squares:    make([]uint32, neurons),
		Thresholds: aligned[int32](neurons),
		Contexts:   aligned[int16](2 * Batch * ContextSpace(n)),
		Dots:       aligned[int32](Batch * DotLen(neurons)),
	}
}

// SetMaster puts a neuron's master weights in, Q24, one an element, and what follows
// from them: its match weights and their sum of squares.
func (b *Bank) SetMaster(neuron int, master []int32) {
	n, row := b.Elements(), ContextLen(b.Elements())
	copy(b.Master[neuron*row:][:n], master[:n])
	weights := b.Weights[neuron*row:][:n]
	var squares uint32
	for i, m := range master[:n] {
		w := MatchWeight(m)
		weights[i] = w
		squares += uint32(int32(w) * int32(w))
	}
	b.Squares[neuron] = squares
}

// MasterOf is a neuron's master weights; it is not a copy.
func (b *Bank) MasterOf(neuron int) []int32 {
	n, row := b.Elements(), ContextLen(b.Elements())
	return b.Master[neuron*row:][:n:n]
}

// lineBytes is a cache line, and a register of 512 bits: what crosses one is
// loaded in two halves.
const lineBytes = 64

func aligned[T int16 | int32](n int) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	s := make([]T, n+lineBytes/size)
	skip := 0
	if rest := int(uintptr(unsafe.Pointer(unsafe.SliceData(s))) % lineBytes); rest != 0 {
		skip = (lineBytes - rest) / size
	}
	return s[skip : skip+n : skip+n]
}
