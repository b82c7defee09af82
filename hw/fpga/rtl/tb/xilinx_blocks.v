// Block RAMs of the Xilinx 7: as simple dual ports, or as true ones of which each reads or writes, of bytes of nine bits,
// without output registers. yosys's models of them do nothing, so that there is nothing to compare these with: which pins
// of a wide word are which is as yosys connects them.
//
// A byte that is read while it is written is what was there before where the port that writes says READ_FIRST, and
// otherwise not valid (UG473): here that with all bits inverted, so that a design which looks at it is seen to.
module xilinx_block #(parameter BYTES = 4096, READ = 1, WRITE = 1, OLD = 1) (
    input read_clk, read, input [$clog2(BYTES)-1:0] read_at, output reg [71:0] word,
    input write_clk, input [7:0] write, input [$clog2(BYTES)-1:0] write_at, input [71:0] written
);
  localparam A = $clog2(BYTES);
  reg [8:0] bytes[0:BYTES-1];
  wire [A-1:0] from = read_at & ~(READ - 1), to = write_at & ~(WRITE - 1);
  integer i, k;
  always @(posedge read_clk)
    if (read)
      for (i = 0; i < READ; i = i + 1)
        word[9*i+:9] <= bytes[from+i] ^ {9{!OLD && from + i >= to && from + i < to + WRITE && write[from+i-to]}};
  always @(posedge write_clk)
    for (k = 0; k < WRITE; k = k + 1) if (write[k]) bytes[to+k] <= written[9*k+:9];
endmodule

