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

// taps is a kernel of convolutions.
type taps[W deltaWeight] func(z []int32, weights []W, channels int, taps []hw.Tap)

func testTaps[W deltaWeight](t *testing.T, kernel taps[W]) {
	t.Run("lengths", func(t *testing.T) { testTapLengths(t, kernel) })
	t.Run("lists", func(t *testing.T) { testTapLists(t, kernel) })
	t.Run("convolution", func(t *testing.T) { testConvolution(t, kernel) })
	t.Run("misuse", func(t *testing.T) { testTapMisuse(t, kernel) })
	t.Run("concurrent", func(t *testing.T) { testTapsConcurrent(t, kernel) })
	t.Run("allocations", func(t *testing.T) { testTapAllocations(t, kernel) })
}

// defineTaps is the definition, in 64 bits.
func defineTaps[W deltaWeight](z []int32, weights []W, channels int, taps []hw.Tap) []int32 {
	out := slices.Clone(z)
	for _, t := range taps {
		for i := range channels {
			sum := int64(out[int(t.Z)+i]) + int64(weights[int(t.W)+i])*int64(t.Value)
			out[int(t.Z)+i] = int32(sum)
		}
	}
	return out
}

// A tapFill makes taps for so many sums and weights beyond those of the first tap.
type tapFill struct {
	name string
	tap  func(rng *rand.Rand, before hw.Tap, z, w int32) hw.Tap
}

var tapFills = []tapFill{
	{"anywhere", func(rng *rand.Rand, _ hw.Tap, z, w int32) hw.Tap { return hw.Tap{Z: rng.Int32N(z), W: rng.Int32N(w)} }},
	{"in runs of the same sums", func(rng *rand.Rand, before hw.Tap, z, w int32) hw.Tap {
		if rng.IntN(4) == 0 {
			before.Z = rng.Int32N(z)
		}
		return hw.Tap{Z: before.Z, W: rng.Int32N(w)}
	}},
	{"all the same", func(_ *rand.Rand, _ hw.Tap, z, w int32) hw.Tap { return hw.Tap{Z: z - 1, W: w - 1} }},
	{"one after the other", func(_ *rand.Rand, before hw.Tap, z, w int32) hw.Tap {
		return hw.Tap{Z: (before.Z + 1) % z, W: (before.W + 1) % w}
	}},
	{"back and forth", func(_ *rand.Rand, before hw.Tap, z, w int32) hw.Tap {
		return hw.Tap{Z: z - 1 - before.Z, W: w - 1 - before.W}
	}},
}

func (f tapFill) taps(rng *rand.Rand, count int, z, w int32, values valueFill) []hw.Tap {
	out := make([]hw.Tap, count)
	var before hw.Tap
	for i := range out {
		before = f.tap(rng, before, z, w)
		before.Value = values.value(rng)
		out[i] = before
	}
	return out
}

// checkTaps runs a kernel on slices between guards and compares. The taps are for z
// places in the sums and w in the weights, of which the last ends where they end.
func checkTaps[W deltaWeight](t testing.TB, a *arena, rng *rand.Rand, kernel taps[W], channels, z, w int, list []hw.Tap, at placement, what string) {
	t.Helper()
	what = fmt.Sprintf("%d channels, %d taps %s, %s", channels, len(list), what, at.name)
	sums := slot[int32](t, a, theSums, z-1+channels, at)
	weights := slot[W](t, a, theDeltaWeights, w-1+channels, at)
	guarded := slotOf(t, a, theTaps, list, at)
	fillSums(rng, sums)
	fillWeights(rng, weights)
	want, same := defineTaps(sums, weights, channels, list), slices.Clone(weights)
	a.run(t, what, func() { kernel(sums, weights, channels, guarded) })
	for i := range sums {
		if sums[i] != want[i] {
			t.Fatalf("%s: sum %d: expected %d, found %d", what, i, want[i], sums[i])
		}
	}
	if !slices.Equal(weights, same) || !slices.Equal(guarded, list) {
		t.Fatalf("%s: the weights or the taps were written", what)
	}
}

// testTapLengths takes every number of channels with a few lists of taps, in all
// placements.
func testTapLengths[W deltaWeight](t *testing.T, kernel taps[W]) {
	a, rng := new(arena), rand.New(rand.NewPCG(30, 30))
	count := 0
	for _, channels := range sizes() {
		for i, f := range tapFills {
			z, w := 1+rng.IntN(2*channels+9), 1+rng.IntN(300)
			values := valueFills[(channels+i)%len(valueFills)]
			for _, at := range placements {
				count = (count + 7) % 41
				list := f.taps(rng, count, int32(z), int32(w), values)
				checkTaps(t, a, rng, kernel, channels, z, w, list, at, f.name+", "+values.name)
			}
		}
	}
}

