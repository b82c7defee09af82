package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// dense computes the context of a patch as that of AVX-512 does, 16 values after the
// other, of 8 cells from up to three rows. The square of an odd number is one more than
// a multiple of 8: there is one cell at the end, and all before it need no mask.
func (k *decay2) dense(side int, cells, stride, c GPVirtual) {
	k.long = true
	defer func() { k.long = false }()
	n := side * side
	row, of := cells, 0 // the first cell of the row that is loaded from, and which that is
	load := func(e int) func(VecVirtual) {
		return func(v VecVirtual) {
			if e >= n {
				VPXOR(v, v, v)
				return
			}
			for lane := 0; lane < min(8, n-e); {
				r, column := (e+lane)/side, (e+lane)%side
				if r != of {
					of = r
					ADDQ(stride, row)
				}
				from := at(row, 4*(column-lane))
				switch {
				case e == n-1:
					VPBROADCASTD(from, v) // the mask takes one
				case lane == 0:
					VMOVDQU(from, v)
				default:
					VPBLENDD(Imm(uint64(0xff<<lane&0xff)), from, v, v)
				}
				lane += side - column
			}
		}
	}
	for e := 0; e < n; e += 16 {
		var words Op
		if n-e < 16 {
			mask := firstWords
			mask.Disp = 2 * (16 - (n - e))
			words = mask
		}
		to := at(c, 2*e)
		k.unit(load(e), load(e+8), words, func(v VecVirtual) { VMOVDQU(v, to) })
	}
}
