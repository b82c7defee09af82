package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The layout of match weights is group by group of 16 neurons; in a group, pair of
// elements by pair of elements; in a pair, the 16 neurons, each with its weights of
// both elements. Nothing is ever summed across a register.
const (
	lanes     = 16
	pairBytes = lanes * 4
)

// tail makes the mask of the last 16 of count lanes in k1.
func tail(count Register) {
	rest := GP64()
	MOVQ(count, rest)
	ANDQ(Imm(lanes-1), rest)
	mask := GP32()
	MOVL(U32(0xffff), mask)
	ones := GP32()
	MOVL(U32(1), ones)
	cl := ECX
	MOVL(rest.As32(), cl)
	SHLL(CL, ones)
	DECL(ones)
	TESTQ(rest, rest)
	CMOVLNE(ones, mask)
	KMOVW(mask, K1)
}

// matchAVX512 writes dots[i] = sum over pairs p of c[2p]*w[2p] + c[2p+1]*w[2p+1],
// for 64, then for 16 neurons at a time.
func matchAVX512(vnni bool) {
	name, doc := "matchAVX512", "in AVX-512"
	if vnni {
		name, doc = "matchVNNI", "in AVX-512 with VNNI"
	}
	TEXT(name, NOSPLIT, "func(dots *int32, weights *uint64, c *int16, neurons, pairs int)")
	Pragma("noescape")
	Doc(name + " is the match " + doc + ": dots[i] is the sum of c[j]*w[i][j] over all j.")
	dots := Load(Param("dots"), GP64())
	weights := Load(Param("weights"), GP64())
	c := Load(Param("c"), GP64())
	neurons := Load(Param("neurons"), GP64())
	pairs := Load(Param("pairs"), GP64())
	tail(neurons)
	groups := GP64()
	LEAQ(Mem{Base: neurons.(GPVirtual), Disp: lanes - 1}, groups)
	SHRQ(Imm(4), groups)
	stride := GP64() // of a group
	MOVQ(pairs, stride)
	SHLQ(Imm(6), stride)
	product := ZMM()
	madd := func(w Op, x, acc VecVirtual) {
		if vnni {
			VPDPWSSD(w, x, acc)
			return
		}
		VPMADDWD(w, x, product)
		VPADDD(product, acc, acc)
	}

	// Four groups at a time share the broadcast of a pair.
	Label("four")
	CMPQ(groups, Imm(4))
	JL(LabelRef("one"))
	acc := [4]VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
	for _, a := range acc {
		VPXORD(a, a, a)
	}
	at, end := GP64(), GP64()
	w1, w2, w3 := GP64(), GP64(), GP64()
	MOVQ(c, at)
	LEAQ(Mem{Base: c.(GPVirtual), Index: pairs.(GPVirtual), Scale: 4}, end)
	LEAQ(Mem{Base: weights.(GPVirtual), Index: stride, Scale: 1}, w1)
	LEAQ(Mem{Base: weights.(GPVirtual), Index: stride, Scale: 2}, w2)
	LEAQ(Mem{Base: w1, Index: stride, Scale: 2}, w3)
	x := ZMM()
	Label("fourpair")
	VPBROADCASTD(Mem{Base: at}, x)
	madd(Mem{Base: weights.(GPVirtual)}, x, acc[0])
	madd(Mem{Base: w1}, x, acc[1])
	madd(Mem{Base: w2}, x, acc[2])
	madd(Mem{Base: w3}, x, acc[3])
	ADDQ(Imm(4), at)
	for _, w := range []Op{weights, w1, w2, w3} {
		ADDQ(Imm(pairBytes), w)
	}
	CMPQ(at, end)
	JB(LabelRef("fourpair"))
	MOVQ(w3, weights)
	SUBQ(Imm(4), groups)
	JZ(LabelRef("fourlast"))
	for i, a := range acc {
		VMOVDQU32(a, Mem{Base: dots.(GPVirtual), Disp: i * 64})
	}
	ADDQ(U32(256), dots)
	JMP(LabelRef("four"))
	Label("fourlast")
	for i, a := range acc[:3] {
		VMOVDQU32(a, Mem{Base: dots.(GPVirtual), Disp: i * 64})
	}
	VMOVDQU32(acc[3], K1, Mem{Base: dots.(GPVirtual), Disp: 3 * 64})
	VZEROUPPER()
	RET()

	// One group at a time: four sums over every fourth pair hide the latency.
	Label("one")
	TESTQ(groups, groups)
	JZ(LabelRef("done"))
	for _, a := range acc {
		VPXORD(a, a, a)
	}
	MOVQ(c, at)
	left := GP64()
	MOVQ(pairs, left)
	Label("onefour")
	CMPQ(left, Imm(4))
	JL(LabelRef("onerest"))
	xs := [4]VecVirtual{ZMM(), ZMM(), ZMM(), ZMM()}
	for i, a := range acc {
		VPBROADCASTD(Mem{Base: at, Disp: 4 * i}, xs[i])
		madd(Mem{Base: weights.(GPVirtual), Disp: pairBytes * i}, xs[i], a)
	}
	ADDQ(Imm(16), at)
	ADDQ(U32(4*pairBytes), weights)
	SUBQ(Imm(4), left)
	JMP(LabelRef("onefour"))
	Label("onerest")
	TESTQ(left, left)
	JZ(LabelRef("onesum"))
	VPBROADCASTD(Mem{Base: at}, x)
	madd(Mem{Base: weights.(GPVirtual)}, x, acc[0])
	ADDQ(Imm(4), at)
	ADDQ(Imm(pairBytes), weights)
	DECQ(left)
	JMP(LabelRef("onerest"))
	Label("onesum")
	VPADDD(acc[1], acc[0], acc[0])
	VPADDD(acc[3], acc[2], acc[2])
	VPADDD(acc[2], acc[0], acc[0])
	DECQ(groups)
	JZ(LabelRef("onelast"))
	VMOVDQU32(acc[0], Mem{Base: dots.(GPVirtual)})
	ADDQ(Imm(64), dots)
	JMP(LabelRef("one"))
	Label("onelast")
	VMOVDQU32(acc[0], K1, Mem{Base: dots.(GPVirtual)})
	Label("done")
	VZEROUPPER()
	RET()
}

