package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// fire fires the cells of steps, until one takes part or none is left. That is well
// before the context of that one is computed: a load that takes in a cell whose store is
// still under way waits until all before the store is done, learning too.
func fire(l labels, block Register) {
	l.mark("fire")
	step := field(block, fieldAt)
	CMPQ(step, at(block, fieldEnd))
	JGE(l.ref("fired"))
	cells, cell, now := field(block, fieldCells), reg64(), reg64()
	MOVL(at(step, stepCell), cell.As32())
	MOVL(at(step, stepNow), now.As32())
	MOVL(now.As32(), indexed(cells, cell, 4))
	CMPL(at(step, stepWinner), I32(-pending))
	JEQ(l.ref("fired"))
	ADDQ(Imm(stepBytes), at(block, fieldAt))
	JMP(l.ref("fire"))
	l.mark("fired")
}

// fill computes the next context of the next batch, if there is one, that of the step
// that was fired last, and fires on.
func fill(k isa, block Register) {
	Label("step")
	step := field(block, fieldAt)
	CMPQ(step, at(block, fieldEnd))
	JGE(LabelRef("filled"))
	cells, first, now := field(block, fieldCells), reg64(), reg64()
	MOVL(at(step, stepNow), now.As32())
	MOVL(at(step, stepFirst), first.As32())
	LEAQ(indexed(cells, first, 4), cells)
	c := nextContext(block)
	sum := k.context("context", block, cells, c, now)
	CMPQ(at(block, fieldMinRecent), Imm(0))
	JLE(LabelRef("competes"))
	k.recent("recent", block, nextContext(block), "noise")
	Label("competes")
	step = field(block, fieldAt)
	count := field(block, fieldNextCount)
	MOVQ(sum, element(block, count, fieldSums))
	MOVQ(step, element(block, count, fieldNextBatch))
	INCQ(count)
	MOVQ(count, at(block, fieldNextCount))
	ADDQ(Imm(stepBytes), at(block, fieldAt))
	fire("next", block)
	prefetch(block)
	JMP(LabelRef("filled"))
	Label("noise")
	step = field(block, fieldAt)
	MOVL(I32(noise), at(step, stepWinner))
	ADDQ(Imm(stepBytes), at(block, fieldAt))
	fire("noise", block)
	JMP(LabelRef("step"))
}

// prefetch calls for the patch of the next step, if there is one, where the surface is
// far larger than the first cache: its rows are far apart, and no hardware guesses them.
func prefetch(block Register) {
	CMPQ(at(block, fieldFar), Imm(0))
	JE(LabelRef("filled"))
	step := field(block, fieldAt)
	CMPQ(step, at(block, fieldEnd))
	JGE(LabelRef("filled"))
	row, rows, stride, side := reg64(), field(block, fieldSide), field(block, fieldStride), field(block, fieldSide)
	MOVL(at(step, stepFirst), row.As32())
	SHLQ(Imm(2), row)
	ADDQ(at(block, fieldCells), row)
	Label("prefetch")
	PREFETCHT0(at(row, 0))
	last := indexed(row, side, 4)
	last.Disp = -4
	PREFETCHT0(last)
	ADDQ(stride, row)
	DECQ(rows)
	JNZ(LabelRef("prefetch"))
}

// nextContext is the memory of the next batch's next context.
func nextContext(block Register) GPVirtual {
	c := field(block, fieldNextCount)
	IMULQ(at(block, fieldSpace), c)
	ADDQ(at(block, fieldNext), c)
	return c
}
