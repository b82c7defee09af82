package rtltest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// A machine that is moved cycle by cycle by one who sees its pins answers what its model answers, and has learned the
// same.
func TestMachine(t *testing.T) {
	b := builds["small"]
	rng := rand.New(rand.NewPCG(3, 8))
	machine, err := rtltest.NewMachine(simulate(t, compiled(t, b), 5))
	require.NoError(t, err)
	model, err := fpga.NewDevice(b)
	require.NoError(t, err)
	type device interface {
		hwfpga.Bus
		Out() fpga.Out
		Tick(in fpga.In)
		Idle() bool
	}
	for range 3 {
		c := drawConfig(t, rng, b)
		c.Learning, c.Selecting, c.Detail = true, true, true
		words := drawWords(rng, c, 60)
		seed := rng.Uint64()
		run := func(d device) (results, learned []uint32) {
			rng := rand.New(rand.NewPCG(seed, 1))
			require.NoError(t, hwfpga.Configure(d, c))
			for !d.Idle() {
				d.Tick(fpga.In{})
			}
			n := c.Banks() * c.Neurons
			memories := []struct {
				window uint32
				words  int
			}{{hwfpga.WindowMaster, n * c.Side() * c.Side()}, {hwfpga.WindowThresholds, n}}
			for _, m := range memories {
				require.NoError(t, d.Write(hwfpga.RegWindow, m.window))
				for range m.words {
					require.NoError(t, d.Write(hwfpga.RegData, uint32(rng.Int32N(1<<22))))
				}
			}
			for left := words; len(left) > 0 || d.Out().Valid || !d.Idle(); {
				out, in := d.Out(), fpga.In{Ready: true}
				if in.Valid = out.Ready && len(left) > 0; in.Valid {
					in.Word, left = left[0], left[1:]
				}
				if out.Valid {
					results = append(results, out.Word)
				}
				d.Tick(in)
			}
			for _, m := range memories {
				require.NoError(t, d.Write(hwfpga.RegWindow, m.window))
				for range m.words {
					word, err := d.Read(hwfpga.RegData)
					require.NoError(t, err)
					learned = append(learned, word)
				}
			}
			return results, learned
		}
		wantResults, wantLearned := run(model)
		results, learned := run(machine)
		require.NotEmpty(t, wantResults)
		require.Equal(t, wantResults, results)
		require.Equal(t, wantLearned, learned)
		require.NoError(t, machine.Err())
	}
}
