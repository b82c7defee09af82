//go:build !purego

package cpu

import (
	"unsafe"

	"github.com/saccade-dev/saccade/hw"
)

// What run_arm64.s knows of package hw: the compiler hands these constants, and
// where the fields of the structs below are, to the assembler in go_asm.h.
//
//nolint:unused // in Go
const (
	batch     = hw.Batch
	pending   = hw.Pending
	noise     = hw.Noise
	normShift = 2 * hw.NormFraction

	stepCell   = unsafe.Offsetof(hw.Step{}.Cell)
	stepFirst  = unsafe.Offsetof(hw.Step{}.First)
	stepNow    = unsafe.Offsetof(hw.Step{}.Now)
	stepWinner = unsafe.Offsetof(hw.Step{}.Winner)
	stepSize   = unsafe.Sizeof(hw.Step{})
	stepShift  = 4
)

// It does not compile where the size of a step is another.
var _ = [1]struct{}{}[stepSize-1<<stepShift]

// neonPatch is a patch for assembly. What is a distance is in bytes, all else in
// cells.
type neonPatch struct {
	cells  *uint32
	within int // whole registers lie within the cells for a first cell up to this one
	side   int
	stride int // bytes
	planes int
	plane  int // bytes

	// The decay: assembly takes these in their order.
	horizon uint32
	shift   int32 // of an age to the left
	rate    uint32
	peak    int16 // less the 14 fraction bits of the polynomial
	c       [4]int16
	low15   int16
	top     int16 // 2^PeakBits
	linear  int16 // -1 where it is
}

func newNEONPatch(p *hw.Patch, cells []uint32) neonPatch {
	// A row's end of up to 4 cells is loaded as 4, a longer one as 8.
	reach := p.Side
	if end := (p.Side-1)%block + 1; end <= 4 {
		reach += 4 - end
	} else {
		reach += block - end
	}
	d := p.Decay
	linear := int16(0)
	if d.Linear {
		linear = -1
	}
	return neonPatch{
		cells:  unsafe.SliceData(cells),
		within: len(cells) - (p.Span() - p.Side + reach),
		side:   p.Side, stride: p.Stride * int32Bytes, planes: p.Planes, plane: p.Plane * int32Bytes,
		horizon: d.Horizon, shift: int32(d.Left) - int32(d.Right), rate: d.Rate, peak: int16(d.PeakBits) - 14,
		c:     [4]int16{16384, 11338, 3806, 661}, // polyC0 to polyC3 of package hw
		low15: 0x7fff,
		top:   1 << d.PeakBits, linear: linear,
	}
}

// neonBank is a bank for assembly. What is from row to row is in bytes.
type neonBank struct {
	patch      neonPatch
	contexts   *int16
	weights    *int16
	master     *int32
	squares    *uint32
	thresholds *int32
	dots       *int32
	neurons    int
	groups     int // of 4 neurons
	blocks     int
	space      int // of contexts
	row        int // of weights
	dotRow     int
	minRecent  int
	drop       uint // and rate: of eta
	eta        int32
	rate       int16
	recent     int16
	selecting  bool
	learning   bool
	deltaI     int32
	deltaE     int32
}

// patience is how many products of weights are computed in one call of assembly,
// more or less. Go cannot stop a goroutine in there, so that a garbage collection
// would have all others wait for it: a few ms.
const patience = 1 << 24

func runSteps(b *hw.Bank, steps []hw.Step) {
	checkBank(b)
	checkSteps(b, steps)
	n := b.Elements()
	row := hw.ContextLen(n)
	rate, drop := hw.Rate(b.Eta)
	bank := neonBank{
		patch:    newNEONPatch(&b.Patch, b.Cells),
		contexts: &b.Contexts[0], weights: &b.Weights[0], master: &b.Master[0], squares: &b.Squares[0],
		thresholds: &b.Thresholds[0], dots: &b.Dots[0],
		neurons: b.Neurons, groups: hw.NeuronRows(b.Neurons) / 4, blocks: blocks(n),
		space: hw.ContextSpace(n) * int16Bytes, row: row * int16Bytes, dotRow: hw.DotLen(b.Neurons) * int32Bytes,
		minRecent: b.MinRecent, recent: b.Recent, selecting: b.Selecting, learning: b.Learning,
		eta: b.Eta, rate: rate, drop: drop, deltaI: b.DeltaI, deltaE: b.DeltaE,
	}
	most := max(hw.Batch, patience/(b.Neurons*row))
	for len(steps) > 0 {
		count := min(len(steps), most)
		runNEON(&bank, &steps[0], count)
		steps = steps[count:]
	}
}

// runNEON is the rule of [hw.Bank] for that many steps, as run has it over the parts
// of a target, in one call.
//
//go:noescape
func runNEON(b *neonBank, steps *hw.Step, count int)
