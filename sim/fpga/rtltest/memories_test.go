package rtltest_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/saccade-dev/saccade/hw/fpga/rtl"
	"github.com/saccade-dev/saccade/sim/fpga/rtltest"
)

// defaultMemories are the shapes of the default build's memories: bits of a word, and words.
var defaultMemories = []struct {
	of           string
	width, depth int
}{
	{"surface bank", 31, 4096},
	{"match weights", 176, 88},
	{"master weights", 352, 1408},
	{"contexts", 176, 88},
	{"squares", 32, 128},
	{"FIFO", 32, 512},
	{"thresholds", 32, 8},
	{"limits", 52, 4},
	{"dot products", 512, 8},
}

// Every memory of the default build is right in every family, each by itself: a netlist of all of that build takes long
// to be simulated. One block RAM of 72 bits among them would not be: see saccade_ram.sv.
func TestGatesOfMemories(t *testing.T) {
	if os.Getenv("SACCADE_GATES") == "" {
		t.Skip("gate-level simulation takes minutes: SACCADE_GATES is not set")
	}
	for _, tool := range []string{"yosys", "iverilog"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(tool + " is not installed")
		}
	}
	folder := t.TempDir()
	_, err := rtltest.Unpack(folder)
	require.NoError(t, err)
	run := func(t *testing.T, name string, args ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), name, args...)
		c.Dir = folder
		out, err := c.CombinedOutput()
		require.NoError(t, err, "%s", out)
		return string(out)
	}
	for family, synthesis := range map[string]string{"xilinx": "synth_xilinx -family xc7 -noiopad -noclkbuf", "ecp5": "synth_ecp5"} {
		if only := os.Getenv("SACCADE_FAMILY"); only != "" && only != family {
			continue
		}
		for _, m := range defaultMemories {
			t.Run(family+"/"+m.of, func(t *testing.T) {
				made := filepath.Join(t.TempDir(), "made.v")
				out := run(t, "yosys", "-Q", "-p", fmt.Sprintf("read_verilog -sv %s saccade_ram.sv; chparam -set WIDTH %d -set DEPTH %d saccade_ram; "+
					"%s -top saccade_ram; rename -top saccade_ram; write_verilog -noattr %s", rtl.Package, m.width, m.depth, synthesis, made))
				program := filepath.Join(t.TempDir(), "memory")
				run(t, "iverilog", "-g2012", "-I", "tb", "-s", "memory", fmt.Sprintf("-Pmemory.WIDTH=%d", m.width), fmt.Sprintf("-Pmemory.DEPTH=%d", m.depth),
					"-o", program, "tb/memory.v", made, "tb/"+family+"_cells.v", "tb/"+family+"_blocks.v")
				require.Equal(t, "0 of 1000 words differ\n", run(t, "vvp", "-n", program))
				for _, kind := range []string{"RAMB36E1", "RAMB18E1", "RAM32M", "RAM64M", "DP16KD", "TRELLIS_DPR16X4"} {
					if n := strings.LastIndex(out, " "+kind+" "); n >= 0 {
						t.Log(strings.Join(strings.Fields(strings.SplitN(out[n:], "\n", 2)[0]), " "))
					}
				}
			})
		}
	}
}
