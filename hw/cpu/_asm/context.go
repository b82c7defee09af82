package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The polynomial of the decay: hw.Decay.Value defines it.
const (
	polyC0 = 16384
	polyC1 = 11338
	polyC2 = 3806
	polyC3 = 661
)

// broadcast16 fills a register with a 16-bit constant.
func broadcast16(v uint32, r VecVirtual) {
	g := GP32()
	MOVL(U32(v), g)
	VPBROADCASTW(g, r)
}

// contextAVX512 gathers a patch row by row, 16 pixels at a time.
func contextAVX512() {
	TEXT("contextAVX512", NOSPLIT, "func(c *int16, surface *uint32, stride, side int, now, horizon uint32, left, right uint64, round, rate, peak uint32) uint32")
	Pragma("noescape")
	Doc("contextAVX512 is the context in AVX-512: c[i] is the decay's value of now less cell i of the patch, ",
		"and the result is the sum of their squares.")
	c := Load(Param("c"), GP64())
	surface := Load(Param("surface"), GP64())
	stride := Load(Param("stride"), GP64())
	side := Load(Param("side"), GP64())
	SHLQ(Imm(2), stride)
	now, horizon, round := ZMM(), ZMM(), ZMM()
	VPBROADCASTD(Load(Param("now"), GP32()), now)
	VPBROADCASTD(Load(Param("horizon"), GP32()), horizon)
	VPBROADCASTD(Load(Param("round"), GP32()), round)
	left, right := XMM(), XMM()
	VMOVQ(Load(Param("left"), GP64()), left)
	VMOVQ(Load(Param("right"), GP64()), right)
	rate, peak := YMM(), YMM()
	VPBROADCASTW(Load(Param("rate"), GP32()), rate)
	VPBROADCASTW(Load(Param("peak"), GP32()), peak) // peak + 1
	c0, c1, c2, c3, one, low := YMM(), YMM(), YMM(), YMM(), YMM(), YMM()
	broadcast16(polyC0, c0)
	broadcast16(polyC1, c1)
	broadcast16(polyC2, c2)
	broadcast16(polyC3, c3)
	broadcast16(1, one)
	broadcast16(0x7ff, low)
	sum := YMM()
	VPXORD(sum, sum, sum)
	tail(side)

	rows, cells, columns := GP64(), GP64(), GP64()
	MOVQ(side, rows)
	Label("row")
	MOVQ(surface, cells)
	MOVQ(side, columns)
	Label("columns")
	CMPQ(columns, Imm(lanes))
	JLE(LabelRef("last"))
	block(c, cells, false, now, horizon, round, left, right, rate, peak, c0, c1, c2, c3, one, low, sum)
	ADDQ(Imm(32), c)
	ADDQ(Imm(64), cells)
	SUBQ(Imm(lanes), columns)
	JMP(LabelRef("columns"))
	Label("last")
	block(c, cells, true, now, horizon, round, left, right, rate, peak, c0, c1, c2, c3, one, low, sum)
	LEAQ(Mem{Base: c.(GPVirtual), Index: columns, Scale: 2}, c.(GPVirtual))
	ADDQ(stride, surface)
	DECQ(rows)
	JNZ(LabelRef("row"))

	half := XMM()
	VEXTRACTI32X4(Imm(1), sum, half)
	VPADDD(half, sum.AsX(), half)
	other := XMM()
	VPSHUFD(Imm(0x4e), half, other)
	VPADDD(other, half, half)
	VPSHUFD(Imm(0xb1), half, other)
	VPADDD(other, half, half)
	result := GP32()
	VMOVD(half, result)
	VZEROUPPER()
	Store(result, ReturnIndex(0))
	RET()
}

// block computes 16 pixels, or with masked those of k1.
func block(c, cells Register, masked bool, now, horizon, round, left, right, rate, peak, c0, c1, c2, c3, one, low, sum VecVirtual) {
	age := ZMM()
	if masked {
		VMOVDQU32_Z(Mem{Base: cells.(GPVirtual)}, K1, age)
		VPMINUD(now, age, age)
	} else {
		VPMINUD(Mem{Base: cells.(GPVirtual)}, now, age)
	}
	VPSUBD(age, now, age)
	VPMINUD(horizon, age, age)
	VPSLLD(left, age, age)
	VPADDD(round, age, age)
	VPSRLD(right, age, age)
	units := YMM()
	VPMOVDW(age, units)
	hi, lo := YMM(), YMM()
	VPMULHUW(rate, units, hi)
	VPMULLW(rate, units, lo)
	// f in Q15: the low 11 bits of the high half, the high 4 of the low half.
	f, octave := YMM(), YMM()
	VPANDD(low, hi, f)
	VPSLLW(Imm(4), f, f)
	VPSRLW(Imm(12), lo, lo)
	VPORD(lo, f, f)
	VPSRLW(Imm(11), hi, octave)
	m := YMM()
	VPMULHRSW(c3, f, m)
	VPSUBW(m, c2, m)
	VPMULHRSW(f, m, m)
	VPSUBW(m, c1, m)
	VPMULHRSW(f, m, m)
	VPSUBW(m, c0, m)
	// 2^(peak+1-octave), 0 from octave peak+2 on: a count below zero is a large one.
	VPSUBW(octave, peak, octave)
	VPSLLVW(octave, one, octave)
	VPMULHRSW(octave, m, m)
	if masked {
		VMOVDQU16_Z(m, K1, m)
		VMOVDQU16(m, K1, Mem{Base: c.(GPVirtual)})
	} else {
		VMOVDQU(m, Mem{Base: c.(GPVirtual)})
	}
	VPMADDWD(m, m, m)
	VPADDD(m, sum, sum)
}
