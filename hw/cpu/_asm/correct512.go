package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// correction512 is the dot products of one neuron, whose match weights change, with
// the contexts of the batch that are still to compete.
type correction512 struct {
	avx512
	first                   int // of those contexts
	contexts, space, space3 GPVirtual
	sums                    [4]VecVirtual
}

func newCorrection512(z avx512, block Register, first int) *correction512 {
	k := &correction512{avx512: z, first: first, contexts: field(block, fieldContexts), space: field(block, fieldSpace), space3: reg64()}
	LEAQ(indexed(k.space, k.space, 2), k.space3)
	for i := first; i < batch; i++ {
		k.sums[i] = ZMM()
		zero512(k.sums[i])
	}
	return k
}

// add takes the next weights.
func (k *correction512) add(w VecVirtual) {
	for i := k.first; i < batch; i++ {
		k.madd(quarter(k.contexts, k.space, k.space3, i), w, k.sums[i])
	}
	ADDQ(Imm(64), k.contexts)
}

// store puts the dot products of the neuron where match has put them.
func (k *correction512) store(block Register) {
	if k.first == batch {
		return
	}
	winner := field(block, fieldWinner)
	dots, dotRow := field(block, fieldDots), field(block, fieldDotRow)
	dotRow3 := reg64()
	LEAQ(indexed(dotRow, dotRow, 2), dotRow3)
	LEAQ(indexed(dots, winner, 4), dots)
	for i := range k.first {
		k.sums[i] = k.sums[batch-1] // any: it is not stored
	}
	sums, half, quarters := transpose512(k.sums), YMM(), XMM()
	VEXTRACTI64X4(Imm(1), sums, half)
	VPADDD(sums.AsY(), half, half)
	VEXTRACTI128(Imm(1), half, quarters)
	VPADDD(half.AsX(), quarters, quarters)
	for i := k.first; i < batch; i++ {
		VPEXTRD(Imm(uint64(i)), quarters, quarter(dots, dotRow, dotRow3, i))
	}
}
