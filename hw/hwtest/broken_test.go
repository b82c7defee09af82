package hwtest_test

import (
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// A suite that finds nothing is worth nothing: here are kernels with the mistakes
// that kernels have, made from purego's, and what the suite must say to each. It
// says so in a process of its own, as the test there has to fail.
type mistake struct {
	part string // of the suite
	says string
	make func(k *hw.Kernels)
}

var brokenParts = map[string]mistake{
	"context reads behind the last row": {"context", "behind the end of the slice of the cells", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
			touched = *at(cells, first+p.Span())
			return context(c, cells, first, p, now)
		}
	}},
	"context reads before the first row": {"context", "before the slice of the cells", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
			touched = *at(cells, first-1)
			return context(c, cells, first, p, now)
		}
	}},
	"context writes before its slice": {"context", "before the slice of the contexts", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
			*at(c, -1) = 0
			return context(c, cells, first, p, now)
		}
	}},
	"context writes what is behind a row of cells": {"context", "behind its elements", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
			sum := context(c, cells, first, p, now)
			last := first + p.Span()
			for i := range min(7, len(c)-p.Elements(), len(cells)-last) {
				c[p.Elements()+i] = p.Decay.Value(now - min(now, cells[last+i]))
			}
			return sum
		}
	}},
	"context takes planes for one": {"context", "of plane 1", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
			flat := *p
			flat.Plane = min(p.Side*p.Stride, (len(cells)-first-p.Side-(p.Side-1)*p.Stride)/max(p.Planes-1, 1))
			return context(c, cells, first, &flat, now)
		}
	}},
	"context starts at the first cell": {"context", "value at x", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, _ int, p *hw.Patch, now uint32) uint32 {
			return context(c, cells, 0, p, now)
		}
	}},
	"context lets ages wrap": {"context", "value at x", func(k *hw.Kernels) {
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) (sum uint32) {
			for i := range p.Elements() {
				square := p.Side * p.Side
				c[i] = p.Decay.Value(now - cells[first+i/square*p.Plane+i%square/p.Side*p.Stride+i%p.Side])
				sum += uint32(c[i]) * uint32(c[i])
			}
			return sum
		}
	}},
	"context sums in 31 bits": {"context", "sum of squares", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
			return min(context(c, cells, first, p, now), 1<<31-1)
		}
	}},
	"context panics": {"context", "panicked", func(k *hw.Kernels) {
		k.Context = func(c []int16, _ []uint32, _ int, _ *hw.Patch, _ uint32) uint32 { return uint32(c[len(c):][0]) }
	}},
	"context takes any length": {"lengths", "Context, too short the contexts", func(k *hw.Kernels) {
		context := k.Context
		k.Context = func(c []int16, cells []uint32, first int, p *hw.Patch, now uint32) uint32 {
			whole := make([]int16, hw.ContextSpace(p.Elements()))
			sum := context(whole, cells, first, p, now)
			copy(c, whole)
			return sum
		}
	}},
	"match writes a dot too many": {"match", "the slice of the dot products", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			match(dots, weights, contexts, neurons, elements)
			*at(dots, len(dots)) = 0
		}
	}},
	"match reads a row too many": {"match", "behind the end of the slice of the match weights", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			touched = uint32(*at(weights, len(weights)+hw.ContextLen(elements)-1))
			match(dots, weights, contexts, neurons, elements)
		}
	}},
	"match adds to what is there": {"match", "dot product of context 0 with neuron 0", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			before := slices.Clone(dots)
			match(dots, weights, contexts, neurons, elements)
			for i := range dots {
				dots[i] += before[i]
			}
		}
	}},
	"match forgets the last context": {"match", "dot product of context 3 with neuron", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			forgotten := dots[(hw.Batch-1)*hw.DotLen(neurons):]
			before := slices.Clone(forgotten)
			match(dots, weights, contexts, neurons, elements)
			copy(forgotten, before)
		}
	}},
	"match saturates": {"largest", "dot product of context", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			match(dots, weights, contexts, neurons, elements)
			for i := range dots {
				dots[i] = max(min(dots[i], 2_000_000_000), -2_000_000_000)
			}
		}
	}},
	"match sums pairs in 16 bits of 32": {"match", "dot product of context", func(k *hw.Kernels) {
		// What a product of two minima does, where it saturates.
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			w := slices.Clone(weights)
			for i := range w {
				w[i] = max(w[i], -1<<15+1)
			}
			match(dots, w, contexts, neurons, elements)
		}
	}},
	"match leaves the last element out": {"match", "dot product of context", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			c := slices.Clone(contexts)
			for k := range hw.Batch {
				c[k*hw.ContextSpace(elements)+elements-1] = 0
			}
			match(dots, weights, c, neurons, elements)
		}
	}},
	"match takes any length": {"lengths", "Match, too short the dot products", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			match(append(slices.Clone(dots), 0), weights, contexts, neurons, elements)
		}
	}},
	"match allocates": {"allocations", "Match: expected no allocation", func(k *hw.Kernels) {
		match := k.Match
		k.Match = func(dots []int32, weights, contexts []int16, neurons, elements int) {
			scratch = make([]int32, len(dots))
			match(dots, weights, contexts, neurons, elements)
		}
	}},
	"learn does not round":                            {"learn", "master weight", learning(learner{truncates: true})},
	"learn rounds each product":                       {"learn", "master weight", learning(learner{roundsEach: true})},
	"learn lets a difference wrap":                    {"learn", "master weight", learning(learner{wraps: true})},
	"learn ignores what keeps the length":             {"learn", "master weight", learning(learner{forgetsRenormal: true})},
	"learn lets a one overflow":                       {"learn", "match weight", learning(learner{overflows: true})},
	"learn rounds the weights before it renormalises": {"learn", "match weight", learning(learner{roundsEarly: true})},
	"learn sums in 64 bits":                           {"pulls", "master weight", learning(learner{widens: true})},
	"learn sums the squares of before":                {"learn", "sum of squares", learning(learner{squaresBefore: true})},
	"learn sums the squares in 31 bits": {"pulls", "sum of squares", func(k *hw.Kernels) {
		learn := k.Learn
		k.Learn = func(master []int32, weights, c []int16, p hw.Pull) uint32 {
			return min(learn(master, weights, c, p), 1<<31-1)
		}
	}},
	"learn forgets the last weight": {"learn", "master weight", func(k *hw.Kernels) {
		learn := k.Learn
		k.Learn = func(master []int32, weights, c []int16, p hw.Pull) uint32 {
			before := slices.Clone(master)
			squares := learn(master, weights, c, p)
			last := len(before) - 1
			for last > 0 && before[last] == 0 {
				last--
			}
			master[last] = before[last]
			return squares
		}
	}},
	"learn fills the row": {"learn", "behind its elements", func(k *hw.Kernels) {
		learn := k.Learn
		k.Learn = func(master []int32, weights, c []int16, p hw.Pull) uint32 {
			squares := learn(master, weights, c, p)
			if weights[len(weights)-1] == 0 {
				weights[len(weights)-1] = 1
			}
			return squares
		}
	}},
	"learn takes any length": {"lengths", "Learn, too short the match weights", func(k *hw.Kernels) {
		learn := k.Learn
		k.Learn = func(master []int32, weights, c []int16, p hw.Pull) uint32 {
			whole := make([]int16, len(master))
			copy(whole, weights)
			squares := learn(master, whole, c, p)
			copy(weights, whole)
			return squares
		}
	}},
}

