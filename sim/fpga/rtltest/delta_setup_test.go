package rtltest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// compiledDelta gives the program of a build with a delta engine.
func compiledDelta(t testing.TB, b fpga.Build) string {
	t.Helper()
	if os.Getenv("SACCADE_RTL") == "" {
		t.Skip("the design against its model takes minutes, and needs Verilator: SACCADE_RTL is not set")
	}
	programs.Lock()
	defer programs.Unlock()
	if path, ok := programs.of[b]; ok {
		return path
	}
	folder := filepath.Join(programs.folder, fmt.Sprint(len(programs.of)))
	require.NoError(t, os.Mkdir(folder, 0o777))
	path, err := rtltest.CompileDelta(t.Context(), folder, b)
	if errors.Is(err, rtltest.ErrNoVerilator) {
		t.Skip(err)
	}
	require.NoError(t, err)
	programs.of[b] = path
	return path
}

// newDeltaPair is the design of a build, as it begins by chance, and its model.
func newDeltaPair(t testing.TB, rng *rand.Rand, b fpga.Build) *rtltest.DeltaPair {
	t.Helper()
	p, err := rtltest.NewDeltaPair(simulate(t, compiledDelta(t, b), rng.Uint32()), b)
	require.NoError(t, err)
	return p
}

// smallest is a configuration of FEAST without which a device takes no words.
func smallest(t testing.TB) hwfpga.Config {
	t.Helper()
	decay, err := hw.NewDecay(1000, hw.PeakBits(1))
	require.NoError(t, err)
	return hwfpga.Config{Width: 1, Height: 1, Neurons: 1, Decay: decay}
}

// describe describes layers to both, one behind the other from somewhere in the memories on. It gives how many words of
// each there are up to their ends.
func describe(t testing.TB, p *rtltest.DeltaPair, shapes []hw.DeltaShape, weightsAt, sumsAt int) (weights, sums int) {
	t.Helper()
	can := p.Model.Build().DeltaCapabilities()
	layers, err := can.Place(shapes)
	require.NoError(t, err)
	for i := range layers {
		l := &layers[i]
		l.WeightsAt, l.SumsAt = l.WeightsAt+weightsAt, l.SumsAt+sumsAt
		weights, sums = l.WeightsAt+l.WeightWords(can.Lanes), l.SumsAt+l.SumWords(can.Lanes)
		require.NoError(t, hwfpga.Describe(p, i, l), "%+v", l)
	}
	return weights, sums
}

// deltaWindow goes over words of one of the delta engine's memories: what it writes comes from word, nil reads.
func deltaWindow(t testing.TB, p *rtltest.DeltaPair, window uint32, words int, word func() uint32) {
	t.Helper()
	lanes := p.Model.Build().Lanes
	if window == hwfpga.WindowWeights {
		lanes = (lanes + 1) / 2
	}
	require.NoError(t, p.Write(hwfpga.RegWindow, window))
	for range words * lanes {
		var err error
		if word != nil {
			err = p.Write(hwfpga.RegData, word())
		} else {
			_, err = p.Read(hwfpga.RegData)
		}
		require.NoError(t, err, "window %d", window)
	}
	require.NoError(t, p.Flush())
}

// sameCounters reads the delta engine's counters; the pair requires that both read the same.
func sameCounters(t testing.TB, p *rtltest.DeltaPair) (counts [hwfpga.DeltaCounts]uint64) {
	t.Helper()
	for i := range counts {
		for half := range uint32(2) {
			n, err := p.Read(hwfpga.RegDeltaCounters + 8*uint32(i) + 4*half)
			require.NoError(t, err, "counter %d", i)
			counts[i] |= uint64(n) << (32 * half)
		}
	}
	require.NoError(t, p.Flush())
	return counts
}

// reconfigureDelta begins anew, as reconfigure does, with weights and thresholds between which many events find a winner.
func reconfigureDelta(t testing.TB, rng *rand.Rand, p *rtltest.DeltaPair, c hwfpga.Config) {
	t.Helper()
	require.NoError(t, p.Configure(c))
	const one = 1 << 24
	load(t, p.Pair, hwfpga.WindowMaster, c.Banks()*c.Neurons*c.Side()*c.Side(), func() uint32 {
		return uint32(rng.Int32N(2*one/int32(c.Side())) - one/3/int32(c.Side()))
	})
	load(t, p.Pair, hwfpga.WindowThresholds, c.Banks()*c.Neurons, func() uint32 { return uint32(rng.Int32N(one)) })
}
