// Package rtltest runs the accelerator's SystemVerilog (hw/fpga/rtl) under Verilator beside its model in Go
// (sim/fpga), and compares their pins in every cycle, their registers and what they have learned.
//
// [Compile] makes a program of the design for a build; [Start] runs it, a process whose pins are driven through its
// standard input and output; [Pair] drives it together with a model. It needs Verilator 5, and g++ and make, which
// Verilator calls: on Debian `apt-get install verilator g++ make`. [CompileGates] makes such a program of the cells that
// yosys makes of the design, and needs yosys as well; the tests compare our models of these cells with yosys's under Icarus
// Verilog (`apt-get install yosys iverilog`).
package rtltest
