package hwtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// refuses runs a kernel on what it must not take: it panics, and has touched
// nothing outside its slices.
func (r *rig) refuses(t testing.TB, what string, kernel func()) {
	t.Helper()
	switch p := caught(kernel).(type) {
	case nil:
		t.Fatalf("%s: expected a panic, found none", what)
	case interface{ Addr() uintptr }:
		t.Fatalf("%s: expected a panic, found a touch of memory outside its slices: %s", what, locate(p.Addr(), r.regions))
	}
	for _, m := range r.regions {
		m.untouched(t, what)
	}
}

// testLengths hands slices to the parts of which one, or all, are an element too short
// or too long.
func testLengths(t *testing.T, k *hw.Kernels) {
	d, err := hw.NewDecay(20_000, hw.PeakBits(25))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{k: k}
	r.testLengths(t, d, "too short", -1)
	r.testLengths(t, d, "too long", 1)
}

func (r *rig) testLengths(t testing.TB, d *hw.Decay, how string, by int) {
	t.Helper()
	const side, neurons = 5, 6
	const n = side * side
	rng := rand.New(rand.NewPCG(14, 14))
	k, at := r.k, placements[0]
	row, space := hw.ContextLen(n), hw.ContextSpace(n)

	for _, wrong := range []string{theContexts, theCells} {
		if wrong == theCells && by > 0 {
			continue // there may be any number behind a patch
		}
		r.clear()
		p := hw.Patch{Side: side, Stride: 7, Planes: 2, Plane: 40, Decay: d}
		cells := slot[uint32](t, &r.arena, theCells, off(3+p.Span(), by, wrong == theCells), at)
		c := slot[int16](t, &r.arena, theContexts, off(hw.ContextSpace(p.Elements()), by, wrong == theContexts), at)
		r.refuses(t, "Context, "+how+" "+wrong, func() { k.Context(c, cells, 3, &p, 1<<30) })
	}
	for _, wrong := range []string{theWeights, theContexts, theDots} {
		r.clear()
		weights := slot[int16](t, &r.arena, theWeights, off(hw.NeuronRows(neurons)*row, by, wrong == theWeights), at)
		contexts := slot[int16](t, &r.arena, theContexts, off(hw.Batch*space, by, wrong == theContexts), at)
		dots := slot[int32](t, &r.arena, theDots, off(hw.Batch*hw.DotLen(neurons), by, wrong == theDots), at)
		r.refuses(t, "Match, "+how+" "+wrong, func() { k.Match(dots, weights, contexts, neurons, n) })
	}
	const all = "the slices"
	for _, wrong := range []string{theMaster, theWeights, theContexts, all} {
		r.clear()
		master := slot[int32](t, &r.arena, theMaster, off(row, by, wrong == theMaster || wrong == all), at)
		weights := slot[int16](t, &r.arena, theWeights, off(row, by, wrong == theWeights || wrong == all), at)
		c := slot[int16](t, &r.arena, theContexts, off(row, by, wrong == theContexts || wrong == all), at)
		masterFills[0].fill(rng, master[:n])
		fillContext(rng, contextFills[0], c[:n])
		p := hw.NewPull(hw.Norm(sumOfSquares(c)), 0, 1<<30, maxEta)
		r.refuses(t, "Learn, "+how+" "+wrong, func() { k.Learn(master, weights, c, p) })
	}
}

// off is a length, or one that is wrong by so much.
func off(length, by int, wrong bool) int {
	if wrong {
		return length + by
	}
	return length
}

