package cpu

import (
	"math"

	"github.com/saccade-dev/saccade/hw"
)

// checkPatch panics where a patch is none, or has a span that no surface holds.
func checkPatch(p *hw.Patch) {
	const most = 1 << 31
	if p.Side < 1 || p.Side > most || p.Planes < 1 || p.Planes > most || p.Stride < 1 || p.Stride > most ||
		p.Plane < 0 || p.Plane > most || uint64(p.Side)*uint64(p.Side) > most/uint64(p.Planes) {
		panic(PanicBank)
	}
}

// checkBank panics where the memory of a bank has not the lengths that it must
// have, and checkSteps where a step points outside it. Assembly trusts both.
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

// run is the rule of [hw.Bank] in portable Go: batches of contexts are matched at
// once, then the winners are found one after the other.
func run(b *hw.Bank, steps []hw.Step) {
	checkBank(b)
	checkSteps(b, steps)
	n := b.Elements()
	row, space, dotLen := hw.ContextLen(n), hw.ContextSpace(n), hw.DotLen(b.Neurons)
	var packed tile
	var batch [hw.Batch]*hw.Step
	var norms [hw.Batch]uint32
	for i := 0; i < len(steps); {
		count := 0
		for ; i < len(steps) && count < hw.Batch; i++ {
			s := &steps[i]
			b.Cells[s.Cell] = s.Now
			if s.Winner != hw.Pending {
				continue
			}
			c := b.Contexts[count*space:][:n]
			sum := gather(c, b.Cells, int(s.First), &b.Patch, s.Now)
			if b.MinRecent > 0 && recent(c, b.Recent) < b.MinRecent {
				s.Winner = int32(hw.Noise)
				continue
			}
			batch[count], norms[count] = s, hw.Norm(sum)
			count++
		}
		if count == 0 {
			return
		}
		// What is left in the rows behind count is matched too. It changes nothing in the
		// rows ahead: of two in a word, the first does not depend on the second.
		matchTiles(&packed, b.Dots, b.Weights, b.Contexts, b.Neurons, n)
		for j, s := range batch[:count] {
			dots := b.Dots[j*dotLen:][:b.Neurons]
			if !b.Selecting {
				s.Winner = nearest(dots)
				continue
			}
			winner := selected(dots, b.Thresholds, norms[j])
			s.Winner = winner
			if !b.Learning {
				continue
			}
			if winner < 0 {
				for i := range b.Thresholds {
					b.Thresholds[i] -= b.DeltaE
				}
				continue
			}
			b.Thresholds[winner] += b.DeltaI
			weights := b.Weights[int(winner)*row:][:row]
			pull := hw.NewPull(norms[j], dots[winner], b.Squares[winner], b.Eta)
			b.Squares[winner] = learnElements(b.Master[int(winner)*row:][:n], weights[:n], b.Contexts[j*space:][:n], pull)
			for later := j + 1; later < count; later++ {
				b.Dots[later*dotLen+int(winner)] = dot(weights, b.Contexts[later*space:][:row])
			}
		}
	}
}
