package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// carry is the second factor of a product's rounding: products of 16 bits come in
// pairs, and the second one is carry times a power of two, half of what the shift
// behind it drops.
const carry = 64

// scaleOf is hw.Scale.
func scaleOf(norm GPVirtual) (shift, factor GPVirtual) {
	divisor, one := reg64(), reg64()
	MOVL(U32(1), one.As32())
	MOVQ(norm, divisor)
	CMPQ(divisor, one)
	CMOVQCS(one, divisor)
	shift, factor = reg64(), reg64()
	BSRL(divisor.As32(), factor.As32())
	MOVL(U32(19), shift.As32())
	SUBL(factor.As32(), shift.As32())
	// 1<<(35-shift), over the divisor.
	MOVL(U32(35), ECX)
	SUBL(shift.As32(), ECX)
	MOVQ(one, RAX)
	SHLQ(CL, RAX)
	XORL(EDX, EDX)
	DIVQ(divisor)
	most := reg64()
	MOVL(U32(0xffff), most.As32())
	MOVQ(RAX, factor)
	CMPQ(factor, most)
	CMOVQHI(most, factor)
	return shift, factor
}

// rateOf is hw.Rate: the factor and what rounds its product as a pair, and the
// shift.
func rateOf(eta Mem) (pair, shift GPVirtual) {
	factor, least := reg64(), reg64()
	pair, shift = reg64(), reg64()
	MOVL(eta, factor.As32())
	// The bits beyond 15, and 2 at the least. One bit more changes no length above
	// one, and gives zero one.
	MOVQ(factor, shift)
	ORQ(Imm(1), shift)
	BSRQ(shift, shift)
	SUBQ(Imm(14), shift)
	MOVQ(U64(2), least)
	CMPQ(shift, least)
	CMOVQLT(least, shift)
	MOVQ(shift, RCX)
	SHRQ(CL, factor)
	MOVL(U32(23), ECX)
	SUBL(shift.As32(), ECX)
	MOVL(ECX, shift.As32())
	SUBL(Imm(7), ECX)
	MOVL(U32(1), pair.As32())
	SHLL(CL, pair.As32())
	SHLL(Imm(16), pair.As32())
	ORQ(factor, pair)
	return pair, shift
}

// renormal is hw.Renormal of the sum of squares in the first lane of x, with one
// more as what rounds its product.
func renormal(x VecVirtual) GPVirtual {
	squares, factor, bound := reg64(), reg64(), reg64()
	VMOVD(x.AsX(), squares.As32())
	MOVL(U32(0x7fff*0x7fff+1<<14), factor.As32())
	SUBQ(squares, factor)
	SARQ(Imm(15), factor)
	MOVQ(I64(1<<15-1), bound)
	CMPQ(factor, bound)
	CMOVQGT(bound, factor)
	MOVQ(I64(-1<<15), bound)
	CMPQ(factor, bound)
	CMOVQLT(bound, factor)
	MOVWLZX(factor.As16(), factor.As32())
	ORL(U32(1<<16), factor.As32())
	return factor
}
