package hwtest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// The largest that a layer may have, as package features/feast bounds it.
const (
	maxRadius  = 31
	maxSide    = 2*maxRadius + 1
	maxNeurons = 4096
	maxEta     = 1 << (hw.EtaFraction - 2) // 0.25
)

// Kernels checks the kernels of a target against their definition.
func Kernels(t *testing.T, k *hw.Kernels) {
	t.Run("context", func(t *testing.T) { testContext(t, k) })
	t.Run("match", func(t *testing.T) { testMatch(t, k) })
	t.Run("pack", func(t *testing.T) { testPack(t, k) })
	t.Run("learn", func(t *testing.T) { testLearn(t, k) })
	t.Run("largest", func(t *testing.T) { testLargest(t, k) })
	t.Run("concurrent", func(t *testing.T) { testConcurrent(t, k) })
	t.Run("allocations", func(t *testing.T) { testAllocations(t, k) })
}

// rig is a target's kernels with memory to run them on.
type rig struct {
	k                                       *hw.Kernels
	surface, context, dots, master, weights *region
	want                                    []int16 // what a context must be
}

// newRig makes room for patches of at most side pixels in rows of at most
// stride, and for that many neurons.
func newRig(t testing.TB, k *hw.Kernels, side, stride, neurons int) *rig {
	t.Helper()
	n := side * side
	words := 0
	for _, elements := range []int{1, n} {
		for _, count := range []int{1, neurons} {
			words = max(words, k.WeightWords(count, elements))
		}
	}
	if most := 8 * (neurons + 64) * (n + 64); words > most {
		t.Fatalf("WeightWords(%d, %d) is %d: expected at most %d", neurons, n, words, most)
	}
	return &rig{
		k:       k,
		surface: newRegion(t, "the surface", 4*((side-1)*stride+side)),
		context: newRegion(t, "the context", 2*hw.ContextLen(n)),
		dots:    newRegion(t, "the dot products", 4*neurons),
		master:  newRegion(t, "the master weights", 4*n),
		weights: newRegion(t, "the match weights", 8*words),
		want:    make([]int16, n),
	}
}

// decays makes each decay once: its table is large.
type decays map[[2]int64]*hw.Decay

func (m decays) get(t testing.TB, tau int64, peakBits int) *hw.Decay {
	t.Helper()
	key := [2]int64{tau, int64(peakBits)}
	if m[key] == nil {
		d, err := hw.NewDecay(tau, peakBits)
		if err != nil {
			t.Fatal(err)
		}
		m[key] = d
	}
	return m[key]
}

// taus are time constants in microseconds: the least and the greatest, some
// whose horizon is close to a power of two, and what cameras are used with.
var taus = []int64{1, 2, 3, 21, 45, 731, 1465, 5862, 20_000, 1_000_000, hw.MaxTau}

// A surfaceFill is a state that a surface can be in, for an event at now.
type surfaceFill struct {
	name string
	cell func(rng *rand.Rand, now uint32, d *hw.Decay) uint32
}

var surfaceFills = []surfaceFill{
	{"never fired", func(*rand.Rand, uint32, *hw.Decay) uint32 { return 0 }},
	{"all fired now", func(_ *rand.Rand, now uint32, _ *hw.Decay) uint32 { return now }},
	{"recent", func(rng *rand.Rand, now uint32, d *hw.Decay) uint32 {
		return now - min(now, rng.Uint32N(d.Horizon+1))
	}},
	{"around the horizon", func(rng *rand.Rand, now uint32, d *hw.Decay) uint32 {
		return now - min(now, d.Horizon-min(d.Horizon, 2)+rng.Uint32N(5))
	}},
	{"around now", func(rng *rand.Rand, now uint32, _ *hw.Decay) uint32 { return now + 3 - rng.Uint32N(7) }},
	{"of the future", func(rng *rand.Rand, now uint32, _ *hw.Decay) uint32 {
		return now + uint32(rng.Uint64N(uint64(math.MaxUint32-now)+1))
	}},
	{"extremes", func(rng *rand.Rand, now uint32, _ *hw.Decay) uint32 {
		return []uint32{0, 1, now, now - 1, now + 1, 1<<31 - 1, 1 << 31, 1<<31 + 1, math.MaxUint32}[rng.IntN(9)]
	}},
	{"anything", func(rng *rand.Rand, _ uint32, _ *hw.Decay) uint32 { return rng.Uint32() }},
}

