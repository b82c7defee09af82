package target_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/target"
	"github.com/saccade-dev/saccade/sim/fpga/target/targettest"
)

// deltaLayers are a convolution and a linear layer on its outputs.
func deltaLayers(rng *rand.Rand) []hw.DeltaLayer {
	layers := []hw.DeltaLayer{
		{DeltaShape: hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 2, Height: 9, Width: 8, Outputs: 20, Stride: 1, Padding: 1}},
		{DeltaShape: hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 500, Height: 1, Width: 1, Outputs: 200}},
	}
	for i := range layers {
		layers[i].Weights = make([]int16, layers[i].WeightsLen())
		for k := range layers[i].Weights {
			layers[i].Weights[k] = int16(rng.IntN(255) - 127)
		}
	}
	return layers
}

func deltaLink(t *testing.T, layers []hw.DeltaLayer) *target.Link {
	t.Helper()
	l, err := target.OpenDelta([]hw.DeltaShape{layers[0].DeltaShape, layers[1].DeltaShape})
	require.NoError(t, err)
	return l
}

// work takes the linear layer through changes, and gives the sums that it should have and has.
func work(e hw.DeltaEngine, layer *hw.DeltaLayer, rng *rand.Rand, steps int) (want, got []int32, err error) {
	want, got = make([]int32, layer.Sums()), make([]int32, layer.Sums())
	for i := range want {
		want[i] = int32(rng.Uint32())
	}
	copy(got, want)
	if err := e.Load(1, want); err != nil {
		return want, got, err
	}
	k := layerKernel(layer)
	for range steps {
		changes := make([]hw.Delta, 5+rng.IntN(20))
		for i := range changes {
			changes[i] = hw.Delta{Index: int32(rng.IntN(layer.Channels)), Value: 1 + int32(rng.IntN(99))}
		}
		k(want, changes)
		if err := e.Add(1, changes, got, func(int, int) {}); err != nil {
			return want, got, err
		}
	}
	return want, got, nil
}

func layerKernel(l *hw.DeltaLayer) func(z []int32, changes []hw.Delta) {
	return func(z []int32, changes []hw.Delta) {
		for _, d := range changes {
			for i := range z {
				z[i] += int32(l.Weights[int(d.Index)*l.Outputs+i]) * d.Value
			}
		}
	}
}

// Whatever goes wrong on the link, wherever it does: the sums are right, or there is an error; and behind an error
// there is nothing but errors.
func TestDeltaFaults(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	noticed := map[targettest.Fault]int{}
	for trial := range 12 * int(targettest.Faults) {
		fault := targettest.Fault(trial % int(targettest.Faults))
		layers := deltaLayers(rng)
		behind := rng.IntN(120)
		link := targettest.NewLink(deltaLink(t, layers), fault, behind)
		e, err := hwfpga.OpenDelta(link, layers, hwfpga.Options{})
		var want, got []int32
		if err == nil {
			want, got, err = work(e, &layers[1], rng, 30)
		}
		if err == nil {
			require.True(t, slices.Equal(want, got), "%v behind %d calls was not noticed", fault, behind)
			continue
		}
		require.NotEqual(t, targettest.None, fault, "%v", err)
		noticed[fault]++
		if e == nil {
			continue
		}
		require.ErrorIs(t, e.Load(0, make([]int32, layers[0].Sums())), hwfpga.ErrFailed)
		require.ErrorIs(t, e.Store(0, make([]int32, layers[0].Sums())), hwfpga.ErrFailed)
		require.ErrorIs(t, e.Add(0, []hw.Delta{{Value: 1}}, make([]int32, layers[0].Sums()), nil), hwfpga.ErrFailed)
		_, err = e.Counters()
		require.ErrorIs(t, err, hwfpga.ErrFailed)
		require.NoError(t, e.Close())
	}
	for fault := targettest.None + 1; fault < targettest.Faults; fault++ {
		require.Positive(t, noticed[fault], "%v never happened", fault)
	}
}

