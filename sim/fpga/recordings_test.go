package fpga_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/events"
	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// recorded runs recordings one after the other, surfaces clear before each.
func (r *rig) recorded(all [][]events.Event, flow fpga.Flow) (count int) {
	r.t.Helper()
	for _, in := range all {
		r.layer.Reset()
		r.words = r.host.Reset(r.words[:0])
		require.Empty(r.t, r.run(fpga.Flow{}))
		r.same(in, flow)
		count += len(in)
	}
	return count
}

// learning switches both, and clears the device's counters.
func (r *rig) learning(on bool) {
	r.t.Helper()
	r.layer.SetLearning(on)
	selecting := on || r.c.Inference == feast.Thresholds
	r.words = append(r.words[:0], hwfpga.CommandWord, hwfpga.SetMode(on, selecting))
	require.Empty(r.t, r.run(fpga.Flow{}))
	require.NoError(r.t, r.device.Write(hwfpga.RegControl, hwfpga.ControlCount))
}

// The device learns from recordings as purego does, to the bit, in 24 cycles an event or
// fewer, and tells what it sees in 12 or fewer.
func TestRecordings(t *testing.T) {
	all := recordings(t, 50)
	for _, mode := range []feast.Mode{feast.Split, feast.Merged} {
		for _, inference := range []feast.Inference{feast.Nearest, feast.Thresholds} {
			t.Run(string(mode)+" "+string(inference), func(t *testing.T) {
				c := feast.Default()
				c.Mode, c.Inference = mode, inference
				r := newRig(t, fpga.DefaultBuild(), c, nil)
				if inference == feast.Nearest {
					heard := all
					if mode == feast.Merged {
						heard = all[:15]
					}
					count := r.recorded(heard, fpga.Flow{})
					require.Greater(t, count, 4_000*len(heard))
					r.sameMemories()
					report := r.device.Report()
					t.Logf("learning: %s", report.Text(200e6))
					require.LessOrEqual(t, report.CyclesPerEvent(), 24.0)
					require.Equal(t, "corrected dot product", report.Limit())
				} else {
					r.recorded(all[:5], fpga.Flow{})
				}
				r.learning(false)
				r.recorded(all[:10], fpga.Flow{})
				r.sameMemories()
				r.sameSurface()
				report := r.device.Report()
				t.Logf("inference: %s", report.Text(200e6))
				require.LessOrEqual(t, report.CyclesPerEvent(), 12.0)
				require.Zero(t, report.DroppedIn+report.DroppedOut)
			})
		}
	}
}

// Other layers and builds on recordings: fewer lanes and more neurons take longer, and
// both ends may be slow; no bit changes.
func TestOtherBuildsOnRecordings(t *testing.T) {
	all := recordings(t, 3)
	var cycles []float64
	for i, neurons := range []int{16, 33, 64} {
		for _, lanes := range []int{176, 44, 11} {
			heard := all[:1+lanes/88]
			c := feast.Default()
			c.Neurons, c.MinRecent = neurons, []int{0, 4, 6}[i]
			b := fpga.DefaultBuild()
			b.Lanes, b.In, b.Out = lanes, 16, 8
			r := newRig(t, b, c, nil)
			r.recorded(heard, pace(rand.New(rand.NewPCG(1, 2)), 4, 4))
			r.sameMemories()
			require.NoError(t, r.device.Write(hwfpga.RegControl, hwfpga.ControlCount))
			r.recorded(all[:1], fpga.Flow{})
			report := r.device.Report()
			t.Logf("%d neurons, %d lanes: %.1f cycles an event, limited by %s", neurons, lanes, report.CyclesPerEvent(), report.Limit())
			cycles = append(cycles, report.CyclesPerEvent())
			if lanes == 11 {
				require.Equal(t, "lanes", report.Limit())
				require.Contains(t, report.Text(1e8), "lanes        busy")
			}
		}
	}
	require.Less(t, cycles[0], cycles[1])
	require.Less(t, cycles[1], cycles[2])
	require.Less(t, cycles[2], cycles[8])
}

// A device that waits for its input, or for those who take its results, says so.
func TestLimits(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	c := small()
	for want, flow := range map[string]fpga.Flow{
		"input":            singly(rng, nil),
		"room for results": {Take: func(cycle uint64) bool { return cycle%200 == 0 }},
	} {
		b := fpga.DefaultBuild()
		b.Out = 4
		r := newRig(t, b, c, nil)
		r.results(drawEvents(rng, c, 500), flow)
		report := r.device.Report()
		require.Equal(t, want, report.Limit(), report.Text(2e8))
	}
	require.Zero(t, (&fpga.Report{}).CyclesPerEvent())
	require.Zero(t, (&fpga.Report{}).Rate(1e8))
}
