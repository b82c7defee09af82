// The cells of the Xilinx 7 that yosys makes of this design, each in as few words as say what it does, so that a
// simulation of thousands of them is fast. What they do is Xilinx's to say (UG474 has the CLB, UG479 the DSP48E1);
// sim/fpga/rtltest compares these models with yosys's. Block RAMs are in xilinx_blocks.v.
//
// Registers and memories begin with what chance gives, whatever INIT says: the design must not need it. An option
// that the design's netlists do not have is an error, a module that is not there.
module INV (input I, output O);
  assign O = ~I;
endmodule

module LUT1 (input I0, output O);
  parameter [1:0] INIT = 0;
  assign O = INIT[I0];
endmodule

module LUT2 (input I0, I1, output O);
  parameter [3:0] INIT = 0;
  assign O = INIT[{I1, I0}];
endmodule

module LUT3 (input I0, I1, I2, output O);
  parameter [7:0] INIT = 0;
  assign O = INIT[{I2, I1, I0}];
endmodule

module LUT4 (input I0, I1, I2, I3, output O);
  parameter [15:0] INIT = 0;
  assign O = INIT[{I3, I2, I1, I0}];
endmodule

module LUT5 (input I0, I1, I2, I3, I4, output O);
  parameter [31:0] INIT = 0;
  assign O = INIT[{I4, I3, I2, I1, I0}];
endmodule

module LUT6 (input I0, I1, I2, I3, I4, I5, output O);
  parameter [63:0] INIT = 0;
  assign O = INIT[{I5, I4, I3, I2, I1, I0}];
endmodule

module MUXF7 (input I0, I1, S, output O);
  assign O = S ? I1 : I0;
endmodule

module MUXF8 (input I0, I1, S, output O);
  assign O = S ? I1 : I0;
endmodule

module CARRY4 (input CI, CYINIT, input [3:0] DI, S, output [3:0] CO, O);
  wire c = CI | CYINIT;  // one of them is 0
  wire c0 = S[0] ? c : DI[0];
  wire c1 = S[1] ? c0 : DI[1];
  wire c2 = S[2] ? c1 : DI[2];
  wire c3 = S[3] ? c2 : DI[3];
  assign CO = {c3, c2, c1, c0};
  assign O = S ^ {c2, c1, c0, c};
endmodule

module FDRE (input C, CE, D, R, output reg Q);
  parameter INIT = 0, IS_C_INVERTED = 0, IS_D_INVERTED = 0, IS_R_INVERTED = 0;
  always @(posedge C)
    if (R) Q <= 1'b0;
    else if (CE) Q <= D;
  generate
    if (IS_C_INVERTED || IS_D_INVERTED || IS_R_INVERTED) option_that_is_not_modelled inverted ();
  endgenerate
endmodule

module FDSE (input C, CE, D, S, output reg Q);
  parameter INIT = 0, IS_C_INVERTED = 0, IS_D_INVERTED = 0, IS_S_INVERTED = 0;
  always @(posedge C)
    if (S) Q <= 1'b1;
    else if (CE) Q <= D;
  generate
    if (IS_C_INVERTED || IS_D_INVERTED || IS_S_INVERTED) option_that_is_not_modelled inverted ();
  endgenerate
endmodule

module SRL16E (input CLK, CE, D, A0, A1, A2, A3, output Q);
  parameter INIT = 0, IS_CLK_INVERTED = 0;
  reg [15:0] bits;
  always @(posedge CLK) if (CE) bits <= {bits[14:0], D};
  assign Q = bits[{A3, A2, A1, A0}];
  generate
    if (IS_CLK_INVERTED) option_that_is_not_modelled inverted ();
  endgenerate
endmodule

module SRLC32E (input CLK, CE, D, input [4:0] A, output Q, Q31);
  parameter INIT = 0, IS_CLK_INVERTED = 0;
  reg [31:0] bits;
  always @(posedge CLK) if (CE) bits <= {bits[30:0], D};
  assign Q = bits[A];
  assign Q31 = bits[31];
  generate
    if (IS_CLK_INVERTED) option_that_is_not_modelled inverted ();
  endgenerate
endmodule

module RAM32M (
    input WCLK, WE,
    input [4:0] ADDRA, ADDRB, ADDRC, ADDRD,
    input [1:0] DIA, DIB, DIC, DID,
    output [1:0] DOA, DOB, DOC, DOD
);
  parameter INIT_A = 0, INIT_B = 0, INIT_C = 0, INIT_D = 0, IS_WCLK_INVERTED = 0;
  reg [7:0] bits[0:31];
  always @(posedge WCLK) if (WE) bits[ADDRD] <= {DID, DIC, DIB, DIA};
  assign DOA = bits[ADDRA][1:0];
  assign DOB = bits[ADDRB][3:2];
  assign DOC = bits[ADDRC][5:4];
  assign DOD = bits[ADDRD][7:6];
  generate
    if (IS_WCLK_INVERTED) option_that_is_not_modelled inverted ();
  endgenerate
endmodule

