//go:build !purego

package cpu

import (
	"unsafe"

	"github.com/saccade-dev/saccade/hw"
)

// assembly is a set of instructions that _asm writes kernels for. They are called by
// name and not by function values, through which the block would escape to the heap.
type assembly int

const (
	instructionsAVX2 assembly = iota
	instructionsAVX512
	instructionsVNNI
)

func (a assembly) kernels(delta hw.DeltaKernels) *hw.Kernels {
	return &hw.Kernels{Run: a.run, Context: a.context, Match: a.match, Learn: a.learn, Delta: delta}
}

// patience is how many products one call may take, about a millisecond of them: Go
// cannot stop assembly to collect garbage.
const patience = 1 << 26

func (a assembly) run(b *hw.Bank, steps []hw.Step) {
	checkBank(b)
	checkSteps(b, steps)
	if len(steps) == 0 {
		return
	}
	var k block
	k.setBank(b)
	most := max(hw.Batch, patience/(b.Neurons*b.Elements())&^(hw.Batch-1))
	for len(steps) > 0 {
		part := steps[:min(len(steps), most)]
		steps = steps[len(part):]
		p, first := (*uint64)(unsafe.Pointer(&k)), (*uint32)(unsafe.Pointer(&part[0]))
		switch a {
		case instructionsVNNI:
			runVNNI(p, first, len(part))
		case instructionsAVX512:
			runAVX512(p, first, len(part))
		default:
			runAVX2(p, first, len(part))
		}
	}
}

func (a assembly) context(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
	checkContext(c, cells, first, p)
	var k block
	k.setPatch(p)
	at := (*uint64)(unsafe.Pointer(&k))
	switch a {
	case instructionsVNNI:
		return contextVNNI(at, &c[0], &cells[first], now)
	case instructionsAVX512:
		return contextAVX512(at, &c[0], &cells[first], now)
	default:
		return contextAVX2(at, &c[0], &cells[first], now)
	}
}

func (a assembly) match(dots []int32, weights, contexts []int16, neurons, elements int) {
	checkMatch(dots, weights, contexts, neurons, elements)
	var k block
	k.setMatch(dots, weights, contexts, neurons, elements)
	at := (*uint64)(unsafe.Pointer(&k))
	switch a {
	case instructionsVNNI:
		matchVNNI(at)
	case instructionsAVX512:
		matchAVX512(at)
	default:
		matchAVX2(at)
	}
}

func (a assembly) learn(master []int32, weights, c []int16, p hw.Pull) (squares uint32) {
	checkLearn(master, weights, c, p)
	m, w, x, n := &master[0], &weights[0], &c[0], len(master)
	pair := uint64(uint16(p.Renormal))<<16 | uint64(uint16(p.Rate))
	switch a {
	case instructionsVNNI:
		return learnVNNI(m, w, x, n, uint64(p.Shift), uint64(p.Factor), pair, uint64(p.Drop))
	case instructionsAVX512:
		return learnAVX512(m, w, x, n, uint64(p.Shift), uint64(p.Factor), pair, uint64(p.Drop))
	default:
		return learnAVX2(m, w, x, n, uint64(p.Shift), uint64(p.Factor), pair, uint64(p.Drop))
	}
}