// brokenRuns are banks that learn batch by batch with one mistake each.
var brokenRuns = map[string]mistake{
	"does not correct":               {"corrections", "winner of step", runs(batched{uncorrected: true})},
	"corrects with the old weights":  {"corrections", "winner of step", runs(batched{correctsEarly: true})},
	"corrects the next event only":   {"corrections", "winner of step", runs(batched{correctsNext: true})},
	"corrects another neuron":        {"corrections", "winner of step", runs(batched{correctsNeighbour: true})},
	"corrects all but one element":   {"corrections", "winner of step", runs(batched{correctsShort: true})},
	"matches a batch too early":      {"corrections", "winner of step", runs(batched{matchesEarly: true})},
	"does not correct, at random":    {"run", "Run, weights", runs(batched{uncorrected: true})},
	"not corrected in any call":      {"calls", "winner of step", runs(batched{uncorrected: true})},
	"keeps the squares of before":    {"run", "master weight", runs(batched{keepsSquares: true})},
	"squares of 31 bits":             {"squares", "Run, weights of up to", runs(batched{narrowSquares: true})},
	"keeps the last squares":         {"run", "sum of squares of neuron", runs(batched{keepsLast: true})},
	"writes a sum too many":          {"run", "the slice of the sums of squares", runs(batched{squaresTooMany: true})},
	"squares of another neuron":      {"run", "master weight", runs(batched{neighbourSquares: true})},
	"learns by the dot of before":    {"run", "master weight", runs(batched{pullsEarly: true})},
	"learns without renormalising":   {"run", "master weight", runs(batched{forgetsRenormal: true})},
	"the highest of equals wins":     {"ties", "winner of step", runs(batched{tieHigh: true})},
	"equals beyond their thresholds": {"ties", "winner of step", runs(batched{bestFirst: true})},
	"thresholds rise behind a batch": {"corrections", "winner of step", runs(batched{raisesLate: true})},
	"thresholds fall behind a batch": {"thresholds", "winner of step", runs(batched{lowersLate: true})},
	"a threshold must be exceeded":   {"thresholds", "winner of step", runs(batched{exceeds: true})},
	"thresholds in 32 bits":          {"thresholds", "winner of step", runs(batched{narrow: true})},
	"thresholds while inferring":     {"thresholds", "winner of step", runs(batched{alwaysSelects: true})},
	"a missed event lowers one":      {"thresholds", "threshold of neuron", runs(batched{lowersOne: true})},
	"a missed event lowers padding":  {"thresholds", "memory", runs(batched{lowersWhole: true})},
	"learns while selecting":         {"thresholds", "threshold of neuron", runs(batched{alwaysLearns: true})},
	"a search begins at zero":        {"below zero", "winner of step", runs(batched{fromZero: true})},
	"what is no neuron wins":         {"below zero", "winner of step", runs(batched{paddingWins: true})},
	"noise is missed":                {"noise", "winner of step", runs(batched{noiseMissed: true})},
	"noise lowers thresholds":        {"noise", "threshold of neuron", runs(batched{noiseLowers: true})},
	"recent is more":                 {"noise", "winner of step", runs(batched{recentIsMore: true})},
	"noise at the bound":             {"noise", "winner of step", runs(batched{noiseAtBound: true})},
	"forgets the last batch":         {"calls", "winner of step", runs(batched{forgetsTail: true})},
	"a batch over two calls":         {"misuse", "panicked", runs(batched{oneMore: true})},
	"winner of an event that fires":  {"run", "winner of step", runs(batched{overwrites: true})},
	"fires only what takes part":     {"run", "Run, weights", runs(batched{partFires: true})},
	"stamps a batch ahead":           {"run", "Run, weights", runs(batched{stampsAhead: true})},
	"reads a step behind the end":    {"run", "behind the end of the slice of the steps", runs(batched{readsBehind: true})},
	"leaves its contexts":            {"run", "behind its elements: expected 0, found 1", runs(batched{leavesContexts: true})},
	"weights of the call before":     {"run", "Run, weights", runs(batched{keepsDots: true})},
	"writes a dot too many":          {"run", "the slice of the dot products", runs(batched{dotTooMany: true})},
	"changes its bank":               {"run", "the bank itself was written", runs(batched{changesBank: true})},
	"checks step by step":            {"misuse", "memory was changed ahead of the panic", runs(batched{checksLate: true})},
	"checks no lengths":              {"misuse", "expected a panic, found none", runs(batched{checksNothing: true})},
	"shares memory":                  {"concurrent", "Run, weights", runs(batched{shares: true})},
	"allocates":                      {"allocations", "Run, selecting false, learning false: expected no allocation", runs(batched{allocates: true})},
}

