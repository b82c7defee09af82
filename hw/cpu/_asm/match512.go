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

// match takes four neurons at a time: what is loaded of a neuron serves four
// contexts, what is loaded of a context four neurons.
func (z avx512) match(l labels, block Register) {
	contexts, weights, dots := field(block, fieldContexts), field(block, fieldWeights), field(block, fieldDots)
	space, row, dotRow := field(block, fieldSpace), field(block, fieldRow), field(block, fieldDotRow)
	space3, row3 := reg64(), reg64()
	LEAQ(indexed(space, space, 2), space3)
	LEAQ(indexed(row, row, 2), row3)
	neurons := field(block, fieldNeurons)
	var acc [4][4]VecVirtual // [context][neuron]
	for k := range acc {
		for n := range acc[k] {
			acc[k][n] = ZMM()
		}
	}
	c, left := reg64(), reg64()
	l.mark("tile")
	for k := range acc {
		for n := range acc[k] {
			zero512(acc[k][n])
		}
	}
	MOVQ(contexts, c)
	MOVQ(row, left)
	l.mark("chunk")
	var x [4]VecVirtual
	for k := range x {
		x[k] = ZMM()
		VMOVDQU64(quarter(c, space, space3, k), x[k])
	}
	for n := range 4 {
		w := ZMM()
		VMOVDQU64(quarter(weights, row, row3, n), w)
		for k := range x {
			z.madd(w, x[k], acc[k][n])
		}
	}
	ADDQ(Imm(64), c)
	ADDQ(Imm(64), weights)
	SUBQ(Imm(64), left)
	JNZ(l.ref("chunk"))
	ADDQ(row3, weights) // behind the four rows

	var perContext [4]VecVirtual
	for k := range acc {
		perContext[k] = transpose512(acc[k])
	}
	sums := fold512(perContext)
	dotRow3 := reg64()
	LEAQ(indexed(dotRow, dotRow, 2), dotRow3)
	for k := range 4 {
		to := quarter(dots, dotRow, dotRow3, k)
		if k == 0 {
			VMOVDQU(sums.AsX(), to)
		} else {
			VEXTRACTI32X4(Imm(uint64(k)), sums, to)
		}
	}
	ADDQ(Imm(16), dots)
	SUBQ(Imm(4), neurons)
	JG(l.ref("tile"))
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

// correction512 is the dot products of one neuron, whose match weights change, with
// the contexts of the batch that are still to compete.
type correction512 struct {
	avx512
	first                   int // of those contexts
	contexts, space, space3 GPVirtual
	sums                    [4]VecVirtual
}

func newCorrection512(z avx512, block Register, first int) *correction512 {
	k := &correction512{avx512: z, first: first, contexts: field(block, fieldContexts), space: field(block, fieldSpace), space3: reg64()}
	LEAQ(indexed(k.space, k.space, 2), k.space3)
	for i := first; i < batch; i++ {
		k.sums[i] = ZMM()
		zero512(k.sums[i])
	}
	return k
}

// add takes the next weights.
func (k *correction512) add(w VecVirtual) {
	for i := k.first; i < batch; i++ {
		k.madd(quarter(k.contexts, k.space, k.space3, i), w, k.sums[i])
	}
	ADDQ(Imm(64), k.contexts)
}

// store puts the dot products of the neuron where match has put them.
func (k *correction512) store(block Register) {
	if k.first == batch {
		return
	}
	winner := field(block, fieldWinner)
	dots, dotRow := field(block, fieldDots), field(block, fieldDotRow)
	dotRow3 := reg64()
	LEAQ(indexed(dotRow, dotRow, 2), dotRow3)
	LEAQ(indexed(dots, winner, 4), dots)
	for i := range k.first {
		k.sums[i] = k.sums[batch-1] // any: it is not stored
	}
	sums, half, quarters := transpose512(k.sums), YMM(), XMM()
	VEXTRACTI64X4(Imm(1), sums, half)
	VPADDD(sums.AsY(), half, half)
	VEXTRACTI128(Imm(1), half, quarters)
	VPADDD(half.AsX(), quarters, quarters)
	for i := k.first; i < batch; i++ {
		VPEXTRD(Imm(uint64(i)), quarters, quarter(dots, dotRow, dotRow3, i))
	}
}
