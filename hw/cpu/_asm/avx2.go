package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// avx2 is AVX2.
type avx2 struct{}

func (avx2) suffix() string { return "AVX2" }
func (avx2) doc() string    { return "AVX2" }

// lanes8 makes a mask of the first n of 8 double words, n from 0 to 8.
func lanes8(n GPVirtual) VecVirtual {
	table, mask := reg64(), YMM()
	LEAQ(firstLanes, table)
	NEGQ(n)
	from := indexed(table, n, 4)
	from.Disp = 32
	VMOVDQU(from, mask)
	NEGQ(n)
	return mask
}

// broadcast fills a register with the low part of a general one.
func broadcast(g GPVirtual, op func(ops ...Op)) VecVirtual {
	y := YMM()
	VMOVD(g.As32(), y.AsX())
	op(y.AsX(), y)
	return y
}

// constant2 fills a register with a number.
func constant2(v uint32, op func(ops ...Op)) VecVirtual {
	g := reg64()
	MOVL(U32(v), g.As32())
	return broadcast(g, op)
}

// madd emits acc += the products of pairs of int16 in w and x, summed.
func (avx2) madd(w Op, x, acc VecVirtual) {
	product := YMM()
	VPMADDWD(w, x, product)
	VPADDD(product, acc, acc)
}

// reduce folds the 8 lanes of a register with an operation; the first lane of what
// it gives is the result.
func (avx2) reduce(v VecVirtual, op func(ops ...Op)) VecVirtual {
	x, y := XMM(), XMM()
	VEXTRACTI128(Imm(1), v, x)
	op(v.AsX(), x, x)
	VPSHUFD(Imm(0x4e), x, y)
	op(y, x, x)
	VPSHUFD(Imm(0xb1), x, y)
	op(y, x, x)
	return x
}

func (avx2) norms(block Register) {
	for i := range batch {
		norm, x := reg64(), XMM()
		MOVQ(at(block, fieldSums+8*i), norm)
		SHLQ(Imm(2*normFraction), norm)
		VXORPS(x, x, x)
		VCVTSI2SDQ(norm, x, x)
		VSQRTSD(x, x, x)
		VCVTTSD2SIQ(x, norm)
		MOVQ(norm, at(block, fieldNorms+8*i))
		// A norm of zero has a context of nothing: any scale will do.
		length, shift, factor, most := reg64(), reg64(), reg64(), reg64()
		CMPQ(norm, Imm(1))
		ADCQ(Imm(0), norm)
		MOVQ(norm, length)
		BSRQ(length, length)
		MOVQ(U64(19), shift)
		SUBQ(length, shift)
		MOVQ(shift, at(block, fieldShifts+8*i))
		MOVQ(U64(1<<16), factor)
		MOVQ(length, RCX)
		SHLQ(CL, factor)
		MOVQ(factor, RAX)
		XORQ(RDX, RDX)
		DIVQ(norm)
		MOVQ(RAX, factor)
		MOVQ(U64(0xffff), most)
		CMPQ(factor, most)
		CMOVQHI(most, factor)
		MOVQ(factor, at(block, fieldFactors+8*i))
	}
}

func (avx2) recent(l labels, block Register, c GPVirtual, noise string) {
	left, least := field(block, fieldRow), YMM()
	VPBROADCASTW(at(block, fieldRecent), least)
	found, some := reg64(), reg64()
	XORL(found.As32(), found.As32())
	l.mark("chunk")
	x := YMM()
	VMOVDQU(at(c, 0), x)
	VPCMPGTW(x, least, x) // those that are less
	VPMOVMSKB(x, some.As32())
	NOTL(some.As32())
	POPCNTL(some.As32(), some.As32())
	ADDQ(some, found)
	ADDQ(Imm(32), c)
	SUBQ(Imm(32), left)
	JNZ(l.ref("chunk"))
	SHRQ(Imm(1), found) // two bytes each
	CMPQ(found, at(block, fieldMinRecent))
	JL(LabelRef(noise))
}

// match takes two neurons at a time: what is loaded of a neuron serves four
// contexts, what is loaded of a context two neurons.
func (n avx2) match(l labels, block Register) {
	contexts, weights, dots := field(block, fieldContexts), field(block, fieldWeights), field(block, fieldDots)
	space, row, dotRow := field(block, fieldSpace), field(block, fieldRow), field(block, fieldDotRow)
	space3, dotRow3 := reg64(), reg64()
	LEAQ(indexed(space, space, 2), space3)
	LEAQ(indexed(dotRow, dotRow, 2), dotRow3)
	neurons := field(block, fieldNeurons)
	var acc [4][2]VecVirtual // [context][neuron]
	for k := range acc {
		acc[k] = [2]VecVirtual{YMM(), YMM()}
	}
	c, left := reg64(), reg64()
	l.mark("tile")
	for k := range acc {
		for i := range acc[k] {
			VPXOR(acc[k][i], acc[k][i], acc[k][i])
		}
	}
	MOVQ(contexts, c)
	MOVQ(at(block, fieldUsed), left)
	l.mark("chunk")
	w0, w1 := YMM(), YMM()
	VMOVDQU(at(weights, 0), w0)
	VMOVDQU(indexed(weights, row, 1), w1)
	for k := range acc {
		x := YMM()
		VMOVDQU(quarter(c, space, space3, k), x)
		n.madd(w0, x, acc[k][0])
		n.madd(w1, x, acc[k][1])
	}
	ADDQ(Imm(32), c)
	ADDQ(Imm(32), weights)
	SUBQ(Imm(32), left)
	JNZ(l.ref("chunk"))
	SUBQ(at(block, fieldUsed), weights)
	LEAQ(indexed(weights, row, 2), weights)

	// In each half of pair[i], a sum of contexts 2i and 2i+1 with both neurons.
	var pair [2]VecVirtual
	for i := range pair {
		pair[i] = n.transpose([4]VecVirtual{acc[2*i][0], acc[2*i][1], acc[2*i+1][0], acc[2*i+1][1]})
	}
	low, high := YMM(), YMM()
	VPERM2I128(Imm(0x20), pair[1], pair[0], low)
	VPERM2I128(Imm(0x31), pair[1], pair[0], high)
	VPADDD(high, low, low)
	VEXTRACTI128(Imm(1), low, high.AsX())
	VMOVQ(low.AsX(), quarter(dots, dotRow, dotRow3, 0))
	VPEXTRQ(Imm(1), low.AsX(), quarter(dots, dotRow, dotRow3, 1))
	VMOVQ(high.AsX(), quarter(dots, dotRow, dotRow3, 2))
	VPEXTRQ(Imm(1), high.AsX(), quarter(dots, dotRow, dotRow3, 3))
	ADDQ(Imm(8), dots)
	SUBQ(Imm(2), neurons)
	JG(l.ref("tile"))
}

