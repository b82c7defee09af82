package hwtest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/saccade-dev/saccade/hw"
)

// A window is a patch in a slice of cells, for an event at now.
type window struct {
	hw.Patch
	first, behind int // cells before the patch and behind it
	now           uint32
	fill          surfaceFill
	at            placement
}

func (w *window) String() string {
	return fmt.Sprintf("side %d, stride %d, %d planes of %d cells, %d cells before and %d behind, now %d, tau %d us (linear: %t), scale 2^%d, cells %s, %s",
		w.Side, w.Stride, w.Planes, w.Plane, w.first, w.behind, w.now, w.Decay.Tau, w.Decay.Linear, w.Decay.PeakBits, w.fill.name, w.at.name)
}

// index is the cell of an element.
func (w *window) index(element int) int {
	square := w.Side * w.Side
	return w.first + element/square*w.Plane + element%square/w.Side*w.Stride + element%w.Side
}

func testContext(t *testing.T, k *hw.Kernels) {
	rng := rand.New(rand.NewPCG(1, 1))
	made := decays{}
	r := &rig{k: k}
	turn := 0
	check := func(side, planes int, tau int64, peakBits int, fill surfaceFill, at placement) {
		turn++
		if turn%3 == 0 {
			tau = -tau
		}
		d := made.get(t, tau, peakBits)
		w := window{Patch: layout(rng, side, planes, turn), fill: fill, at: at}
		w.Decay = d
		w.now = nows(rng, d)[turn%11]
		// Half of the patches lie close to a guard.
		w.first, w.behind = []int{0, 0, 1 + rng.IntN(40), 1 + rng.IntN(40)}[turn/2%4], []int{0, 1 + rng.IntN(40)}[turn/8%2]
		r.testContext(t, rng, &w)
	}
	for radius := range maxRadius + 1 {
		if testing.Short() && radius > 8 && radius%8 != 7 {
			continue
		}
		side := 2*radius + 1
		for i, tau := range taus {
			for j, fill := range surfaceFills {
				for second := range 2 {
					// The guards on both sides always; every other place, layout and time is
					// met by some combination of the rest, where all with all would take
					// minutes.
					planes := []int{1, 1, 2, 3}[(turn+i+j)%4]
					check(side, planes, tau, hw.PeakBits(planes*side*side), fill, placements[second*(1+turn%3)])
				}
			}
		}
		// A scale below what the patch allows.
		for _, p := range []int{1, hw.PeakBits(side*side) / 2} {
			for _, at := range placements {
				check(side, 1, 20_000, p, recently, at)
			}
		}
	}
	// Many planes; 63 cells that all fired now have the greatest sum of squares.
	for _, of := range [][2]int{{1, 2}, {1, 31}, {1, 32}, {1, 33}, {1, 63}, {1, 200}, {3, 16}, {3, 130}, {5, 64}, {11, 32}, {11, 64}, {31, 8}} {
		for _, fill := range surfaceFills {
			for _, at := range placements[:2] {
				side, planes := of[0], of[1]
				check(side, planes, 20_000, hw.PeakBits(planes*side*side), fill, at)
			}
		}
	}
	if !testing.Short() {
		check(maxSide, 8, 20_000, hw.PeakBits(8*maxSide*maxSide), surfaceFills[1], placements[0])
	}
}

// layout is a way for planes of squares to lie in memory: above each other, with
// rows of some length and cells between the planes or none, or beside each other.
func layout(rng *rand.Rand, side, planes, turn int) hw.Patch {
	const widest = 1280
	p := hw.Patch{Side: side, Planes: planes}
	gap := []int{0, 1, rng.IntN(100)}[turn/5%3]
	if turn%5 == 4 {
		p.Plane = side + gap
		p.Stride = planes*p.Plane + rng.IntN(3)
		return p
	}
	p.Stride = []int{side, side + 1, 2*side - 1 + rng.IntN(100), max(side, min(widest, 60_000/side/planes))}[turn%5]
	p.Plane = (side-1)*p.Stride + side + gap
	return p
}

func (r *rig) testContext(t testing.TB, rng *rand.Rand, w *window) {
	t.Helper()
	cells := slot[uint32](t, &r.arena, theCells, w.first+w.Span()+w.behind, w.at)
	for i := range cells {
		cells[i] = w.now // what lies around the patch and between its rows must not be taken
	}
	for i := range w.Elements() {
		cells[w.index(i)] = w.fill.cell(rng, w.now, w.Decay)
	}
	if rng.IntN(4) > 0 {
		cells[w.index(w.Elements()/2)] = w.now
	}
	r.checkContext(t, rng, cells, w)
}

// checkContext runs the kernel on the cells, which are in their slot, and compares.
func (r *rig) checkContext(t testing.TB, rng *rand.Rand, cells []uint32, w *window) []int16 {
	t.Helper()
	n := w.Elements()
	c := slot[int16](t, &r.arena, theContexts, hw.ContextSpace(n), w.at)
	for i := range n {
		c[i] = int16(rng.Uint32()) // the kernel overwrites
	}
	before, patch := slices.Clone(cells), w.Patch
	var sum uint32
	what := "Context, " + w.String()
	r.run(t, what, func() { sum = r.k.Context(c, cells, w.first, &w.Patch, w.now) })
	want := make([]int16, n)
	wantSum := defineContext(want, before, w.first, &patch, w.now)
	for i, v := range want {
		if c[i] != v {
			t.Fatalf("%s: value at x %d, y %d of plane %d, of cell %d: expected %d, found %d", what,
				i%w.Side, i/w.Side%w.Side, i/(w.Side*w.Side), before[w.index(i)], v, c[i])
		}
	}
	if sum != wantSum {
		t.Fatalf("%s: sum of squares: expected %d, found %d", what, wantSum, sum)
	}
	zeroBehind(t, what+": the context", c, n)
	if !slices.Equal(before, cells) {
		t.Fatalf("%s: the cells were written", what)
	}
	if w.Patch != patch {
		t.Fatalf("%s: the patch was written", what)
	}
	return c
}

// zeroBehind fails when a row that is padded with zeros has something else behind
// its elements.
func zeroBehind[T int16 | int32](t testing.TB, what string, row []T, elements int) {
	t.Helper()
	for i, v := range row[elements:] {
		if v != 0 {
			t.Fatalf("%s: %d behind its elements: expected 0, found %d", what, i, v)
		}
	}
}
