package rtltest

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"

	"github.com/saccade-dev/saccade/hw/fpga/rtl"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// ErrNoYosys is what CompileGates returns where there is no yosys to be found.
var ErrNoYosys = errors.New("rtltest: yosys is not installed")

// Families are the families of devices that the design is synthesised for.
var Families = []string{"ecp5", "xilinx"}

// CompileGates is as [Compile], but of the cells that yosys makes of the design for a family of devices. What it is made
// of stays in the folder, as FAMILY.txt.
//
// The cells are simulated with our models of them, beside the test bench. yosys's own say as much in many more words,
// of which Verilator made 40 MB of C++ for the smallest build. What else makes it feasible: the netlist's hierarchy is
// flattened and its wires taken apart into bits, for Verilator takes a vector for one thing, and sees loops where an
// upper bit of a port depends on a lower one; and there is no clock buffer in it, behind which all would be
// computed twice.
func CompileGates(ctx context.Context, folder string, b fpga.Build, family string) (string, error) {
	if err := b.Validate(); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	if !slices.Contains(Families, family) {
		return "", fmt.Errorf("rtltest: family %q: expected one of %v", family, Families)
	}
	yosys, err := exec.LookPath("yosys")
	if err != nil {
		return "", ErrNoYosys
	}
	verilator, err := exec.LookPath("verilator")
	if err != nil {
		return "", ErrNoVerilator
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	if _, err := Unpack(folder); err != nil {
		return "", err
	}
	if err := synthesise(ctx, folder, b, family); err != nil {
		return "", err
	}
	flat := filepath.Join(folder, family+"_flat.v")
	if err := flatten(ctx, yosys, filepath.Join(folder, family+".v"), flat, family); err != nil {
		return "", err
	}
	// The netlist has no style, and what is run once need not be optimised.
	bench := filepath.Join(folder, filepath.FromSlash(filepath.Dir(rtl.Bench)))
	return verilate(ctx, verilator, folder, []string{
		"--cc", "--exe", "--build", "-j", strconv.Itoa(runtime.GOMAXPROCS(0)), "-O3", "--x-assign", "fast", "--x-initial", "unique", "--no-timing",
		"-Wno-lint", "-Wno-style", "-Wno-fatal", "-MAKEFLAGS", "OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1",
		"--output-split", "20000", "--top-module", rtl.Top, "-Mdir", filepath.Join(folder, "made"), "-o", "bench", "-I" + bench,
		flat, "-v", filepath.Join(bench, family+"_cells.v"), "-v", filepath.Join(bench, family+"_blocks.v"),
	})
}

// synthesise makes FAMILY.v and FAMILY.txt of the sources in a folder.
func synthesise(ctx context.Context, folder string, b fpga.Build, family string) error {
	args := []string{filepath.Join(folder, "synth.sh"), family, folder}
	for name, value := range Parameters(b) {
		args = append(args, fmt.Sprintf("%s=%d", name, value))
	}
	slices.Sort(args[3:])
	if out, err := exec.CommandContext(ctx, "bash", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("rtltest: yosys: %w: %s", err, out)
	}
	return nil
}

// flatten puts a netlist's modules into one, of bits with short names: no cell is changed.
func flatten(ctx context.Context, yosys, from, to, family string) error {
	script := fmt.Sprintf("read_verilog -lib +/%s/cells_sim.v; read_verilog %s; hierarchy -top %s; flatten; splitnets; clean -purge; "+
		"rename -hide; rename -enumerate -pattern n%%; write_verilog -noattr %s", family, from, rtl.Top, to)
	if out, err := exec.CommandContext(ctx, yosys, "-q", "-p", script).CombinedOutput(); err != nil {
		return fmt.Errorf("rtltest: yosys: %w: %s", err, out)
	}
	return nil
}