// nows are times of the event, in stamps.
func nows(rng *rand.Rand, d *hw.Decay) []uint32 {
	return []uint32{
		0, 1, d.Horizon - 1, d.Horizon, d.Horizon + 1, 2*d.Horizon + 2,
		1<<31 - 1, 1 << 31, math.MaxUint32 - 1, math.MaxUint32, rng.Uint32(),
	}
}

func testContext(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(1, 1))
	made := decays{}
	const widest = 1280
	r := newRig(t, k, maxSide, widest, 1)
	turn := 0
	for radius := range maxRadius + 1 {
		side := 2*radius + 1
		peak := hw.PeakBits(side * side)
		for _, tau := range taus {
			d := made.get(t, tau, peak)
			times := nows(rng, d)
			for _, fill := range surfaceFills {
				for i := range 2 {
					// The guard behind always; every other place, stride and time is met
					// by some combination of the rest, where all with all would take
					// minutes.
					turn++
					at := placements[i*(1+turn%3)]
					stride := []int{side, side + 1, side + 2*radius + 1 + rng.IntN(100), widest}[turn%4]
					r.testContext(t, rng, stride, side, times[turn%len(times)], d, fill, at)
				}
			}
		}
		// A scale below what the patch allows.
		for _, p := range []int{1, peak / 2} {
			d := made.get(t, 20_000, p)
			for _, at := range placements {
				r.testContext(t, rng, side+7, side, 1<<30, d, surfaceFills[2], at)
			}
		}
	}
}

func (r *rig) testContext(t testing.TB, rng *rand.Rand, stride, side int, now uint32, d *hw.Decay, fill surfaceFill, at placement) {
	t.Helper()
	surface := place[uint32](r.surface, (side-1)*stride+side, at)
	for i := range surface {
		if i%stride < side {
			surface[i] = fill.cell(rng, now, d)
		} else {
			surface[i] = now // what lies between the rows must not be taken
		}
	}
	surface[side/2*stride+side/2] = now
	r.checkContext(t, surface, stride, side, now, d, at, fill.name)
}

// checkContext runs the kernel on a surface and compares.
func (r *rig) checkContext(t testing.TB, surface []uint32, stride, side int, now uint32, d *hw.Decay, at placement, fill string) []int16 {
	t.Helper()
	n := side * side
	c := place[int16](r.context, hw.ContextLen(n), at)
	const garbage = 0x5a5a
	for i := range c {
		c[i] = garbage
	}
	before := slices.Clone(surface)
	what := fmt.Sprintf("Context, side %d, stride %d, now %d, tau %d us, scale 2^%d, cells %s, %s",
		side, stride, now, d.Tau, d.PeakBits, fill, at.name)
	var sum uint32
	protect(t, what, []*region{r.surface, r.context}, func() {
		sum = r.k.Context(c, surface, stride, side, now, d)
	})
	wantSum := defineContext(r.want[:n], surface, stride, side, now, d)
	for i, want := range r.want[:n] {
		if c[i] != want {
			cell := surface[i/side*stride+i%side]
			t.Fatalf("%s: value at x %d, y %d, of cell %d: expected %d, found %d", what, i%side, i/side, cell, want, c[i])
		}
	}
	if sum != wantSum {
		t.Fatalf("%s: sum of squares: expected %d, found %d", what, wantSum, sum)
	}
	for i, v := range c[n:] {
		if v != garbage {
			t.Fatalf("%s: element %d behind the patch was written", what, i)
		}
	}
	if !slices.Equal(before, surface) {
		t.Fatalf("%s: the surface was written", what)
	}
	r.surface.untouched(t)
	r.context.untouched(t)
	return c
}

// A masterFill makes a vector of master weights, none longer than the formats
// have room for.
type masterFill struct {
	name string
	fill func(rng *rand.Rand, m []int32)
}

