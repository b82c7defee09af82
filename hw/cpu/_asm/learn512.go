package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// learn takes 32 weights at a time.
func (z avx512) learn(l labels, p pull, block Register) {
	var correction *correction512
	if block != nil {
		correction = newCorrection512(z, block)
	}
	shift, factor := scaleOf(p.norm)
	left, by := ZMM(), ZMM()
	VPBROADCASTW(shift.As32(), left)
	VPBROADCASTW(factor.As32(), by)
	pair, drop := rateOf(p.eta)
	rate, down := ZMM(), ZMM()
	VPBROADCASTD(pair.As32(), rate)
	VPBROADCASTD(drop.As32(), down)
	g := GP32()
	carries, half, sum := ZMM(), ZMM(), ZMM()
	MOVL(U32(carry), g)
	VPBROADCASTW(g, carries)
	MOVL(U32(256), g)
	VPBROADCASTD(g, half)
	zero512(sum)
	apart, together := ZMM(), ZMM()
	VMOVDQU64(unpackable, apart)
	VMOVDQU64(unpacked, together)

	// add makes master += w*pair >> down for what lies unpackable in w, and rounds.
	var m [2]VecVirtual
	off := reg64() // in bytes of weights, of which master has twice as many
	add := func(w, pair VecVirtual, shift func(v VecVirtual)) VecVirtual {
		var products [2]VecVirtual
		products[0], products[1] = ZMM(), ZMM()
		VPUNPCKLWD(carries, w, products[0])
		VPUNPCKHWD(carries, w, products[1])
		for i := range m {
			from := indexed(p.master, off, 2)
			from.Disp = 64 * i
			VPMADDWD(pair, products[i], products[i])
			shift(products[i])
			m[i] = ZMM()
			VPADDD(from, products[i], m[i])
			VMOVDQU32(m[i], from)
			VPADDD(half, m[i], products[i])
			VPSRAD(Imm(9), products[i], products[i])
		}
		rounded := ZMM()
		VPACKSSDW(products[1], products[0], rounded)
		return rounded
	}

	XORL(off.As32(), off.As32())
	l.mark("first")
	d := ZMM()
	VMOVDQU64(indexed(p.c, off, 1), d)
	VPSLLVW(left, d, d)
	VPMULHUW(by, d, d)
	VPSUBSW(indexed(p.weights, off, 1), d, d)
	VPERMQ(d, apart, d)
	w := add(d, rate, func(v VecVirtual) { VPSRAVD(down, v, v) })
	VMOVDQU64(w, indexed(p.weights, off, 1)) // as they lie
	z.madd(w, w, sum)
	ADDQ(Imm(64), off)
	CMPQ(off, p.row)
	JL(l.ref("first"))

	VPBROADCASTD(renormal(reduce512(sum, VPADDD)).As32(), rate)
	XORL(off.As32(), off.As32())
	l.mark("second")
	w = ZMM()
	VMOVDQU64(indexed(p.weights, off, 1), w)
	w = add(w, rate, func(v VecVirtual) { VPSRAD(Imm(7), v, v) })
	VPERMQ(w, together, w)
	VMOVDQU64(w, indexed(p.weights, off, 1))
	if correction != nil {
		correction.add(w)
	}
	ADDQ(Imm(64), off)
	CMPQ(off, p.row)
	JL(l.ref("second"))
	if correction != nil {
		correction.store(block)
	}
}
