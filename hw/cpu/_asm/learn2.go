package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// learn takes 16 weights at a time.
func (n avx2) learn(l labels, p pull, block Register) {
	var correction *correction2
	if block != nil {
		correction = newCorrection2(block)
	}
	shift, factor := scaleOf(p.norm)
	left := XMM()
	VMOVD(shift.As32(), left)
	by := broadcast(factor, VPBROADCASTW)
	pair, drop := rateOf(p.eta)
	rate, down := broadcast(pair, VPBROADCASTD), XMM()
	VMOVD(drop.As32(), down)
	carries, half, sum := constant2(carry, VPBROADCASTW), constant2(256, VPBROADCASTD), YMM()
	VPXOR(sum, sum, sum)

	// add makes master += w*pair >> down for what lies unpackable in w, and rounds.
	off := reg64() // in bytes of weights, of which master has twice as many
	add := func(w, pair VecVirtual, shift func(v VecVirtual)) VecVirtual {
		products := [2]VecVirtual{YMM(), YMM()}
		VPUNPCKLWD(carries, w, products[0])
		VPUNPCKHWD(carries, w, products[1])
		for i, product := range products {
			from := indexed(p.master, off, 2)
			from.Disp = 32 * i
			VPMADDWD(pair, product, product)
			shift(product)
			VPADDD(from, product, product)
			VMOVDQU(product, from)
			VPADDD(half, product, product)
			VPSRAD(Imm(9), product, product)
		}
		rounded := YMM()
		VPACKSSDW(products[1], products[0], rounded)
		return rounded
	}

	XORL(off.As32(), off.As32())
	l.mark("first")
	d := YMM()
	VMOVDQU(indexed(p.c, off, 1), d)
	VPSLLW(left, d, d)
	VPMULHUW(by, d, d)
	VPSUBSW(indexed(p.weights, off, 1), d, d)
	VPERMQ(Imm(0xd8), d, d)
	w := add(d, rate, func(v VecVirtual) { VPSRAD(down, v, v) })
	VMOVDQU(w, indexed(p.weights, off, 1)) // as they lie
	n.madd(w, w, sum)
	ADDQ(Imm(32), off)
	CMPQ(off, p.row)
	JL(l.ref("first"))

	again := broadcast(renormal(n.reduce(sum, VPADDD)), VPBROADCASTD)
	XORL(off.As32(), off.As32())
	l.mark("second")
	w = YMM()
	VMOVDQU(indexed(p.weights, off, 1), w)
	w = add(w, again, func(v VecVirtual) { VPSRAD(Imm(7), v, v) })
	VPERMQ(Imm(0xd8), w, w)
	VMOVDQU(w, indexed(p.weights, off, 1))
	if correction != nil {
		correction.add(w)
	}
	ADDQ(Imm(32), off)
	CMPQ(off, p.row)
	JL(l.ref("second"))
	if correction != nil {
		correction.store(block)
	}
}

// correction2 is the dot products of one neuron, whose match weights change, with
// the contexts of the batch.
type correction2 struct {
	avx2
	contexts, space, space3 GPVirtual
	sums                    [4]VecVirtual
}

func newCorrection2(block Register) *correction2 {
	k := &correction2{contexts: field(block, fieldContexts), space: field(block, fieldSpace), space3: reg64()}
	LEAQ(indexed(k.space, k.space, 2), k.space3)
	for i := range k.sums {
		k.sums[i] = YMM()
		VPXOR(k.sums[i], k.sums[i], k.sums[i])
	}
	return k
}

// add takes the next weights.
func (k *correction2) add(w VecVirtual) {
	for i, sum := range k.sums {
		k.madd(quarter(k.contexts, k.space, k.space3, i), w, sum)
	}
	ADDQ(Imm(32), k.contexts)
}

// store puts the dot products of the neuron where match has put them.
func (k *correction2) store(block Register) {
	winner, dots, dotRow := field(block, fieldWinner), field(block, fieldDots), field(block, fieldDotRow)
	dotRow3 := reg64()
	LEAQ(indexed(dotRow, dotRow, 2), dotRow3)
	LEAQ(indexed(dots, winner, 4), dots)
	sums, quarters := k.transpose(k.sums), XMM()
	VEXTRACTI128(Imm(1), sums, quarters)
	VPADDD(sums.AsX(), quarters, quarters)
	for i := range k.sums {
		VPEXTRD(Imm(uint64(i)), quarters, quarter(dots, dotRow, dotRow3, i))
	}
}
