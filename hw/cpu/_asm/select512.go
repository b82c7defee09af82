package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

func (avx512) winner(l labels, block Register, dots, norm, but GPVirtual) (winner, dot GPVirtual) {
	neurons, thresholds := field(block, fieldNeurons), field(block, fieldThresholds)
	best, bestLane, index, step := ZMM(), ZMM(), ZMM(), ZMM()
	g := GP32()
	MOVL(U32(1<<31), g)
	VPBROADCASTD(g, best)
	VMOVDQU32(lane, index)
	VMOVDQA32(index, bestLane)
	MOVL(U32(16), g)
	VPBROADCASTD(g, step)
	length, except := ZMM(), ZMM()
	VPBROADCASTQ(norm, length)
	VPBROADCASTD(but.As32(), except)
	left := reg64()
	MOVQ(neurons, left)
	ones := reg64()
	MOVQ(U64(0xffff), ones)
	KMOVW(ones.As32(), K1)
	l.mark("group")
	CMPQ(left, Imm(16))
	JGE(l.ref("whole"))
	maskOf(left, K1)
	l.mark("whole")
	x := ZMM()
	VMOVDQU32(at(dots, 0), x)
	VPCMPD(Imm(4), except, index, K1, K2) // not equal
	CMPQ(at(block, fieldSelecting), Imm(0))
	JE(l.ref("compare"))
	KSHIFTRW(Imm(8), K1, K3)
	for half, mask := range []Register{K1, K3} {
		threshold, dot := ZMM(), ZMM()
		VPMOVSXDQ_Z(at(thresholds, 32*half), mask, threshold)
		VPMULDQ(length, threshold, threshold)
		VPMOVSXDQ(at(dots, 32*half), dot)
		VPSLLQ(Imm(matchShift), dot, dot)
		VPCMPQ(Imm(5), threshold, dot, []Register{K4, K5}[half]) // not less
	}
	KUNPCKBW(K4, K5, K4)
	KANDW(K2, K4, K2)
	l.mark("compare")
	VPCMPD(Imm(6), best, x, K2, K3) // greater
	VMOVDQA32(x, K3, best)
	VMOVDQA32(index, K3, bestLane)
	VPADDD(step, index, index)
	ADDQ(Imm(64), dots)
	ADDQ(Imm(64), thresholds)
	SUBQ(Imm(16), left)
	JG(l.ref("group"))

	most := reduce512(best, VPMAXSD)
	VPBROADCASTD(most, length)
	VPCMPEQD(length, best, K3)
	winner, dot = reg64(), reg64()
	VMOVD(most, dot.As32())
	MOVLQSX(dot.As32(), dot)
	CMPQ(neurons, Imm(16))
	JG(l.ref("several"))
	KMOVW(K3, winner.As32())
	TZCNTL(winner.As32(), winner.As32()) // a processor without it takes it for BSF, which gives the same
	JMP(l.ref("found"))
	l.mark("several")
	lowest := ZMM()
	ones = reg64()
	MOVQ(I64(-1), ones)
	VPBROADCASTD(ones.As32(), lowest)
	VMOVDQA32(bestLane, K3, lowest)
	VMOVD(reduce512(lowest, VPMINUD), winner.As32())
	l.mark("found")
	return winner, dot
}

// reduce512 folds the 16 lanes of a register with an operation; the first lane of
// what it gives is the result.
func reduce512(v VecVirtual, op func(ops ...Op)) VecVirtual {
	y, z := YMM(), YMM()
	VEXTRACTI64X4(Imm(1), v, y)
	op(v.AsY(), y, y)
	VEXTRACTI128(Imm(1), y, z.AsX())
	op(z.AsX(), y.AsX(), y.AsX())
	VPSHUFD(Imm(0x4e), y.AsX(), z.AsX())
	op(z.AsX(), y.AsX(), y.AsX())
	VPSHUFD(Imm(0xb1), y.AsX(), z.AsX())
	op(z.AsX(), y.AsX(), y.AsX())
	x := XMM()
	VMOVDQA(y.AsX(), x)
	return x
}

func (avx512) miss(l labels, block Register) {
	thresholds, left := field(block, fieldThresholds), field(block, fieldNeurons)
	down := ZMM()
	VPBROADCASTD(at(block, fieldDeltaE), down)
	ones := reg64()
	MOVQ(U64(0xffff), ones)
	KMOVW(ones.As32(), K1)
	l.mark("group")
	CMPQ(left, Imm(16))
	JGE(l.ref("whole"))
	maskOf(left, K1)
	l.mark("whole")
	t := ZMM()
	VMOVDQU32_Z(at(thresholds, 0), K1, t)
	VPSUBD(down, t, t)
	VMOVDQU32(t, K1, at(thresholds, 0))
	ADDQ(Imm(64), thresholds)
	SUBQ(Imm(16), left)
	JG(l.ref("group"))
}

func (avx512) recent(l labels, block Register, c GPVirtual, noise string) {
	left, least := field(block, fieldRow), ZMM()
	VPBROADCASTW(at(block, fieldRecent), least)
	found, some := reg64(), reg64()
	XORL(found.As32(), found.As32())
	l.mark("chunk")
	x := ZMM()
	VMOVDQU64(at(c, 0), x)
	VPCMPW(Imm(5), least, x, K1)
	KMOVD(K1, some.As32())
	POPCNTL(some.As32(), some.As32())
	ADDQ(some, found)
	ADDQ(Imm(64), c)
	SUBQ(Imm(64), left)
	JNZ(l.ref("chunk"))
	CMPQ(found, at(block, fieldMinRecent))
	JL(LabelRef(noise))
}

func (avx512) norms(block Register) {
	norm, x, g := YMM(), YMM(), reg64()
	VMOVDQU(at(block, fieldSums), norm)
	VPSLLQ(Imm(2*normFraction), norm, norm)
	VCVTUQQ2PD(norm, norm)
	VSQRTPD(norm, norm)
	VCVTTPD2UQQ(norm, norm)
	VMOVDQU(norm, at(block, fieldNorms))
	// In float64, the norm without its fraction is 2^(len-1), and exact is also what
	// follows: no quotient of such numbers is near enough to an integer to be rounded
	// to one. The shift is 20-len.
	VCVTUQQ2PD(norm, norm)
	VPSRLQ(Imm(52), norm, x)
	power := YMM()
	VPSLLQ(Imm(52), x, power)
	shift := YMM()
	MOVQ(U64(1023+19), g)
	VPBROADCASTQ(g, shift)
	VPSUBQ(x, shift, shift)
	VMOVDQU(shift, at(block, fieldShifts))
	MOVQ(U64((1023+16)<<52), g) // 2^16
	VPBROADCASTQ(g, x)
	VMULPD(x, power, power)
	VDIVPD(norm, power, power)
	VCVTTPD2UQQ(power, power)
	MOVQ(U64(0xffff), g)
	VPBROADCASTQ(g, x)
	VPMINUQ(x, power, power)
	VMOVDQU(power, at(block, fieldFactors))
}
