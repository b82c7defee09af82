//go:build !purego

package cpu

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
)

// randomBank is a bank with weights from least to least+spread, nothing of whose
// surface has fired, and a row more of cells than a patch has.
func randomBank(t *testing.T, rng *rand.Rand, side, neurons int, least, spread int32) *hw.Bank {
	t.Helper()
	decay, err := hw.NewDecay(20_000, hw.PeakBits(side*side))
	require.NoError(t, err)
	p := hw.Patch{Side: side, Stride: side, Planes: 1, Decay: decay}
	b := hw.NewBank(p, make([]uint32, side*(side+1)), neurons)
	master := make([]int32, side*side)
	for i := range neurons {
		for j := range master {
			master[j] = least + rng.Int32N(spread)
		}
		b.SetMaster(i, master)
	}
	return b
}

func randomSteps(rng *rand.Rand, b *hw.Bank, n int) []hw.Step {
	steps := make([]hw.Step, n)
	for i := range steps {
		steps[i] = hw.Step{Cell: uint32(rng.IntN(len(b.Cells))), Now: uint32(1_000_000 + 100*i), Winner: hw.Pending}
		if rng.IntN(2) > 0 {
			steps[i].First = uint32(b.Side)
		}
	}
	return steps
}

// More steps than patience has calls for give what one call gives.
func TestNEONPatience(t *testing.T) {
	const side, neurons = 45, 800
	rng := rand.New(rand.NewPCG(1, 1))
	b := randomBank(t, rng, side, neurons, 0, (1<<hw.MasterFraction)/side)
	b.Selecting, b.Learning, b.Eta, b.DeltaI, b.DeltaE = true, true, 1<<24, 1<<14, 1<<15
	steps := randomSteps(rng, b, 25)
	require.Less(t, patience/(neurons*hw.ContextLen(side*side)), len(steps)/2, "the test is too short")

	before := slices.Clone(b.Squares)
	runAsPurego(t, b, steps)
	require.NotEqual(t, before, b.Squares, "the test learns nothing")
}

// runAsPurego takes a bank through the steps, and sees that it becomes what purego
// makes of it.
func runAsPurego(t *testing.T, b *hw.Bank, steps []hw.Step) {
	t.Helper()
	want, wantSteps := *b, slices.Clone(steps)
	for _, s := range []*[]int32{&want.Master, &want.Thresholds, &want.Dots} {
		*s = slices.Clone(*s)
	}
	for _, s := range []*[]uint32{&want.Cells, &want.Squares} {
		*s = slices.Clone(*s)
	}
	for _, s := range []*[]int16{&want.Weights, &want.Contexts} {
		*s = slices.Clone(*s)
	}
	purego{}.Kernels().Run(&want, wantSteps)
	runSteps(b, steps)
	require.Equal(t, wantSteps, steps)
	require.Equal(t, want.Thresholds, b.Thresholds)
	require.Equal(t, want.Master, b.Master)
	require.Equal(t, want.Weights, b.Weights)
	require.Equal(t, want.Squares, b.Squares)
}

// What a neuron learns by is what hw.NewPull computes, whatever the sum of squares
// and eta: where 64 bits are too few for a product, both wrap.
func TestNEONPull(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 300 {
		b := randomBank(t, rng, 3, 1+rng.IntN(6), -1<<hw.MasterFraction, 1<<(hw.MasterFraction+1))
		b.Selecting, b.Learning, b.Eta = true, true, int32(rng.Uint32()>>(1+rng.IntN(32)))
		for i := range b.Thresholds {
			b.Thresholds[i] = math.MinInt32
			b.Squares[i] = rng.Uint32() >> rng.IntN(32)
		}
		runAsPurego(t, b, randomSteps(rng, b, 1+rng.IntN(10)))
	}
}

// Lengths other than those of package hw, longer ones too, are refused.
func TestNEONLengths(t *testing.T) {
	const side, neurons = 3, 5
	const n = side * side
	decay, err := hw.NewDecay(20_000, hw.PeakBits(n))
	require.NoError(t, err)
	p := hw.Patch{Side: side, Stride: side, Planes: 1, Decay: decay}
	row, space := hw.ContextLen(n), hw.ContextSpace(n)
	off := func(length, by int) []int16 { return make([]int16, length+by) }
	for _, by := range []int{-1, 1, row} {
		require.PanicsWithValue(t, PanicBank, func() { contextBlocks(off(space, by), make([]uint32, n), 0, &p, 1) })

		match := func(dots, weights, contexts int) {
			d, w := make([]int32, hw.Batch*hw.DotLen(neurons)+dots), off(hw.NeuronRows(neurons)*row, weights)
			require.PanicsWithValue(t, PanicBank, func() { matchBlocks(d, w, off(hw.Batch*space, contexts), neurons, n) })
		}
		match(by, 0, 0)
		match(0, by, 0)
		match(0, 0, by)

		learn := func(master, weights, c int, drop uint) {
			m := make([]int32, row+master)
			require.PanicsWithValue(t, PanicBank, func() { learnBlocks(m, off(row, weights), off(row, c), hw.Pull{Drop: drop}) })
		}
		learn(by, 0, 0, 7)
		learn(0, by, 0, 7)
		learn(0, 0, by, 7)
		learn(-row, -row, -row, 7)
		learn(0, 0, 0, 0)
		learn(0, 0, 0, 32)
	}
}
