package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// isa emits the parts of the rule for one set of instructions. Labels are made
// from l; the block is what the parts work on.
type isa interface {
	// suffix names the functions, doc the instructions in their comments.
	suffix() string
	doc() string
	// context emits the context of the patch whose first cell is at cells, into c,
	// and gives the sum of squares. It uses up cells, c and now.
	context(l labels, block Register, cells, c, now GPVirtual) GPVirtual
	// recent jumps to noise where the context at c has too few recent elements.
	recent(l labels, block Register, c GPVirtual, noise string)
	// norms turns the sums of squares of the next batch into the norms of the batch,
	// and into what hw.Scale gives for them.
	norms(block Register)
	// match emits the dot products of all neurons with a batch of contexts.
	match(l labels, block Register)
	// winner emits the selection: the neuron with the largest dot product, the lowest
	// of equals; while selecting, among those with dot<<matchShift >= threshold*norm.
	// It jumps to none where there is no such neuron.
	winner(l labels, block Register, dots, norm GPVirtual, none string) GPVirtual
	// miss lowers the thresholds.
	miss(l labels, block Register)
	// learn emits the learning step and gives the sum of squares; where there is a
	// block, the neuron in its winner gets new dot products with the contexts of the
	// batch from later on.
	learn(l labels, p pull, block Register, later int) (squares GPVirtual)
}

// pull is hw.Pull in registers, and the rows that it is for.
type pull struct {
	shift, factor, drop GPVirtual
	pair                GPVirtual // Renormal<<16 | Rate

	master, weights, c, row GPVirtual // row is in bytes of match weights
}

// run is hw.Kernels.Run. While the winners of a batch are found, one after the
// other, the contexts of the next one are computed, one a winner: they wait for
// nothing, and fill the time in which each winner waits for what the one before has
// learned. Then the next batch is matched at once.
func run(k isa) {
	TEXT("run"+k.suffix(), NOSPLIT, "func(b *uint64, steps *uint32, n int)")
	Pragma("noescape")
	Doc("run" + k.suffix() + " is hw.Kernels.Run in " + k.doc() + ".")
	block := Load(Param("b"), GP64())
	begin, end := reg64(), reg64()
	Load(Param("steps"), begin)
	Load(Param("n"), end)
	SHLQ(Imm(4), end)
	ADDQ(begin, end)
	MOVQ(begin, at(block, fieldAt))
	MOVQ(end, at(block, fieldEnd))
	MOVQ(U32(0), at(block, fieldCount))

	Label("batch")
	MOVQ(U32(0), at(block, fieldNextCount))
	MOVQ(U32(0), at(block, fieldTurn))
	Label("turn")
	turn := field(block, fieldTurn)
	CMPQ(turn, at(block, fieldCount))
	JGE(LabelRef("fill"))
	win(k, block, turn)
	Label("fill")
	fill(k, block)
	turn = field(block, fieldTurn)
	INCQ(turn)
	MOVQ(turn, at(block, fieldTurn))
	CMPQ(turn, Imm(batch))
	JL(LabelRef("turn"))

	// The next batch is the batch.
	count := field(block, fieldNextCount)
	MOVQ(count, at(block, fieldCount))
	TESTQ(count, count)
	JZ(LabelRef("done"))
	for i := range batch {
		s := reg64()
		MOVQ(at(block, fieldNextBatch+8*i), s)
		MOVQ(s, at(block, fieldBatch+8*i))
	}
	k.norms(block)
	contexts, next := field(block, fieldContexts), field(block, fieldNext)
	MOVQ(next, at(block, fieldContexts))
	MOVQ(contexts, at(block, fieldNext))
	k.match("match", block)
	JMP(LabelRef("batch"))
	Label("done")
	VZEROUPPER()
	RET()
}

// element is an element of an array of 64-bit words in the block.
func element(block, index Register, offset int) Mem {
	m := indexed(block, index, 8)
	m.Disp = offset
	return m
}