// transpose gives for four registers one with their partial sums beside each
// other: in each of its halves, a sum of each of the four.
func (avx2) transpose(a [4]VecVirtual) VecVirtual {
	var pair [2]VecVirtual
	for i := range pair {
		low, high := YMM(), YMM()
		VPUNPCKLDQ(a[2*i+1], a[2*i], low)
		VPUNPCKHDQ(a[2*i+1], a[2*i], high)
		VPADDD(low, high, low)
		pair[i] = low
	}
	low, high := YMM(), YMM()
	VPUNPCKLQDQ(pair[1], pair[0], low)
	VPUNPCKHQDQ(pair[1], pair[0], high)
	VPADDD(low, high, low)
	return low
}

func (n avx2) winner(l labels, block Register, dots, norm, but GPVirtual) (winner, dot GPVirtual) {
	thresholds := field(block, fieldThresholds)
	best, bestLane := constant2(1<<31, VPBROADCASTD), YMM()
	index, eight := YMM(), constant2(8, VPBROADCASTD)
	VMOVDQU(lane, index)
	VMOVDQA(index, bestLane)
	length := broadcast(norm, VPBROADCASTQ)
	except := broadcast(but, VPBROADCASTD)
	left, lanes := field(block, fieldNeurons), reg64()
	l.mark("group")
	MOVQ(U64(8), lanes)
	CMPQ(left, lanes)
	CMOVQLT(left, lanes)
	pass, x := lanes8(lanes), YMM()
	VPCMPEQD(except, index, x)
	VPANDN(pass, x, pass)
	VMOVDQU(at(dots, 0), x)
	CMPQ(at(block, fieldSelecting), Imm(0))
	JE(l.ref("compare"))
	thresholdsOf, products := YMM(), [2]VecVirtual{}
	VPMASKMOVD(at(thresholds, 0), pass, thresholdsOf)
	for half := range products {
		t, d := YMM(), YMM()
		if half == 1 {
			VEXTRACTI128(Imm(1), thresholdsOf, t.AsX())
			VPMOVSXDQ(t.AsX(), t)
		} else {
			VPMOVSXDQ(thresholdsOf.AsX(), t)
		}
		VPMULDQ(length, t, t)
		VPMOVSXDQ(at(dots, 16*half), d)
		VPSLLQ(Imm(matchShift), d, d)
		VPCMPGTQ(d, t, t) // the threshold is not reached
		products[half] = t
	}
	VSHUFPS(Imm(0x88), products[1], products[0], products[0])
	VPERMQ(Imm(0xd8), products[0], products[0])
	VPANDN(pass, products[0], pass)
	l.mark("compare")
	greater := YMM()
	VPCMPGTD(best, x, greater)
	VPAND(pass, greater, greater)
	VPBLENDVB(greater, x, best, best)
	VPBLENDVB(greater, index, bestLane, bestLane)
	VPADDD(eight, index, index)
	ADDQ(Imm(32), dots)
	ADDQ(Imm(32), thresholds)
	SUBQ(Imm(8), left)
	JG(l.ref("group"))

	most := n.reduce(best, VPMAXSD)
	winner, dot = reg64(), reg64()
	VMOVD(most, dot.As32())
	MOVLQSX(dot.As32(), dot)
	same := YMM()
	VPBROADCASTD(most, same)
	VPCMPEQD(same, best, same)
	lowest := YMM()
	VPCMPEQD(lowest, lowest, lowest)
	VPBLENDVB(same, bestLane, lowest, lowest)
	VMOVD(n.reduce(lowest, VPMINUD), winner.As32())
	return winner, dot
}

func (avx2) miss(l labels, block Register) {
	thresholds, left, lanes := field(block, fieldThresholds), field(block, fieldNeurons), reg64()
	down := YMM()
	VPBROADCASTD(at(block, fieldDeltaE), down)
	l.mark("group")
	MOVQ(U64(8), lanes)
	CMPQ(left, lanes)
	CMOVQLT(left, lanes)
	mask, t := lanes8(lanes), YMM()
	VPMASKMOVD(at(thresholds, 0), mask, t)
	VPSUBD(down, t, t)
	VPMASKMOVD(t, mask, at(thresholds, 0))
	ADDQ(Imm(32), thresholds)
	SUBQ(Imm(8), left)
	JG(l.ref("group"))
}
