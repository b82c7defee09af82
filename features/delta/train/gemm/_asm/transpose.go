package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// transpose writes the kernel that turns eight rows into eight columns.
func transpose() {
	TEXT("transposeAVX2", NOSPLIT, "func(to *float32, ldTo int, from *float32, ldFrom, blocks int)")
	Doc(
		"transposeAVX2 is to[p*ldTo+l] = from[l*ldFrom+p] for l below 8 and p below 8*blocks.",
		"Blocks is positive.",
	)
	Pragma("noescape")
	to, ldTo := param("to"), floats("ldTo")
	from, ld := param("from"), floats("ldFrom")
	blocks := param("blocks")
	ld3, lower := GP64(), GP64()
	LEAQ(Mem{Base: ld, Index: ld, Scale: 2}, ld3)
	LEAQ(Mem{Base: from, Index: ld, Scale: 4}, lower) // the fifth row
	row := func(base Register, i, disp int) Mem {
		switch i {
		case 1:
			return Mem{Base: base, Index: ld, Scale: 1, Disp: disp}
		case 2:
			return Mem{Base: base, Index: ld, Scale: 2, Disp: disp}
		case 3:
			return Mem{Base: base, Index: ld3, Scale: 1, Disp: disp}
		}
		return Mem{Base: base, Disp: disp}
	}
	Label("block")
	// The halves of a register are four elements of rows l and l+4, so that all that is left to
	// do happens within halves.
	for half := range 2 {
		var r [4]VecVirtual
		for i := range r {
			x := YMM()
			VMOVUPS(row(from, i, half*16), x.AsX())
			VINSERTF128(Imm(1), row(lower, i, half*16), x, x)
			r[i] = x
		}
		low01, high01, low23, high23 := YMM(), YMM(), YMM(), YMM()
		VUNPCKLPS(r[1], r[0], low01)
		VUNPCKHPS(r[1], r[0], high01)
		VUNPCKLPS(r[3], r[2], low23)
		VUNPCKHPS(r[3], r[2], high23)
		out := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
		VUNPCKLPD(low23, low01, out[0])
		VUNPCKHPD(low23, low01, out[1])
		VUNPCKLPD(high23, high01, out[2])
		VUNPCKHPD(high23, high01, out[3])
		for _, x := range out {
			VMOVUPS(x, Mem{Base: to})
			ADDQ(ldTo, to)
		}
	}
	ADDQ(Imm(32), from)
	ADDQ(Imm(32), lower)
	DECQ(blocks)
	JNE(LabelRef("block"))
	VZEROUPPER()
	RET()
}
