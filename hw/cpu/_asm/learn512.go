package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// learn takes 32 weights at a time.
func (z avx512) learn(l labels, p pull, block Register, later int) GPVirtual {
	left, by, pair, down := ZMM(), ZMM(), ZMM(), ZMM()
	VPBROADCASTW(p.shift.As32(), left)
	VPBROADCASTW(p.factor.As32(), by)
	VPBROADCASTD(p.pair.As32(), pair)
	VPBROADCASTD(p.drop.As32(), down)
	// Half of what the shift drops.
	half, halfWeight, g := ZMM(), ZMM(), GP32()
	MOVL(U32(1), g)
	VPBROADCASTD(g, half)
	VPSLLVD(down, half, half)
	VPSRLD(Imm(1), half, half)
	MOVL(U32(256), g)
	VPBROADCASTD(g, halfWeight)
	sum, low, high, together := ZMM(), ZMM(), ZMM(), ZMM()
	zero512(sum)
	VMOVDQU64(pairsLow, low)
	VMOVDQU64(pairsHigh, high)
	VMOVDQU64(unpacked, together)
	var correction *correction512
	if block != nil {
		correction = newCorrection512(z, block, later)
	}
	off := reg64() // in bytes of weights, of which master has twice as many
	XORL(off.As32(), off.As32())
	l.mark("chunk")
	d, w := ZMM(), ZMM()
	VMOVDQU64(indexed(p.c, off, 1), d)
	VMOVDQU64(indexed(p.weights, off, 1), w)
	VPSLLVW(left, d, d)
	VPMULHUW(by, d, d)
	VPSUBSW(w, d, d)
	m := [2]VecVirtual{d, ZMM()} // pairs of a difference and a weight
	VMOVDQA64(d, m[1])
	VPERMT2W(w, low, m[0])
	VPERMT2W(w, high, m[1])
	for i := range m {
		from := indexed(p.master, off, 2)
		from.Disp = 64 * i
		VPMADDWD(pair, m[i], m[i])
		VPADDD(half, m[i], m[i])
		VPSRAVD(down, m[i], m[i])
		VPADDD(from, m[i], m[i])
		VMOVDQU32(m[i], from)
		VPADDD(halfWeight, m[i], m[i])
		VPSRAD(Imm(9), m[i], m[i])
	}
	VPACKSSDW(m[1], m[0], w)
	VPERMQ(w, together, w)
	VMOVDQU64(w, indexed(p.weights, off, 1))
	z.madd(w, w, sum)
	if correction != nil {
		correction.add(w)
	}
	ADDQ(Imm(64), off)
	CMPQ(off, p.row)
	JL(l.ref("chunk"))
	if correction != nil {
		correction.store(block)
	}
	squares := reg64()
	VMOVD(reduce512(sum, VPADDD), squares.As32())
	return squares
}
