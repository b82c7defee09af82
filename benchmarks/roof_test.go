package benchmarks

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/benchmarks/internal/roof"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
)

// BenchmarkRoofline is the kernels of each target beside the limits of the machine,
// measured in the same run, on one core. The rows of peak are the limits, by the bits of
// a register and, for memory, by how much of it is gone over. The others are kernels, by
// size and target:
//
//	ns/op      of a call on average; for run, of an event
//	ns/best    in the best of many short runs: what all that follows is taken from, as the peaks are
//	GB/s       of what the kernel must load and store
//	Gmul/s     of what it must multiply
//	%mem       the share of the time that loads, or stores, would take at their peak
//	%mul       the same of the products
//	%roof      the larger of the two: how much of the limit is reached
//	%mem-by-1  for match, %mem if it had to load the weights for each context anew
//
// Package roof says what is counted. Targets without vectors have no shares, nor has any
// where there is no assembly to measure peaks with.
func BenchmarkRoofline(b *testing.B) {
	units := roof.Units()
	for _, u := range units {
		benchmarkPeaks(b, u)
	}
	targets := roofTargets(units)
	scenes := []roof.Scene{
		{Neurons: 16, Side: 11, Width: 34, Height: 34},
		{Neurons: 64, Side: 11, Width: 34, Height: 34},
		{Neurons: 100, Side: 13, Width: 240, Height: 180},
		{Neurons: 256, Side: 15, Width: 240, Height: 180},
	}
	for _, kernel := range []struct {
		name string
		run  func(*testing.B, roof.Scene, roofTarget)
	}{
		{"context", benchmarkContext},
		{"match", benchmarkMatch},
		{"learn", benchmarkLearn},
		{"run/learning=true", func(b *testing.B, s roof.Scene, t roofTarget) { benchmarkRun(b, s, t, true) }},
		{"run/learning=false", func(b *testing.B, s roof.Scene, t roofTarget) { benchmarkRun(b, s, t, false) }},
	} {
		for _, s := range scenes {
			for _, t := range targets {
				b.Run(fmt.Sprintf("%s/%s/%s", kernel.name, s, t.name), func(b *testing.B) { kernel.run(b, s, t) })
			}
		}
	}
	for _, t := range targets {
		benchmarkColumns(b, "columns8", t, 1, t.Delta.Columns8)
	}
	for _, t := range targets {
		benchmarkColumns(b, "columns16", t, 2, t.Delta.Columns16)
	}
}

// roofTarget is a target's kernels and the unit that limits them, nil where none does.
type roofTarget struct {
	name string
	*hw.Kernels
	unit *roof.Unit
}

func roofTargets(units []*roof.Unit) []roofTarget {
	bits := map[string]int{"avx2": 256, "avx512": 512}
	var targets []roofTarget
	for _, t := range hw.Targets() {
		if t.Usable() != nil || t.Kernels() == nil {
			continue
		}
		target := roofTarget{name: t.Name(), Kernels: t.Kernels()}
		if i := slices.IndexFunc(units, func(u *roof.Unit) bool { return u.Vector && u.Bits == bits[t.Name()] }); i >= 0 {
			target.unit = units[i]
		}
		targets = append(targets, target)
	}
	return targets
}

// benchmarkPeaks measures the limits: memory as it lies in L1, in L2 and, of the weights
// of 100 neurons of 13x13, in between.
func benchmarkPeaks(b *testing.B, u *roof.Unit) {
	weights := roof.Match(100, 13*13).Loads.Set
	peak := func(name string, r roof.Resource, set int, unit string) {
		b.Run(fmt.Sprintf("peak/bits=%d/%s%s", u.Bits, r, name), func(b *testing.B) {
			p := u.Peak(r, set)
			for b.Loop() {
				p.Measure()
			}
			b.ReportMetric(0, "ns/op") // that of a run means nothing
			b.ReportMetric(p.Rate()/1e9, unit)
		})
	}
	for _, r := range []roof.Resource{roof.Load, roof.Store} {
		for _, set := range []int{16 << 10, weights, 128 << 10, 512 << 10} {
			peak(fmt.Sprintf("/bytes=%d", set), r, set, "GB/s")
		}
	}
	for _, r := range []roof.Resource{roof.MulAdd16, roof.Mul16, roof.Mul32} {
		peak("", r, 0, "Gmul/s")
	}
}

