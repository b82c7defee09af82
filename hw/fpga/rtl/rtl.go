package rtl

import "embed"

// Top is the name of the top module, and Bench that of the test bench's source.
const (
	Top   = "saccade_feast"
	Bench = "tb/bench.cpp"
)

// Package is the name of the source that all others need, so that it must be read first.
const Package = "saccade_pkg.sv"

// Sources are the modules, a file each, the test bench, and what synthesises them.
//
//go:embed *.sv synth.sh report.awk tb
var Sources embed.FS
