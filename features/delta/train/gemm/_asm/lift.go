package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// lift writes the kernel that copies a panel of columns to where it lies close together.
func lift(k isa) {
	TEXT("lift"+k.suffix, NOSPLIT, "func(to *float32, from *float32, ld, n, steps int)")
	Doc(
		fmt.Sprintf("lift%s is to[p*%d+j] = from[p*ld+j] for j below n, 1 to %d, and p below steps.", k.suffix, 2*k.lanes, 2*k.lanes),
		"The other elements of to's rows may be written.",
		"Steps is positive.",
	)
	Pragma("noescape")
	to, from, ld, n, steps := param("to"), param("from"), floats("ld"), param("n"), param("steps")
	CMPQ(n, Imm(uint64(k.lanes)))
	JG(LabelRef("wide"))
	mask := k.mask(n)
	Label("narrowStep")
	v := k.vector()
	k.loadPart(mask, Mem{Base: from}, v)
	VMOVUPS(v, Mem{Base: to})
	ADDQ(ld, from)
	ADDQ(Imm(uint64(8*k.lanes)), to)
	DECQ(steps)
	JNE(LabelRef("narrowStep"))
	VZEROUPPER()
	RET()
	Label("wide")
	SUBQ(Imm(uint64(k.lanes)), n)
	mask = k.mask(n)
	Label("wideStep")
	first, last := k.vector(), k.vector()
	VMOVUPS(Mem{Base: from}, first)
	k.loadPart(mask, Mem{Base: from, Disp: 4 * k.lanes}, last)
	VMOVUPS(first, Mem{Base: to})
	VMOVUPS(last, Mem{Base: to, Disp: 4 * k.lanes})
	ADDQ(ld, from)
	ADDQ(Imm(uint64(8*k.lanes)), to)
	DECQ(steps)
	JNE(LabelRef("wideStep"))
	VZEROUPPER()
	RET()
}
