// The counters of 64 bits. Reading the lower word of one holds its upper word.
module saccade_counters (
    input  logic                                  clk,
    input  logic                                  rst,
    input  logic                                  zero,     // ahead of what is counted in this cycle
    input  logic [saccade_pkg::COUNTERS-1:0]      counted,
    input  logic [3:0]                            which,
    input  logic                                  hold,     // the lower word is read
    output logic [31:0]                           low,
    output logic [31:0]                           held
);
  logic [64*saccade_pkg::COUNTERS-1:0] counts;
  logic [63:0] count;
  assign count = counts[64*which +: 64];
  assign low = count[31:0];

  always_ff @(posedge clk) begin
    for (int i = 0; i < saccade_pkg::COUNTERS; i++)
      counts[64*i +: 64] <= (zero ? 64'd0 : counts[64*i +: 64]) + 64'(counted[i]);
    if (hold) held <= count[63:32];
    if (rst) begin
      counts <= '0;
      held <= '0;
    end
  end
endmodule
