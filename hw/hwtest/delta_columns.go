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

// columns is a kernel of dense layers.
type columns[W deltaWeight] func(z []int32, weights []W, stride int, deltas []hw.Delta)

func testColumns[W deltaWeight](t *testing.T, kernel columns[W]) {
	t.Run("lengths", func(t *testing.T) { testColumnLengths(t, kernel) })
	t.Run("lists", func(t *testing.T) { testColumnLists(t, kernel) })
	t.Run("dense", func(t *testing.T) { testDense(t, kernel) })
	t.Run("misuse", func(t *testing.T) { testColumnMisuse(t, kernel) })
	t.Run("concurrent", func(t *testing.T) { testColumnsConcurrent(t, kernel) })
	t.Run("allocations", func(t *testing.T) { testColumnAllocations(t, kernel) })
}

// defineColumns is the definition, in 64 bits: what is cut off in the end is what
// sums modulo 2^32 lose on the way.
func defineColumns[W deltaWeight](z []int32, weights []W, stride int, deltas []hw.Delta) []int32 {
	out := make([]int32, len(z))
	for i := range z {
		sum := int64(z[i])
		for _, d := range deltas {
			sum += int64(weights[int(d.Index)*stride+i]) * int64(d.Value)
		}
		out[i] = int32(sum)
	}
	return out
}

// dense is a layer's shape: the last column ends where the weights end, before its
// stride is full.
type dense struct{ rows, stride, inputs int }

func (d dense) weights() int { return (d.inputs-1)*d.stride + d.rows }

func (d dense) deltas(rng *rand.Rand, count int, f valueFill) []hw.Delta {
	out := make([]hw.Delta, count)
	for i := range out {
		out[i] = hw.Delta{Index: rng.Int32N(int32(d.inputs)), Value: f.value(rng)}
	}
	return out
}

// checkColumns runs a kernel on slices between guards and compares.
func checkColumns[W deltaWeight](t testing.TB, a *arena, rng *rand.Rand, kernel columns[W], d dense, deltas []hw.Delta, at placement, what string) {
	t.Helper()
	what = fmt.Sprintf("%d rows, stride %d, %d inputs, %d deltas %s, %s", d.rows, d.stride, d.inputs, len(deltas), what, at.name)
	z := slot[int32](t, a, theSums, d.rows, at)
	weights := slot[W](t, a, theDeltaWeights, d.weights(), at)
	list := slotOf(t, a, theDeltas, deltas, at)
	fillSums(rng, z)
	fillWeights(rng, weights)
	want, same := defineColumns(z, weights, d.stride, deltas), slices.Clone(weights)
	a.run(t, what, func() { kernel(z, weights, d.stride, list) })
	for i := range z {
		if z[i] != want[i] {
			t.Fatalf("%s: sum %d: expected %d, found %d", what, i, want[i], z[i])
		}
	}
	if !slices.Equal(weights, same) || !slices.Equal(list, deltas) {
		t.Fatalf("%s: the weights or the deltas were written", what)
	}
}

// testColumnLengths takes every number of rows with a few lists of deltas, in all
// placements.
func testColumnLengths[W deltaWeight](t *testing.T, kernel columns[W]) {
	a, rng := new(arena), rand.New(rand.NewPCG(20, 20))
	count := 0
	for _, rows := range sizes() {
		for _, f := range valueFills {
			d := dense{rows, rows + []int{0, 0, 1, 3, 61}[rng.IntN(5)], 1 + rng.IntN(9)}
			for _, at := range placements {
				count = (count + 7) % 41
				checkColumns(t, a, rng, kernel, d, d.deltas(rng, count, f), at, f.name)
			}
		}
	}
}

// testColumnLists takes every number of deltas up to 40 and some long lists, in
// which indices repeat, with numbers of rows that take every path through a kernel.
func testColumnLists[W deltaWeight](t *testing.T, kernel columns[W]) {
	a, rng := new(arena), rand.New(rand.NewPCG(21, 21))
	rows := []int{1, 7, 10, 33, 64, 79, 256}
	for count := range 41 {
		for _, rows := range rows {
			d := dense{rows, rows + rng.IntN(2), 1 + rng.IntN(60)}
			f := valueFills[rng.IntN(len(valueFills))]
			checkColumns(t, a, rng, kernel, d, d.deltas(rng, count, f), placements[rng.IntN(len(placements))], f.name)
		}
	}
	for _, count := range []int{255, 256, 257, 511, 513, 1029} {
		for _, f := range valueFills {
			d := dense{10 + rng.IntN(70), 80, 300}
			checkColumns(t, a, rng, kernel, d, d.deltas(rng, count, f), placements[rng.IntN(len(placements))], f.name)
		}
	}
	// One column over and over, with the products that are largest.
	d := dense{96, 96, 3}
	for _, value := range []int32{math.MinInt32, math.MaxInt32, math.MinInt16, math.MaxInt16, math.MinInt8, math.MaxInt8} {
		deltas := slices.Repeat([]hw.Delta{{Index: 2, Value: value}}, 37)
		for range 3 {
			checkColumns(t, a, rng, kernel, d, deltas, placements[0], "of one column")
		}
	}
}

