package rtltest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/saccade-dev/saccade/hw/fpga/rtl"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// ErrNoYosys is what CompileGates returns where there is no yosys to be found.
var ErrNoYosys = errors.New("rtltest: yosys is not installed")

// targets are the families of devices that the design is synthesised for, and the files that their cells are
// simulated with: yosys's own, in its folder of shared data, and ours beside the design.
var targets = map[string]struct{ cells, ours string }{
	"xilinx": {cells: "xilinx/cells_sim.v"},
	"ecp5":   {cells: "ecp5/cells_sim.v", ours: "tb/ecp5_cells.v"},
}

// CompileGates is as [Compile], but of the cells that yosys makes of the design for a family of devices, "xilinx" or
// "ecp5". What it is made of stays in the folder, as TARGET.txt.
func CompileGates(ctx context.Context, folder string, b fpga.Build, target string) (string, error) {
	if err := b.Validate(); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	files, ok := targets[target]
	if !ok {
		return "", fmt.Errorf("rtltest: target %q: expected xilinx or ecp5", target)
	}
	yosys, err := exec.LookPath("yosys")
	if err != nil {
		return "", ErrNoYosys
	}
	verilator, err := exec.LookPath("verilator")
	if err != nil {
		return "", ErrNoVerilator
	}
	cells := filepath.Join(filepath.Dir(yosys), "..", "share", "yosys", filepath.FromSlash(files.cells))
	if _, err := os.Stat(cells); err != nil {
		return "", fmt.Errorf("rtltest: yosys's cells: %w", err)
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	if _, err := Unpack(folder); err != nil {
		return "", err
	}
	args := []string{filepath.Join(folder, "synth.sh"), target, folder}
	for name, value := range Parameters(b) {
		args = append(args, fmt.Sprintf("%s=%d", name, value))
	}
	if out, err := exec.CommandContext(ctx, "bash", args...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("rtltest: yosys: %w: %s", err, out)
	}
	// The cells' models are not ours, and a netlist has no style. Of it there is more C++ than an optimising compiler
	// can be waited for, and it is compiled soonest in one piece.
	args = []string{
		"--cc", "--exe", "--build", "-j", "2", "-O3", "--x-assign", "fast", "--x-initial", "unique",
		"--no-timing", "-Wno-lint", "-Wno-style", "-Wno-INITIALDLY", "-Wno-COMBDLY", "-Wno-UNOPTFLAT", "-Wno-MULTIDRIVEN", "-Wno-fatal",
		"-MAKEFLAGS", "OPT_FAST=-O0 OPT_SLOW=-O0 VM_PARALLEL_BUILDS=0", "--top-module", rtl.Top, "-Mdir", filepath.Join(folder, "made"), "-o", "bench",
		"-I" + filepath.Dir(cells), filepath.Join(folder, target+".v"), "-v", cells,
	}
	if files.ours != "" {
		args = append(args, filepath.Join(folder, filepath.FromSlash(files.ours)))
	}
	return verilate(ctx, verilator, folder, args)
}
