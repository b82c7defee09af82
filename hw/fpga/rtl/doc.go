// Package rtl is saccade's accelerator in SystemVerilog, for simulators and synthesis: the sources, and the test bench
// that sim/fpga/rtltest drives them with. README.md beside them says what they are, and sim/fpga's package comment is
// the specification.
package rtl
