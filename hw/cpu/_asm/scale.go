package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// pullOf is hw.NewPull, of the winner's dot product and sum of squares: what
// learn takes. Rate and Drop are in the block, as they follow from eta alone, and
// what hw.Scale gives is there for the whole batch.
func pullOf(block, turn Register, dot, squares GPVirtual) pull {
	p := pull{shift: reg64(), factor: reg64()}
	MOVQ(element(block, turn, fieldShifts), p.shift)
	MOVQ(element(block, turn, fieldFactors), p.factor)
	// The products with the unit vector's, and the squared length that follows.
	t, eta := reg64(), reg64()
	MOVQ(dot, t)
	IMULQ(p.factor, t)
	MOVL(U32(16), ECX)
	SUBL(p.shift.As32(), ECX)
	SARQ(CL, t)
	MOVLQSX(at(block, fieldEta), eta)
	apart, length := reg64(), reg64()
	MOVQ(squares, apart)
	SUBQ(t, apart)
	SUBQ(t, apart)
	MOVQ(U64(one), length)
	ADDQ(length, apart)
	IMULQ(eta, apart)
	SARQ(Imm(32), apart)
	IMULQ(eta, apart)
	SARQ(Imm(32), apart)
	SUBQ(squares, t)
	IMULQ(eta, t)
	SARQ(Imm(31), t)
	SUBQ(squares, length)
	SUBQ(t, length)
	SUBQ(apart, length) // by so much it is too short
	p.drop = field(block, fieldDrop)
	MOVL(U32(22), ECX)
	SUBL(p.drop.As32(), ECX)
	ADDQ(at(block, fieldRoundLength), length)
	SARQ(CL, length)
	bound := reg64()
	MOVQ(I64(1<<15-1), bound)
	CMPQ(length, bound)
	CMOVQGT(bound, length)
	MOVQ(I64(-1<<15), bound)
	CMPQ(length, bound)
	CMOVQLT(bound, length)
	SHLQ(Imm(16), length)
	ORQ(at(block, fieldRateOnly), length)
	p.pair = length
	return p
}

// one is what the squared length of weights is kept at, see hw.NewPull.
const one = 0x7fff * 0x7fff
