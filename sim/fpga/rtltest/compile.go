package rtltest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/saccade-dev/saccade/hw/fpga/rtl"
	"github.com/saccade-dev/saccade/sim/fpga"
)

// ErrNoVerilator is what Compile returns where there is no Verilator to be found.
var ErrNoVerilator = errors.New("rtltest: verilator is not installed")

// Parameters are the top module's parameters that make it the build, by name.
func Parameters(b fpga.Build) map[string]int {
	p := map[string]int{"ROWS": b.Rows, "LANES": b.Lanes, "NEURONS": b.Neurons, "CELLS": b.Cells, "IN": b.In, "OUT": b.Out, "CHECKS": 0}
	if b.Checks {
		p["CHECKS"] = 1
	}
	return p
}

// Compile writes the design and its test bench into a folder, and makes a program of them that is that build. It
// gives the program's path. The folder is the caller's to remove.
func Compile(ctx context.Context, folder string, b fpga.Build) (string, error) {
	if err := b.Validate(); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	verilator, err := exec.LookPath("verilator")
	if err != nil {
		return "", ErrNoVerilator
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return "", fmt.Errorf("rtltest: %w", err)
	}
	names, err := Unpack(folder)
	if err != nil {
		return "", err
	}
	// Memories and registers begin with what chance gives, and so is what a memory puts out where it must not be
	// looked at.
	args := []string{
		"--cc", "--exe", "--build", "-j", "2", "-O3", "--x-assign", "unique", "--x-initial", "unique",
		"--top-module", rtl.Top, "-Mdir", filepath.Join(folder, "made"), "-o", "bench",
	}
	for name, value := range Parameters(b) {
		args = append(args, fmt.Sprintf("-G%s=%d", name, value))
	}
	return verilate(ctx, verilator, folder, append(args, names...))
}

// verilate runs Verilator on those arguments and on the test bench, and gives the program that it makes.
func verilate(ctx context.Context, verilator, folder string, args []string) (string, error) {
	// The test bench's path is looked up from where make runs, so it is a whole one.
	c := exec.CommandContext(ctx, verilator, append(args, filepath.Join(folder, filepath.FromSlash(rtl.Bench)))...)
	c.Dir = folder
	if out, err := c.CombinedOutput(); err != nil {
		return "", fmt.Errorf("rtltest: verilator: %w: %s", err, out)
	}
	return filepath.Join(folder, "made", "bench"), nil
}

// Unpack writes the design's sources into a folder, and gives the names of the modules' in the order in which they are
// to be read.
func Unpack(folder string) (modules []string, err error) {
	modules = []string{rtl.Package}
	err = fs.WalkDir(rtl.Sources, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(folder, filepath.FromSlash(path))
		if d.IsDir() {
			return os.MkdirAll(to, 0o777)
		}
		text, err := rtl.Sources.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasSuffix(path, ".sv") && path != rtl.Package {
			modules = append(modules, path)
		}
		return os.WriteFile(to, text, 0o666)
	})
	if err != nil {
		return nil, fmt.Errorf("rtltest: %w", err)
	}
	return modules, nil
}
