package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// other finds the winner among all neurons but the one that is about to learn, for the
// event whose turn is next, if there is one.
func other(k isa, block Register) {
	turn := field(block, fieldTurn)
	INCQ(turn)
	CMPQ(turn, at(block, fieldCount))
	JGE(LabelRef("last"))
	norm := reg64()
	MOVQ(element(block, turn, fieldNorms), norm)
	winner, dot := k.winner("other", block, dotsOf(block, turn), norm, field(block, fieldWinner))
	MOVQ(winner, at(block, fieldOther))
	MOVQ(dot, at(block, fieldOtherDot))
	Label("last")
}

// dotsOf is the row of dot products of an event of the batch.
func dotsOf(block Register, turn GPVirtual) GPVirtual {
	dots := field(block, fieldDotRow)
	IMULQ(turn, dots)
	ADDQ(at(block, fieldDots), dots)
	return dots
}

// win finds the winner of the turn's event: the neuron that has learned last, or the
// best of the others.
func win(k isa, block Register, turn GPVirtual) {
	winner, dot := field(block, fieldOther), field(block, fieldOtherDot)
	last := field(block, fieldWinner)
	TESTQ(last, last)
	JL(LabelRef("others"))
	again, thresholds, threshold, scaled := reg64(), field(block, fieldThresholds), reg64(), reg64()
	MOVLQSX(indexed(dotsOf(block, turn), last, 4), again)
	CMPQ(again, dot)
	JL(LabelRef("others"))
	MOVLQSX(indexed(thresholds, last, 4), threshold)
	IMULQ(element(block, turn, fieldNorms), threshold)
	MOVQ(again, scaled)
	SHLQ(Imm(matchShift), scaled)
	CMPQ(scaled, threshold)
	JL(LabelRef("others"))
	CMPQ(again, dot)
	JNE(LabelRef("again"))
	CMPQ(last, winner)
	JGE(LabelRef("others"))
	Label("again")
	MOVQ(last, winner)
	MOVQ(again, dot)
	Label("others")
	s := reg64()
	MOVQ(element(block, turn, fieldBatch), s)
	CMPQ(dot, I32(math.MinInt32))
	JE(LabelRef("missed"))
	MOVL(winner.As32(), at(s, stepWinner))
	MOVQ(dot, at(block, fieldDot))
	CMPQ(at(block, fieldLearning), Imm(0))
	JE(LabelRef("learn"))
	MOVQ(winner, at(block, fieldWinner))
	JMP(LabelRef("learn"))

	Label("missed")
	MOVL(I32(missed), at(s, stepWinner))
	MOVQ(I32(-1), at(block, fieldWinner))
	CMPQ(at(block, fieldLearning), Imm(0))
	JE(LabelRef("learn"))
	k.miss("miss", block)
	JMP(LabelRef("learn"))
}

// learn has the winner of the turn's event learn it.
func learn(k isa, block Register) {
	winner := field(block, fieldWinner)
	TESTQ(winner, winner)
	JL(LabelRef("fill"))
	thresholds, up := field(block, fieldThresholds), GP32()
	MOVL(at(block, fieldDeltaI), up)
	ADDL(up, indexed(thresholds, winner, 4))
	squares, sums := reg64(), field(block, fieldSquares)
	MOVL(indexed(sums, winner, 4), squares.As32())
	p := pullOf(block, field(block, fieldTurn), field(block, fieldDot), squares)
	p.master, p.weights, p.c, p.row = field(block, fieldMaster), field(block, fieldWeights), reg64(), field(block, fieldRow)
	skip := field(block, fieldWinner)
	IMULQ(p.row, skip)
	ADDQ(skip, p.weights)
	LEAQ(indexed(p.master, skip, 2), p.master)
	MOVQ(at(block, fieldTurn), p.c)
	IMULQ(at(block, fieldSpace), p.c)
	ADDQ(at(block, fieldContexts), p.c)
	// The events behind this one in the batch were matched with the weights before,
	// so learn corrects that: less with every turn.
	for later := 1; later <= batch; later++ {
		l := labels(fmt.Sprintf("learn%d", later))
		if later < batch {
			CMPQ(at(block, fieldTurn), Imm(uint64(later-1)))
			JNE(l.ref("not"))
		}
		squares := k.learn(l, p, block, later)
		winner, sums := field(block, fieldWinner), field(block, fieldSquares)
		MOVL(squares.As32(), indexed(sums, winner, 4))
		JMP(LabelRef("fill"))
		if later < batch {
			l.mark("not")
		}
	}
}
