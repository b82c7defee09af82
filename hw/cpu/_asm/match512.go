package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// avx512 is AVX-512 (F, BW, VL, DQ), with VNNI or without.
type avx512 struct{ vnni bool }

func (z avx512) suffix() string {
	if z.vnni {
		return "VNNI"
	}
	return "AVX512"
}

func (z avx512) doc() string {
	if z.vnni {
		return "AVX-512 with VNNI"
	}
	return "AVX-512"
}

// madd emits acc += the products of pairs of int16 in w and x, summed.
func (z avx512) madd(w Op, x, acc VecVirtual) {
	if z.vnni {
		VPDPWSSD(w, x, acc)
		return
	}
	product := ZMM()
	VPMADDWD(w, x, product)
	VPADDD(product, acc, acc)
}

// maddHalf is madd with half a register; the other half of acc becomes zero.
func (z avx512) maddHalf(w, x, acc VecVirtual) {
	if z.vnni {
		VPDPWSSD(w.AsY(), x.AsY(), acc.AsY())
		return
	}
	product := YMM()
	VPMADDWD(w.AsY(), x.AsY(), product)
	VPADDD(product, acc.AsY(), acc.AsY())
}

// match takes four neurons at a time: what is loaded of a neuron serves four
// contexts, what is loaded of a context four neurons. The chunks of the rows are taken
// from the last one, which may be half a register, to the first.
//
// Folding the sums of four neurons takes many steps that wait for each other. They are
// put between the first products of the next four, so that the multipliers go on.
func (z avx512) match(l labels, block Register) {
	m := match512{
		avx512: z, block: block,
		contexts: field(block, fieldContexts), weights: field(block, fieldWeights), dots: field(block, fieldDots),
		space: field(block, fieldSpace), row: field(block, fieldRow), dotRow: field(block, fieldDotRow),
		space3: reg64(), row3: reg64(), dotRow3: reg64(), c: reg64(),
	}
	LEAQ(indexed(m.space, m.space, 2), m.space3)
	LEAQ(indexed(m.row, m.row, 2), m.row3)
	LEAQ(indexed(m.dotRow, m.dotRow, 2), m.dotRow3)
	neurons := field(block, fieldNeurons)
	for k := range m.acc {
		for n := range m.acc[k] {
			m.acc[k][n] = ZMM()
		}
	}
	m.last(l+"begin", false)
	l.mark("next")
	CMPQ(m.c, m.contexts)
	JLE(l.ref("tile"))
	l.mark("chunk")
	SUBQ(Imm(64), m.c)
	SUBQ(Imm(64), m.weights)
	var x [4]VecVirtual
	for k := range x {
		x[k] = ZMM()
		VMOVDQU64(quarter(m.c, m.space, m.space3, k), x[k])
	}
	for n := range 4 {
		w := ZMM()
		VMOVDQU64(quarter(m.weights, m.row, m.row3, n), w)
		for k := range x {
			z.madd(w, x[k], m.acc[k][n])
		}
	}
	CMPQ(m.c, m.contexts)
	JG(l.ref("chunk"))
	l.mark("tile")
	SUBQ(Imm(4), neurons)
	JLE(l.ref("end"))
	LEAQ(indexed(m.weights, m.row, 4), m.weights)
	m.last(l+"go", true)
	JMP(l.ref("next"))
	l.mark("end")
	var sums [4]VecVirtual
	for k := range sums {
		sums[k] = transpose512(m.acc[k])
	}
	m.store(fold512(sums))
}

// match512 is what a match needs in registers.
type match512 struct {
	avx512
	block                   Register
	contexts, weights, dots GPVirtual // weights and dots of the four neurons
	space, row, dotRow      GPVirtual
	space3, row3, dotRow3   GPVirtual
	c                       GPVirtual        // of the first context, the chunk
	acc                     [4][4]VecVirtual // [context][neuron]
}

// last sets out from the last chunk of four neurons. With folding, it stores the dot
// products of the four before.
func (m *match512) last(l labels, folding bool) {
	ADDQ(at(m.block, fieldLast), m.weights)
	MOVQ(at(m.block, fieldLast), m.c)
	ADDQ(m.contexts, m.c)
	CMPQ(at(m.block, fieldLastHalf), Imm(0))
	JNE(l.ref("half"))
	m.chunk(false, folding)
	JMP(l.ref("done"))
	l.mark("half")
	m.chunk(true, folding)
	l.mark("done")
}

// chunk takes the first chunk of four neurons, half a register or a whole one.
func (m *match512) chunk(half, folding bool) {
	var w, sums [4]VecVirtual
	for n := range w {
		w[n] = ZMM()
		from := quarter(m.weights, m.row, m.row3, n)
		if half {
			VMOVDQU64(from, w[n].AsY())
		} else {
			VMOVDQU64(from, w[n])
		}
	}
	for k := range m.acc {
		x := ZMM()
		from := quarter(m.c, m.space, m.space3, k)
		if half {
			VMOVDQU64(from, x.AsY())
		} else {
			VMOVDQU64(from, x)
		}
		if folding {
			sums[k] = transpose512(m.acc[k])
		}
		for n := range w {
			zero512(m.acc[k][n])
			if half {
				m.maddHalf(w[n], x, m.acc[k][n])
			} else {
				m.madd(w[n], x, m.acc[k][n])
			}
		}
	}
	if folding {
		m.store(fold512(sums))
	}
}

// store puts the dot products of four neurons, and goes on to the place of the next.
func (m *match512) store(sums VecVirtual) {
	for k := range 4 {
		to := quarter(m.dots, m.dotRow, m.dotRow3, k)
		if k == 0 {
			VMOVDQU32(sums.AsX(), to)
		} else {
			VEXTRACTI32X4(Imm(uint64(k)), sums, to)
		}
	}
	ADDQ(Imm(16), m.dots)
}

// quarter is the k-th of four rows that lie step bytes apart.
func quarter(base, step, step3 Register, k int) Mem {
	switch k {
	case 0:
		return at(base, 0)
	case 3:
		return indexed(base, step3, 1)
	default:
		return indexed(base, step, uint8(k))
	}
}

// transpose512 gives for four registers one with their partial sums beside each
// other: in each of its four parts, a sum of each of the four.
func transpose512(a [4]VecVirtual) VecVirtual {
	var pair [2]VecVirtual
	for i := range pair {
		low, high := ZMM(), ZMM()
		VPUNPCKLDQ(a[2*i+1], a[2*i], low)
		VPUNPCKHDQ(a[2*i+1], a[2*i], high)
		VPADDD(low, high, low)
		pair[i] = low
	}
	low, high := ZMM(), ZMM()
	VPUNPCKLQDQ(pair[1], pair[0], low)
	VPUNPCKHQDQ(pair[1], pair[0], high)
	VPADDD(low, high, low)
	return low
}

// fold512 adds the four parts of each of four registers up: part k of what it
// gives is the sum of register k.
func fold512(a [4]VecVirtual) VecVirtual {
	var pair [2]VecVirtual
	for i := range pair {
		low, high := ZMM(), ZMM()
		VSHUFI32X4(Imm(0x44), a[2*i+1], a[2*i], low)
		VSHUFI32X4(Imm(0xee), a[2*i+1], a[2*i], high)
		VPADDD(low, high, low)
		pair[i] = low
	}
	low, high := ZMM(), ZMM()
	VSHUFI32X4(Imm(0x88), pair[1], pair[0], low)
	VSHUFI32X4(Imm(0xdd), pair[1], pair[0], high)
	VPADDD(low, high, low)
	return low
}
