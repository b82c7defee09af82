package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// The deltas of a pair are multiplied at once: the weights of both columns, as
// int16, are put beside each other in the 32 bits of a row's sum, and VPMADDWD
// multiplies them with the values of both and adds the two products.
//
// A value is taken as a sum of two digits of 16 bits with signs, low + high<<16.
// With bias 1<<15 in every value, (v+bias)^bias has the low digit in its lower half
// and the high one in its upper half. One run of the kernel is for one of them.

func columns(w weight, isa string) {
	TEXT("columns"+w.bits()+isa, NOSPLIT,
		"func(z *int32, weights *int"+w.bits()+", stride, rows int, deltas *int32, count int, shift uint64)")
	Pragma("noescape")
	Doc("columns"+w.bits()+isa+" adds columns of a dense layer, times one digit of 16 bits of their deltas:",
		"that of the weight 1<<shift, for a shift of 0 or 16.",
		"",
		"\tfor i := range rows {",
		"\t\tfor _, d := range deltas {",
		"\t\t\tdigit := int32(int16(((d.Value + 1<<15) ^ 1<<15) >> shift))",
		"\t\t\tz[i] += int32(weights[d.Index*stride+i]) * digit << shift",
		"\t\t}",
		"\t}")
}

// pair is the state of a kernel of pairs.
type pair struct {
	*layer
	vnni         bool
	bias, choice VecVirtual
	all          []VecVirtual // for sums
}

func loadPair(w weight, bytes int, vnni bool) *pair {
	p := &pair{layer: loadLayer(w, 2), vnni: vnni, bias: vector(bytes), choice: vector(bytes), all: vectors(bytes, bytes/4)}
	p.split()
	// Which bytes of {index, value, index, value} a pair of digits is made from: by
	// default the low ones, 2 bytes higher for those of 1<<16.
	low, offset := GP64(), GP64()
	LEAQ(table("digitChoice", 64, 0x0d0c0504), low)
	VMOVQ(p.shift, offset)
	SHRQ(Imm(3), offset)
	VMOVQ(offset, p.choice.AsX())
	VPBROADCASTB(p.choice.AsX(), p.choice)
	VPADDB(Mem{Base: low}, p.choice, p.choice)
	if bytes == 64 {
		VMOVDQU32(table("digitBias16", 64, 1<<15), p.bias)
	} else {
		VMOVDQU(table("digitBias16", 64, 1<<15), p.bias)
	}
	return p
}

// digits makes a register full of the pair's digits.
func (p *pair) digits(at GPVirtual) VecVirtual {
	x := vector(int(p.bias.Size()))
	if x.Size() == 64 {
		VBROADCASTI32X4(Mem{Base: at}, x)
		VPADDD(p.bias, x, x)
		VPXORD(p.bias, x, x)
	} else {
		VBROADCASTI128(Mem{Base: at}, x)
		VPADDD(p.bias, x, x)
		VPXOR(p.bias, x, x)
	}
	VPSHUFB(p.choice, x, x)
	return x
}

// madd adds to sums the products of weights, which are lost, and digits.
func (p *pair) madd(digits, weights, sums VecVirtual) {
	if p.vnni {
		VPDPWSSD(digits, weights, sums)
		return
	}
	VPMADDWD(digits, weights, weights)
	VPADDD(weights, sums, sums)
}

// sums goes over all deltas for so many registers of rows, and gives two registers
// of sums for each: in each part of 128 bits, what the lower four and what the upper
// four of its eight rows sum up to.
func (p *pair) sums(name string, registers int, k Register) [][2]VecVirtual {
	bytes := int(p.bias.Size())
	out := make([][2]VecVirtual, registers)
	for i := range out {
		out[i] = [2]VecVirtual(p.all[2*i:])
		clearAll(out[i][:]...)
	}
	p.over(name, func(at GPVirtual) {
		columns := p.columns(at)
		digits := p.digits(at)
		for i, sums := range out {
			a, b, lower := vector(bytes), vector(bytes), vector(bytes)
			p.w.words(columns[0].Offset(i*bytes/2*p.w.size), a, k)
			p.w.words(columns[1].Offset(i*bytes/2*p.w.size), b, k)
			VPUNPCKLWD(b, a, lower)
			VPUNPCKHWD(b, a, a)
			p.madd(digits, lower, sums[0])
			p.madd(digits, a, sums[1])
		}
	})
	return out
}