// More changes than are let on their way at once go in several turns.
func TestDeltaTurns(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 9))
	layers := deltaLayers(rng)
	e, err := hwfpga.OpenDelta(deltaLink(t, layers), layers, hwfpga.Options{})
	require.NoError(t, err)
	changes := make([]hw.Delta, 3*target.Window)
	for i := range changes {
		changes[i] = hw.Delta{Index: int32(rng.IntN(500)), Value: int32(rng.Uint32N(1<<17)) - 1<<16}
	}
	want, got := make([]int32, 200), make([]int32, 200)
	layerKernel(&layers[1])(want, changes)
	require.NoError(t, e.Add(1, changes, got, nil))
	require.Equal(t, want, got)
	require.NoError(t, e.Add(1, nil, got, nil), "no changes are nothing to do")
	require.NoError(t, e.Close())
	require.NoError(t, e.Close())
	require.ErrorIs(t, e.Add(1, changes, got, nil), hwfpga.ErrClosed)
}

// Layers that a device does not have the memory for, and devices that have no delta engine, are errors that say so;
// the simulated target has what a network needs, up to a bound.
func TestDeltaLimits(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 9))
	layers := deltaLayers(rng)
	for says, change := range map[string]func(*fpga.Build){
		"words of weights, up to layer 1: the device has at most 100, the layer asks for 1004": func(b *fpga.Build) { b.Weights = 100 },
		"words of sums, up to layer 1: the device has at most 18, the layer asks for 20":       func(b *fpga.Build) { b.Sums = 18 },
		"lanes, for the blocks of layer 0: the device has at most 8":                           func(b *fpga.Build) { b.Rows, b.Lanes = 1, 8 },
		"of a device with a delta engine":                                                      func(b *fpga.Build) { b.Weights, b.Sums = 0, 0 },
	} {
		b := fpga.DeltaBuild()
		change(&b)
		d, err := fpga.NewDevice(b)
		require.NoError(t, err)
		_, err = hwfpga.OpenDelta(target.NewLink(d), layers, hwfpga.Options{})
		require.ErrorContains(t, err, says)
	}
	sim, err := hw.Find(target.Name)
	require.NoError(t, err)
	opener, ok := sim.(hw.DeltaOpener)
	require.True(t, ok)
	large := []hw.DeltaLayer{{DeltaShape: hw.DeltaShape{Kind: hw.DeltaConv3x3, Channels: 1, Height: 256, Width: 256, Outputs: 400, Stride: 1, Padding: 1}}}
	large[0].Weights = make([]int16, large[0].WeightsLen())
	_, err = opener.OpenDelta(large)
	require.ErrorContains(t, err, "words of a delta engine's sums")
	e, err := opener.OpenDelta(append(layers, hw.DeltaLayer{
		DeltaShape: hw.DeltaShape{Kind: hw.DeltaLinear, Channels: 9000, Height: 1, Width: 1, Outputs: 1}, Weights: make([]int16, 9000),
	}))
	require.NoError(t, err, "which the default build has no room for")
	require.NoError(t, e.Close())
}

// Misuse panics.
func TestDeltaMisuse(t *testing.T) {
	layers := deltaLayers(rand.New(rand.NewPCG(12, 9)))
	e, err := hwfpga.OpenDelta(deltaLink(t, layers), layers, hwfpga.Options{})
	require.NoError(t, err)
	sums := make([]int32, layers[0].Sums())
	require.PanicsWithValue(t, hwfpga.PanicLayer, func() { _ = e.Load(2, sums) })
	require.PanicsWithValue(t, hwfpga.PanicLayer, func() { _ = e.Store(-1, sums) })
	require.PanicsWithValue(t, hwfpga.PanicSumsLength, func() { _ = e.Load(1, sums) })
	require.PanicsWithValue(t, hwfpga.PanicSumsLength, func() { _ = e.Store(1, sums) })
	require.PanicsWithValue(t, hwfpga.PanicSumsLength, func() { _ = e.Add(1, nil, sums, nil) })
	require.PanicsWithValue(t, hwfpga.PanicChange, func() { _ = e.Add(0, []hw.Delta{{Index: 144}}, sums, nil) })
	require.PanicsWithValue(t, hwfpga.PanicChange, func() { _ = e.Add(0, []hw.Delta{{Index: -1}}, sums, nil) })
	layers[0].Weights = layers[0].Weights[1:]
	require.PanicsWithValue(t, hwfpga.PanicWeights, func() { _, _ = hwfpga.OpenDelta(deltaLink(t, layers), layers, hwfpga.Options{}) })
}
