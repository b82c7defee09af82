// The ECP5's block RAM of 1024 words of 18 bits, one port of which writes and the other reads, without output registers:
// bytes of nine bits. yosys has no model of it to compare this with: which pins of a wide word are which is as yosys
// connects them. In words of 18 and 36 bits the lowest bits of the address that is written are the bytes' enables; words
// of 36 bits are written through both ports' inputs and read from both ports' outputs.
//
// A byte that is read while it is written is taken for anything: here what was there before with all bits inverted, so
// that a design which looks at it is seen to.
module DP16KD (
    input CLKA, CEA, OCEA, WEA, RSTA, CSA0, CSA1, CSA2, CLKB, CEB, OCEB, WEB, RSTB, CSB0, CSB1, CSB2,
    input ADA0, ADA1, ADA2, ADA3, ADA4, ADA5, ADA6, ADA7, ADA8, ADA9, ADA10, ADA11, ADA12, ADA13,
    input ADB0, ADB1, ADB2, ADB3, ADB4, ADB5, ADB6, ADB7, ADB8, ADB9, ADB10, ADB11, ADB12, ADB13,
    input DIA0, DIA1, DIA2, DIA3, DIA4, DIA5, DIA6, DIA7, DIA8, DIA9, DIA10, DIA11, DIA12, DIA13, DIA14, DIA15, DIA16, DIA17,
    input DIB0, DIB1, DIB2, DIB3, DIB4, DIB5, DIB6, DIB7, DIB8, DIB9, DIB10, DIB11, DIB12, DIB13, DIB14, DIB15, DIB16, DIB17,
    output DOA0, DOA1, DOA2, DOA3, DOA4, DOA5, DOA6, DOA7, DOA8, DOA9, DOA10, DOA11, DOA12, DOA13, DOA14, DOA15, DOA16, DOA17,
    output DOB0, DOB1, DOB2, DOB3, DOB4, DOB5, DOB6, DOB7, DOB8, DOB9, DOB10, DOB11, DOB12, DOB13, DOB14, DOB15, DOB16, DOB17
);
  parameter DATA_WIDTH_A = 18, DATA_WIDTH_B = 18, REGMODE_A = "NOREG", REGMODE_B = "NOREG", RESETMODE = "SYNC";
  parameter ASYNC_RESET_RELEASE = "SYNC", CSDECODE_A = "0b000", CSDECODE_B = "0b000", CLKAMUX = "CLKA", CLKBMUX = "CLKB";
  parameter WRITEMODE_A = "NORMAL", WRITEMODE_B = "NORMAL", GSR = "ENABLED", INIT_DATA = "STATIC";
  parameter INITVAL_00 = 0, INITVAL_01 = 0, INITVAL_02 = 0, INITVAL_03 = 0, INITVAL_04 = 0, INITVAL_05 = 0, INITVAL_06 = 0, INITVAL_07 = 0;
  parameter INITVAL_08 = 0, INITVAL_09 = 0, INITVAL_0A = 0, INITVAL_0B = 0, INITVAL_0C = 0, INITVAL_0D = 0, INITVAL_0E = 0, INITVAL_0F = 0;
  parameter INITVAL_10 = 0, INITVAL_11 = 0, INITVAL_12 = 0, INITVAL_13 = 0, INITVAL_14 = 0, INITVAL_15 = 0, INITVAL_16 = 0, INITVAL_17 = 0;
  parameter INITVAL_18 = 0, INITVAL_19 = 0, INITVAL_1A = 0, INITVAL_1B = 0, INITVAL_1C = 0, INITVAL_1D = 0, INITVAL_1E = 0, INITVAL_1F = 0;
  parameter INITVAL_20 = 0, INITVAL_21 = 0, INITVAL_22 = 0, INITVAL_23 = 0, INITVAL_24 = 0, INITVAL_25 = 0, INITVAL_26 = 0, INITVAL_27 = 0;
  parameter INITVAL_28 = 0, INITVAL_29 = 0, INITVAL_2A = 0, INITVAL_2B = 0, INITVAL_2C = 0, INITVAL_2D = 0, INITVAL_2E = 0, INITVAL_2F = 0;
  parameter INITVAL_30 = 0, INITVAL_31 = 0, INITVAL_32 = 0, INITVAL_33 = 0, INITVAL_34 = 0, INITVAL_35 = 0, INITVAL_36 = 0, INITVAL_37 = 0;
  parameter INITVAL_38 = 0, INITVAL_39 = 0, INITVAL_3A = 0, INITVAL_3B = 0, INITVAL_3C = 0, INITVAL_3D = 0, INITVAL_3E = 0, INITVAL_3F = 0;
  // Bytes of a word; of words of four, two and one bits, eight bits of a byte are used.
  localparam READ = DATA_WIDTH_B < 9 ? 1 : DATA_WIDTH_B / 9, WRITE = DATA_WIDTH_A < 9 ? 1 : DATA_WIDTH_A / 9;
  localparam [8:0] ONES = DATA_WIDTH_A < 9 ? (1 << DATA_WIDTH_A) - 1 : 9'h1ff;
  wire [13:0] ada = {ADA13, ADA12, ADA11, ADA10, ADA9, ADA8, ADA7, ADA6, ADA5, ADA4, ADA3, ADA2, ADA1, ADA0};
  wire [13:0] adb = {ADB13, ADB12, ADB11, ADB10, ADB9, ADB8, ADB7, ADB6, ADB5, ADB4, ADB3, ADB2, ADB1, ADB0};
  wire [35:0] written = {DIB17, DIB16, DIB15, DIB14, DIB13, DIB12, DIB11, DIB10, DIB9, DIB8, DIB7, DIB6, DIB5, DIB4, DIB3, DIB2, DIB1, DIB0, DIA17, DIA16, DIA15, DIA14, DIA13, DIA12, DIA11, DIA10, DIA9, DIA8, DIA7, DIA6, DIA5, DIA4, DIA3, DIA2, DIA1, DIA0};
  wire [10:0] from = adb[13:3] & ~(READ - 1), to = ada[13:3] & ~(WRITE - 1);
  wire [3:0] enables = WRITE == 1 ? 4'd1 : WRITE == 2 ? {2'd0, ada[1:0]} : ada[3:0];
  wire [3:0] write = enables & {4{CEA && WEA && {CSA2, CSA1, CSA0} == 0}};
  reg [8:0] bytes[0:2047];
  reg [35:0] word;
  integer i, k;
  wire [2:0] part_read = DATA_WIDTH_B < 9 ? adb[2:0] & ~(DATA_WIDTH_B - 1) : 3'd0;
  wire [2:0] part = DATA_WIDTH_A < 9 ? ada[2:0] & ~(DATA_WIDTH_A - 1) : 3'd0;
  always @(posedge CLKB)
    if (CEB && {CSB2, CSB1, CSB0} == 0)
      for (i = 0; i < READ; i = i + 1)
        word[9*i+:9] <= bytes[from+i] >> part_read ^ {9{from + i >= to && from + i < to + WRITE && write[from+i-to]}};
  always @(posedge CLKA)
    for (k = 0; k < WRITE; k = k + 1)
      if (write[k]) bytes[to+k] <= bytes[to+k] & ~(ONES << part) | (written[9*k+:9] & ONES) << part;
  // Of 36 bits, the upper half is on port B; a word of less is there alone.
  assign {DOB17, DOB16, DOB15, DOB14, DOB13, DOB12, DOB11, DOB10, DOB9, DOB8, DOB7, DOB6, DOB5, DOB4, DOB3, DOB2, DOB1, DOB0} = READ == 4 ? word[35:18] : word[17:0];
  assign {DOA17, DOA16, DOA15, DOA14, DOA13, DOA12, DOA11, DOA10, DOA9, DOA8, DOA7, DOA6, DOA5, DOA4, DOA3, DOA2, DOA1, DOA0} = word[17:0];
  generate
    if (REGMODE_B != "NOREG" || CSDECODE_A != "0b000" || CSDECODE_B != "0b000"
        || CLKAMUX != "CLKA" || CLKBMUX != "CLKB") option_that_is_not_modelled other ();
  endgenerate
  always @(posedge CLKB)
    if (WEB || RSTA || RSTB) $fatal(1, "DP16KD: pins that are not modelled: WEB %b RSTA %b RSTB %b", WEB, RSTA, RSTB);
endmodule