var masterFills = []masterFill{
	{"random", func(rng *rand.Rand, m []int32) {
		for i := range m {
			m[i] = rng.Int32N(1<<20) + 1
		}
		scaleTo(m, 1)
	}},
	{"random, both signs", func(rng *rand.Rand, m []int32) {
		for i := range m {
			m[i] = rng.Int32N(1<<20) - 1<<19
		}
		m[0]++ // not all of them zero
		scaleTo(m, 1)
	}},
	{"a one", func(rng *rand.Rand, m []int32) {
		clear(m)
		m[rng.IntN(len(m))] = 1 << hw.MasterFraction
	}},
	{"a minus one", func(rng *rand.Rand, m []int32) {
		clear(m)
		m[rng.IntN(len(m))] = -1 << hw.MasterFraction
	}},
	{"all equal", func(_ *rand.Rand, m []int32) {
		for i := range m {
			m[i] = 1 << 20
		}
		scaleTo(m, longest)
	}},
	{"all equal, below zero", func(_ *rand.Rand, m []int32) {
		for i := range m {
			m[i] = -1 << 20
		}
		scaleTo(m, longest)
	}},
	{"half of the length", func(rng *rand.Rand, m []int32) {
		for i := range m {
			m[i] = rng.Int32N(1<<20) - 1<<18
		}
		m[0]++
		scaleTo(m, 0.5)
	}},
	{"zero", func(_ *rand.Rand, m []int32) { clear(m) }},
}

// longest is the greatest length of a weight vector that the formats have room
// for; its square is 1 + 1/128.
const longest = 1.0038986

// scaleTo scales a vector to the given length, rounding towards zero.
func scaleTo(m []int32, length float64) {
	var sum float64
	for _, v := range m {
		sum += float64(v) * float64(v)
	}
	f := length * (1 << hw.MasterFraction) / math.Sqrt(sum)
	for i, v := range m {
		m[i] = int32(float64(v) * f)
	}
}

// A contextFill makes the elements of a context of the scale 2^peakBits.
type contextFill struct {
	name string
	fill func(rng *rand.Rand, c []int16, peakBits int)
}

var contextFills = []contextFill{
	{"random", func(rng *rand.Rand, c []int16, p int) {
		for i := range c {
			c[i] = int16(rng.IntN(1<<p + 1))
		}
	}},
	{"sparse", func(rng *rand.Rand, c []int16, p int) {
		for i := range c {
			c[i] = 0
			if rng.IntN(16) == 0 {
				c[i] = int16(rng.IntN(1<<p + 1))
			}
		}
	}},
	{"all fired now", func(_ *rand.Rand, c []int16, p int) {
		for i := range c {
			c[i] = 1 << p
		}
	}},
	{"the centre alone", func(_ *rand.Rand, c []int16, _ int) { clear(c) }},
	{"the last alone", func(_ *rand.Rand, c []int16, p int) {
		clear(c)
		c[len(c)-1] = 1 << p
	}},
}

// fillContext makes a context, its centre the event itself.
func fillContext(rng *rand.Rand, f contextFill, c []int16) {
	p := hw.PeakBits(len(c))
	f.fill(rng, c, p)
	c[len(c)/2] = 1 << p
}

func testMatch(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(2, 2))
	turn := 0
	check := func(r *rig, neurons, side int) {
		for _, at := range placements[:3] {
			turn++
			r.testMatch(t, rng, neurons, side, turn, contextFills[turn%len(contextFills)], at)
		}
	}
	r := newRig(t, k, 11, 11, 130)
	for neurons := 1; neurons <= 130; neurons++ {
		for _, side := range []int{1, 3, 5, 7, 11} {
			check(r, neurons, side)
		}
	}
	r = newRig(t, k, maxSide, maxSide, 40)
	for radius := range maxRadius + 1 {
		for _, neurons := range []int{1, 7, 8, 16, 33} {
			check(r, neurons, 2*radius+1)
		}
	}
	r = newRig(t, k, 13, 13, maxNeurons)
	for _, neurons := range []int{255, 256, 257, 1000, maxNeurons} {
		check(r, neurons, 13)
		check(r, neurons, 1)
	}
}

// testMatch packs neurons with weights of all kinds, beginning with the turn's,
// and matches them.
func (r *rig) testMatch(t testing.TB, rng *rand.Rand, neurons, side, turn int, fill contextFill, at placement) {
	t.Helper()
	n := side * side
	c := place[int16](r.context, hw.ContextLen(n), at)
	fillContext(rng, fill, c[:n])
	weights := place[uint64](r.weights, r.k.WeightWords(neurons, n), at)
	master := place[int32](r.master, n, at)
	want := make([]int32, neurons)
	what := fmt.Sprintf("%d neurons, side %d, context %s, %s", neurons, side, fill.name, at.name)
	for i := range neurons {
		kind := masterFills[(turn+i)%len(masterFills)]
		kind.fill(rng, master)
		want[i] = defineDot(master, c)
		r.pack(t, weights, neurons, i, master, what+", weights "+kind.name)
	}
	r.checkMatch(t, weights, c, want, what, at)
}

