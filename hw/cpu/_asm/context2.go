package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// context takes two loads of 8 cells each for 16 values: two rows of the patch where
// they are at most 8 wide, and 16 cells of a row otherwise. Values are stored whole,
// with zeros behind the row, which the next row overwrites.
func (avx2) context(l labels, block Register, cells, c, now GPVirtual) GPVirtual {
	k := decay2{right: XMM(), left: XMM(), rate: YMM(), limit: YMM(), powers: [2]VecVirtual{YMM(), YMM()}, sum: YMM()}
	ADDL(at(block, fieldRound), now.As32())
	k.now = broadcast(now, VPBROADCASTD)
	left := reg64()
	MOVWLZX(at(block, fieldLeft), left.As32())
	VMOVQ(left, k.left)
	VMOVQ(at(block, fieldRight), k.right)
	VPBROADCASTD(at(block, fieldRate), k.rate)
	VPBROADCASTD(at(block, fieldLimit), k.limit)
	VPXOR(k.sum, k.sum, k.sum)
	// The powers of two from 2^(PeakBits+1) down to 1, then 0, byte by byte.
	first, table := reg64(), reg64()
	MOVWLZX(at(block, fieldTop), first.As32())
	BSRL(first.As32(), first.As32())
	NEGQ(first)
	for i, t := range []Mem{lowBytes, highBytes} {
		LEAQ(t, table)
		from := indexed(table, first, 1)
		from.Disp = 15
		VBROADCASTI128(from, k.powers[i])
	}

	side, stride := field(block, fieldSide), field(block, fieldStride)
	planes := field(block, fieldPlanes)
	rows, row := reg64(), reg64()
	lanes := reg64()
	gather := func(l labels) {
		CMPQ(side, Imm(8))
		JG(l.ref("wide"))

		// Pairs of rows; the last one of an odd side has nothing in its second half.
		mask := lanes8(side)
		none := YMM()
		VPXOR(none, none, none)
		both, one := words2(mask, mask), words2(mask, none)
		l.mark("plane")
		MOVQ(cells, row)
		MOVQ(side, rows)
		l.mark("pair")
		SUBQ(Imm(2), rows)
		JL(l.ref("last"))
		k.unit(masked2(at(row, 0), mask), masked2(indexed(row, stride, 1), mask), both, halves2(at(c, 0), indexed(c, side, 2)))
		LEAQ(indexed(row, stride, 2), row)
		LEAQ(indexed(c, side, 4), c)
		JMP(l.ref("pair"))
		l.mark("last")
		k.unit(masked2(at(row, 0), mask), masked2(indexed(row, stride, 1), none), one, halves2(at(c, 0), indexed(c, side, 2)))
		LEAQ(indexed(c, side, 2), c)
		ADDQ(at(block, fieldPlane), cells)
		DECQ(planes)
		JNZ(l.ref("plane"))
		JMP(l.ref("done"))

		// Rows of more than 8 cells, the last 1 to 16 of each with a mask.
		l.mark("wide")
		rest, full := reg64(), reg64()
		LEAQ(at(side, -1), rest)
		MOVQ(rest, full)
		SHRQ(Imm(4), full) // whole blocks of 16 before the last one
		ANDQ(Imm(15), rest)
		INCQ(rest)
		eight := reg64()
		MOVQ(U64(8), eight)
		MOVQ(rest, lanes)
		CMPQ(lanes, eight)
		CMOVQGT(eight, lanes)
		mask = lanes8(lanes)
		SUBQ(rest, lanes)
		NEGQ(lanes)
		upper := lanes8(lanes)
		all := words2(mask, upper)
		columns, cell := reg64(), reg64()
		l.mark("wideplane")
		MOVQ(cells, row)
		MOVQ(side, rows)
		l.mark("row")
		MOVQ(row, cell)
		MOVQ(full, columns)
		l.mark("column")
		DECQ(columns)
		JL(l.ref("end"))
		k.unit(masked2(at(cell, 0), nil), masked2(at(cell, 32), nil), nil, halves2(at(c, 0), at(c, 16)))
		ADDQ(Imm(64), cell)
		ADDQ(Imm(32), c)
		JMP(l.ref("column"))
		l.mark("end")
		k.unit(masked2(at(cell, 0), mask), masked2(at(cell, 32), upper), all, halves2(at(c, 0), at(c, 16)))
		LEAQ(indexed(c, rest, 2), c)
		ADDQ(stride, row)
		DECQ(rows)
		JNZ(l.ref("row"))
		ADDQ(at(block, fieldPlane), cells)
		DECQ(planes)
		JNZ(l.ref("wideplane"))
		l.mark("done")
	}
	dispatchDense(l, block, func(side int) { k.dense(side, cells, stride, c) })
	CMPQ(at(block, fieldLinear), Imm(0))
	JNE(l.ref("straight"))
	gather(l + "curve")
	JMP(l.ref("sum"))
	l.mark("straight")
	k.linear = true
	VPBROADCASTD(at(block, fieldTop), k.powers[0])
	VPSRLW(Imm(1), k.powers[0], k.powers[0]) // 2^PeakBits
	gather(l + "linear")

	l.mark("sum")
	result := reg64()
	VMOVD(avx2{}.reduce(k.sum, VPADDD), result.As32())
	return result
}