// testTapLists takes every number of taps up to 40 and some long lists.
func testTapLists[W deltaWeight](t *testing.T, kernel taps[W]) {
	a, rng := new(arena), rand.New(rand.NewPCG(31, 31))
	for i, count := range slices.Concat(upTo(40), []int{99, 144, 577}) {
		for _, channels := range []int{1, 2, 3, 8, 13, 16, 32, 75} {
			for _, f := range tapFills {
				values := valueFills[rng.IntN(len(valueFills))]
				list := f.taps(rng, count, 90, 70, values)
				checkTaps(t, a, rng, kernel, channels, 90, 70, list, placements[i%len(placements)], f.name+", "+values.name)
			}
		}
	}
}

func upTo(n int) []int {
	out := make([]int, n+1)
	for i := range out {
		out[i] = i
	}
	return out
}

// conv is a convolution of stride 1 with zeros around its input, as its sums, its
// weights and its taps lie in memory: sums [height][width][outputs], weights
// [inputs of a group][side][side][outputs of a group], group behind group.
type conv struct{ width, height, side, inputs, outputs, groups int }

func (c conv) in() int      { return c.inputs / c.groups }
func (c conv) out() int     { return c.outputs / c.groups }
func (c conv) weights() int { return c.inputs * c.side * c.side * c.out() }

// weight is where the weights from an input channel, at a place of the square, to
// the outputs of its group begin.
func (c conv) weight(input, ky, kx int) int { return ((input*c.side+ky)*c.side + kx) * c.out() }

// taps are those of a change in an input channel of a pixel.
func (c conv) taps(x, y, input int, value int32) []hw.Tap {
	var out []hw.Tap
	for ky := range c.side {
		for kx := range c.side {
			oy, ox := y+c.side/2-ky, x+c.side/2-kx
			if oy < 0 || ox < 0 || oy >= c.height || ox >= c.width {
				continue
			}
			z := (oy*c.width+ox)*c.outputs + input/c.in()*c.out()
			out = append(out, hw.Tap{Z: int32(z), W: int32(c.weight(input, ky, kx)), Value: value})
		}
	}
	return out
}

// testConvolution adds what changes in the inputs of convolutions, grouped and
// depthwise ones among them, step by step, and compares with the dense convolution
// of the inputs as they are then.
func testConvolution[W deltaWeight](t *testing.T, kernel taps[W]) {
	rng := rand.New(rand.NewPCG(32, 32))
	for _, c := range []conv{
		{width: 7, height: 5, side: 3, inputs: 2, outputs: 16, groups: 1},
		{width: 5, height: 6, side: 3, inputs: 3, outputs: 40, groups: 1},
		{width: 4, height: 4, side: 1, inputs: 8, outputs: 12, groups: 2},
		{width: 6, height: 4, side: 3, inputs: 6, outputs: 6, groups: 6},
		{width: 6, height: 6, side: 5, inputs: 4, outputs: 16, groups: 4},
	} {
		for _, f := range valueFills {
			weights := make([]W, c.weights())
			fillWeights(rng, weights)
			z, inputs := make([]int32, c.width*c.height*c.outputs), make([]int32, c.width*c.height*c.inputs)
			for step := range 3 {
				var list []hw.Tap
				for i := range inputs {
					if rng.IntN(5) == 0 {
						to := f.value(rng)
						list = append(list, c.taps(i/c.inputs%c.width, i/c.inputs/c.width, i%c.inputs, to-inputs[i])...)
						inputs[i] = to
					}
				}
				kernel(z, weights, c.out(), list)
				for i, sum := range z {
					if want := denseConvolution(c, weights, inputs, i); sum != want {
						t.Fatalf("%+v %s: after step %d, sum %d: expected %d, found %d", c, f.name, step, i, want, sum)
					}
				}
			}
		}
	}
}

// denseConvolution is the output at an index of the sums.
func denseConvolution[W deltaWeight](c conv, weights []W, inputs []int32, at int) int32 {
	output, x, y := at%c.outputs, at/c.outputs%c.width, at/c.outputs/c.width
	group := output / c.out()
	var sum int32
	for input := group * c.in(); input < (group+1)*c.in(); input++ {
		for ky := range c.side {
			for kx := range c.side {
				iy, ix := y+ky-c.side/2, x+kx-c.side/2
				if iy < 0 || ix < 0 || iy >= c.height || ix >= c.width {
					continue
				}
				w := weights[c.weight(input, ky, kx)+output%c.out()]
				sum = int32(int64(sum) + int64(w)*int64(inputs[(iy*c.width+ix)*c.inputs+input]))
			}
		}
	}
	return sum
}