func (r *rig) pack(t testing.TB, weights []uint64, neurons, neuron int, master []int32, what string) {
	t.Helper()
	protect(t, "Pack, "+what, []*region{r.weights, r.master}, func() {
		r.k.Pack(weights, neurons, neuron, master)
	})
}

func (r *rig) checkMatch(t testing.TB, weights []uint64, c []int16, want []int32, what string, at placement) {
	t.Helper()
	what = "Match, " + what
	dots := place[int32](r.dots, len(want), at)
	for i := range dots {
		dots[i] = -1 // the kernel overwrites, it does not add
	}
	before := slices.Clone(c)
	// Twice, as what is left in a register or on the stack may matter only then.
	for range 2 {
		protect(t, what, []*region{r.dots, r.weights, r.context}, func() { r.k.Match(dots, weights, c) })
		for i := range want {
			if dots[i] != want[i] {
				t.Fatalf("%s: dot product of neuron %d: expected %d, found %d", what, i, want[i], dots[i])
			}
		}
	}
	if !slices.Equal(before, c) {
		t.Fatalf("%s: the context was written", what)
	}
	for _, m := range []*region{r.dots, r.weights, r.context, r.master} {
		m.untouched(t)
	}
}

// testPack packs in any order and again, and sees that a neuron's weights are
// replaced and no other's are touched.
func testPack(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(3, 3))
	r := newRig(t, k, 7, 7, 130)
	for _, neurons := range []int{1, 2, 3, 8, 15, 16, 17, 31, 33, 64, 100, 130} {
		for _, side := range []int{1, 3, 7} {
			for _, at := range placements[:2] {
				n := side * side
				what := fmt.Sprintf("%d neurons, side %d, packed in any order, %s", neurons, side, at.name)
				c := place[int16](r.context, hw.ContextLen(n), at)
				fillContext(rng, contextFills[0], c[:n])
				weights := place[uint64](r.weights, r.k.WeightWords(neurons, n), at)
				want := make([]int32, neurons)
				pack := func(neuron int) {
					master := place[int32](r.master, n, at)
					masterFills[rng.IntN(len(masterFills))].fill(rng, master)
					before := slices.Clone(master)
					want[neuron] = defineDot(master, c)
					r.pack(t, weights, neurons, neuron, master, what)
					if !slices.Equal(before, master) {
						t.Fatalf("Pack, %s: the master weights were written", what)
					}
				}
				for _, neuron := range rng.Perm(neurons) {
					pack(neuron)
				}
				r.checkMatch(t, weights, c, want, what, at)
				for range 10 {
					pack(rng.IntN(neurons))
					r.checkMatch(t, weights, c, want, what+" and one packed again", at)
				}
			}
		}
	}
}

func testLearn(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(4, 4))
	r := newRig(t, k, maxSide, maxSide, 1)
	etas := []int32{0, 1, 1 << 12, 1<<22 + 1, 4_294_967, 1 << 25, maxEta - 1, maxEta}
	for radius := range maxRadius + 1 {
		side := 2*radius + 1
		for turn, masters := range masterFills {
			for i, contexts := range contextFills {
				for j, at := range placements[:3] {
					eta := etas[(radius+turn+i+j)%len(etas)]
					r.testLearn(t, rng, side, eta, masters, contexts, at)
				}
			}
		}
	}
}

func (r *rig) testLearn(t testing.TB, rng *rand.Rand, side int, eta int32, masters masterFill, contexts contextFill, at placement) {
	t.Helper()
	n := side * side
	c := place[int16](r.context, hw.ContextLen(n), at)
	master := place[int32](r.master, n, at)
	masters.fill(rng, master)
	// Several steps, so that each starts from what the one before has made.
	for step := range 3 {
		fillContext(rng, contexts, c[:n])
		r.checkLearn(t, master, c, eta,
			fmt.Sprintf("side %d, eta %d, weights %s, context %s, step %d, %s", side, eta, masters.name, contexts.name, step, at.name))
	}
}

func (r *rig) checkLearn(t testing.TB, master []int32, c []int16, eta int32, what string) {
	t.Helper()
	what = "Learn, " + what
	reciprocal := hw.Reciprocal(hw.Norm(sumOfSquares(c)))
	want, before := slices.Clone(master), slices.Clone(c)
	defineLearn(want, c, reciprocal, eta)
	protect(t, what, []*region{r.master, r.context}, func() { r.k.Learn(master, c, reciprocal, eta) })
	for i := range want {
		if master[i] != want[i] {
			t.Fatalf("%s: weight %d: expected %d, found %d", what, i, want[i], master[i])
		}
	}
	if !slices.Equal(before, c) {
		t.Fatalf("%s: the context was written", what)
	}
	r.master.untouched(t)
	r.context.untouched(t)
}