// decay2 is what the decay needs in registers.
type decay2 struct {
	now, limit, left, right, rate, sum VecVirtual
	linear, long                       bool          // long: ages need no shift to the left
	powers                             [2]VecVirtual // low and high bytes of 2^(PeakBits+1-octave)
}

// words2 makes a mask of 16 words of those of two times 8 double words.
func words2(lower, upper VecVirtual) VecVirtual {
	words := YMM()
	VPACKSSDW(upper, lower, words)
	VPERMQ(Imm(0xd8), words, words)
	return words
}

// masked2 loads 8 cells, those of a mask or all.
func masked2(from Mem, mask VecVirtual) func(VecVirtual) {
	return func(v VecVirtual) {
		if mask == nil {
			VMOVDQU(from, v)
		} else {
			VPMASKMOVD(from, mask, v)
		}
	}
}

// halves2 stores 16 values in two places.
func halves2(to, toSecond Mem) func(VecVirtual) {
	return func(v VecVirtual) {
		upper := XMM()
		VMOVDQU(v.AsX(), to)
		VEXTRACTI128(Imm(1), v, upper)
		VMOVDQU(upper, toSecond)
	}
}

// unit computes 16 values, as hw.Decay.Value does: it loads two times 8 cells, and
// stores the values of a mask, or all of them, and zeros. Ages are packed as in the
// context of AVX-512.
func (k *decay2) unit(first, second func(VecVirtual), words Op, store func(VecVirtual)) {
	a, b := YMM(), YMM()
	first(a)
	second(b)
	for _, half := range []VecVirtual{a, b} {
		VPSUBD(half, k.now, half)
		VPSRAD(k.right, half, half)
	}
	VPACKUSDW(b, a, a)
	VPERMQ(Imm(0xd8), a, a)
	if !k.long {
		VPMINUW(k.limit, a, a)
		VPSLLW(k.left, a, a)
	}
	m := YMM()
	if k.linear {
		VPMULHUW(k.rate, a, a)
		VPSUBUSW(a, k.powers[0], m)
	} else {
		k.exponential(a, b, m)
	}
	if words != nil {
		VPAND(words, m, m)
	}
	store(m)
	avx2{}.madd(m, m, k.sum)
}

// exponential computes m from the units in a; b is free.
func (k *decay2) exponential(a, b, m VecVirtual) {
	// units*rate is the age in octaves, Q5.27.
	octave := YMM()
	VPMULLW(k.rate, a, b)
	VPMULHUW(k.rate, a, a)
	VPSRLW(Imm(12), b, b)
	VPSRLW(Imm(11), a, octave)
	VPSLLW(Imm(4), a, a)
	VPAND(word(0x7ff0), a, a)
	VPOR(b, a, a) // the fraction in Q15
	VPMULHRSW(word(polyC3), a, m)
	for _, c := range []int{polyC2, polyC1, polyC0} {
		VMOVDQU(word(c), b)
		VPSUBW(m, b, m)
		if c != polyC0 {
			VPMULHRSW(a, m, m)
		}
	}
	// A byte index with its top bit set gives zero, as octaves from 16 on shall: the
	// low bytes' table answers in the low bytes, the high bytes' in the high ones.
	VPADDUSB(word(0xff70), octave, a)
	VPSHUFB(a, k.powers[0], a)
	VPSLLW(Imm(8), octave, octave)
	VPADDUSB(word(0x70ff), octave, octave)
	VPSHUFB(octave, k.powers[1], octave)
	VPOR(octave, a, a)
	VPMULHRSW(a, m, m)
}
