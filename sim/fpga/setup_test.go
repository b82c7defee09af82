package fpga_test

import (
	"context"
	"fmt"
	"math"
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

// rig is a device beside the layer on purego that it must equal.
type rig struct {
	t      tester
	c      feast.Config
	config hwfpga.Config
	device *fpga.Device
	host   *hwfpga.Host
	layer  *feast.Layer
	words  []uint32
}

// configOf is what a device is told of a layer.
func configOf(t tester, c feast.Config) hwfpga.Config {
	t.Helper()
	var decay *hw.Decay
	var err error
	scale := hw.PeakBits(c.Elements())
	switch c.Decay {
	case feast.DecayLinear:
		decay, err = hw.NewLinearDecay(c.Tau.Microseconds(), scale)
	case feast.DecayIndex:
		decay, err = hw.NewLinearDecay(int64(c.Last), scale)
	default:
		decay, err = hw.NewDecay(c.Tau.Microseconds(), scale)
	}
	require.NoError(t, err)
	recent := c.Recent
	if recent == 0 {
		recent = c.Tau
	}
	least := max(1, decay.Value(uint32(recent.Microseconds())))
	if c.Recent == 0 && decay.Linear {
		least = 1
	}
	return hwfpga.Config{
		Width: c.Width, Height: c.Height, Radius: c.Radius, Neurons: c.Neurons,
		Mode: map[feast.Mode]uint32{feast.Merged: hwfpga.ModeMerged, feast.Split: hwfpga.ModeSplit, feast.On: hwfpga.ModeOn}[c.Mode],
		Zero: c.Border == feast.BorderZero, Decay: decay,
		Rates: [2]hw.Rates{rates(c, 0), rates(c, 0)}, MinRecent: c.MinRecent, Recent: least, Learning: true, Selecting: true,
	}
}

// rates are those of a bank that has learned from so many events.
func rates(c feast.Config, learned uint64) hw.Rates {
	share := c.Anneal.Share(learned)
	fixed := func(v float64, fraction int) int32 { return int32(math.RoundToEven(math.Ldexp(v, fraction))) }
	return hw.Rates{
		Eta:    fixed(float64(c.Eta*share), hw.EtaFraction),
		DeltaI: fixed(float64(c.DeltaI*share), hw.ThresholdFraction), DeltaE: fixed(float64(c.DeltaE*share), hw.ThresholdFraction),
	}
}

func purego(t tester) hw.Target {
	t.Helper()
	target, err := hw.Find("purego")
	require.NoError(t, err)
	return target
}

func newRig(t tester, b fpga.Build, c feast.Config, change func(*hwfpga.Config)) *rig {
	t.Helper()
	layer, err := feast.New(c, purego(t))
	require.NoError(t, err)
	d, err := fpga.NewDevice(b)
	require.NoError(t, err)
	r := &rig{t: t, c: c, config: configOf(t, c), device: d, layer: layer}
	if change != nil {
		change(&r.config)
	}
	require.NoError(t, hwfpga.Configure(d, r.config))
	// Out of its reset, the device wipes its memories before it can be told anything.
	for !d.Idle() {
		d.Tick(fpga.In{})
	}
	require.NoError(t, d.Write(hwfpga.RegControl, hwfpga.ControlCount))
	r.host = hwfpga.NewHost(r.config, c.Decay == feast.DecayIndex)
	r.load(layer.Weights())
	return r
}

// load puts weights and thresholds into the device through its window.
func (r *rig) load(w feast.Weights) {
	for _, part := range []struct {
		window uint32
		values []int32
	}{{hwfpga.WindowMaster, w.Master}, {hwfpga.WindowThresholds, w.Thresholds}} {
		require.NoError(r.t, r.device.Write(hwfpga.RegWindow, part.window))
		for _, v := range part.values {
			require.NoError(r.t, r.device.Write(hwfpga.RegData, uint32(v)))
		}
	}
	require.NoError(r.t, hwfpga.Complaint(r.device))
}

// window reads n words.
func (r *rig) window(what uint32, n int) []int32 {
	r.t.Helper()
	require.NoError(r.t, r.device.Write(hwfpga.RegWindow, what))
	out := make([]int32, n)
	for i := range out {
		v, err := r.device.Read(hwfpga.RegData)
		require.NoError(r.t, err)
		out[i] = int32(v)
	}
	require.NoError(r.t, hwfpga.Complaint(r.device))
	return out
}

// results runs events through the device.
func (r *rig) results(in []events.Event, flow fpga.Flow) []hwfpga.Result {
	r.t.Helper()
	r.words = r.words[:0]
	for _, e := range in {
		r.words = r.host.Append(r.words, e)
	}
	return r.run(flow)
}

func (r *rig) run(flow fpga.Flow) []hwfpga.Result {
	r.t.Helper()
	reader := hwfpga.NewResultReader(r.config.Detail)
	var out []hwfpga.Result
	require.NoError(r.t, fpga.Run(context.Background(), r.device, r.words, flow, func(w uint32) {
		if result, ok := reader.Word(w); ok {
			out = append(out, result)
		}
	}))
	require.False(r.t, reader.Between())
	require.NoError(r.t, hwfpga.Complaint(r.device))
	return out
}

// same runs events through both, and requires the same winners.
func (r *rig) same(in []events.Event, flow fpga.Flow) {
	r.t.Helper()
	want := make([]int16, len(in))
	require.NoError(r.t, r.layer.Process(in, want))
	got := r.results(in, flow)
	require.Len(r.t, got, len(in))
	for i := range got {
		if got[i].Winner != want[i] {
			require.Equal(r.t, want[i], got[i].Winner, "event %d of %d: %+v", i, len(in), in[i])
		}
	}
	require.Equal(r.t, r.layer.StepsBack(), r.host.StepsBack)
}

// sameMemories requires that both have learned the same, to the bit.
func (r *rig) sameMemories() {
	r.t.Helper()
	w := r.layer.Weights()
	require.True(r.t, slices.Equal(w.Master, r.window(hwfpga.WindowMaster, len(w.Master))), "master weights")
	require.Equal(r.t, w.Thresholds, r.window(hwfpga.WindowThresholds, len(w.Thresholds)), "thresholds")
	n := r.c.Elements()
	for f, squares := range r.window(hwfpga.WindowSquares, r.c.Features()) {
		var want uint32
		for _, m := range w.Master[f*n : (f+1)*n] {
			v := int32(hw.MatchWeight(m))
			want += uint32(v * v)
		}
		require.Equal(r.t, want, uint32(squares), "squares of feature %d", f)
	}
}

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

// tester is a test, or a try of a property.
type tester interface {
	require.TestingT
	Helper()
}
