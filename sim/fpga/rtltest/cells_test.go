package rtltest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// Our models of the families' cells do what yosys's do; Icarus Verilog simulates both, which knows what is not known.
// Of multipliers of the ECP5, and of block RAMs, yosys has no models that do anything.
func TestCells(t *testing.T) {
	if os.Getenv("SACCADE_RTL") == "" {
		t.Skip("it needs yosys and Icarus Verilog: SACCADE_RTL is not set")
	}
	yosys, err := exec.LookPath("yosys")
	if err != nil {
		t.Skip(rtltest.ErrNoYosys)
	}
	if _, err := exec.LookPath("iverilog"); err != nil {
		t.Skip("Icarus Verilog is not installed")
	}
	folder := t.TempDir()
	_, err = rtltest.Unpack(folder)
	require.NoError(t, err)
	for family, of := range map[string]struct{ says, part, other, complains, short string }{
		"xilinx": {"4096 steps\n", "S[1] ? c0 : DI[1]", "S[1] ? c : DI[1]", "CARRY4, step ", "-Pcompare.DSP_STEPS=0"},
		"ecp5":   {"2048 steps\n", "INIT0[{2'b00, B0, A0}]", "INIT0[{2'b00, A0, B0}]", "CCU2C, step ", "-g2012"},
	} {
		t.Run(family, func(t *testing.T) {
			t.Parallel()
			bench := filepath.Join(folder, "tb", family+"_compare.v")
			text, err := os.ReadFile(bench)
			require.NoError(t, err)
			cells, err := os.ReadFile(filepath.Join(folder, "tb", family+"_cells.v"))
			require.NoError(t, err)
			ours := string(cells)
			for _, name := range regexp.MustCompile(`\bour_\w+`).FindAllString(string(text), -1) {
				ours = strings.Replace(ours, "\nmodule "+strings.TrimPrefix(name, "our_")+" (", "\nmodule "+name+" (", 1)
			}
			compare := func(ours, option string) string {
				at := t.TempDir()
				require.NoError(t, os.WriteFile(filepath.Join(at, "ours.v"), []byte(ours), 0o666))
				theirs := filepath.Join(filepath.Dir(yosys), "..", "share", "yosys", family)
				out, err := exec.CommandContext(t.Context(), "iverilog", "-g2012", option, "-s", "compare", "-o", filepath.Join(at, "compare"), "-I", theirs,
					bench, filepath.Join(at, "ours.v"), filepath.Join(theirs, "cells_sim.v")).CombinedOutput()
				require.NoError(t, err, "%s", out)
				out, err = exec.CommandContext(t.Context(), "vvp", "-n", filepath.Join(at, "compare")).CombinedOutput()
				require.NoError(t, err, "%s", out)
				return string(out)
			}
			require.Equal(t, of.says, compare(ours, "-g2012"))
			require.Contains(t, ours, of.part)
			require.Contains(t, compare(strings.Replace(ours, of.part, of.other, 1), of.short), of.complains, "the test sees what differs")
		})
	}
}
