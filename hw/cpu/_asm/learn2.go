package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// learn takes 16 weights at a time.
func (n avx2) learn(l labels, p pull, block Register, later int) GPVirtual {
	left, down := XMM(), XMM()
	VMOVD(p.shift.As32(), left)
	by, pair := broadcast(p.factor, VPBROADCASTW), broadcast(p.pair, VPBROADCASTD)
	VMOVD(p.drop.As32(), down)
	// Half of what the shift drops.
	half, halfWeight, sum := constant2(1, VPBROADCASTD), constant2(256, VPBROADCASTD), YMM()
	VPSLLD(down, half, half)
	VPSRLD(Imm(1), half, half)
	VPXOR(sum, sum, sum)
	var correction *correction2
	if block != nil {
		correction = newCorrection2(block, later)
	}
	off := reg64() // in bytes of weights, of which master has twice as many
	XORL(off.As32(), off.As32())
	l.mark("chunk")
	d, w := YMM(), YMM()
	VMOVDQU(indexed(p.c, off, 1), d)
	VMOVDQU(indexed(p.weights, off, 1), w)
	VPSLLW(left, d, d)
	VPMULHUW(by, d, d)
	VPSUBSW(w, d, d)
	VPERMQ(Imm(0xd8), d, d)
	VPERMQ(Imm(0xd8), w, w)
	m := [2]VecVirtual{YMM(), YMM()}
	VPUNPCKLWD(w, d, m[0])
	VPUNPCKHWD(w, d, m[1])
	for i := range m {
		from := indexed(p.master, off, 2)
		from.Disp = 32 * i
		VPMADDWD(pair, m[i], m[i])
		VPADDD(half, m[i], m[i])
		VPSRAD(down, m[i], m[i])
		VPADDD(from, m[i], m[i])
		VMOVDQU(m[i], from)
		VPADDD(halfWeight, m[i], m[i])
		VPSRAD(Imm(9), m[i], m[i])
	}
	VPACKSSDW(m[1], m[0], w)
	VPERMQ(Imm(0xd8), w, w)
	VMOVDQU(w, indexed(p.weights, off, 1))
	if correction != nil {
		correction.add(w)
	}
	n.madd(w, w, sum)
	ADDQ(Imm(32), off)
	CMPQ(off, p.row)
	JL(l.ref("chunk"))
	if correction != nil {
		correction.store(block)
	}
	squares := reg64()
	VMOVD(n.reduce(sum, VPADDD), squares.As32())
	return squares
}

// correction2 is correction512 in AVX2.
type correction2 struct {
	avx2
	first                   int
	contexts, space, space3 GPVirtual
	sums                    [4]VecVirtual
}

func newCorrection2(block Register, first int) *correction2 {
	k := &correction2{first: first, contexts: field(block, fieldContexts), space: field(block, fieldSpace), space3: reg64()}
	LEAQ(indexed(k.space, k.space, 2), k.space3)
	for i := first; i < batch; i++ {
		k.sums[i] = YMM()
		VPXOR(k.sums[i], k.sums[i], k.sums[i])
	}
	return k
}

// add takes the next weights.
func (k *correction2) add(w VecVirtual) {
	for i := k.first; i < batch; i++ {
		k.madd(quarter(k.contexts, k.space, k.space3, i), w, k.sums[i])
	}
	ADDQ(Imm(32), k.contexts)
}

// store puts the dot products of the neuron where match has put them.
func (k *correction2) store(block Register) {
	if k.first == batch {
		return
	}
	winner, dots, dotRow := field(block, fieldWinner), field(block, fieldDots), field(block, fieldDotRow)
	dotRow3 := reg64()
	LEAQ(indexed(dotRow, dotRow, 2), dotRow3)
	LEAQ(indexed(dots, winner, 4), dots)
	for i := range k.first {
		k.sums[i] = k.sums[batch-1] // any: it is not stored
	}
	sums, quarters := k.transpose(k.sums), XMM()
	VEXTRACTI128(Imm(1), sums, quarters)
	VPADDD(sums.AsX(), quarters, quarters)
	for i := k.first; i < batch; i++ {
		VPEXTRD(Imm(uint64(i)), quarters, quarter(dots, dotRow, dotRow3, i))
	}
}