// matchAVX2 is the same for 8 lanes; dots has room for whole groups of 16.
func matchAVX2() {
	TEXT("matchAVX2", NOSPLIT, "func(dots *int32, weights *uint64, c *int16, groups, pairs int)")
	Pragma("noescape")
	Doc("matchAVX2 is the match in AVX2, for whole groups of 16 neurons.")
	dots := Load(Param("dots"), GP64())
	weights := Load(Param("weights"), GP64())
	c := Load(Param("c"), GP64())
	groups := Load(Param("groups"), GP64())
	pairs := Load(Param("pairs"), GP64())
	at, left := GP64(), GP64()
	acc := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
	x, y := YMM(), YMM()
	p := [4]VecVirtual{YMM(), YMM(), YMM(), YMM()}
	Label("group")
	TESTQ(groups, groups)
	JZ(LabelRef("done"))
	for _, a := range acc {
		VPXOR(a, a, a)
	}
	MOVQ(c, at)
	MOVQ(pairs, left)
	Label("two")
	CMPQ(left, Imm(2))
	JL(LabelRef("rest"))
	VPBROADCASTD(Mem{Base: at}, x)
	VPBROADCASTD(Mem{Base: at, Disp: 4}, y)
	for i, b := range []VecVirtual{x, x, y, y} {
		VPMADDWD(Mem{Base: weights.(GPVirtual), Disp: 32 * i}, b, p[i])
		VPADDD(p[i], acc[i], acc[i])
	}
	ADDQ(Imm(8), at)
	ADDQ(U32(2*pairBytes), weights)
	SUBQ(Imm(2), left)
	JMP(LabelRef("two"))
	Label("rest")
	TESTQ(left, left)
	JZ(LabelRef("sum"))
	VPBROADCASTD(Mem{Base: at}, x)
	for i := range 2 {
		VPMADDWD(Mem{Base: weights.(GPVirtual), Disp: 32 * i}, x, p[i])
		VPADDD(p[i], acc[i], acc[i])
	}
	ADDQ(Imm(pairBytes), weights)
	Label("sum")
	VPADDD(acc[2], acc[0], acc[0])
	VPADDD(acc[3], acc[1], acc[1])
	VMOVDQU(acc[0], Mem{Base: dots.(GPVirtual)})
	VMOVDQU(acc[1], Mem{Base: dots.(GPVirtual), Disp: 32})
	ADDQ(Imm(64), dots)
	DECQ(groups)
	JMP(LabelRef("group"))
	Label("done")
	VZEROUPPER()
	RET()
}