// testTapMisuse calls a kernel with what it must not take, wherever in the list it
// is: it panics before anything is added.
func testTapMisuse[W deltaWeight](t *testing.T, kernel taps[W]) {
	r, rng := new(rig), rand.New(rand.NewPCG(33, 33))
	refused := func(what string, channels, sums, weights int, list []hw.Tap) {
		t.Helper()
		what = fmt.Sprintf("%s, %d channels", what, channels)
		z := slot[int32](t, &r.arena, theSums, sums, placements[0])
		w := slot[W](t, &r.arena, theDeltaWeights, weights, placements[0])
		guarded := slotOf(t, &r.arena, theTaps, list, placements[0])
		fillSums(rng, z)
		fillWeights(rng, w)
		before := slices.Clone(z)
		r.refuses(t, what, func() { kernel(z, w, channels, guarded) })
		if !slices.Equal(z, before) {
			t.Fatalf("%s: sums were changed ahead of the panic", what)
		}
	}
	const places = 40
	for count := 1; count <= 40; count++ {
		for _, channels := range []int{1, 5, 16, 70} {
			for _, index := range []int32{places, places + 1, -1, math.MaxInt32, math.MinInt32, math.MaxInt32 - 69} {
				list := tapFills[count%len(tapFills)].taps(rng, count, places, places, valueFills[0])
				at := rng.IntN(count)
				what := fmt.Sprintf("index %d in tap %d of %d", index, at, count)
				right := list[at]
				list[at].Z = index
				refused(what+", of the sums", channels, places-1+channels, places-1+channels, list)
				list[at] = right
				list[at].W = index
				refused(what+", of the weights", channels, places-1+channels, places-1+channels, list)
			}
		}
	}
	one := []hw.Tap{{Value: 1}}
	refused("no sums", 4, 0, 9, one)
	refused("no weights", 4, 9, 0, one)
	refused("more than all", 10, 9, 9, one)
	refused("fewer than none", -1, 9, 9, one)
	refused("fewer than ever", math.MinInt, 9, 9, one)
	refused("more than ever", math.MaxInt, 9, 9, one)
	refused("none, behind the sums", 0, 9, 9, []hw.Tap{{Z: 10}})
	refused("none, before the weights", 0, 9, 9, []hw.Tap{{W: -1}})

	// What looks like misuse and is none.
	protect(t, "nothing at all", nil, func() { kernel(nil, nil, 0, nil) })
	protect(t, "no taps", nil, func() { kernel(nil, nil, 7, nil) })
	protect(t, "no channels", nil, func() { kernel(make([]int32, 3), make([]W, 3), 0, []hw.Tap{{Z: 3, W: 3, Value: 1}}) })
}

// testTapsConcurrent runs a kernel from several goroutines on one layer.
func testTapsConcurrent[W deltaWeight](t *testing.T, kernel taps[W]) {
	rng := rand.New(rand.NewPCG(34, 34))
	weights := make([]W, 200)
	fillWeights(rng, weights)
	var wg sync.WaitGroup
	for g := range 4 {
		rng := rand.New(rand.NewPCG(35, uint64(g)))
		wg.Go(func() {
			z := make([]int32, 300)
			for i := range 50 {
				list := tapFills[i%len(tapFills)].taps(rng, 30, 250, 150, valueFills[i%len(valueFills)])
				want := defineTaps(z, weights, 41, list)
				kernel(z, weights, 41, list)
				if !slices.Equal(z, want) {
					t.Errorf("goroutine %d, call %d: other sums than on its own", g, i)
					return
				}
			}
		})
	}
	wg.Wait()
}

func testTapAllocations[W deltaWeight](t *testing.T, kernel taps[W]) {
	rng := rand.New(rand.NewPCG(36, 36))
	z, weights := make([]int32, 300), make([]W, 200)
	for _, channels := range []int{1, 3, 16, 41} {
		list := tapFills[0].taps(rng, 30, 250, 150, valueFills[4])
		if got := testing.AllocsPerRun(10, func() { kernel(z, weights, channels, list) }); got != 0 {
			t.Errorf("%d channels: expected no allocation, found %v a call", channels, got)
		}
	}
}