// fill fires the cells of steps, until one takes part in the next batch, whose
// context it computes, or none is left.
func fill(k isa, block Register) {
	Label("step")
	step := field(block, fieldAt)
	CMPQ(step, at(block, fieldEnd))
	JGE(LabelRef("filled"))
	cells, cell, now := field(block, fieldCells), reg64(), reg64()
	MOVL(at(step, stepCell), cell.As32())
	MOVL(at(step, stepNow), now.As32())
	MOVL(now.As32(), indexed(cells, cell, 4))
	CMPL(at(step, stepWinner), I32(-pending))
	JNE(LabelRef("fired"))
	first := reg64()
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
	ADDQ(Imm(stepBytes), step)
	MOVQ(step, at(block, fieldAt))
	JMP(LabelRef("filled"))
	Label("noise")
	step = field(block, fieldAt)
	MOVL(I32(noise), at(step, stepWinner))
	Label("fired")
	ADDQ(Imm(stepBytes), at(block, fieldAt))
	JMP(LabelRef("step"))
	Label("filled")
}

// nextContext is the memory of the next batch's next context.
func nextContext(block Register) GPVirtual {
	c := field(block, fieldNextCount)
	IMULQ(at(block, fieldSpace), c)
	ADDQ(at(block, fieldNext), c)
	return c
}

// win finds the winner of the turn's event, and has it learn.
func win(k isa, block Register, turn GPVirtual) {
	dots, norm := reg64(), reg64()
	MOVQ(turn, dots)
	IMULQ(at(block, fieldDotRow), dots)
	ADDQ(at(block, fieldDots), dots)
	MOVQ(element(block, turn, fieldNorms), norm)
	winner := k.winner("select", block, dots, norm, "missed")
	turn = field(block, fieldTurn)
	s := reg64()
	MOVQ(element(block, turn, fieldBatch), s)
	MOVL(winner.As32(), at(s, stepWinner))
	CMPQ(at(block, fieldLearning), Imm(0))
	JE(LabelRef("fill"))
	thresholds, up := field(block, fieldThresholds), GP32()
	MOVL(at(block, fieldDeltaI), up)
	ADDL(up, indexed(thresholds, winner, 4))
	MOVQ(winner, at(block, fieldWinner))
	dot, squares, sums := reg64(), reg64(), field(block, fieldSquares)
	dots = field(block, fieldDotRow)
	IMULQ(turn, dots)
	ADDQ(at(block, fieldDots), dots)
	MOVLQSX(indexed(dots, winner, 4), dot)
	MOVL(indexed(sums, winner, 4), squares.As32())
	p := pullOf(block, turn, dot, squares)
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

	Label("missed")
	turn = field(block, fieldTurn)
	s = reg64()
	MOVQ(element(block, turn, fieldBatch), s)
	MOVL(I32(missed), at(s, stepWinner))
	CMPQ(at(block, fieldLearning), Imm(0))
	JE(LabelRef("fill"))
	k.miss("miss", block)
}

// parts are hw.Kernels.Context, Match and Learn.
func parts(k isa) {
	TEXT("context"+k.suffix(), NOSPLIT, "func(b *uint64, c *int16, cells *uint32, now uint32) uint32")
	Pragma("noescape")
	Doc("context" + k.suffix() + " is hw.Kernels.Context in " + k.doc() + ".")
	block := Load(Param("b"), GP64())
	c, cells, now := reg64(), reg64(), reg64()
	Load(Param("c"), c)
	Load(Param("cells"), cells)
	Load(Param("now"), now.As32())
	sum := k.context("context", block, cells, c, now)
	VZEROUPPER()
	Store(sum.As32(), ReturnIndex(0))
	RET()

	TEXT("match"+k.suffix(), NOSPLIT, "func(b *uint64)")
	Pragma("noescape")
	Doc("match" + k.suffix() + " is hw.Kernels.Match in " + k.doc() + ".")
	k.match("match", Load(Param("b"), GP64()))
	VZEROUPPER()
	RET()

	TEXT("learn"+k.suffix(), NOSPLIT, "func(master *int32, weights, c *int16, n int, shift, factor, pair, drop uint64) uint32")
	Pragma("noescape")
	Doc("learn" + k.suffix() + " is hw.Kernels.Learn in " + k.doc() + ", for rows of n weights; pair is Renormal<<16 | Rate.")
	var p pull
	for _, argument := range []struct {
		name string
		to   *GPVirtual
	}{
		{"master", &p.master},
		{"weights", &p.weights},
		{"c", &p.c},
		{"n", &p.row},
		{"shift", &p.shift},
		{"factor", &p.factor},
		{"pair", &p.pair},
		{"drop", &p.drop},
	} {
		*argument.to = reg64()
		Load(Param(argument.name), *argument.to)
	}
	SHLQ(Imm(1), p.row)
	squares := k.learn("learn", p, nil, batch)
	VZEROUPPER()
	Store(squares.As32(), ReturnIndex(0))
	RET()
}
