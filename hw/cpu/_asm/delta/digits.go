package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// digitsAVX512 takes a value as a sum of four digits of 8 bits with signs. With
// bias 0x80808080, (v+bias)^bias has them in its bytes.
func digitsAVX512() {
	TEXT("digitsAVX512", NOSPLIT, "func(list, deltas *int32, count int, shift uint64) int")
	Pragma("noescape")
	Doc("digitsAVX512 lists the deltas with a digit of 8 bits other than zero of the weight",
		"1<<shift, a shift below 32, and returns how many they are. The list has room for count",
		"deltas, rounded up to 8.",
		"",
		"\tfor _, d := range deltas {",
		"\t\tdigits := uint32((d.Value + 0x80808080) ^ 0x80808080) >> shift",
		"\t\tif uint8(digits) != 0 {",
		"\t\t\tlist[n] = Delta{d.Index, int32(digits)}",
		"\t\t\tn++",
		"\t\t}",
		"\t}")
	list := Load(Param("list"), GP64())
	deltas := Load(Param("deltas"), GP64())
	count := Load(Param("count"), GP64())
	shift := XMM()
	amount := Load(Param("shift"), GP64())
	VMOVQ(amount, shift)
	bias, low := ZMM(), ZMM()
	VMOVDQU64(table("digitBias8", 64, 0, 0x80808080), bias)
	VMOVDQU64(table("digitLow", 64, 0, 0xff), low)
	values, odd := K(), GP32()
	MOVL(U32(0xaaaa), odd)
	KMOVW(odd, values)
	total := GP64()
	XORQ(total, total)
	Label("eight")
	TESTQ(count, count)
	JLE(LabelRef("done"))
	bits := GP64()
	MOVQ(U32(8), bits)
	CMPQ(count, bits)
	CMOVQLT(count, bits)
	x, some := ZMM(), K()
	VMOVDQU64_Z(Mem{Base: deltas}, first(bits), x)
	// An index has a bias of zero, and stays as it is.
	VPADDD(bias, x, x)
	VPXORD(bias, x, x)
	VPSRLD(shift, x, values, x)
	VPTESTMQ(low, x, some)
	VPCOMPRESSQ_Z(x, some, x)
	VMOVDQU64(x, Mem{Base: list, Index: total, Scale: deltaBytes})
	KMOVB(some, bits.As32())
	POPCNTQ(bits, bits)
	ADDQ(bits, total)
	ADDQ(Imm(8*deltaBytes), deltas)
	SUBQ(Imm(8), count)
	JMP(LabelRef("eight"))
	Label("done")
	VZEROUPPER()
	Store(total, ReturnIndex(0))
	RET()
}
