package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// denseSides are the patches that have a way of their own, on surfaces wide enough
// (see setPatch in hw/cpu): a row of them fills a register of 16 cells so badly that
// rows are put together instead, as they are loaded.
var denseSides = []int{11, 13, 9, 7, 5}

// dispatchDense goes to the way of the block's patch, and then to the sum; or goes on, if
// it has none.
func dispatchDense(l labels, block Register, emit func(side int)) {
	CMPQ(at(block, fieldDense), Imm(0))
	JE(l.ref("byrows"))
	for i, side := range denseSides {
		next := l + labels(fmt.Sprintf("not%d", side))
		if i+1 < len(denseSides) {
			CMPQ(at(block, fieldDense), Imm(uint64(side)))
			JNE(next.ref(""))
		}
		emit(side)
		JMP(l.ref("sum"))
		if i+1 < len(denseSides) {
			next.mark("")
		}
	}
	l.mark("byrows")
}

// dense computes the context of a patch of side x side cells, 32 values after the
// other as if the patch had one row. Each 16 cells come from up to four rows: what is
// loaded of the next row goes to the lanes that the one before does not reach.
func (k *decay512) dense(side int, cells, stride, c GPVirtual) {
	n := side * side
	k.keep(unpacked, word(0x7ff0), word(polyC3), word(polyC2), word(polyC1), word(polyC0))
	defer func() { k.kept = nil }()
	KXNORW(K3, K3, K3)
	row, at0 := 0, cells // the row that is loaded from, and its first cell
	load := func(e int) func(VecVirtual) {
		return func(v VecVirtual) {
			count := min(16, n-e) // lanes
			for lane := 0; lane < count; {
				r, column := (e+lane)/side, (e+lane)%side
				if r != row {
					row = r
					ADDQ(stride, at0)
				}
				from := at(at0, 4*(column-lane))
				end := lane + side - column
				switch {
				case r < side-1 && lane == 0:
					VMOVDQU32(from, v) // behind the row there are others
				case r < side-1 || count == 16:
					KSHIFTLW(Imm(uint64(lane)), K3, K1)
					VMOVDQU32(from, K1, v)
				default:
					setMask((1<<count-1)&^(1<<lane-1), K1)
					if lane == 0 {
						VMOVDQU32_Z(from, K1, v)
					} else {
						VMOVDQU32(from, K1, v)
					}
				}
				lane = end
			}
		}
	}
	for e := 0; e < n; e += 32 {
		to := at(c, 2*e)
		u := unit{first: load(e), second: load(e + 16), store: func(v VecVirtual) { VMOVDQU64(v, to) }}
		if n-e < 32 {
			setMask(1<<(n-e)-1, K2)
			u.mask = K2
		}
		if n-e <= 16 {
			u.second = zero512
		}
		k.units(u)
	}
}

// setMask sets a mask to a number.
func setMask(bits int, mask Register) {
	g := GP32()
	MOVL(U32(uint32(bits)), g)
	KMOVD(g, mask)
}