// testDense adds what changes in a layer's inputs, step by step, and compares with
// the dense product of the inputs as they are then.
func testDense[W deltaWeight](t *testing.T, kernel columns[W]) {
	rng := rand.New(rand.NewPCG(22, 22))
	for _, d := range []dense{{10, 10, 64}, {64, 70, 40}, {100, 100, 33}, {256, 256, 21}} {
		for _, f := range valueFills {
			weights := make([]W, d.weights())
			fillWeights(rng, weights)
			bias := make([]int32, d.rows)
			fillSums(rng, bias)
			z, inputs := slices.Clone(bias), make([]int32, d.inputs)
			for step := range 12 {
				var deltas []hw.Delta
				for i := range inputs {
					if rng.IntN(4) == 0 {
						to := f.value(rng)
						deltas = append(deltas, hw.Delta{Index: int32(i), Value: to - inputs[i]})
						inputs[i] = to
					}
				}
				rng.Shuffle(len(deltas), func(i, j int) { deltas[i], deltas[j] = deltas[j], deltas[i] })
				kernel(z, weights, d.stride, deltas)
				want := slices.Clone(bias)
				for row := range want {
					for i, x := range inputs {
						want[row] = int32(int64(want[row]) + int64(weights[i*d.stride+row])*int64(x))
					}
				}
				if !slices.Equal(z, want) {
					t.Fatalf("%d rows, %d inputs %s: after step %d the sums are not the dense product", d.rows, d.inputs, f.name, step)
				}
			}
		}
	}
}

// testColumnMisuse calls a kernel with what it must not take, wherever in the list
// it is: it panics before anything is added.
func testColumnMisuse[W deltaWeight](t *testing.T, kernel columns[W]) {
	r, rng := new(rig), rand.New(rand.NewPCG(23, 23))
	d := dense{rows: 20, stride: 24, inputs: 9}
	refused := func(what string, rows, stride, weights int, deltas []hw.Delta) {
		t.Helper()
		z := slot[int32](t, &r.arena, theSums, rows, placements[0])
		w := slot[W](t, &r.arena, theDeltaWeights, weights, placements[0])
		list := slotOf(t, &r.arena, theDeltas, deltas, placements[0])
		fillSums(rng, z)
		fillWeights(rng, w)
		before := slices.Clone(z)
		r.refuses(t, what, func() { kernel(z, w, stride, list) })
		if !slices.Equal(z, before) {
			t.Fatalf("%s: sums were changed ahead of the panic", what)
		}
	}
	for count := 1; count <= 40; count++ {
		for _, index := range []int32{9, 10, -1, math.MaxInt32, math.MinInt32, math.MinInt32 + 1} {
			deltas := d.deltas(rng, count, valueFills[count%len(valueFills)])
			at := rng.IntN(count)
			deltas[at].Index = index
			refused(fmt.Sprintf("index %d in delta %d of %d", index, at, count), d.rows, d.stride, d.weights(), deltas)
		}
	}
	last := []hw.Delta{{Index: 0, Value: 1}, {Index: 8, Value: 1}, {Index: 1, Value: 1}}
	first := []hw.Delta{{Index: 0, Value: 1}}
	refused("weights one too short", d.rows, d.stride, d.weights()-1, last)
	refused("no weights", d.rows, d.stride, 0, first)
	refused("more sums than the stride", 25, d.stride, d.weights()+5, first)
	refused("more sums than the stride, and no delta", 25, d.stride, d.weights()+5, nil)
	refused("a stride below zero", d.rows, -d.stride, d.weights(), first)
	refused("a stride of zero", d.rows, 0, d.weights(), first)
	refused("the largest stride", d.rows, math.MaxInt, d.weights(), last)
	refused("a product that wraps to the first column", d.rows, math.MaxInt/4+1, d.weights(), last)
	refused("an index below zero without sums", 0, d.stride, d.weights(), []hw.Delta{{Index: -1}})

	// What looks like misuse and is none.
	protect(t, "nothing at all", nil, func() { kernel(nil, nil, 0, nil) })
	protect(t, "no delta and no weights", nil, func() { kernel(make([]int32, 3), nil, 3, nil) })
	protect(t, "no sums", nil, func() { kernel(nil, make([]W, 3), 3, first) })
	protect(t, "an unused stride", nil, func() { kernel(make([]int32, 3), make([]W, 3), math.MaxInt, first) })
}

// testColumnsConcurrent runs a kernel from several goroutines on one layer.
func testColumnsConcurrent[W deltaWeight](t *testing.T, kernel columns[W]) {
	rng := rand.New(rand.NewPCG(24, 24))
	d := dense{90, 90, 50}
	weights := make([]W, d.weights())
	fillWeights(rng, weights)
	var wg sync.WaitGroup
	for g := range 4 {
		rng := rand.New(rand.NewPCG(25, uint64(g)))
		wg.Go(func() {
			z := make([]int32, d.rows)
			for i := range 50 {
				deltas := d.deltas(rng, 30, valueFills[i%len(valueFills)])
				want := defineColumns(z, weights, d.stride, deltas)
				kernel(z, weights, d.stride, deltas)
				if !slices.Equal(z, want) {
					t.Errorf("goroutine %d, call %d: other sums than on its own", g, i)
					return
				}
			}
		})
	}
	wg.Wait()
}

func testColumnAllocations[W deltaWeight](t *testing.T, kernel columns[W]) {
	rng := rand.New(rand.NewPCG(26, 26))
	for _, f := range valueFills {
		d := dense{70, 70, 50}
		z, weights, deltas := make([]int32, d.rows), make([]W, d.weights()), d.deltas(rng, 31, f)
		if got := testing.AllocsPerRun(10, func() { kernel(z, weights, d.stride, deltas) }); got != 0 {
			t.Errorf("deltas %s: expected no allocation, found %v a call", f.name, got)
		}
	}
}