// measure times a kernel, and reports its rates and what they are of the bound. The
// peaks are measured on among the runs of the kernel, so that they have the same clock
// and the same neighbours, and the bound is taken at the end.
func (t roofTarget) measure(b *testing.B, runs *roof.Runs, work roof.Work, bound func(*roof.Unit) roof.Bound) {
	if t.unit != nil {
		bound(t.unit) // so that it has all the peaks that it takes
	}
	for b.Loop() {
		runs.Next()
		if t.unit != nil && runs.Count()%16 == 0 {
			t.unit.Measure()
		}
	}
	b.ReportMetric(runs.Mean()*1e9, "ns/op")
	b.ReportMetric(runs.Best()*1e9, "ns/best")
	if work.Bytes() > 0 {
		b.ReportMetric(work.Bytes()/runs.Best()/1e9, "GB/s")
		b.ReportMetric(work.Multiplications()/runs.Best()/1e9, "Gmul/s")
	}
	if t.unit == nil {
		return
	}
	least := bound(t.unit)
	share := func(seconds float64, name string) { b.ReportMetric(100*seconds/runs.Best(), name) }
	share(max(least.Load, least.Store), "%mem")
	share(least.Multiply, "%mul")
	share(least.Seconds(), "%roof")
}

func benchmarkContext(b *testing.B, s roof.Scene, t roofTarget) {
	bank, err := s.Bank()
	require.NoError(b, err)
	steps := s.Steps(1 << 10)
	// Patches from all over the surface: what a layer meets at worst.
	rand.New(rand.NewPCG(5, 6)).Shuffle(len(steps), func(i, j int) { steps[i].First, steps[j].First = steps[j].First, steps[i].First })
	c := bank.Contexts[:hw.ContextSpace(s.Elements())]
	next := 0
	runs := &roof.Runs{Do: func(calls int) {
		for range calls {
			t.Context(c, bank.Cells, int(steps[next].First), &bank.Patch, steps[next].Now)
			next = (next + 1) % len(steps)
		}
	}}
	work := roof.Context(s.Elements(), s.Cells())
	t.measure(b, runs, work, func(u *roof.Unit) roof.Bound { return u.Bound(work) })
}

// roofBatch makes a bank and fills its contexts.
func roofBatch(b *testing.B, s roof.Scene, t roofTarget) (*hw.Bank, [hw.Batch]uint32) {
	bank, err := s.Bank()
	require.NoError(b, err)
	space := hw.ContextSpace(s.Elements())
	var norms [hw.Batch]uint32
	for i, step := range s.Steps(hw.Batch) {
		sum := t.Context(bank.Contexts[i*space:][:space], bank.Cells, int(step.First), &bank.Patch, step.Now)
		norms[i] = hw.Norm(sum)
	}
	return bank, norms
}

func benchmarkMatch(b *testing.B, s roof.Scene, t roofTarget) {
	bank, _ := roofBatch(b, s, t)
	runs := &roof.Runs{Do: func(calls int) {
		for range calls {
			t.Match(bank.Dots, bank.Weights, bank.Contexts[:len(bank.Contexts)/2], s.Neurons, s.Elements())
		}
	}}
	work, one := roof.Match(s.Neurons, s.Elements()), roof.MatchOne(s.Neurons, s.Elements())
	var single roof.Bound
	t.measure(b, runs, work, func(u *roof.Unit) roof.Bound {
		single = u.Bound(one)
		return u.Bound(work)
	})
	if t.unit != nil {
		b.ReportMetric(100*hw.Batch*single.Load/runs.Best(), "%mem-by-1")
	}
}

