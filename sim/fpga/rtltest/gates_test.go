package rtltest_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/features/feast"
	hwfpga "github.com/saccade-dev/saccade/hw/fpga"
	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// gateBuild is small in what is computed, three rows and two neurons at once, and large in what is kept, so that its
// netlist is soon simulated and has memories of all kinds: block RAMs, LUTs and registers.
var gateBuild = fpga.Build{Rows: 3, Lanes: 6, Neurons: 64, Cells: 2048, In: 16, Out: 16, Checks: true}

// The cells that yosys makes of the design do what the model does, in every cycle. It takes some minutes a family, so
// it is asked for: SACCADE_GATES names a folder in which netlists and reports stay, and SACCADE_FAMILY one of the
// families, or all where it is not set. SACCADE_BUILD=default is the default build in the stead of the small one, with
// real recordings alone; it takes up to three times as long.
func TestGates(t *testing.T) {
	kept := os.Getenv("SACCADE_GATES")
	if kept == "" {
		t.Skip("gate-level simulation takes minutes: SACCADE_GATES is not set")
	}
	b, whole := gateBuild, os.Getenv("SACCADE_BUILD") == "default"
	if whole {
		if os.Getenv("SACCADE_DATA") == "" {
			t.Skip("the default build is tried with real recordings: SACCADE_DATA is not set")
		}
		b = fpga.DefaultBuild()
		b.Checks = true
	}
	for _, family := range rtltest.Families {
		if only := os.Getenv("SACCADE_FAMILY"); only != "" && only != family {
			continue
		}
		t.Run(family, func(t *testing.T) {
			folder := filepath.Join(kept, family)
			require.NoError(t, os.MkdirAll(folder, 0o777))
			begun := time.Now()
			program, err := rtltest.CompileGates(t.Context(), folder, b, family)
			if errors.Is(err, rtltest.ErrNoYosys) || errors.Is(err, rtltest.ErrNoVerilator) {
				t.Skip(err)
			}
			require.NoError(t, err)
			t.Logf("synthesised and compiled in %v", time.Since(begun).Round(time.Second))
			rng := rand.New(rand.NewPCG(5, 5))
			p, err := rtltest.NewPair(simulate(t, program, 1), b)
			require.NoError(t, err)
			if !whole {
				stressGates(t, rng, p)
			}
			learnRecordings(t, rng, p)
		})
	}
}

// stressGates takes a pair of the small build through random trials that meet all that there is.
func stressGates(t *testing.T, rng *rand.Rand, p *rtltest.Pair) {
	t.Helper()
	begun := time.Now()
	met := stress(t, rng, p, gateBuild, trials(40), 150)
	t.Logf("%d cycles, %d events and their commands, %d won, %d corrected, in %v", met[hwfpga.CountCycles], met[hwfpga.CountEvents],
		met[hwfpga.CountWon], met[hwfpga.CountCorrections], time.Since(begun).Round(time.Second))
	for i, n := range met {
		require.NotZero(t, n, "counter %d: the test has met it", i)
	}
}

// learnRecordings takes a pair through real recordings, where there are some, with the largest patches of its build.
func learnRecordings(t *testing.T, rng *rand.Rand, p *rtltest.Pair) {
	t.Helper()
	if os.Getenv("SACCADE_DATA") == "" {
		t.Log("without real recordings: SACCADE_DATA is not set")
		return
	}
	layer := feast.Default()
	layer.Radius = p.Model.Build().Rows / 2
	c := configOf(t, layer)
	reconfigure(t, rng, p, c)
	host := hwfpga.NewHost(c, false)
	always := func() bool { return true }
	count := 0
	for _, in := range recordings(t, 3) {
		words := host.Reset(nil)
		for _, e := range in {
			words = host.Append(words, e)
		}
		require.Len(t, drive(t, p, words, flow{offer: always, take: always}, 100), len(in))
		count += len(in)
	}
	won, err := p.Model.Read(hwfpga.RegCounters + 8*hwfpga.CountWon)
	require.NoError(t, err)
	t.Logf("%d events of real recordings, %d won", count, won)
	require.Greater(t, int(won), count/10)
	sameMemories(t, p, c, true)
}

func TestGatesAreRefused(t *testing.T) {
	_, err := rtltest.CompileGates(t.Context(), t.TempDir(), gateBuild, "another")
	require.ErrorContains(t, err, `family "another"`)
	_, err = rtltest.CompileGates(t.Context(), t.TempDir(), fpga.Build{}, "ecp5")
	require.ErrorContains(t, err, "build: rows 0")
}
