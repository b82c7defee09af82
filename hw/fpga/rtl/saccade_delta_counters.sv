// The delta engine's counters of 64 bits. All that they see comes two cycles late, the reading of them too: so what is
// read is what was counted when the access began.
module saccade_delta_counters (
    input  logic                                     clk,
    input  logic                                     rst,
    input  logic                                     zero,     // ahead of what is counted in this cycle; two cycles late
    input  logic [saccade_delta_base::COUNTERS-1:0]  counted,  // of the multiply-adds, nothing
    input  logic [1:0]                               rows,     // outputs that a word reaches, of a word that is issued
    input  logic [1:0]                               columns,
    input  logic [12:0]                              lanes,    // a cycle later: of each
    input  logic [2:0]                               which,
    output logic [63:0]                              count
);
  logic [saccade_delta_base::COUNTERS-1:0] earlier, now;
  logic [3:0] outputs;
  logic [16:0] macs;
  logic [64*saccade_delta_base::COUNTERS-1:0] counts;
  assign count = counts[64*which +: 64];

  always_ff @(posedge clk) begin
    earlier <= counted;
    outputs <= counted[saccade_delta_base::COUNT_BUSY] ? 4'(rows) * 4'(columns) : 4'd0;
    now <= earlier;
    macs <= 17'(outputs) * 17'(lanes);
    for (int i = 0; i < saccade_delta_base::COUNTERS; i++)
      counts[64*i +: 64] <= (zero ? 64'd0 : counts[64*i +: 64])
          + (i == saccade_delta_base::COUNT_MACS ? 64'(macs) : 64'(now[i]));
    if (rst) begin
      counts <= '0;
      earlier <= '0;
      now <= '0;
      outputs <= '0;
      macs <= '0;
    end
  end
endmodule