// benchmarkLearn has another winner each call, one neuron after the other.
func benchmarkLearn(b *testing.B, s roof.Scene, t roofTarget) {
	bank, norms := roofBatch(b, s, t)
	row := hw.ContextLen(s.Elements())
	c := bank.Contexts[:row]
	winner, pull := 0, hw.NewPull(norms[0], 1<<26, 1<<30, bank.Eta)
	runs := &roof.Runs{Do: func(calls int) {
		for range calls {
			t.Learn(bank.Master[winner*row:][:row], bank.Weights[winner*row:][:row], c, pull)
			winner = (winner + 1) % s.Neurons
		}
	}}
	work := roof.Learn(s.Neurons, s.Elements())
	t.measure(b, runs, work, func(u *roof.Unit) roof.Bound { return u.Bound(work) })
}

// roofEvents is how many events a call of Run takes: few enough for a run to be short,
// and enough for a call to cost nothing.
const roofEvents = 1024

func benchmarkRun(b *testing.B, s roof.Scene, t roofTarget, learning bool) {
	bank, err := s.Bank()
	require.NoError(b, err)
	bank.Selecting, bank.Learning = learning, learning
	steps := s.Steps(roofEvents)
	learned, events := 0, 0
	count := func() {
		for _, step := range steps {
			require.NotEqual(b, hw.Pending, step.Winner)
			if learning && step.Winner >= 0 {
				learned++
			}
		}
		events += len(steps)
	}
	t.Run(bank, steps)
	if learning { // thresholds settle first, so that misses are as rare as they are later on
		for range 32 {
			roof.Again(steps)
			t.Run(bank, steps)
		}
	}
	runs := &roof.Runs{
		Calls:  roofEvents,
		Before: func() { count(); roof.Again(steps) },
		Do:     func(int) { t.Run(bank, steps) },
	}
	t.measure(b, runs, roof.Work{}, func(u *roof.Unit) roof.Bound {
		return u.Event(s.Neurons, s.Elements(), float64(learned)/float64(events))
	})
	b.ReportMetric(1/runs.Best()/1e6, "Mevents/s")
	if learning {
		b.ReportMetric(float64(learned)/float64(events), "learned/event")
	}
}

// The layer of the delta kernels, and how many of its inputs change from step to step.
const (
	roofOutputs = 256
	roofInputs  = 34 * 34
	roofChanged = roofInputs / 10
)

// benchmarkColumns changes other inputs in each call, so that columns come from the whole
// matrix.
func benchmarkColumns[T int8 | int16](b *testing.B, name string, t roofTarget, weightBytes int,
	columns func(z []int32, weights []T, stride int, deltas []hw.Delta),
) {
	if columns == nil {
		return
	}
	b.Run(fmt.Sprintf("%s/outputs=%d/inputs=%d/%s", name, roofOutputs, roofInputs, t.name), func(b *testing.B) {
		rng := rand.New(rand.NewPCG(7, 8))
		weights := make([]T, roofInputs*roofOutputs)
		for i := range weights {
			weights[i] = T(rng.Uint32())
		}
		lists := make([][]hw.Delta, 16)
		for i := range lists {
			for _, index := range rng.Perm(roofInputs)[:roofChanged] {
				lists[i] = append(lists[i], hw.Delta{Index: int32(index), Value: 1 + rng.Int32N(7)})
			}
			slices.SortFunc(lists[i], func(a, b hw.Delta) int { return int(a.Index - b.Index) })
		}
		z := make([]int32, roofOutputs)
		next := 0
		runs := &roof.Runs{Do: func(calls int) {
			for range calls {
				columns(z, weights, roofOutputs, lists[next])
				next = (next + 1) % len(lists)
			}
		}}
		work := roof.Columns(roofInputs, roofOutputs, roofChanged, weightBytes)
		t.measure(b, runs, work, func(u *roof.Unit) roof.Bound { return u.Bound(work) })
	})
}
