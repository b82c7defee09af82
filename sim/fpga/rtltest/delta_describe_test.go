package rtltest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// drawDescription writes registers that describe a layer, many of which make no sense, or just do.
func drawDescription(t testing.TB, rng *rand.Rand, p *rtltest.DeltaPair, b fpga.Build) {
	t.Helper()
	near := func(n int) uint32 { return uint32(n + rng.IntN(3) - 1) }
	one := func(values ...uint32) uint32 { return values[rng.IntN(len(values))] }
	kind := one(hwfpga.KindLinear, hwfpga.KindLinear, hwfpga.Kind3x3|1<<8, hwfpga.Kind3x3|2<<8, hwfpga.Kind3x3|1<<8|1<<16, hwfpga.Kind3x3|2<<8|1<<16)
	small := rng.Uint32N(12)
	channels, height, width, outputs := 1+rng.Uint32N(6), small, 1+rng.Uint32N(12), 1+rng.Uint32N(uint32(3*b.Lanes))
	if kind == hwfpga.KindLinear {
		channels, height, width = 1+rng.Uint32N(200), 1, 1
	}
	weightsAt, sumsAt := rng.Uint32N(uint32(b.Weights)), rng.Uint32N(uint32(b.Sums))
	switch rng.IntN(12) {
	case 0:
		kind = one(0, 3, 1<<8, hwfpga.Kind3x3, hwfpga.Kind3x3|3<<8, hwfpga.Kind3x3|1<<8|1<<17, hwfpga.KindLinear|1<<16, rng.Uint32())
	case 1:
		channels = one(0, near(1<<16), near(1<<17), 1<<31, rng.Uint32(), near(b.Weights))
	case 2:
		height, width = one(0, 1, 2, 255, 256, 257, 1<<16-1), one(0, 1, 2, 255, 256, 257, 1<<16-1)
	case 3:
		channels, height, width = one(1, 255, 256), 16, one(16, 17)
	case 4:
		outputs = one(0, near(b.Lanes), near(fpga.MaxSums*b.Lanes), near(1<<20), 1<<32-1, rng.Uint32(), near(b.Sums*b.Lanes))
	case 5:
		weightsAt, channels = near(b.Weights), 1
	case 6:
		sumsAt = one(near(b.Sums), 1<<32-1, 1<<16)
	case 7:
		weightsAt = one(1<<32-1, 1<<25, 1<<31)
	}
	for address, value := range map[uint32]uint32{
		hwfpga.RegKind: kind, hwfpga.RegChannels: channels, hwfpga.RegSize: height<<16 | width, hwfpga.RegOutputs: outputs,
		hwfpga.RegWeightsAt: weightsAt, hwfpga.RegSumsAt: sumsAt,
	} {
		require.NoError(t, p.Write(address, value))
	}
}

// Of any description, the design says the same as its model: which register makes no sense; and of a layer that does, what
// follows from it is what the model has: sums are sent, and changes of its last inputs are taken, alike.
func TestDeltaDescriptions(t *testing.T) {
	b := deltaBuilds["network"]
	rng := rand.New(rand.NewPCG(12, 12))
	p := newDeltaPair(t, rng, b)
	require.NoError(t, p.Configure(smallest(t)))
	deltaWindow(t, p, hwfpga.WindowWeights, 20, rng.Uint32)
	bad := map[uint32]int{}
	for range trials(250) {
		drawDescription(t, rng, p, b)
		number := rng.Uint32N(34)
		require.NoError(t, p.Write(hwfpga.RegLayer, number))
		fault, err := p.Read(hwfpga.RegError)
		require.NoError(t, err)
		bad[fault]++
		require.NoError(t, p.Write(hwfpga.RegError, 0))
		words := []uint32{hwfpga.CommandWord, hwfpga.Changes(uint8(number))}
		for range 6 {
			words = append(words, hwfpga.ChangeWord(int32(rng.IntN(300)), 1+rng.Int32N(9)))
		}
		words = append(words, hwfpga.ChangeWord(1<<16-1, 5), hwfpga.CommandWord, hwfpga.Sums(uint8(number), true))
		results := drive(t, p.Pair, words, flow{offer: always, take: always}, 5)
		require.NotEmpty(t, results)
		require.NoError(t, p.Write(hwfpga.RegError, 0))
	}
	sameCounters(t, p)
	for _, address := range []uint32{hwfpga.RegKind, hwfpga.RegChannels, hwfpga.RegSize, hwfpga.RegOutputs, hwfpga.RegWeightsAt, hwfpga.RegSumsAt} {
		require.NotZero(t, bad[hwfpga.ErrorApply<<24|address], "register %#x: a description was refused for it", address)
	}
	require.Greater(t, bad[0], 50)
}

// Changes that go on behind a description are changes of what the layer is then, where it was theirs; of one that is not
// there any more, they are refused.
func TestDeltaDescribedAgain(t *testing.T) {
	p := newDeltaPair(t, rand.New(rand.NewPCG(16, 16)), deltaBuilds["nine"])
	require.NoError(t, p.Configure(smallest(t)))
	next := uint32(0)
	deltaWindow(t, p, hwfpga.WindowWeights, 40, func() uint32 { next++; return next<<16 | next })
	linear := func(inputs, outputs, at int) *hwfpga.DeltaLayer {
		s := hw.DeltaShape{Kind: hw.DeltaLinear, Channels: inputs, Height: 1, Width: 1, Outputs: outputs}
		return &hwfpga.DeltaLayer{DeltaShape: s, WeightsAt: at}
	}
	words := []uint32{hwfpga.CommandWord, hwfpga.Changes(0)}
	for i, l := range []*hwfpga.DeltaLayer{linear(3, 5, 0), linear(6, 14, 7), linear(1<<17, 1, 0), linear(4, 2, 9)} {
		require.NoError(t, p.Write(hwfpga.RegError, 0))
		require.Equal(t, i == 2, hwfpga.Describe(p, 0, l) != nil)
		require.NoError(t, p.Write(hwfpga.RegError, 0))
		require.NoError(t, hwfpga.Describe(p, 1, linear(1, 1, i))) // of another, they know nothing
		words = append(words, hwfpga.ChangeWord(1, 7), hwfpga.ChangeWord(5, -2))
		require.Empty(t, drive(t, p.Pair, words, flow{offer: always, take: always}, 5))
		words = words[:0]
	}
	words = []uint32{hwfpga.CommandWord, hwfpga.Sums(0, true)}
	require.Len(t, drive(t, p.Pair, words, flow{offer: always, take: always}, 5), 2+2)
	deltaWindow(t, p, hwfpga.WindowSums, 5, nil)
	counts := sameCounters(t, p)
	require.EqualValues(t, 4, counts[hwfpga.DeltaTaken])
	require.EqualValues(t, 4, counts[hwfpga.DeltaRefused]) // of the third layer both, of the first and the last an input too many
}
