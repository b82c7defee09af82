package main

import (
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// weight is a format of weights.
type weight struct {
	size int // bytes
}

var (
	int8s   = weight{1}
	int16s  = weight{2}
	weights = []weight{int8s, int16s}
)

func (w weight) bits() string { return strconv.Itoa(8 * w.size) }

// words loads consecutive weights as int16, a register full of them; where k is
// not nil, those that it leaves out are zero and not touched.
func (w weight) words(m Mem, dst VecVirtual, k Register) {
	switch {
	case w.size == 1 && k != nil:
		VPMOVSXBW_Z(m, k, dst)
	case w.size == 1:
		VPMOVSXBW(m, dst)
	case k != nil:
		VMOVDQU16_Z(m, k, dst)
	case dst.Size() == 64:
		VMOVDQU16(m, dst)
	default:
		VMOVDQU(m, dst)
	}
}

// dwords is the same for int32.
func (w weight) dwords(m Mem, dst VecVirtual, k Register) {
	switch {
	case w.size == 1 && k != nil:
		VPMOVSXBD_Z(m, k, dst)
	case w.size == 1:
		VPMOVSXBD(m, dst)
	case k != nil:
		VPMOVSXWD_Z(m, k, dst)
	default:
		VPMOVSXWD(m, dst)
	}
}

// dword is the same for one weight.
func (w weight) dword(m Mem, dst Register) {
	if w.size == 1 {
		MOVBLSX(m, dst)
		return
	}
	MOVWLSX(m, dst)
}
