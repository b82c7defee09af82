package cpu

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// What kernels check of their arguments, once a call: assembly trusts it.

// checkPatch panics where a patch is none, or has a span that no surface holds.
func checkPatch(p *hw.Patch) {
	const most = 1 << 31
	if p.Side < 1 || p.Side > most || p.Planes < 1 || p.Planes > most || p.Stride < 1 || p.Stride > most ||
		p.Plane < 0 || p.Plane > most || uint64(p.Side)*uint64(p.Side) > most/uint64(p.Planes) {
		panic(PanicBank)
	}
}

// checkBank panics where the memory of a bank has not the lengths that it must
// have, and checkSteps where a step points outside it.
func checkBank(b *hw.Bank) {
	checkPatch(&b.Patch)
	n := b.Elements()
	row := hw.ContextLen(n)
	switch {
	case b.Neurons < 1 || b.Neurons > math.MaxInt32/row,
		len(b.Master) != b.Neurons*row, len(b.Weights) != hw.NeuronRows(b.Neurons)*row,
		len(b.Thresholds) != b.Neurons, len(b.Squares) != b.Neurons, len(b.Contexts) != 2*hw.Batch*hw.ContextSpace(n),
		len(b.Dots) != hw.Batch*hw.DotLen(b.Neurons), b.Learning && !b.Selecting,
		b.MinRecent > 0 && b.Recent < 1:
		panic(PanicBank)
	}
}

// PanicBank is the panic of a kernel for a bank whose memory does not have the
// lengths that package hw states.
const PanicBank = "cpu: a bank's memory has other lengths than its shape"

// PanicStep is the panic of a kernel for a step outside the surface, or later than
// the last stamp.
const PanicStep = "cpu: a step points outside the surface, or beyond its last stamp"

func checkSteps(b *hw.Bank, steps []hw.Step) {
	cells := uint64(len(b.Cells))
	last := cells - uint64(b.Span()) // wraps, if no patch fits
	if uint64(b.Span()) > cells {
		last = 0
		for i := range steps {
			if steps[i].Winner == hw.Pending {
				panic(PanicStep)
			}
		}
	}
	for i := range steps {
		s := &steps[i]
		if uint64(s.Cell) >= cells || s.Now > hw.MaxStamp || s.Winner == hw.Pending && uint64(s.First) > last {
			panic(PanicStep)
		}
	}
}

// checkContext, checkMatch and checkLearn do so for the parts.
func checkContext(c []int16, cells []uint32, first int, p *hw.Patch) {
	checkPatch(p)
	if len(c) != hw.ContextSpace(p.Elements()) {
		panic(PanicBank)
	}
	if first < 0 || first > len(cells)-p.Span() {
		panic(PanicStep)
	}
}

func checkMatch(dots []int32, weights, contexts []int16, neurons, elements int) {
	if neurons < 1 || elements < 1 || len(dots) != hw.Batch*hw.DotLen(neurons) ||
		len(weights) != hw.NeuronRows(neurons)*hw.ContextLen(elements) || len(contexts) != hw.Batch*hw.ContextSpace(elements) {
		panic(PanicBank)
	}
}

func checkLearn(master []int32, weights, c []int16, p hw.Pull) {
	if n := len(master); n == 0 || n != hw.ContextLen(n) || len(weights) != n || len(c) != n || p.Drop < 1 || p.Drop > 31 {
		panic(PanicBank)
	}
}
