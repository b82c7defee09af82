package cpu

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/saccade-dev/saccade/hw"
	"github.com/saccade-dev/saccade/hw/hwtest"
)

// deltaSet is a set of kernels of delta networks, as a target of its own: among
// them are those that no target chooses on this machine.
type deltaSet struct {
	name  string
	delta hw.DeltaKernels
}

func (s deltaSet) Name() string           { return s.name }
func (s deltaSet) Features() []hw.Feature { return nil }
func (s deltaSet) Describe() string       { return "the kernels of delta networks of " + s.name }
func (deltaSet) Usable() error            { return nil }
func (s deltaSet) Kernels() *hw.Kernels   { return &hw.Kernels{Delta: s.delta} }

// deltaSets are those that this machine can run; each architecture's file adds its
// own.
var deltaSets = []deltaSet{{"purego", deltaPortable()}}

func TestDelta(t *testing.T) {
	for _, s := range deltaSets {
		t.Run(s.name, func(t *testing.T) { hwtest.Delta(t, &s.delta) })
	}
}

func FuzzDelta(f *testing.F) {
	targets := make([]hw.Target, len(deltaSets))
	for i, s := range deltaSets {
		targets[i] = s
	}
	hwtest.FuzzDelta(f, targets...)
}

// What is added delta by delta, in any order and however it is cut into calls, is
// what all of it gives at once, on every target.
func TestDeltaInAnyParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.IntRange(1, 300).Draw(t, "rows")
		stride := rows + rapid.IntRange(0, 70).Draw(t, "more stride")
		inputs := rapid.IntRange(1, 20).Draw(t, "inputs")
		seed := rapid.Uint32().Draw(t, "seed")
		weights := make([]int16, inputs*stride)
		for i := range weights {
			weights[i] = int16((uint32(i)*2_654_435_761 + seed) >> 16)
		}
		deltas := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) hw.Delta {
			return hw.Delta{Index: rapid.Int32Range(0, int32(inputs)-1).Draw(t, "index"), Value: rapid.Int32().Draw(t, "value")}
		}), 0, 50).Draw(t, "deltas")
		cut := rapid.IntRange(0, len(deltas)).Draw(t, "cut")
		order := rapid.Permutation(deltas).Draw(t, "order")

		want := make([]int32, rows)
		deltaPortable().Columns16(want, weights, stride, deltas)
		for _, s := range deltaSets {
			got := make([]int32, rows)
			s.delta.Columns16(got, weights, stride, order[:cut])
			s.delta.Columns16(got, weights, stride, order[cut:])
			require.Equal(t, want, got, s.name)
		}
	})
}

func TestDeltaPanicsSayWhat(t *testing.T) {
	for _, s := range deltaSets {
		t.Run(s.name, func(t *testing.T) {
			z, w8, w16 := make([]int32, 4), make([]int8, 12), make([]int16, 12)
			column := []hw.Delta{{Index: 3}}
			require.PanicsWithValue(t, PanicColumns, func() { s.delta.Columns8(z, w8, 4, column) })
			require.PanicsWithValue(t, PanicColumns, func() { s.delta.Columns16(z, w16, 4, column) })
			require.PanicsWithValue(t, PanicColumns, func() { s.delta.Columns8(z, w8, 3, nil) })
			tap := []hw.Tap{{Z: 0, W: math.MaxInt32}}
			require.PanicsWithValue(t, PanicTaps, func() { s.delta.Taps8(z, w8, 4, tap) })
			require.PanicsWithValue(t, PanicTaps, func() { s.delta.Taps16(z, w16, 4, tap) })
		})
	}
}

// Dense layers, and the density and the largest magnitude of the deltas that they
// are run with. The whole density is the dense product with the same kernel.
var columnBenchmarks = []struct {
	rows, inputs int
	density      float64
	largest      int32
}{
	{256, 1156, 0.1, 60},
	{256, 1156, 0.1, 255},
	{256, 1156, 0.1, 4096},
	{256, 1156, 0.1, 100_000},
	{256, 1156, 1, 60},
	{10, 256, 0.1, 60},
	{128, 128, 0.1, 60},
	{512, 512, 0.1, 60},
	{1024, 1024, 0.1, 60},
	{1024, 1024, 1, 60},
}

func BenchmarkColumns8(b *testing.B) {
	benchmarkColumns(b, func(k *hw.DeltaKernels) func([]int32, []int8, int, []hw.Delta) { return k.Columns8 })
}