func columnsAVX512(w weight, vnni bool) {
	isa := "AVX512"
	if vnni {
		isa = "VNNI"
	}
	columns(w, isa)
	p := loadPair(w, 64, vnni)
	// The order of 128-bit parts, as quad words of two registers, in which rows lie.
	order := [2]VecVirtual{ZMM(), ZMM()}
	VMOVDQU64(table("lowerRows", 64, 0, 0, 1, 0, 8, 0, 9, 0, 2, 0, 3, 0, 10, 0, 11, 0), order[0])
	VMOVDQU64(table("upperRows", 64, 4, 0, 5, 0, 12, 0, 13, 0, 6, 0, 7, 0, 14, 0, 15, 0), order[1])
	inOrder := func(sums [2]VecVirtual) [2]VecVirtual {
		upper := ZMM()
		VMOVDQA64(order[1], upper)
		VPERMI2Q(sums[1], sums[0], upper)
		VPERMT2Q(sums[1], order[0], sums[0])
		return [2]VecVirtual{sums[0], upper}
	}
	for _, registers := range []int{8, 2} {
		p.blocks(32*registers, func(name string) {
			for i, sums := range p.sums(name, registers, nil) {
				for j, s := range inOrder(sums) {
					p.add(s, 32*i+16*j, nil)
				}
			}
		})
	}
	Label("last")
	TESTQ(p.rows, p.rows)
	JLE(LabelRef("done"))
	k, ones := K(), GP32()
	MOVL(I32(-1), ones)
	BZHIL(p.rows.(GP).As32(), ones, ones)
	KMOVD(ones, k)
	for j, s := range inOrder(p.sums("last", 1, k)[0]) {
		part := K()
		KSHIFTRD(Imm(uint64(16*j)), k, part)
		p.add(s, 16*j, part)
	}
	p.next(32)
	JMP(LabelRef("last"))
	Label("done")
	VZEROUPPER()
	RET()
}

func columnsAVX2(w weight) {
	columns(w, "AVX2")
	p := loadPair(w, 32, false)
	for _, registers := range []int{4, 1} {
		p.blocks(16*registers, func(name string) {
			for i, sums := range p.sums(name, registers, nil) {
				upper := YMM()
				VPERM2I128(Imm(0x31), sums[1], sums[0], upper)
				VPERM2I128(Imm(0x20), sums[1], sums[0], sums[0])
				p.add(sums[0], 16*i, nil)
				p.add(upper, 16*i+8, nil)
			}
		})
	}

	// Eight rows at a time; the last eight overlap with rows that are already done
	// where fewer are left, and nothing is added to these.
	Label("last")
	TESTQ(p.rows, p.rows)
	JZ(LabelRef("done"))
	ones, new := GP64(), YMM()
	LEAQ(table("zerosThenOnes", 64, 0, 0, 0, 0, 0, 0, 0, 0,
		0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), ones)
	CMPQ(p.rows, Imm(8))
	JGE(LabelRef("eight"))
	VMOVDQU(Mem{Base: ones, Index: p.rows, Scale: 4}, new)
	rows := p.rows.(GPVirtual)
	LEAQ(Mem{Base: p.z, Index: rows, Scale: 4, Disp: -32}, p.z)
	LEAQ(Mem{Base: p.weights, Index: rows, Scale: uint8(w.size), Disp: -8 * w.size}, p.weights)
	MOVQ(U32(8), rows)
	JMP(LabelRef("start"))
	Label("eight")
	VMOVDQU(Mem{Base: ones, Disp: 32}, new)
	Label("start")
	sums := YMM()
	VPXOR(sums, sums, sums)
	p.over("last", func(at GPVirtual) {
		columns := p.columns(at)
		digits := p.digits(at)
		both := YMM()
		if w.size == 1 {
			a, b := XMM(), XMM()
			VMOVQ(columns[0], a)
			VMOVQ(columns[1], b)
			VPUNPCKLBW(b, a, a)
			VPMOVSXBW(a, both)
		} else {
			a, b, upper := XMM(), XMM(), XMM()
			VMOVDQU(columns[0], a)
			VMOVDQU(columns[1], b)
			VPUNPCKHWD(b, a, upper)
			VPUNPCKLWD(b, a, a)
			VINSERTI128(Imm(1), upper, a.AsY(), both)
		}
		p.madd(digits, both, sums)
	})
	VPAND(new, sums, sums)
	p.add(sums, 0, nil)
	p.next(8)
	JMP(LabelRef("last"))
	Label("done")
	VZEROUPPER()
	RET()
}