func runs(r batched) func(k *hw.Kernels) {
	return func(k *hw.Kernels) {
		r.Kernels = *k
		k.Run = r.run
	}
}

// What the broken kernels read and allocate must not be optimised away.
var (
	touched uint32
	scratch []int32
)

// at is an element of a slice, or one beside it.
func at[T any](s []T, i int) *T {
	var zero T
	return (*T)(unsafe.Add(unsafe.Pointer(unsafe.SliceData(s)), i*int(unsafe.Sizeof(zero))))
}

// TestBrokenKernels is the test that has to fail, in the other process.
func TestBrokenKernels(t *testing.T) {
	name := os.Getenv(brokenEnv)
	b, found := brokenParts[name]
	if !found {
		b, found = brokenRuns[name]
	}
	if !found {
		t.Skip("run by TestKernelsFindsMistakes")
	}
	k := *purego(t).Kernels()
	b.make(&k)
	hwtest.Kernels(t, &k)
}

func TestKernelsFindsMistakes(t *testing.T) {
	broken := maps.Clone(brokenParts)
	maps.Copy(broken, brokenRuns)
	require.Len(t, broken, len(brokenParts)+len(brokenRuns), "names are not taken twice")
	for _, name := range slices.Sorted(maps.Keys(broken)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if strings.Contains(name, "reads") && runtime.GOOS != "linux" && runtime.GOOS != "darwin" {
				t.Skip("no pages that cannot be read on this system")
			}
			out, failed := runTest(t, "^TestBrokenKernels$/^"+broken[name].part+"$", brokenEnv+"="+name)
			require.True(t, failed, "the suite passed:\n%s", out)
			require.Contains(t, out, broken[name].says)
			if !strings.Contains(out, "DATA RACE") { // the race detector may say it first
				require.NotContains(t, out, "goroutine ", "the suite reports, it does not crash")
			}
		})
	}
}

// TestKernelsPassesWithoutMistakes sees that it is the mistakes that are found.
func TestKernelsPassesWithoutMistakes(t *testing.T) {
	k := *purego(t).Kernels()
	runs(batched{})(&k)
	hwtest.Kernels(t, &k)
}