func BenchmarkColumns16(b *testing.B) {
	benchmarkColumns(b, func(k *hw.DeltaKernels) func([]int32, []int16, int, []hw.Delta) { return k.Columns16 })
}

func benchmarkColumns[W int8 | int16](b *testing.B, kernel func(k *hw.DeltaKernels) func(z []int32, weights []W, stride int, deltas []hw.Delta)) {
	for _, c := range columnBenchmarks {
		for _, s := range deltaSets {
			columns := kernel(&s.delta)
			b.Run(fmt.Sprintf("%dx%d/density=%v/values=%d/%s", c.rows, c.inputs, c.density, c.largest, s.name), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 1))
				weights := make([]W, c.rows*c.inputs)
				for i := range weights {
					weights[i] = W(rng.Uint32())
				}
				deltas := make([]hw.Delta, int(math.Round(float64(c.inputs)*c.density)))
				for i, input := range rng.Perm(c.inputs)[:len(deltas)] {
					deltas[i] = hw.Delta{Index: int32(input), Value: rng.Int32N(2*c.largest+1) - c.largest}
				}
				z := make([]int32, c.rows)
				for b.Loop() {
					columns(z, weights, c.rows, deltas)
				}
				reportRates[W](b, c.rows*len(deltas))
			})
		}
	}
}

// Convolutions of 3x3 with a tenth of their inputs changed, and in which order the
// taps come: delta by delta, nine each, or pixel by pixel, with all of a pixel's
// channels for each of the nine, so that taps with the same sums follow each other.
var tapBenchmarks = []struct {
	inputs, outputs, groups int
	byPixel                 bool
}{
	{8, 8, 1, false},
	{16, 16, 1, false},
	{32, 32, 1, false},
	{32, 32, 1, true},
	{32, 64, 1, false},
	{32, 64, 1, true},
	{32, 128, 1, false},
	{32, 128, 1, true},
	{32, 32, 8, false},
	{32, 32, 32, false},
}

func BenchmarkTaps8(b *testing.B) {
	benchmarkTaps(b, func(k *hw.DeltaKernels) func([]int32, []int8, int, []hw.Tap) { return k.Taps8 })
}

func BenchmarkTaps16(b *testing.B) {
	benchmarkTaps(b, func(k *hw.DeltaKernels) func([]int32, []int16, int, []hw.Tap) { return k.Taps16 })
}

func benchmarkTaps[W int8 | int16](b *testing.B, kernel func(k *hw.DeltaKernels) func(z []int32, weights []W, channels int, taps []hw.Tap)) {
	const width, height = 34, 34
	for _, c := range tapBenchmarks {
		for _, s := range deltaSets {
			run := kernel(&s.delta)
			b.Run(fmt.Sprintf("%d-%d/groups=%d/byPixel=%t/%s", c.inputs, c.outputs, c.groups, c.byPixel, s.name), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 1))
				channels := c.outputs / c.groups
				weights := make([]W, 9*c.inputs*channels)
				for i := range weights {
					weights[i] = W(rng.Uint32())
				}
				var taps []hw.Tap
				for pixel := range (width - 2) * (height - 2) {
					corner := pixel/(width-2)*width + pixel%(width-2)
					var of []hw.Tap // the pixel's
					for input := range c.inputs {
						if rng.IntN(10) != 0 {
							continue
						}
						for k := range 9 {
							of = append(of, hw.Tap{
								Z:     int32((corner+k/3*width+k%3)*c.outputs + input*c.groups/c.inputs*channels),
								W:     int32((9*input + k) * channels),
								Value: rng.Int32N(121) - 60,
							})
						}
					}
					if c.byPixel {
						slices.SortStableFunc(of, func(a, b hw.Tap) int { return int(a.Z - b.Z) })
					}
					taps = append(taps, of...)
				}
				z := make([]int32, width*height*c.outputs)
				for b.Loop() {
					run(z, weights, channels, taps)
				}
				reportRates[W](b, channels*len(taps))
			})
		}
	}
}

// reportRates reports multiply-adds a second, and the bytes of weights that they
// take.
func reportRates[W int8 | int16](b *testing.B, macs int) {
	var weight W
	rate := float64(macs) * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(rate, "MAC/s")
	b.ReportMetric(rate*float64(unsafe.Sizeof(weight)), "B/s")
}
