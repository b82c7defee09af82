// What a surface's cell is worth at an event's time: hw.Decay's arithmetic, a stage a cycle.
module saccade_decay (
    input  logic                 clk,
    input  saccade_pkg::config_t cfg,
    input  logic [30:0]          cell_stamp,  // as its memory puts it out
    input  logic [30:0]          now,
    output logic [15:0]          value        // six cycles later
);
  // 2^-f in Q14, a polynomial of third degree: package hw says where its coefficients are from.
  localparam logic signed [16:0] C0 = 17'sd16384;
  localparam logic signed [16:0] C1 = 17'sd11338;
  localparam logic signed [16:0] C2 = 17'sd3806;
  localparam logic signed [16:0] C3 = 17'sd661;

  logic [30:0] age, capped;
  logic [31:0] shifted;
  assign age = cell_stamp < now ? now - cell_stamp : '0;
  assign capped = age < cfg.horizon ? age : cfg.horizon;
  // One of the two shifts is zero.
  assign shifted = (({1'b0, capped} << cfg.left) + 32'(cfg.round)) >> cfg.right;

  logic [15:0] units;
  logic [31:0] octaves3, octaves4, octaves5, octaves6;  // Q5.27; of a linear decay what is lost, Q16
  logic signed [16:0] m4, m5, m6;

  function automatic logic signed [16:0] fraction(input logic [31:0] octaves);
    fraction = {2'b00, octaves[26:12]};
  endfunction

  logic [5:0] shift;
  logic [30:0] rounded;
  logic [16:0] lost;
  assign shift = 6'(cfg.peak) + 6'd1 - 6'(octaves6[31:27]);
  assign rounded = ({14'd0, m6} << shift[3:0]) + 31'd16384;
  assign lost = {1'b0, 16'd1 << cfg.peak} - {1'b0, octaves6[31:16]};

  always_ff @(posedge clk) begin
    units <= shifted[15:0];
    octaves3 <= units * cfg.rate;
    octaves4 <= octaves3;
    m4 <= C2 - saccade_pkg::mulhrs(fraction(octaves3), C3);
    octaves5 <= octaves4;
    m5 <= C1 - saccade_pkg::mulhrs(fraction(octaves4), m4);
    octaves6 <= octaves5;
    m6 <= C0 - saccade_pkg::mulhrs(fraction(octaves5), m5);
    if (cfg.linear) value <= lost[16] ? 16'd0 : lost[15:0];
    else value <= shift[5] ? 16'd0 : rounded[30:15];
  end
endmodule
