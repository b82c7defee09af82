package rtltest_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

func always() bool { return true }

// One layer, one change in, its sums out: to be read beside the package comment of sim/fpga.
func TestDeltaOneChange(t *testing.T) {
	p := newDeltaPair(t, rand.New(rand.NewPCG(2, 2)), deltaBuilds["nine"])
	require.NoError(t, p.Configure(smallest(t)))
	describe(t, p, []hw.DeltaShape{{Kind: hw.DeltaLinear, Channels: 3, Height: 1, Width: 1, Outputs: 5}}, 0, 0)
	next := uint32(0)
	deltaWindow(t, p, hwfpga.WindowWeights, 3, func() uint32 { next++; return next<<16 | next }) // five turns a word of nine lanes
	words := []uint32{hwfpga.CommandWord, hwfpga.Changes(0), hwfpga.ChangeWord(1, 7), hwfpga.CommandWord, hwfpga.Sums(0, true)}
	results := drive(t, p.Pair, words, flow{offer: always, take: always}, 20)
	require.Equal(t, []uint32{1, 7 * 6, 7 * 6, 7 * 7, 7 * 7, 7 * 8, 1 << 16}, results)
}

// Whatever a host at rest does to any register, the design answers as its model does, and has the same errors.
func TestDeltaBus(t *testing.T) {
	b := deltaBuilds["nine"]
	rng := rand.New(rand.NewPCG(13, 13))
	p := newDeltaPair(t, rng, b)
	addresses := []uint32{
		hwfpga.RegData, hwfpga.RegData, hwfpga.RegPlace, hwfpga.RegWindow, hwfpga.RegError, hwfpga.RegStatus, hwfpga.RegVersion,
		hwfpga.RegWeights, hwfpga.RegSums, hwfpga.RegLayers, hwfpga.RegLayer,
	}
	access := func() {
		address, value := addresses[rng.IntN(len(addresses))], rng.Uint32N(8)
		switch rng.IntN(6) {
		case 0:
			address = rng.Uint32N(0x300)
		case 1:
			address = hwfpga.RegKind + rng.Uint32N(0x20)
		case 2:
			address = []uint32{hwfpga.RegCounters, hwfpga.RegDeltaCounters}[rng.IntN(2)] + 4*rng.Uint32N(30)
		}
		switch address {
		case hwfpga.RegPlace:
			value = rng.Uint32N(uint32(b.Weights)+2)<<hwfpga.PlaceLanes | rng.Uint32N(uint32(b.Lanes)+1)
		case hwfpga.RegControl:
			value &^= hwfpga.ControlApply // of what the staged registers hold by then
		}
		if rng.IntN(2) == 0 {
			require.NoError(t, p.Write(address, value))
			return
		}
		_, err := p.Read(address)
		require.NoError(t, err)
	}
	for range 200 { // before it is configured
		access()
	}
	require.NoError(t, p.Write(hwfpga.RegError, 0))
	require.NoError(t, p.Configure(smallest(t)))
	for range trials(6000) {
		access()
	}
	require.NoError(t, p.Flush())
}

// Of an access that is wrong and of words that are wrong, the first one's error stays, however close they are.
func TestDeltaFirstError(t *testing.T) {
	p := newDeltaPair(t, rand.New(rand.NewPCG(14, 14)), deltaBuilds["nine"])
	require.NoError(t, p.Configure(smallest(t)))
	found := map[uint32]int{}
	for _, wrong := range []uint32{hwfpga.RegID, hwfpga.RegWeights} { // a register of FEAST, and one of the delta engine
		for _, words := range [][]uint32{
			{hwfpga.CommandWord, hwfpga.Changes(9)}, {hwfpga.CommandWord, 0x90 << 24}, {hwfpga.EventWord(0, 0, 0), 1<<32 - 1},
		} {
			for delay := range 16 {
				cycle := 0
				bus := func(in *rtltest.In) {
					if cycle++; cycle == delay {
						in.Write, in.Address = true, wrong
					}
				}
				drive(t, p.Pair, words, flow{offer: always, take: always, bus: bus}, 70)
				fault, err := p.Read(hwfpga.RegError)
				require.NoError(t, err)
				found[fault>>24]++
				require.NoError(t, p.Write(hwfpga.RegError, 0))
				require.NoError(t, p.Write(hwfpga.RegError, 0)) // takes as long, so that the next is apart
			}
		}
	}
	for _, code := range []uint32{hwfpga.ErrorAccess, hwfpga.ErrorLayer, hwfpga.ErrorCommand, hwfpga.ErrorStamp} {
		require.Greater(t, found[code], 5, "error %d", code)
	}
	require.NoError(t, p.Flush())
}

// An access is over so many cycles behind its strobe, as the page beside the design says.
func TestDeltaAcknowledges(t *testing.T) {
	b := deltaBuilds["nine"]
	s := simulate(t, compiledDelta(t, b), 15)
	p, err := rtltest.NewDeltaPair(s, b)
	require.NoError(t, err)
	require.NoError(t, p.Configure(smallest(t)))
	describe(t, p, []hw.DeltaShape{{Kind: hw.DeltaLinear, Channels: 3, Height: 1, Width: 1, Outputs: 5}}, 0, 0)
	in, out := make([]rtltest.In, 300), make([]rtltest.Out, 300)
	for _, c := range []struct {
		name           string
		address, value uint32
		write          bool
		cycles         int
	}{
		{"a register of the delta engine", hwfpga.RegSums, 0, false, 3},
		{"the error register", hwfpga.RegError, 0, true, 3},
		{"one of FEAST", hwfpga.RegStatus, 0, false, 4},
		{"one of FEAST that refuses", hwfpga.RegID, 0, true, 6},
		{"a layer", hwfpga.RegLayer, 1, true, 191},
		{"a layer that there is no room for", hwfpga.RegLayer, 32, true, 3},
		{"the window is chosen", hwfpga.RegWindow, hwfpga.WindowSums, true, 3},
		{"through the window", hwfpga.RegData, 1, false, 5},
		{"the window's place", hwfpga.RegPlace, 1 << 31, true, 4},
		{"through the window to nowhere", hwfpga.RegData, 1, true, 3},
		{"FEAST's window is chosen", hwfpga.RegWindow, hwfpga.WindowMaster, true, 4},
		{"through FEAST's window", hwfpga.RegData, 0, false, 13},
		{"a configuration", hwfpga.RegControl, hwfpga.ControlApply, true, 9},
	} {
		clear(in)
		in[0] = rtltest.In{Read: !c.write, Write: c.write, Address: c.address, Value: c.value}
		require.NoError(t, s.Run(in, out))
		at := slices.IndexFunc(out, func(o rtltest.Out) bool { return o.Ack })
		require.Equal(t, c.cycles, at, c.name)
	}
}
