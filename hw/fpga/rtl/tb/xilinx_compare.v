// Compares our models of the Xilinx 7's cells with others of the same names, such as yosys's: ours are to be read with our_
// in front of their names. Whatever can be, is tried exhaustively; registers, memories and multipliers with what chance
// gives. It says what differs, and how many steps there were.
module compare #(parameter DSP_STEPS = 120);  // of the multipliers, which take longest
  localparam STEPS = 4096;
  reg clk = 0, warm = 0;
  integer step, seed = 1;
  reg [9:0] count = 0;
  reg [31:0] r0, r1, r2, r3, r4, r5;
  reg [31:0] d0, d1, d2, d3, d4, d5;
  wire dsp_clk = clk && step < DSP_STEPS;

  // A table with one bit set for each of its places: what a LUT gives is the bit of one place.
  wire [63:0] luts;
  genvar k;
  generate
    for (k = 0; k < 64; k = k + 1) begin : lut
      wire [11:0] o;
      LUT6 #(.INIT(64'd1 << k)) a6 (.O(o[0]), .I0(count[0]), .I1(count[1]), .I2(count[2]), .I3(count[3]), .I4(count[4]), .I5(count[5]));
      our_LUT6 #(.INIT(64'd1 << k)) b6 (.O(o[1]), .I0(count[0]), .I1(count[1]), .I2(count[2]), .I3(count[3]), .I4(count[4]), .I5(count[5]));
      LUT5 #(.INIT(32'd1 << k)) a5 (.O(o[2]), .I0(count[0]), .I1(count[1]), .I2(count[2]), .I3(count[3]), .I4(count[4]));
      our_LUT5 #(.INIT(32'd1 << k)) b5 (.O(o[3]), .I0(count[0]), .I1(count[1]), .I2(count[2]), .I3(count[3]), .I4(count[4]));
      LUT4 #(.INIT(16'd1 << k)) a4 (.O(o[4]), .I0(count[0]), .I1(count[1]), .I2(count[2]), .I3(count[3]));
      our_LUT4 #(.INIT(16'd1 << k)) b4 (.O(o[5]), .I0(count[0]), .I1(count[1]), .I2(count[2]), .I3(count[3]));
      LUT3 #(.INIT(8'd1 << k)) a3 (.O(o[6]), .I0(count[0]), .I1(count[1]), .I2(count[2]));
      our_LUT3 #(.INIT(8'd1 << k)) b3 (.O(o[7]), .I0(count[0]), .I1(count[1]), .I2(count[2]));
      LUT2 #(.INIT(4'd1 << k)) a2 (.O(o[8]), .I0(count[0]), .I1(count[1]));
      our_LUT2 #(.INIT(4'd1 << k)) b2 (.O(o[9]), .I0(count[0]), .I1(count[1]));
      LUT1 #(.INIT(2'd1 << k)) a1 (.O(o[10]), .I0(count[0]));
      our_LUT1 #(.INIT(2'd1 << k)) b1 (.O(o[11]), .I0(count[0]));
      assign luts[k] = {o[10], o[8], o[6], o[4], o[2], o[0]} !== {o[11], o[9], o[7], o[5], o[3], o[1]};
    end
  endgenerate

  wire [5:0] m;
  INV ia (.I(count[0]), .O(m[0]));
  our_INV ib (.I(count[0]), .O(m[1]));
  MUXF7 fa (.I0(count[0]), .I1(count[1]), .S(count[2]), .O(m[2]));
  our_MUXF7 fb (.I0(count[0]), .I1(count[1]), .S(count[2]), .O(m[3]));
  MUXF8 ga (.I0(count[0]), .I1(count[1]), .S(count[2]), .O(m[4]));
  our_MUXF8 gb (.I0(count[0]), .I1(count[1]), .S(count[2]), .O(m[5]));
  wire [7:0] ca, cb;
  CARRY4 ya (.CI(count[8]), .CYINIT(count[9]), .DI(count[3:0]), .S(count[7:4]), .CO(ca[7:4]), .O(ca[3:0]));
  our_CARRY4 yb (.CI(count[8]), .CYINIT(count[9]), .DI(count[3:0]), .S(count[7:4]), .CO(cb[7:4]), .O(cb[3:0]));

  wire [3:0] f, s;
  FDRE ra (.C(clk), .CE(r0[0]), .D(r0[1]), .R(r0[2] | !warm), .Q(f[0]));
  our_FDRE rb (.C(clk), .CE(r0[0]), .D(r0[1]), .R(r0[2] | !warm), .Q(f[1]));
  FDSE sa (.C(clk), .CE(r0[0]), .D(r0[1]), .S(r0[2] | !warm), .Q(f[2]));
  our_FDSE sb (.C(clk), .CE(r0[0]), .D(r0[1]), .S(r0[2] | !warm), .Q(f[3]));
  SRL16E ta (.CLK(clk), .CE(r0[3] | !warm), .D(r0[4]), .A0(r0[5]), .A1(r0[6]), .A2(r0[7]), .A3(r0[8]), .Q(s[0]));
  our_SRL16E tb (.CLK(clk), .CE(r0[3] | !warm), .D(r0[4]), .A0(r0[5]), .A1(r0[6]), .A2(r0[7]), .A3(r0[8]), .Q(s[1]));
  wire [1:0] sr;
  SRLC32E ua (.CLK(clk), .CE(r0[3] | !warm), .D(r0[4]), .A(r0[13:9]), .Q(s[2]), .Q31(sr[0]));
  our_SRLC32E ub (.CLK(clk), .CE(r0[3] | !warm), .D(r0[4]), .A(r0[13:9]), .Q(s[3]), .Q31(sr[1]));

  wire [5:0] to = warm ? r1[23:18] : step[5:0];
  wire [7:0] da, db;
  wire [3:0] ea, eb;
  RAM32M va (.WCLK(clk), .WE(r1[0] | !warm), .ADDRA(r1[5:1]), .ADDRB(r1[10:6]), .ADDRC(r1[15:11]), .ADDRD(to[4:0]),
      .DIA(r1[25:24]), .DIB(r1[27:26]), .DIC(r1[29:28]), .DID(r1[31:30]), .DOA(da[1:0]), .DOB(da[3:2]), .DOC(da[5:4]), .DOD(da[7:6]));
  our_RAM32M vb (.WCLK(clk), .WE(r1[0] | !warm), .ADDRA(r1[5:1]), .ADDRB(r1[10:6]), .ADDRC(r1[15:11]), .ADDRD(to[4:0]),
      .DIA(r1[25:24]), .DIB(r1[27:26]), .DIC(r1[29:28]), .DID(r1[31:30]), .DOA(db[1:0]), .DOB(db[3:2]), .DOC(db[5:4]), .DOD(db[7:6]));
  RAM64M wa (.WCLK(clk), .WE(r1[0] | !warm), .ADDRA(r1[6:1]), .ADDRB(r1[11:6]), .ADDRC(r1[17:12]), .ADDRD(to),
      .DIA(r1[25]), .DIB(r1[27]), .DIC(r1[29]), .DID(r1[31]), .DOA(ea[0]), .DOB(ea[1]), .DOC(ea[2]), .DOD(ea[3]));
  our_RAM64M wb (.WCLK(clk), .WE(r1[0] | !warm), .ADDRA(r1[6:1]), .ADDRB(r1[11:6]), .ADDRC(r1[17:12]), .ADDRD(to),
      .DIA(r1[25]), .DIB(r1[27]), .DIC(r1[29]), .DID(r1[31]), .DOA(eb[0]), .DOB(eb[1]), .DOC(eb[2]), .DOD(eb[3]));

  // All registers that a netlist of the design has, and what it adds the product to: nothing, another's sum, C, or another's
  // sum shifted.
  localparam DSPS = 2 * 3 * 2 * 2 * 2 * 5;
  wire [DSPS-1:0] dsps;
  generate
    for (k = 0; k < DSPS; k = k + 1) begin : dsp
      localparam AREG = k % 2, BREG = k / 2 % 3, MREG = k / 6 % 2, PREG = k / 12 % 2, WITH_D = k / 24 % 2, ADDS = k / 48;
      localparam CREG = ADDS == 4, CASCADE = k % 7 == 0;
      localparam [6:0] OPMODE = {ADDS == 0 ? 3'd0 : ADDS == 1 ? 3'd1 : ADDS == 2 ? 3'd5 : 3'd3, 4'd5};
      wire [95:0] pa, pb;
      wire [17:0] ba, bb;
      DSP48E1 #(
          .AREG(AREG), .ACASCREG(AREG), .BREG(BREG), .BCASCREG(BREG), .MREG(MREG), .PREG(PREG), .CREG(CREG), .DREG(0), .ADREG(0),
          .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .INMODEREG(0), .OPMODEREG(0),
          .USE_DPORT(WITH_D ? "TRUE" : "FALSE"), .B_INPUT(CASCADE ? "CASCADE" : "DIRECT")
      ) a (
          .CLK(dsp_clk), .CEA1(1'b0), .CEA2(d5[0]), .CEB1(d5[1]), .CEB2(d5[2]), .CEC(d5[3]), .CED(1'b0), .CEAD(1'b0), .CEM(d5[4]), .CEP(d5[5]),
          .RSTA(d5[15:12] == 0), .RSTB(d5[16:13] == 0), .RSTC(d5[17:14] == 0), .RSTD(1'b0), .RSTM(d5[18:15] == 0), .RSTP(d5[19:16] == 0),
          .A({{5{d0[24]}}, d0[24:0]}), .ACIN(30'd0), .B(d1[17:0]), .BCIN(d1[31:14]), .C({d2[15:0], d3}), .PCIN({d3[15:0], d2}), .D(d4[24:0]),
          .ALUMODE(4'd0), .INMODE(WITH_D ? 5'd4 : 5'd0), .OPMODE(OPMODE), .CARRYINSEL(3'd0), .CARRYIN(1'b0),
          .BCOUT(ba), .P(pa[47:0]), .PCOUT(pa[95:48])
      );
      our_DSP48E1 #(
          .AREG(AREG), .ACASCREG(AREG), .BREG(BREG), .BCASCREG(BREG), .MREG(MREG), .PREG(PREG), .CREG(CREG), .DREG(0), .ADREG(0),
          .ALUMODEREG(0), .CARRYINREG(0), .CARRYINSELREG(0), .INMODEREG(0), .OPMODEREG(0),
          .USE_DPORT(WITH_D ? "TRUE" : "FALSE"), .B_INPUT(CASCADE ? "CASCADE" : "DIRECT")
      ) b (
          .CLK(dsp_clk), .CEA1(1'b0), .CEA2(d5[0]), .CEB1(d5[1]), .CEB2(d5[2]), .CEC(d5[3]), .CED(1'b0), .CEAD(1'b0), .CEM(d5[4]), .CEP(d5[5]),
          .RSTA(d5[15:12] == 0), .RSTB(d5[16:13] == 0), .RSTC(d5[17:14] == 0), .RSTD(1'b0), .RSTM(d5[18:15] == 0), .RSTP(d5[19:16] == 0),
          .A({{5{d0[24]}}, d0[24:0]}), .ACIN(30'd0), .B(d1[17:0]), .BCIN(d1[31:14]), .C({d2[15:0], d3}), .PCIN({d3[15:0], d2}), .D(d4[24:0]),
          .ALUMODE(4'd0), .INMODE(WITH_D ? 5'd4 : 5'd0), .OPMODE(OPMODE), .CARRYINSEL(3'd0), .CARRYIN(1'b0),
          .BCOUT(bb), .P(pb[47:0]), .PCOUT(pb[95:48])
      );
      assign dsps[k] = {pa, ba} !== {pb, bb};
    end
  endgenerate

  // Zeros and ones throughout are more frequent than chance makes them.
  function [31:0] draw(input [31:0] value, input [31:0] kind);
    draw = kind[3:0] == 0 ? 32'd0 : kind[3:0] == 1 ? 32'hffff_ffff : kind[3:0] == 2 ? 32'h0102_0000 : value;
  endfunction

  initial begin
    for (step = 0; step < STEPS; step = step + 1) begin
      warm = step >= 64;
      count = step;
      r0 = draw($random(seed), $random(seed));
      r1 = draw($random(seed), $random(seed));
      r2 = draw($random(seed), $random(seed));
      r3 = draw($random(seed), $random(seed));
      r4 = draw($random(seed), $random(seed));
      r5 = step < 8 ? 32'd63 : $random(seed);  // all registers of the multipliers are reset first
      if (step < DSP_STEPS) {d0, d1, d2, d3, d4, d5} = {r0, r1, r2, r3, r4, r5};
      #1;
      if (luts != 0) $display("LUT, step %0d: %h", step, luts);
      if (m[0] !== m[1] || m[2] !== m[3] || m[4] !== m[5]) $display("INV or MUX, step %0d: %b", step, m);
      if (ca !== cb) $display("CARRY4, step %0d: expected %b, found %b", step, ca, cb);
      if (warm && (f[0] !== f[1] || f[2] !== f[3])) $display("FDRE or FDSE, step %0d: %b", step, f);
      if (warm && (s[0] !== s[1] || s[2] !== s[3] || sr[0] !== sr[1])) $display("SRL, step %0d: %b %b", step, s, sr);
      if (warm && da !== db) $display("RAM32M, step %0d: expected %b, found %b", step, da, db);
      if (warm && ea !== eb) $display("RAM64M, step %0d: expected %b, found %b", step, ea, eb);
      if (warm && dsps !== 0) $display("DSP48E1, step %0d: %h", step, dsps);
      clk = 1;
      #1 clk = 0;
    end
    $display("%0d steps", STEPS);
  end
endmodule
