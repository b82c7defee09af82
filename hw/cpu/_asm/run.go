package main

import (
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
	// winner emits the selection among all neurons but one, or all where that is -1: the
	// one with the largest dot product, the lowest of equals; while selecting, of those
	// with dot<<matchShift >= threshold*norm. Where there is no such neuron, the dot
	// product is math.MinInt32, with which none wins, and the neuron is 0.
	winner(l labels, block Register, dots, norm, but GPVirtual) (winner, dot GPVirtual)
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
// nothing, and fill the time in which a winner waits for what the one before has
// learned. Then the next batch is matched at once.
//
// Little waits for what was learned: one dot product of the next event. So the best of
// all other neurons is found for the next event before this one learns, and then there
// are two to compare. As mostly the other one is better, which the branch predictor
// finds out, the processor goes on with it long before learning is done.
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
	fire("first", block)

	Label("batch")
	MOVQ(U32(0), at(block, fieldNextCount))
	MOVQ(I32(-1), at(block, fieldTurn))
	MOVQ(I32(-1), at(block, fieldWinner))
	Label("learn")
	other(k, block)
	learn(k, block)
	Label("fill")
	turn := field(block, fieldTurn)
	CMPQ(turn, Imm(batch-1))
	JGE(LabelRef("turned"))
	fill(k, block)
	Label("filled")
	turn = field(block, fieldTurn)
	INCQ(turn)
	MOVQ(turn, at(block, fieldTurn))
	CMPQ(turn, at(block, fieldCount))
	JGE(LabelRef("fill"))
	win(k, block, turn)

	// The next batch is the batch.
	Label("turned")
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