module RAM64M (
    input WCLK, WE,
    input [5:0] ADDRA, ADDRB, ADDRC, ADDRD,
    input DIA, DIB, DIC, DID,
    output DOA, DOB, DOC, DOD
);
  parameter INIT_A = 0, INIT_B = 0, INIT_C = 0, INIT_D = 0, IS_WCLK_INVERTED = 0;
  reg [3:0] bits[0:63];
  always @(posedge WCLK) if (WE) bits[ADDRD] <= {DID, DIC, DIB, DIA};
  assign DOA = bits[ADDRA][0];
  assign DOB = bits[ADDRB][1];
  assign DOC = bits[ADDRC][2];
  assign DOD = bits[ADDRD][3];
  generate
    if (IS_WCLK_INVERTED) option_that_is_not_modelled inverted ();
  endgenerate
endmodule

// The part of a DSP48E1 that multiplies and adds: P = Z + A*B, or Z + (A+D)*B; without patterns, logic, carries, and
// registers of what controls it.
module DSP48E1 (
    input CLK, CEA1, CEA2, CEB1, CEB2, CEC, CED, CEAD, CEM, CEP, RSTA, RSTB, RSTC, RSTD, RSTM, RSTP,
    input [29:0] A, ACIN, input [17:0] B, BCIN, input [47:0] C, PCIN, input [24:0] D,
    input [3:0] ALUMODE, input [4:0] INMODE, input [6:0] OPMODE, input [2:0] CARRYINSEL, input CARRYIN,
    output [29:0] ACOUT, output [17:0] BCOUT, output [47:0] P, PCOUT
);
  parameter AREG = 1, ACASCREG = 1, BREG = 1, BCASCREG = 1, CREG = 1, DREG = 1, ADREG = 1, MREG = 1, PREG = 1;
  parameter ALUMODEREG = 1, CARRYINREG = 1, CARRYINSELREG = 1, INMODEREG = 1, OPMODEREG = 1;
  parameter A_INPUT = "DIRECT", B_INPUT = "DIRECT", USE_DPORT = "FALSE", USE_MULT = "MULTIPLY", USE_SIMD = "ONE48";

  wire [29:0] a1, a2;
  wire [17:0] b1, b2;
  wire [47:0] c, z;
  wire [24:0] d, ad, factor;
  wire signed [42:0] product, m;
  dsp48e1_register #(30, AREG == 2) of_a1 (CLK, RSTA, CEA1, A_INPUT == "CASCADE" ? ACIN : A, a1);
  dsp48e1_register #(30, AREG != 0) of_a2 (CLK, RSTA, CEA2, a1, a2);
  dsp48e1_register #(18, BREG == 2) of_b1 (CLK, RSTB, CEB1, B_INPUT == "CASCADE" ? BCIN : B, b1);
  dsp48e1_register #(18, BREG != 0) of_b2 (CLK, RSTB, CEB2, b1, b2);
  dsp48e1_register #(48, CREG) of_c (CLK, RSTC, CEC, C, c);
  dsp48e1_register #(25, DREG) of_d (CLK, RSTD, CED, D, d);
  dsp48e1_register #(25, ADREG) of_ad (CLK, RSTD, CEAD, a2[24:0] + (INMODE[2] ? d : 25'd0), ad);
  assign factor = USE_DPORT == "TRUE" ? ad : a2[24:0];
  assign product = $signed(factor) * $signed(b2);
  dsp48e1_register #(43, MREG) of_m (CLK, RSTM, CEM, product, m);
  assign z = OPMODE[6:4] == 3'd0 ? 48'd0 : OPMODE[6:4] == 3'd1 ? PCIN : OPMODE[6:4] == 3'd3 ? c
      : {{17{PCIN[47]}}, PCIN[47:17]};
  dsp48e1_register #(48, PREG) of_p (CLK, RSTP, CEP, z + {{5{m[42]}}, m}, P);
  assign ACOUT = a2;
  assign BCOUT = b2;
  assign PCOUT = P;
  generate
    if (ACASCREG != AREG || BCASCREG != BREG || ALUMODEREG || CARRYINREG || CARRYINSELREG || INMODEREG || OPMODEREG
        || USE_MULT != "MULTIPLY" || USE_SIMD != "ONE48") option_that_is_not_modelled other ();
  endgenerate
  // Of what the pins choose, constants in every netlist.
  always @(posedge CLK)
    if (ALUMODE != 0 || (INMODE & 5'b11011) != 0 || OPMODE[3:0] != 5 || CARRYINSEL != 0 || CARRYIN
        || !(OPMODE[6:4] == 0 || OPMODE[6:4] == 1 || OPMODE[6:4] == 3 || OPMODE[6:4] == 5))
      $fatal(1, "DSP48E1: a mode that is not modelled: ALUMODE %b INMODE %b OPMODE %b", ALUMODE, INMODE, OPMODE);
endmodule

module dsp48e1_register #(parameter WIDTH = 1, ON = 1) (
    input clk, rst, ce, input [WIDTH-1:0] d, output [WIDTH-1:0] q
);
  generate
    if (ON) begin : kept
      reg [WIDTH-1:0] bits;
      always @(posedge clk)
        if (rst) bits <= 0;
        else if (ce) bits <= d;
      assign q = bits;
    end else begin : passed
      assign q = d;
    end
  endgenerate
endmodule
