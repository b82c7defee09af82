// Compares our models of the ECP5's cells with others of the same names, such as yosys's: see xilinx_compare.v.
module compare;
  localparam STEPS = 2048;
  reg clk = 0, warm = 0;
  integer step, seed = 1;
  reg [8:0] count = 0;
  reg [31:0] r;

  wire [15:0] luts;
  wire [63:0] carries;
  genvar k;
  generate
    for (k = 0; k < 16; k = k + 1) begin : lut
      wire a, b;
      LUT4 #(.INIT(16'd1 << k)) of_a (.A(count[0]), .B(count[1]), .C(count[2]), .D(count[3]), .Z(a));
      our_LUT4 #(.INIT(16'd1 << k)) of_b (.A(count[0]), .B(count[1]), .C(count[2]), .D(count[3]), .Z(b));
      assign luts[k] = a !== b;
    end
    for (k = 0; k < 64; k = k + 1) begin : carry
      // Tables of no pattern: parts of a product.
      localparam [31:0] MIX = (k + 1) * 32'h9e37_79b1;
      wire [2:0] a, b;
      CCU2C #(.INIT0(MIX[15:0]), .INIT1(MIX[31:16]), .INJECT1_0("NO"), .INJECT1_1("NO")) of_a (
          .CIN(count[8]), .A0(count[0]), .B0(count[1]), .C0(count[2]), .D0(count[3]),
          .A1(count[4]), .B1(count[5]), .C1(count[6]), .D1(count[7]), .S0(a[0]), .S1(a[1]), .COUT(a[2])
      );
      our_CCU2C #(.INIT0(MIX[15:0]), .INIT1(MIX[31:16]), .INJECT1_0("NO"), .INJECT1_1("NO")) of_b (
          .CIN(count[8]), .A0(count[0]), .B0(count[1]), .C0(count[2]), .D0(count[3]),
          .A1(count[4]), .B1(count[5]), .C1(count[6]), .D1(count[7]), .S0(b[0]), .S1(b[1]), .COUT(b[2])
      );
      assign carries[k] = a !== b;
    end
  endgenerate

  wire [3:0] m;
  PFUMX pa (.ALUT(count[0]), .BLUT(count[1]), .C0(count[2]), .Z(m[0]));
  our_PFUMX pb (.ALUT(count[0]), .BLUT(count[1]), .C0(count[2]), .Z(m[1]));
  L6MUX21 la (.D0(count[0]), .D1(count[1]), .SD(count[2]), .Z(m[2]));
  our_L6MUX21 lb (.D0(count[0]), .D1(count[1]), .SD(count[2]), .Z(m[3]));

  wire [5:0] registers;
  generate
    for (k = 0; k < 6; k = k + 1) begin : register
      localparam CEMUX = k % 3 == 0 ? "1" : k % 3 == 1 ? "CE" : "INV", REGSET = k < 3 ? "RESET" : "SET";
      wire a, b;
      TRELLIS_FF #(.GSR("DISABLED"), .CEMUX(CEMUX), .CLKMUX("CLK"), .LSRMUX("LSR"), .SRMODE("LSR_OVER_CE"), .REGSET(REGSET)) of_a (
          .CLK(clk), .LSR(r[0] | !warm), .CE(r[1]), .DI(r[2]), .Q(a)
      );
      our_TRELLIS_FF #(.GSR("DISABLED"), .CEMUX(CEMUX), .CLKMUX("CLK"), .LSRMUX("LSR"), .SRMODE("LSR_OVER_CE"), .REGSET(REGSET)) of_b (
          .CLK(clk), .LSR(r[0] | !warm), .CE(r[1]), .DI(r[2]), .Q(b)
      );
      assign registers[k] = a !== b;
    end
  endgenerate

  wire [3:0] da, db;
  wire [3:0] to = warm ? r[7:4] : step[3:0];
  wire written = warm ? r[3] : step > 0;  // a model may wait for it to change
  TRELLIS_DPR16X4 ma (.WCK(clk), .WRE(written), .WAD(to), .DI(r[11:8]), .RAD(r[15:12]), .DO(da));
  our_TRELLIS_DPR16X4 mb (.WCK(clk), .WRE(written), .WAD(to), .DI(r[11:8]), .RAD(r[15:12]), .DO(db));

  initial begin
    for (step = 0; step < STEPS; step = step + 1) begin
      warm = step >= 32;
      count = step;
      r = $random(seed);
      #1;
      if (luts != 0) $display("LUT4, step %0d: %h", step, luts);
      if (carries != 0) $display("CCU2C, step %0d: %h", step, carries);
      if (m[0] !== m[1] || m[2] !== m[3]) $display("PFUMX or L6MUX21, step %0d: %b", step, m);
      if (warm && registers != 0) $display("TRELLIS_FF, step %0d: %b", step, registers);
      if (warm && da !== db) $display("TRELLIS_DPR16X4, step %0d: expected %b, found %b", step, da, db);
      clk = 1;
      #1 clk = 0;
    end
    $display("%0d steps", STEPS);
  end
endmodule