// testLargest is the largest patch with the most neurons. Neurons share a few
// vectors of weights, to spare the memory of 16 million.
func testLargest(t *testing.T, k *hw.Kernels) {
	if testing.Short() {
		t.Skip("the largest layer is left out of short tests")
	}
	rng := rand.New(rand.NewPCG(5, 5))
	const n = maxSide * maxSide
	r := newRig(t, k, maxSide, maxSide, maxNeurons)
	at := placements[0]
	c := place[int16](r.context, hw.ContextLen(n), at)
	fillContext(rng, contextFills[2], c[:n]) // the greatest dot products there are
	weights := place[uint64](r.weights, k.WeightWords(maxNeurons, n), at)
	masters := make([][]int32, len(masterFills))
	dots := make([]int32, len(masterFills))
	for i, kind := range masterFills {
		masters[i] = make([]int32, n)
		kind.fill(rng, masters[i])
		dots[i] = defineDot(masters[i], c)
	}
	want := make([]int32, maxNeurons)
	for neuron := range maxNeurons {
		i := rng.IntN(len(masters))
		r.pack(t, weights, maxNeurons, neuron, masters[i], "the largest layer")
		want[neuron] = dots[i]
	}
	r.checkMatch(t, weights, c, want, "the largest layer", at)
}

// testConcurrent runs all kernels from several goroutines, each on memory of its
// own; the race detector and the results tell whether they share any.
func testConcurrent(t *testing.T, k *hw.Kernels) {
	var group sync.WaitGroup
	rigs := make([]*rig, 4)
	d, err := hw.NewDecay(20_000, hw.PeakBits(11*11))
	if err != nil {
		t.Fatal(err)
	}
	for i := range rigs {
		rigs[i] = newRig(t, k, 11, 40, 33)
	}
	for i, r := range rigs {
		group.Go(func() {
			rng := rand.New(rand.NewPCG(6, uint64(i)))
			for round := range 30 {
				// t.Fatal is not for other goroutines than the test's own.
				tb := &elsewhere{TB: t}
				func() {
					defer tb.recover()
					r.testContext(tb, rng, 40, 11, 1<<30, d, surfaceFills[2], placements[0])
					r.testMatch(tb, rng, 33, 11, round, contextFills[0], placements[0])
					r.testLearn(tb, rng, 11, 4_294_967, masterFills[0], contextFills[0], placements[0])
				}()
			}
		})
	}
	group.Wait()
}

// elsewhere is a test seen from another goroutine: a failure ends what that
// goroutine does, by a panic, and is reported with Errorf.
type elsewhere struct {
	testing.TB
}

type failed struct{}

func (e *elsewhere) Fatalf(format string, args ...any) {
	e.Helper()
	e.Errorf(format, args...)
	panic(failed{})
}

func (e *elsewhere) Fatal(args ...any) {
	e.Helper()
	e.Error(args...)
	panic(failed{})
}

func (e *elsewhere) recover() {
	if p := recover(); p != nil {
		if _, ok := p.(failed); !ok {
			panic(p)
		}
	}
}

func testAllocations(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(7, 7))
	const side, stride, neurons = 11, 34, 16
	const n = side * side
	d, err := hw.NewDecay(20_000, hw.PeakBits(n))
	if err != nil {
		t.Fatal(err)
	}
	surface := make([]uint32, (side-1)*stride+side)
	surface[side/2*stride+side/2] = 1 << 30
	c := make([]int16, hw.ContextLen(n))
	master, dots := make([]int32, n), make([]int32, neurons)
	weights := make([]uint64, k.WeightWords(neurons, n))
	masterFills[0].fill(rng, master)
	for name, kernel := range map[string]func(){
		"Context": func() { k.Context(c, surface, stride, side, 1<<30, d) },
		"Pack":    func() { k.Pack(weights, neurons, 3, master) },
		"Match":   func() { k.Match(dots, weights, c) },
		"Learn":   func() { k.Learn(master, c, hw.Reciprocal(hw.Norm(1<<24)), 1<<22) },
	} {
		if got := testing.AllocsPerRun(20, kernel); got != 0 {
			t.Errorf("%s: expected no allocation, found %v a call", name, got)
		}
	}
}
