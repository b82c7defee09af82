package rtltest_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	_ "github.com/saccade-dev/saccade/events/nmnist"
	"github.com/saccade-dev/saccade/features/feast"
	"github.com/saccade-dev/saccade/hw"
	_ "github.com/saccade-dev/saccade/hw/cpu"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// recordings reads N-MNIST training recordings, one of each digit in turn.
func recordings(t testing.TB, n int) [][]events.Event {
	t.Helper()
	data := os.Getenv("SACCADE_DATA")
	if data == "" {
		t.Skip("real recordings: SACCADE_DATA is not set")
	}
	out := make([][]events.Event, n)
	for i := range out {
		paths, err := filepath.Glob(filepath.Join(data, "nmnist", "Train", fmt.Sprint(i%10), "*.bin"))
		require.NoError(t, err)
		require.Greater(t, len(paths), i/10)
		slices.Sort(paths)
		f, err := events.Open(paths[i/10], events.OpenOptions{})
		require.NoError(t, err)
		out[i], err = events.ReadAll(f)
		require.NoError(t, err)
		require.NoError(t, f.Close())
	}
	return out
}

// configOf is what a device is told of a layer of the default kind.
func configOf(t testing.TB, c feast.Config) hwfpga.Config {
	t.Helper()
	decay, err := hw.NewDecay(c.Tau.Microseconds(), hw.PeakBits(c.Elements()))
	require.NoError(t, err)
	fixed := func(v float64, fraction uint) int32 { return int32(v*float64(uint64(1)<<fraction) + 0.5) }
	rates := hw.Rates{
		Eta: fixed(c.Eta, hw.EtaFraction), DeltaI: fixed(c.DeltaI, hw.ThresholdFraction), DeltaE: fixed(c.DeltaE, hw.ThresholdFraction),
	}
	return hwfpga.Config{
		Width: c.Width, Height: c.Height, Radius: c.Radius, Neurons: c.Neurons, Mode: hwfpga.ModeSplit,
		Zero: c.Border == feast.BorderZero, Decay: decay, Rates: [2]hw.Rates{rates, rates}, Learning: true, Selecting: true,
	}
}

// The design learns from real recordings as its model does, in every cycle, and to the bits of the layer on a CPU.
func TestRecordings(t *testing.T) {
	all := recordings(t, 50)
	b := fpga.DefaultBuild()
	layerConfig := feast.Default()
	require.Equal(t, feast.Split, layerConfig.Mode)
	target, err := hw.Find("purego")
	require.NoError(t, err)
	layer, err := feast.New(layerConfig, target)
	require.NoError(t, err)
	c := configOf(t, layerConfig)

	p := newPair(t, rand.New(rand.NewPCG(1, 1)), b)
	require.NoError(t, p.Configure(c))
	weights := layer.Weights()
	for window, words := range map[uint32][]int32{hwfpga.WindowMaster: weights.Master, hwfpga.WindowThresholds: weights.Thresholds} {
		i := 0
		load(t, p, window, len(words), func() uint32 { i++; return uint32(words[i-1]) })
	}
	require.NoError(t, p.Write(hwfpga.RegControl, hwfpga.ControlCount))

	host := hwfpga.NewHost(c, false)
	always := func() bool { return true }
	count := 0
	for _, in := range all {
		layer.Reset()
		words := host.Reset(nil)
		for _, e := range in {
			words = host.Append(words, e)
		}
		want := make([]int16, len(in))
		require.NoError(t, layer.Process(in, want))
		results := drive(t, p, words, flow{offer: always, take: always}, 30)
		require.Len(t, results, len(in))
		for i, word := range results {
			if int16(uint16(word)) != want[i] {
				require.Equal(t, want[i], int16(uint16(word)), "event %d: %+v", i, in[i])
			}
		}
		count += len(in)
	}
	report := p.Model.Report()
	t.Logf("%d events: %s", count, report.Text(200e6))
	require.Greater(t, count, 200_000)
	require.Zero(t, report.DroppedIn+report.DroppedOut)
	sameMemories(t, p, c, true)
	weights = layer.Weights()
	for window, words := range map[uint32][]int32{hwfpga.WindowMaster: weights.Master, hwfpga.WindowThresholds: weights.Thresholds} {
		require.NoError(t, p.Write(hwfpga.RegWindow, window))
		for i, want := range words {
			got, err := p.Read(hwfpga.RegData)
			require.NoError(t, err)
			require.Equal(t, want, int32(got), "window %d, word %d", window, i)
		}
	}
}
