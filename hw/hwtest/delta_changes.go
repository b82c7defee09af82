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

// changes is a kernel that lists what differs between two frames.
type changes func(list []hw.Delta, before, now []int32, first int32) (n, nonzero int, least, largest int32)

func testChanges(t *testing.T, kernel changes) {
	t.Run("lengths", func(t *testing.T) { testChangeLengths(t, kernel) })
	t.Run("misuse", func(t *testing.T) { testChangeMisuse(t, kernel) })
	t.Run("concurrent", func(t *testing.T) { testChangesConcurrent(t, kernel) })
	t.Run("allocations", func(t *testing.T) {
		before, now, list := make([]int32, 100), make([]int32, 100), make([]hw.Delta, 100)
		step := int32(0)
		if got := testing.AllocsPerRun(10, func() { step++; now[step] = step; kernel(list, before, now, 0) }); got != 0 {
			t.Errorf("expected no allocation, found %v a call", got)
		}
	})
}

// changed is what a kernel of changes, or of levels, answers; of levels least and
// largest are zero.
type changed struct {
	list           []hw.Delta
	nonzero        int
	least, largest int32
}

func (c *changed) add(index, old, v int32) {
	c.list = append(c.list, hw.Delta{Index: index, Value: v - old})
	switch {
	case v != 0 && old == 0:
		c.nonzero++
	case v == 0 && old != 0:
		c.nonzero--
	}
}

func defineChanges(before, now []int32, first int32) changed {
	c := changed{least: math.MaxInt32, largest: math.MinInt32}
	for i, v := range now {
		if old := before[i]; v != old {
			c.least, c.largest = min(c.least, v), max(c.largest, v)
			c.add(first+int32(i), old, v)
		}
	}
	return c
}

// equal fails where a kernel answered something else than it should have.
func (c *changed) equal(t testing.TB, what string, got changed) {
	t.Helper()
	if len(c.list) != len(got.list) {
		t.Fatalf("%s: expected %d changes, found %d", what, len(c.list), len(got.list))
	}
	for i := range c.list {
		if c.list[i] != got.list[i] {
			t.Fatalf("%s: change %d: expected %v, found %v", what, i, c.list[i], got.list[i])
		}
	}
	if c.nonzero != got.nonzero {
		t.Fatalf("%s: expected %d more values other than zero, found %d", what, c.nonzero, got.nonzero)
	}
	if c.least != got.least || c.largest != got.largest {
		t.Fatalf("%s: expected values from %d to %d, found %d to %d", what, c.least, c.largest, got.least, got.largest)
	}
}

// densities are how many values change: of frames in which nothing does, hardly
// anything, and all.
var densities = []float64{0, 0.02, 0.1, 0.5, 0.97, 1}

// nextFrame changes a share of values to such as a fill makes.
func nextFrame(rng *rand.Rand, now, before []int32, f valueFill, density float64) {
	copy(now, before)
	for i := range now {
		if rng.Float64() < density {
			now[i] = f.value(rng)
		}
	}
}

// checkChanges runs a kernel on slices between guards and compares.
func checkChanges(t testing.TB, a *arena, rng *rand.Rand, kernel changes, n, spare int, f valueFill, density float64, at placement) {
	t.Helper()
	what := fmt.Sprintf("%d values %s, density %v, %s", n, f.name, density, at.name)
	before := slot[int32](t, a, theFrameBefore, n, at)
	now := slot[int32](t, a, theFrame, n, at)
	list := slot[hw.Delta](t, a, theDeltas, n+spare, at)
	for i := range before {
		before[i] = f.value(rng)
	}
	nextFrame(rng, now, before, f, density)
	first := rng.Int32N(1 << 20)
	want, same := defineChanges(before, now, first), slices.Clone(now)
	var got changed
	a.run(t, what, func() {
		var k int
		k, got.nonzero, got.least, got.largest = kernel(list, before, now, first)
		got.list = list[:k]
	})
	want.equal(t, what, got)
	if !slices.Equal(now, same) {
		t.Fatalf("%s: the frame was written", what)
	}
	if !slices.Equal(before, same) {
		t.Fatalf("%s: the frame before is not the frame", what)
	}
}

func testChangeLengths(t *testing.T, kernel changes) {
	a, rng := new(arena), rand.New(rand.NewPCG(40, 40))
	for _, n := range sizes() {
		for turn, f := range valueFills {
			for k, at := range placements {
				checkChanges(t, a, rng, kernel, n, k%2, f, densities[(n+turn+k)%len(densities)], at)
			}
		}
	}
	for range 3 {
		checkChanges(t, a, rng, kernel, 5000, 0, valueFills[0], 0.1, placements[0])
	}
}

func testChangeMisuse(t *testing.T, kernel changes) {
	r := new(rig)
	for _, n := range []int{1, 5, 16, 40} {
		for what, c := range map[string][3]int{
			"a list that is too short":         {n - 1, n, n},
			"a frame before that is too short": {n, n - 1, n},
			"a frame before that is too long":  {n + 1, n + 1, n},
		} {
			before := slot[int32](t, &r.arena, theFrameBefore, c[1], placements[0])
			now := slot[int32](t, &r.arena, theFrame, c[2], placements[0])
			list := slot[hw.Delta](t, &r.arena, theDeltas, c[0], placements[0])
			r.refuses(t, fmt.Sprintf("%s, of %d values", what, n), func() { kernel(list, before, now, 0) })
		}
	}
	protect(t, "nothing at all", nil, func() { kernel(nil, nil, nil, 0) })
}

// testChangesConcurrent runs a kernel from several goroutines that read one frame.
func testChangesConcurrent(t *testing.T, kernel changes) {
	rng := rand.New(rand.NewPCG(41, 41))
	frames := make([][]int32, 8)
	for k := range frames {
		frames[k] = make([]int32, 333)
		nextFrame(rng, frames[k], frames[max(k-1, 0)], valueFills[1], 0.2)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			before, list := make([]int32, 333), make([]hw.Delta, 333)
			for k := range 200 {
				now := frames[k%len(frames)]
				want := defineChanges(before, now, 0)
				if n, _, _, _ := kernel(list, before, now, 0); !slices.Equal(list[:n], want.list) {
					t.Errorf("call %d: other changes than on its own", k)
					return
				}
			}
		})
	}
	wg.Wait()
}

func fuzzChanges(t testing.TB, in *fuzzedDelta, kernel changes, at placement) {
	t.Helper()
	rng := rand.New(rand.NewPCG(in.seed, 4))
	values := in.values()
	f := valueFill{"of the fuzzer", func(rng *rand.Rand) int32 { return values[rng.IntN(len(values))] }}
	checkChanges(t, new(arena), rng, kernel, in.length, in.gap, f, float64(in.places)/256, at)
}

// values are those of the fuzzer's list, and zero.
func (in *fuzzedDelta) values() []int32 {
	out := []int32{0}
	for _, tap := range in.taps() {
		out = append(out, tap.Value)
	}
	return out
}
