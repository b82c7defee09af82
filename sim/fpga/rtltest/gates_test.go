package rtltest_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/sim/fpga"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// gateBuilds are small enough that their netlists can be simulated: three rows, two neurons at once in two passes. Of
// yosys's models of block RAMs none does anything, so all memories are short enough for LUTs.
var gateBuilds = map[string]fpga.Build{
	"xilinx": {Rows: 3, Lanes: 6, Neurons: 4, Cells: 64, In: 8, Out: 8},
	"ecp5":   {Rows: 3, Lanes: 6, Neurons: 4, Cells: 32, In: 8, Out: 8},
}

// The cells that yosys makes of the design do what the model does, in every cycle. It takes minutes of synthesis, so
// it is asked for: SACCADE_GATES is a folder in which the reports stay.
func TestGates(t *testing.T) {
	kept := os.Getenv("SACCADE_GATES")
	if kept == "" {
		t.Skip("gate-level simulation: SACCADE_GATES is not set")
	}
	for target, b := range gateBuilds {
		t.Run(target, func(t *testing.T) {
			folder := filepath.Join(kept, target)
			require.NoError(t, os.MkdirAll(folder, 0o777))
			program, err := rtltest.CompileGates(t.Context(), folder, b, target)
			if errors.Is(err, rtltest.ErrNoYosys) || errors.Is(err, rtltest.ErrNoVerilator) {
				t.Skip(err)
			}
			require.NoError(t, err)
			rng := rand.New(rand.NewPCG(5, 5))
			p, err := rtltest.NewPair(simulate(t, program, 1), b)
			require.NoError(t, err)
			count := 0
			for trial := range trials(6) {
				c := drawConfig(t, rng, b)
				reconfigure(t, rng, p, c)
				f := flow{offer: pace(rng, []int{1, 1, 30, 200}[trial%4]), take: pace(rng, []int{1, 40, 1, 300}[trial/2%4])}
				words := drawWords(rng, c, 200)
				drive(t, p, words, f, 100)
				count += 200
				sameMemories(t, p, c, c.MinRecent == 0)
			}
			t.Logf("%d events and their commands", count)
		})
	}
}

func TestGatesAreRefused(t *testing.T) {
	_, err := rtltest.CompileGates(t.Context(), t.TempDir(), gateBuilds["ecp5"], "another")
	require.ErrorContains(t, err, `target "another": expected xilinx or ecp5`)
	for _, compile := range []func(fpga.Build) (string, error){
		func(b fpga.Build) (string, error) { return rtltest.Compile(t.Context(), t.TempDir(), b) },
		func(b fpga.Build) (string, error) {
			return rtltest.CompileGates(t.Context(), t.TempDir(), b, "ecp5")
		},
	} {
		_, err = compile(fpga.Build{Rows: 2})
		require.ErrorContains(t, err, "rows 2: expected an odd number")
	}
}