module RAMB36E1 (
    input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input [15:0] ADDRARDADDR, ADDRBWRADDR, input [31:0] DIADI, DIBDI, input [3:0] DIPADIP, DIPBDIP, WEA, input [7:0] WEBWE,
    output [31:0] DOADO, DOBDO, output [3:0] DOPADOP, DOPBDOP
);
`include "xilinx_block_parameters.vh"
  parameter RAM_EXTENSION_A = "NONE", RAM_EXTENSION_B = "NONE";
  wire [71:0] word;
  wire [71:0] lower = {36'd0, DIPADIP[3], DIADI[31:24], DIPADIP[2], DIADI[23:16], DIPADIP[1], DIADI[15:8], DIPADIP[0], DIADI[7:0]};
  wire [71:0] upper = {36'd0, DIPBDIP[3], DIBDI[31:24], DIPBDIP[2], DIBDI[23:16], DIPBDIP[1], DIBDI[15:8], DIPBDIP[0], DIBDI[7:0]};
  generate
    if (RAM_MODE == "SDP") begin : simple
      xilinx_block #(4096, READ_WIDTH_A / 9, WRITE_WIDTH_B / 9, WRITE_MODE_A == "READ_FIRST") block (
          CLKARDCLK, ENARDEN, ADDRARDADDR[14:3], word, CLKBWRCLK, WEBWE & {8{ENBWREN}}, ADDRBWRADDR[14:3],
          WRITE_WIDTH_B == 72 ? {upper[35:0], lower[35:0]} : upper
      );
      assign {DOPADOP[3], DOADO[31:24], DOPADOP[2], DOADO[23:16], DOPADOP[1], DOADO[15:8], DOPADOP[0], DOADO[7:0]} = word[35:0];
      assign {DOPBDOP[3], DOBDO[31:24], DOPBDOP[2], DOBDO[23:16], DOPBDOP[1], DOBDO[15:8], DOPBDOP[0], DOBDO[7:0]} = word[71:36];
      if (READ_WIDTH_A % 9 || WRITE_WIDTH_B % 9 || !READ_WIDTH_A || !WRITE_WIDTH_B) option_that_is_not_modelled width ();
    end else if (READ_WIDTH_B == 0) begin : reads_a
      xilinx_block #(4096, READ_WIDTH_A / 9, WRITE_WIDTH_B / 9, WRITE_MODE_B == "READ_FIRST") block (
          CLKARDCLK, ENARDEN, ADDRARDADDR[14:3], word, CLKBWRCLK, WEBWE & {8{ENBWREN}}, ADDRBWRADDR[14:3], upper
      );
      assign {DOPADOP[3], DOADO[31:24], DOPADOP[2], DOADO[23:16], DOPADOP[1], DOADO[15:8], DOPADOP[0], DOADO[7:0]} = word[35:0];
      if (WRITE_WIDTH_A || READ_WIDTH_A % 9 || WRITE_WIDTH_B % 9 || !READ_WIDTH_A) option_that_is_not_modelled width ();
    end else begin : reads_b
      xilinx_block #(4096, READ_WIDTH_B / 9, WRITE_WIDTH_A / 9, WRITE_MODE_A == "READ_FIRST") block (
          CLKBWRCLK, ENBWREN, ADDRBWRADDR[14:3], word, CLKARDCLK, {4'd0, WEA & {4{ENARDEN}}}, ADDRARDADDR[14:3], lower
      );
      assign {DOPBDOP[3], DOBDO[31:24], DOPBDOP[2], DOBDO[23:16], DOPBDOP[1], DOBDO[15:8], DOPBDOP[0], DOBDO[7:0]} = word[35:0];
      if (READ_WIDTH_A || WRITE_WIDTH_B || READ_WIDTH_B % 9 || WRITE_WIDTH_A % 9 || !WRITE_WIDTH_A)
        option_that_is_not_modelled width ();
    end
    if (DOA_REG || DOB_REG || RAM_EXTENSION_A != "NONE" || RAM_EXTENSION_B != "NONE") option_that_is_not_modelled other ();
  endgenerate
endmodule

module RAMB18E1 (
    input CLKARDCLK, CLKBWRCLK, ENARDEN, ENBWREN, REGCEAREGCE, REGCEB, RSTRAMARSTRAM, RSTRAMB, RSTREGARSTREG, RSTREGB,
    input [13:0] ADDRARDADDR, ADDRBWRADDR, input [15:0] DIADI, DIBDI, input [1:0] DIPADIP, DIPBDIP, WEA, input [3:0] WEBWE,
    output [15:0] DOADO, DOBDO, output [1:0] DOPADOP, DOPBDOP
);
`include "xilinx_block_parameters.vh"
  wire [71:0] word;
  wire [71:0] lower = {54'd0, DIPADIP[1], DIADI[15:8], DIPADIP[0], DIADI[7:0]};
  wire [71:0] upper = {54'd0, DIPBDIP[1], DIBDI[15:8], DIPBDIP[0], DIBDI[7:0]};
  generate
    if (RAM_MODE == "SDP") begin : simple
      xilinx_block #(2048, READ_WIDTH_A / 9, WRITE_WIDTH_B / 9, WRITE_MODE_A == "READ_FIRST") block (
          CLKARDCLK, ENARDEN, ADDRARDADDR[13:3], word, CLKBWRCLK, {4'd0, WEBWE & {4{ENBWREN}}}, ADDRBWRADDR[13:3],
          WRITE_WIDTH_B == 36 ? {36'd0, upper[17:0], lower[17:0]} : upper
      );
      assign {DOPADOP[1], DOADO[15:8], DOPADOP[0], DOADO[7:0]} = word[17:0];
      assign {DOPBDOP[1], DOBDO[15:8], DOPBDOP[0], DOBDO[7:0]} = word[35:18];
      if (READ_WIDTH_A % 9 || WRITE_WIDTH_B % 9 || !READ_WIDTH_A || !WRITE_WIDTH_B) option_that_is_not_modelled width ();
    end else if (READ_WIDTH_B == 0) begin : reads_a
      xilinx_block #(2048, READ_WIDTH_A / 9, WRITE_WIDTH_B / 9, WRITE_MODE_B == "READ_FIRST") block (
          CLKARDCLK, ENARDEN, ADDRARDADDR[13:3], word, CLKBWRCLK, {4'd0, WEBWE & {4{ENBWREN}}}, ADDRBWRADDR[13:3], upper
      );
      assign {DOPADOP[1], DOADO[15:8], DOPADOP[0], DOADO[7:0]} = word[17:0];
      if (WRITE_WIDTH_A || READ_WIDTH_A % 9 || WRITE_WIDTH_B % 9 || !READ_WIDTH_A) option_that_is_not_modelled width ();
    end else begin : reads_b
      xilinx_block #(2048, READ_WIDTH_B / 9, WRITE_WIDTH_A / 9, WRITE_MODE_A == "READ_FIRST") block (
          CLKBWRCLK, ENBWREN, ADDRBWRADDR[13:3], word, CLKARDCLK, {6'd0, WEA & {2{ENARDEN}}}, ADDRARDADDR[13:3], lower
      );
      assign {DOPBDOP[1], DOBDO[15:8], DOPBDOP[0], DOBDO[7:0]} = word[17:0];
      if (READ_WIDTH_A || WRITE_WIDTH_B || READ_WIDTH_B % 9 || WRITE_WIDTH_A % 9 || !WRITE_WIDTH_A)
        option_that_is_not_modelled width ();
    end
    if (DOA_REG || DOB_REG) option_that_is_not_modelled other ();
  endgenerate
endmodule