// misuses of Run: what is wrong with a bank, or with the step among others that it
// is called for.
var misuses = []struct {
	name string
	bank func(b *hw.Bank)
	step func(b *hw.Bank, s *hw.Step)
}{
	{name: "learning and not selecting", bank: func(b *hw.Bank) { b.Selecting, b.Learning = false, true }},
	{name: "no neurons", bank: func(b *hw.Bank) { *b = emptied(b); b.Neurons = 0 }},
	{name: "fewer than no neurons", bank: func(b *hw.Bank) { b.Neurons = -b.Neurons }},
	{name: "another neuron", bank: func(b *hw.Bank) { b.Neurons++ }},
	{name: "no side", bank: func(b *hw.Bank) { *b = emptied(b); b.Side = 0 }},
	{name: "a side below zero", bank: func(b *hw.Bank) { b.Side = -b.Side }},
	{name: "another side", bank: func(b *hw.Bank) { b.Side += 2 }},
	{name: "no planes", bank: func(b *hw.Bank) { *b = emptied(b); b.Planes = 0 }},
	{name: "another plane", bank: func(b *hw.Bank) { b.Planes++ }},
	{name: "planes below zero", bank: func(b *hw.Bank) { b.Plane = -b.Plane }},
	{name: "a stride of nothing", bank: func(b *hw.Bank) { b.Stride = 0 }},
	{name: "a stride below zero", bank: func(b *hw.Bank) { b.Stride = -b.Stride }},
	{name: "master weights too short", bank: func(b *hw.Bank) { shorter(&b.Master) }},
	{name: "master weights too long", bank: func(b *hw.Bank) { longer(&b.Master) }},
	{name: "match weights too short", bank: func(b *hw.Bank) { shorter(&b.Weights) }},
	{name: "match weights too long", bank: func(b *hw.Bank) { longer(&b.Weights) }},
	{name: "match weights without the rows behind the neurons", bank: func(b *hw.Bank) {
		b.Weights = b.Weights[:b.Neurons*hw.ContextLen(b.Elements())]
	}},
	{name: "sums of squares too short", bank: func(b *hw.Bank) { shorter(&b.Squares) }},
	{name: "sums of squares too long", bank: func(b *hw.Bank) { longer(&b.Squares) }},
	{name: "no sums of squares", bank: func(b *hw.Bank) { b.Squares = nil }},
	{name: "thresholds too short", bank: func(b *hw.Bank) { shorter(&b.Thresholds) }},
	{name: "thresholds too long", bank: func(b *hw.Bank) { longer(&b.Thresholds) }},
	{name: "contexts too short", bank: func(b *hw.Bank) { shorter(&b.Contexts) }},
	{name: "contexts too long", bank: func(b *hw.Bank) { longer(&b.Contexts) }},
	{name: "dots too short", bank: func(b *hw.Bank) { shorter(&b.Dots) }},
	{name: "dots too long", bank: func(b *hw.Bank) { longer(&b.Dots) }},
	{name: "cells that no patch fits in", bank: func(b *hw.Bank) { b.Cells = b.Cells[:b.Span()-1] }},
	{name: "no cells", bank: func(b *hw.Bank) { b.Cells = nil }},

	{name: "a cell behind the surface", step: func(b *hw.Bank, s *hw.Step) { s.Cell = uint32(len(b.Cells)) }},
	{name: "a cell far behind the surface", step: func(_ *hw.Bank, s *hw.Step) { s.Cell = math.MaxUint32 }},
	{name: "a cell of a half that is negative", step: func(_ *hw.Bank, s *hw.Step) { s.Cell = 1 << 31 }},
	{name: "a patch one cell too far", step: func(b *hw.Bank, s *hw.Step) {
		s.First, s.Winner = uint32(len(b.Cells)-b.Span()+1), hw.Pending
	}},
	{name: "a patch from the last cell on", step: func(b *hw.Bank, s *hw.Step) {
		s.First, s.Winner = uint32(len(b.Cells)-1), hw.Pending
	}},
	{name: "a patch far behind the surface", step: func(_ *hw.Bank, s *hw.Step) {
		s.First, s.Winner = math.MaxUint32, hw.Pending
	}},
}

func shorter[T any](s *[]T) { *s = (*s)[:len(*s)-1] }

func longer[T any](s *[]T) {
	var zero T
	*s = append(*s, zero)
}

// emptied is a bank without any memory of neurons, as lengths of zero make it.
func emptied(b *hw.Bank) hw.Bank {
	e := *b
	e.Master, e.Weights, e.Squares, e.Thresholds, e.Contexts, e.Dots = nil, nil, nil, nil, nil, nil
	return e
}

// testMisuse calls Run with what it must not take: it panics before it has changed
// anything, the steps ahead of a wrong one included.
func testMisuse(t *testing.T, k *hw.Kernels) {
	d, err := hw.NewDecay(20_000, hw.PeakBits(2*25))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{k: k}
	for i, misuse := range misuses {
		for _, m := range modes {
			rng := rand.New(rand.NewPCG(15, uint64(i)))
			s := newScene(rng, 5, 2, 7, d)
			bankFills[0].fill(s)
			s.begin(1<<30, recently)
			s.set(m)
			b := s.bank
			b.Eta, b.DeltaI, b.DeltaE = maxEta, 16_777, 50_332
			if misuse.bank != nil {
				steps := []hw.Step{s.anywhere(), s.fires(), s.anywhere()}
				misuse.bank(b)
				r.testRefused(t, rng, b, steps, placements[i%2], misuse.name)
				continue
			}
			for _, at := range []int{0, 1, 5, 8} {
				steps := s.steps(9)
				misuse.step(b, &steps[at])
				r.testRefused(t, rng, clone(b), steps, placements[i%2], fmt.Sprintf("%s, in step %d", misuse.name, at))
			}
		}
	}
	r.testAllowed(t, d)
}

func (r *rig) testRefused(t testing.TB, rng *rand.Rand, b *hw.Bank, steps []hw.Step, at placement, what string) {
	t.Helper()
	tr := r.try(t, rng, b, at, what)
	got := slotOf(t, &r.arena, theSteps, steps, at)
	before := clone(tr.got)
	r.refuses(t, tr.what, func() { r.k.Run(tr.got, got) })
	if !slices.Equal(steps, got) || !reflect.DeepEqual(before, tr.got) {
		t.Fatalf("%s: memory was changed ahead of the panic", tr.what)
	}
}

// testAllowed calls Run with what looks like misuse and is none.
func (r *rig) testAllowed(t testing.TB, d *hw.Decay) {
	t.Helper()
	rng := rand.New(rand.NewPCG(16, 16))
	for _, cells := range []int{1, 24} {
		s := newScene(rng, 5, 2, 7, d)
		s.bank.Cells = s.bank.Cells[:cells]
		tr := r.try(t, rng, s.bank, placements[0], "a surface that no patch fits in")
		tr.run(t, s.fires(), s.fires(), s.fires())
	}
	s := newScene(rng, 5, 2, 7, d)
	s.bank.Cells = nil
	r.try(t, rng, s.bank, placements[0], "no surface and no steps").run(t)
}
