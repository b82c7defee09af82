//go:build !purego

package cpu

import (
	"math"
	"unsafe"

	"github.com/saccade-dev/saccade/hw"
)

//go:generate go run -C _asm . -out ../kernels_amd64.s -stubs ../kernels_amd64.go -pkg cpu

// block is what assembly needs to know of a bank, flat, and where it keeps a
// batch. The generator in _asm/block.go has the same offsets. It lives on the
// stack of the call.
type block struct {
	stride       uint64 // of the surface's rows, in bytes
	side, planes uint64
	plane        uint64 // in bytes
	left, right  uint64
	limit        uint32 // of an age behind its shift to the right: what 16 bits hold, or the horizon
	round, rate  uint32
	top          uint32 // 2^(PeakBits+1)

	cells      *uint32
	weights    *int16
	row        uint64 // of weights, in bytes
	neurons    uint64
	master     *int32
	thresholds *int32
	contexts   *int16
	space      uint64 // of a context, in bytes
	dots       *int32
	dotRow     uint64 // in bytes
	selecting  uint64
	learning   uint64
	minRecent  uint64
	recent     uint32
	eta        int32
	deltaI     int32
	deltaE     int32

	// Of eta: the shift that follows its product, half of what the length of the
	// weights is shifted by, and the factor.
	drop, roundLength, rateOnly uint64
	squares                     *uint32

	next *int16 // the contexts of the next batch

	// The batch and the next one: their lengths, the step that is next and where
	// they end, the event whose turn it is and its winner; for each event its step,
	// and its norm or, in the next batch, its sum of squares.
	count, nextCount, at, end, turn, winner uint64
	batch, nextBatch                        [hw.Batch]uint64
	sums, norms                             [hw.Batch]uint64
	shifts, factors                         [hw.Batch]uint64 // see hw.Scale
	linear                                  uint64

	// The best of all neurons but the winner for the next event, and its dot product;
	// the winner's.
	other, otherDot, dot uint64

	dense uint64 // the side of a patch whose rows are put together, or 0

	// Of a row of weights: where its last 32 elements begin, in bytes, and whether the
	// second half of those is zero.
	last, lastHalf uint64
	far            uint64 // the surface is so large that patches are called for ahead
	used           uint64 // of a row, in bytes: what is not zero anyway, in registers of 256 bits
}

// The compiler refuses a negative length: each of these is zero where the
// generator's offsets are those of the type.
var (
	_ [unsafe.Offsetof(block{}.limit) - 48]struct{}
	_ [unsafe.Offsetof(block{}.cells) - 64]struct{}
	_ [unsafe.Offsetof(block{}.dots) - 128]struct{}
	_ [unsafe.Offsetof(block{}.recent) - 168]struct{}
	_ [unsafe.Offsetof(block{}.batch) - 272]struct{}
	_ [unsafe.Offsetof(block{}.norms) - 368]struct{}
	_ [unsafe.Offsetof(block{}.factors) - 432]struct{}
	_ [unsafe.Offsetof(block{}.linear) - 464]struct{}
	_ [464 - unsafe.Offsetof(block{}.linear)]struct{}
	_ [unsafe.Offsetof(block{}.dot) - 488]struct{}
	_ [488 - unsafe.Offsetof(block{}.dot)]struct{}
	_ [unsafe.Offsetof(block{}.dense) - 496]struct{}
	_ [unsafe.Offsetof(block{}.lastHalf) - 512]struct{}
	_ [unsafe.Offsetof(block{}.used) - 528]struct{}
	_ [528 - unsafe.Offsetof(block{}.used)]struct{}
	_ [368 - unsafe.Offsetof(block{}.norms)]struct{}
	_ [16 - unsafe.Sizeof(hw.Step{})]struct{}
	_ [unsafe.Sizeof(hw.Step{}) - 16]struct{}
)

func flag(on bool) uint64 {
	if on {
		return 1
	}
	return 0
}

// setPatch fills the fields that a context needs.
func (k *block) setPatch(p *hw.Patch) {
	d := p.Decay
	k.stride, k.side, k.planes, k.plane = 4*uint64(p.Stride), uint64(p.Side), uint64(p.Planes), 4*uint64(p.Plane)
	const twice = 1<<16 | 1 // a word, as a double word of two
	k.left, k.right, k.round = twice*uint64(d.Left), uint64(d.Right), d.Round
	k.limit, k.rate, k.top = math.MaxUint32, twice*d.Rate, twice<<(d.PeakBits+1)
	k.linear = flag(d.Linear)
	if d.Left > 0 {
		k.limit = twice * d.Horizon
	}
	switch p.Side {
	case 5, 7, 9, 11, 13:
		// 16 cells from anywhere in a row but the last reach no further than the row behind.
		if p.Planes == 1 && p.Stride >= 16 && d.Left == 0 && !d.Linear {
			k.dense = uint64(p.Side)
		}
	}
}

// setMatch fills the fields that a match needs.
func (k *block) setMatch(dots []int32, weights, contexts []int16, neurons, elements int) {
	row, space, dotRow := hw.ContextLen(elements), hw.ContextSpace(elements), hw.DotLen(neurons)
	k.dots, k.weights, k.contexts = &dots[0], &weights[0], &contexts[0]
	k.row, k.space, k.dotRow, k.neurons = 2*uint64(row), 2*uint64(space), 4*uint64(dotRow), uint64(neurons)
	k.used = 2 * uint64((elements+15)&^15)
	k.last, k.lastHalf = 2*uint64(row-32), flag(row-elements >= 16)
}

// setBank fills all that Run needs.
func (k *block) setBank(b *hw.Bank) {
	k.setPatch(&b.Patch)
	k.setMatch(b.Dots, b.Weights, b.Contexts, b.Neurons, b.Elements())
	k.next = &b.Contexts[hw.Batch*hw.ContextSpace(b.Elements())]
	k.cells, k.master, k.thresholds = &b.Cells[0], &b.Master[0], &b.Thresholds[0]
	k.far = flag(4*len(b.Cells) > 1<<18)
	k.selecting, k.learning = flag(b.Selecting), flag(b.Learning)
	k.minRecent, k.recent = uint64(b.MinRecent), uint32(b.Recent)
	rate, drop := hw.Rate(b.Eta)
	k.drop, k.roundLength, k.rateOnly, k.squares = uint64(drop), 1<<(21-drop), uint64(rate), &b.Squares[0]
	k.eta, k.deltaI, k.deltaE = b.Eta, b.DeltaI, b.DeltaE
}
