package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// contextAVX2 gathers a patch of side 8 or more. AVX2 can neither load nor store
// under a mask by words, so that the last block of a row reaches back over the one
// before it: what stands in both is written twice and counted once.
func contextAVX2() {
	TEXT("contextAVX2", NOSPLIT, "func(c *int16, surface *uint32, stride, side int, now, horizon uint32, left, right uint64, round, rate, peak uint32) uint32")
	Pragma("noescape")
	Doc("contextAVX2 is the context in AVX2, for sides of 8 and more.")
	k := &kernel2{}
	k.c = Load(Param("c"), GP64()).(GPVirtual)
	surface := Load(Param("surface"), GP64()).(GPVirtual)
	stride := Load(Param("stride"), GP64())
	side := Load(Param("side"), GP64()).(GPVirtual)
	SHLQ(Imm(2), stride)
	spread := func(name string, words bool) VecVirtual {
		r := YMM()
		VMOVD(Load(Param(name), GP32()), r.AsX())
		if words {
			VPBROADCASTW(r.AsX(), r)
		} else {
			VPBROADCASTD(r.AsX(), r)
		}
		return r
	}
	k.now, k.horizon, k.round = spread("now", false), spread("horizon", false), spread("round", false)
	k.rate, k.peak = spread("rate", true), spread("peak", true)
	k.left, k.right = XMM(), XMM()
	VMOVQ(Load(Param("left"), GP64()), k.left)
	VMOVQ(Load(Param("right"), GP64()), k.right)
	// Sixteen registers are few: constants of the polynomial stay in memory.
	k.constants()
	k.sum = YMM()
	VPXOR(k.sum, k.sum, k.sum)

	rows, cells, columns := GP64(), GP64(), GP64()
	mask := YMM()
	table := GP64()
	LEAQ(lastWords, table)
	MOVQ(side, rows)
	CMPQ(side, Imm(16))
	JGE(LabelRef("wide"))

	// Two blocks of 8, the second from side-8 on; its last side-8 are new.
	second := GP64()
	LEAQ(Mem{Base: side, Disp: -8}, second)
	VPCMPEQD(mask, mask, mask)
	upper := XMM()
	VMOVDQU(Mem{Base: table, Index: second, Scale: 2, Disp: 16}, upper)
	VINSERTI128(Imm(1), upper, mask, mask)
	Label("narrow")
	LEAQ(Mem{Base: surface, Index: second, Scale: 4}, cells)
	m := k.block(Mem{Base: surface}, Mem{Base: cells})
	VMOVDQU(m.AsX(), Mem{Base: k.c})
	VEXTRACTI128(Imm(1), m, upper)
	VMOVDQU(upper, Mem{Base: k.c, Index: second, Scale: 2})
	VPAND(mask, m, m)
	k.add(m)
	LEAQ(Mem{Base: k.c, Index: side, Scale: 2}, k.c)
	ADDQ(stride, surface)
	DECQ(rows)
	JNZ(LabelRef("narrow"))
	JMP(LabelRef("sum"))

	// Blocks of 16, the last from side-16 on; its last (side-1)%16+1 are new.
	Label("wide")
	fresh := GP64()
	LEAQ(Mem{Base: side, Disp: -1}, fresh)
	ANDQ(Imm(15), fresh)
	VMOVDQU(Mem{Base: table, Index: fresh, Scale: 2, Disp: 2}, mask)
	Label("row")
	MOVQ(surface, cells)
	out := GP64()
	MOVQ(k.c, out)
	MOVQ(side, columns)
	Label("columns")
	CMPQ(columns, Imm(16))
	JLE(LabelRef("last"))
	m = k.block(Mem{Base: cells}, Mem{Base: cells, Disp: 32})
	VMOVDQU(m, Mem{Base: out})
	k.add(m)
	ADDQ(Imm(64), cells)
	ADDQ(Imm(32), out)
	SUBQ(Imm(16), columns)
	JMP(LabelRef("columns"))
	Label("last")
	LEAQ(Mem{Base: surface, Index: side, Scale: 4, Disp: -64}, cells)
	LEAQ(Mem{Base: k.c, Index: side, Scale: 2, Disp: -32}, out)
	m = k.block(Mem{Base: cells}, Mem{Base: cells, Disp: 32})
	VMOVDQU(m, Mem{Base: out})
	VPAND(mask, m, m)
	k.add(m)
	LEAQ(Mem{Base: k.c, Index: side, Scale: 2}, k.c)
	ADDQ(stride, surface)
	DECQ(rows)
	JNZ(LabelRef("row"))

	Label("sum")
	half, other := XMM(), XMM()
	VEXTRACTI128(Imm(1), k.sum, half)
	VPADDD(half, k.sum.AsX(), half)
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

// kernel2 is the registers and constants of the AVX2 context.
type kernel2 struct {
	c                                     GPVirtual
	now, horizon, round, rate, peak, sum  VecVirtual
	left, right                           VecVirtual
	c0, c1, c2, c3, low, upperByte, lower Mem
}

// constants puts what a block needs besides registers into the read-only data.
func (k *kernel2) constants() {
	word := func(name string, v uint16) Mem {
		m := GLOBL(name, RODATA|NOPTR)
		for i := range 16 {
			DATA(2*i, U16(v))
		}
		return m
	}
	k.c0, k.c1 = word("decayC0", polyC0), word("decayC1", polyC1)
	k.c2, k.c3 = word("decayC2", polyC2), word("decayC3", polyC3)
	k.low, k.upperByte, k.lower = word("lowBits", 0x7ff), word("upperByte", 0xff00), word("lowerByte", 0x00ff)
}

// block computes 16 pixels from two places of 8.
func (k *kernel2) block(first, second Mem) VecVirtual {
	a, b := YMM(), YMM()
	for i, from := range []Mem{first, second} {
		age := []VecVirtual{a, b}[i]
		VPMINUD(from, k.now, age)
		VPSUBD(age, k.now, age)
		VPMINUD(k.horizon, age, age)
		VPSLLD(k.left, age, age)
		VPADDD(k.round, age, age)
		VPSRLD(k.right, age, age)
	}
	VPACKUSDW(b, a, a)
	VPERMQ(Imm(0xd8), a, a) // units
	lo := b
	VPMULLW(k.rate, a, lo)
	VPMULHUW(k.rate, a, a) // the high half
	f, t := YMM(), YMM()
	VPAND(k.low, a, f)
	VPSLLW(Imm(4), f, f)
	VPSRLW(Imm(12), lo, lo)
	VPOR(lo, f, f)
	VPSRLW(Imm(11), a, a)
	VPSUBW(a, k.peak, a) // the exponent peak+1-octave
	VPMULHRSW(k.c3, f, t)
	VMOVDQU(k.c2, b)
	VPSUBW(t, b, t)
	VPMULHRSW(f, t, t)
	VMOVDQU(k.c1, b)
	VPSUBW(t, b, t)
	VPMULHRSW(f, t, t)
	VMOVDQU(k.c0, b)
	VPSUBW(t, b, t)
	// 2^exponent from two tables of bytes; an index with its top bit set, as that
	// of an exponent below zero, gives zero.
	VPOR(k.upperByte, a, f)
	VMOVDQU(powersLow, b)
	VPSHUFB(f, b, f)
	VPSLLW(Imm(8), a, a)
	VPOR(k.lower, a, a)
	VMOVDQU(powersHigh, b)
	VPSHUFB(a, b, a)
	VPOR(a, f, f)
	VPMULHRSW(f, t, t)
	return t
}

// add adds the squares of m to the sum; m is lost.
func (k *kernel2) add(m VecVirtual) {
	VPMADDWD(m, m, m)
	VPADDD(m, k.sum, k.sum)
}
