// The cells of the ECP5 that yosys makes of this design, each in as few words as say what it does, so that a simulation
// of thousands of them is fast. What they do is Lattice's to say (FPGA-DS-02012 has the slice, FPGA-TN-02205 the
// multiplier); sim/fpga/rtltest compares these models with yosys's, but for the multiplier, of which it has none. Block RAMs
// are in ecp5_blocks.v.
//
// Registers and memories begin with what chance gives. An option that the design's netlists do not have is an error, a
// module that is not there.
module LUT4 (input A, B, C, D, output Z);
  parameter [15:0] INIT = 0;
  assign Z = INIT[{D, C, B, A}];
endmodule

module PFUMX (input ALUT, BLUT, C0, output Z);
  assign Z = C0 ? ALUT : BLUT;
endmodule

module L6MUX21 (input D0, D1, SD, output Z);
  assign Z = SD ? D1 : D0;
endmodule

// Two bits of a carry chain: the LUT of four inputs propagates, that of two of them generates.
module CCU2C (input CIN, A0, B0, C0, D0, A1, B1, C1, D1, output S0, S1, COUT);
  parameter [15:0] INIT0 = 0, INIT1 = 0;
  parameter INJECT1_0 = "YES", INJECT1_1 = "YES";
  wire p0 = INIT0[{D0, C0, B0, A0}], p1 = INIT1[{D1, C1, B1, A1}];
  wire c1 = p0 ? CIN : INIT0[{2'b00, B0, A0}];
  assign S0 = p0 ^ CIN;
  assign S1 = p1 ^ c1;
  assign COUT = p1 ? c1 : INIT1[{2'b00, B1, A1}];
  generate
    if (INJECT1_0 != "NO" || INJECT1_1 != "NO") option_that_is_not_modelled inject ();
  endgenerate
endmodule

module TRELLIS_FF (input CLK, LSR, CE, DI, M, output reg Q);
  parameter GSR = "ENABLED", CEMUX = "1", CLKMUX = "CLK", LSRMUX = "LSR", SRMODE = "LSR_OVER_CE", REGSET = "RESET";
  parameter LSRMODE = "LSR";
  wire enable = CEMUX == "CE" ? CE : CEMUX == "INV" ? !CE : 1'b1;
  always @(posedge CLK)
    if (LSR) Q <= REGSET == "SET";
    else if (enable) Q <= DI;
  generate
    if (CLKMUX != "CLK" || LSRMUX != "LSR" || SRMODE != "LSR_OVER_CE" || LSRMODE != "LSR" || GSR != "DISABLED")
      option_that_is_not_modelled other ();
  endgenerate
endmodule

module TRELLIS_DPR16X4 (input WCK, WRE, input [3:0] WAD, DI, RAD, output [3:0] DO);
  parameter WCKMUX = "WCK", WREMUX = "WRE", INITVAL = 0;
  reg [3:0] words[0:15];
  always @(posedge WCK) if (WRE) words[WAD] <= DI;
  assign DO = words[RAD];
  generate
    if (WCKMUX != "WCK" || WREMUX != "WRE") option_that_is_not_modelled other ();
  endgenerate
endmodule

// The multiplier without its registers and cascades.
module MULT18X18D (
    input A0, A1, A2, A3, A4, A5, A6, A7, A8, A9, A10, A11, A12, A13, A14, A15, A16, A17,
    input B0, B1, B2, B3, B4, B5, B6, B7, B8, B9, B10, B11, B12, B13, B14, B15, B16, B17,
    input C0, C1, C2, C3, C4, C5, C6, C7, C8, C9, C10, C11, C12, C13, C14, C15, C16, C17,
    input SIGNEDA, SIGNEDB, SOURCEA, SOURCEB,
    output P0, P1, P2, P3, P4, P5, P6, P7, P8, P9, P10, P11, P12, P13, P14, P15, P16, P17,
    output P18, P19, P20, P21, P22, P23, P24, P25, P26, P27, P28, P29, P30, P31, P32, P33, P34, P35
);
  wire [17:0] a = {A17, A16, A15, A14, A13, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1, A0};
  wire [17:0] b = {B17, B16, B15, B14, B13, B12, B11, B10, B9, B8, B7, B6, B5, B4, B3, B2, B1, B0};
  // A bit more than the operands have: their sign, or none.
  wire signed [18:0] x = {SIGNEDA & A17, a};
  wire signed [18:0] y = {SIGNEDB & B17, b};
  wire signed [37:0] product = x * y;
  assign {P35, P34, P33, P32, P31, P30, P29, P28, P27, P26, P25, P24, P23, P22, P21, P20, P19, P18,
          P17, P16, P15, P14, P13, P12, P11, P10, P9, P8, P7, P6, P5, P4, P3, P2, P1, P0} = product[35:0];
endmodule
