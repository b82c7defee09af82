package hwtest

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// trial is a bank twice: got, which the kernels run on, lies between guards; want
// is what the definition makes of the same events.
type trial struct {
	rig       *rig
	rng       *rand.Rand
	at        placement
	what      string
	got, want *hw.Bank
	events    int // so far
}

// try begins a trial of a bank, which it keeps. Every slice has the length that
// the bank's has, right or wrong.
func (r *rig) try(t testing.TB, rng *rand.Rand, b *hw.Bank, at placement, what string) *trial {
	t.Helper()
	got := *b
	got.Cells = slotOf(t, &r.arena, theCells, b.Cells, at)
	got.Master = slotOf(t, &r.arena, theMaster, b.Master, at)
	got.Weights = slotOf(t, &r.arena, theWeights, b.Weights, at)
	got.Squares = slotOf(t, &r.arena, theSquares, b.Squares, at)
	got.Thresholds = slotOf(t, &r.arena, theThresholds, b.Thresholds, at)
	got.Contexts = slotOf(t, &r.arena, theContexts, b.Contexts, at)
	got.Dots = slotOf(t, &r.arena, theDots, b.Dots, at)
	return &trial{rig: r, rng: rng, at: at, want: b, got: &got, what: fmt.Sprintf("Run, %s, %s, %s", what, describe(b), at.name)}
}

func describe(b *hw.Bank) string {
	return fmt.Sprintf("%d neurons, side %d, %d planes, tau %d us (linear: %t), scale 2^%d, selecting %t, learning %t, eta %d, +%d -%d, noise below %d of %d",
		b.Neurons, b.Side, b.Planes, b.Decay.Tau, b.Decay.Linear, b.Decay.PeakBits, b.Selecting, b.Learning, b.Eta, b.DeltaI, b.DeltaE, b.MinRecent, b.Recent)
}

// run takes both banks through the steps, in one call of the kernel, and compares
// all that there is. It gives the steps as they became.
func (tr *trial) run(t testing.TB, steps ...hw.Step) []hw.Step {
	t.Helper()
	what := fmt.Sprintf("%s, %d steps behind %d", tr.what, len(steps), tr.events)
	tr.scribble()
	got, want := slotOf(t, &tr.rig.arena, theSteps, steps, tr.at), slices.Clone(steps)
	shape := shapeOf(tr.got)
	tr.rig.run(t, what, func() { tr.rig.k.Run(tr.got, got) })
	defineRun(tr.want, want)
	for i, s := range want {
		if got[i].Winner != s.Winner {
			t.Fatalf("%s: winner of step %d (%+v): expected %d, found %d", what, i, steps[i], s.Winner, got[i].Winner)
		}
		if got[i] != s {
			t.Fatalf("%s: step %d: expected %+v, found %+v", what, i, s, got[i])
		}
	}
	if after := shapeOf(tr.got); !reflect.DeepEqual(shape, after) {
		t.Fatalf("%s: the bank itself was written: expected %+v, found %+v", what, shape, after)
	}
	tr.compare(t, what)
	tr.events += len(steps)
	return want
}

// scribble fills the memory that a kernel works in, which holds nothing between
// two calls but zeros behind the elements of the contexts.
func (tr *trial) scribble() {
	b := tr.got
	n, space := b.Elements(), hw.ContextSpace(b.Elements())
	for c := b.Contexts; len(c) > 0; c = c[space:] {
		for i := range n {
			c[i] = int16(tr.rng.Uint32())
		}
	}
	for i := range b.Dots {
		b.Dots[i] = int32(tr.rng.Uint32())
	}
}

// shapeOf is a bank without what its slices hold.
func shapeOf(b *hw.Bank) hw.Bank {
	shape := *b
	shape.Cells, shape.Master, shape.Thresholds, shape.Dots = shape.Cells[:0], shape.Master[:0], shape.Thresholds[:0], shape.Dots[:0]
	shape.Weights, shape.Squares, shape.Contexts = shape.Weights[:0], shape.Squares[:0], shape.Contexts[:0]
	return shape
}

func (tr *trial) compare(t testing.TB, what string) {
	t.Helper()
	same(t, what+": threshold of neuron", tr.got.Thresholds, tr.want.Thresholds)
	same(t, what+": cell", tr.got.Cells, tr.want.Cells)
	same(t, what+": master weight", tr.got.Master, tr.want.Master)
	same(t, what+": match weight", tr.got.Weights, tr.want.Weights)
	same(t, what+": sum of squares of neuron", tr.got.Squares, tr.want.Squares)
	n, space := tr.got.Elements(), hw.ContextSpace(tr.got.Elements())
	for k := range len(tr.got.Contexts) / space {
		zeroBehind(t, fmt.Sprintf("%s: context %d", what, k), tr.got.Contexts[k*space:][:space], n)
	}
}

// same compares what a kernel has left with what the definition has.
func same[T comparable](t testing.TB, what string, got, want []T) {
	t.Helper()
	if slices.Equal(got, want) {
		return
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s %d: expected %v, found %v", what, i, want[i], got[i])
		}
	}
}

// clone is a bank on memory of its own.
func clone(b *hw.Bank) *hw.Bank {
	c := *b
	c.Cells, c.Master, c.Thresholds, c.Dots = slices.Clone(b.Cells), slices.Clone(b.Master), slices.Clone(b.Thresholds), slices.Clone(b.Dots)
	c.Weights, c.Squares, c.Contexts = slices.Clone(b.Weights), slices.Clone(b.Squares), slices.Clone(b.Contexts)
	return &c
}
