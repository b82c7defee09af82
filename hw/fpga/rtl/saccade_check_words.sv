// The check of a stream's words that sim/fpga calls Checks: the CRC-32 of IEEE 802.3 of their bytes, the lowest first,
// each from its lowest bit on. A word goes into it in the cycle in which it crosses the pins.
module saccade_check_words (
    input  logic        clk,
    input  logic        zero,     // ahead of the word of this cycle
    input  logic        crosses,
    input  logic [31:0] word,
    output logic [31:0] check
);
  localparam logic [31:0] POLYNOMIAL = 32'hedb8_8320;  // 0x04c11db7, its highest power in the lowest bit

  // The register has the check's complement, which begins as ones.
  logic [31:0] register, from, next;
  assign check = ~register;
  assign from = zero ? 32'hffff_ffff : register;

  always_comb begin
    next = from ^ word;
    for (int i = 0; i < 32; i++) next = next[0] ? {1'b0, next[31:1]} ^ POLYNOMIAL : {1'b0, next[31:1]};
  end

  always_ff @(posedge clk) register <= crosses ? next : from;
endmodule
