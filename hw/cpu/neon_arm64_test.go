//go:build !purego

package cpu

import (
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
	for i := range b.Thresholds {
		b.Thresholds[i] = 1 << (hw.ThresholdFraction - 2)
	}
	steps := randomSteps(rng, b, 25)
	require.Less(t, patience/(neurons*hw.ContextLen(side*side)), len(steps)/2, "the test is too short")

	want, wantSteps := *b, slices.Clone(steps)
	for _, s := range []*[]int32{&want.Master, &want.Thresholds, &want.Dots} {
		*s = slices.Clone(*s)
	}
	want.Cells, want.Weights, want.Contexts = slices.Clone(b.Cells), slices.Clone(b.Weights), slices.Clone(b.Contexts)
	purego{}.Kernels().Run(&want, wantSteps)
	runSteps(b, steps)
	require.Equal(t, wantSteps, steps)
	require.Equal(t, want.Thresholds, b.Thresholds)
	require.Equal(t, want.Master, b.Master)
	require.Equal(t, want.Weights, b.Weights)
}

// Where every dot product is below zero, what lies behind the neurons, and what the
// lanes of a register begin with, must not win.
func TestNEONNearestBelowZero(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for neurons := 1; neurons <= 21; neurons++ {
		b := randomBank(t, rng, 3, neurons, -1<<hw.MasterFraction, 1<<(hw.MasterFraction-1))
		steps := randomSteps(rng, b, 30)
		for i := range steps {
			steps[i].Cell = uint32(len(b.Cells) / 2) // in both patches
		}
		want, cells := slices.Clone(steps), slices.Clone(b.Cells)
		purego{}.Kernels().Run(b, want)
		b.Cells = cells
		runSteps(b, steps)
		require.Equal(t, want, steps, "%d neurons", neurons)
		for i := range hw.Batch {
			require.Negative(t, slices.Max(b.Dots[i*hw.DotLen(neurons):][:neurons]), "the test's weights are not what it says")
		}
	}
}
