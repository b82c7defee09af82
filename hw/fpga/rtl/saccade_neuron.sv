// ROWS multipliers that match one neuron of each pass: its weights' memory, products, three sums of them, and the
// accumulator.
module saccade_neuron #(
    parameter int ROWS = 11,
    parameter int WORDS = 88,
    localparam int A = saccade_pkg::bits(WORDS)
) (
    input  logic               clk,
    input  logic               write,
    input  logic [A-1:0]       write_at,
    input  logic [16*ROWS-1:0] written,
    input  logic [A-1:0]       read_at,
    input  logic [16*ROWS-1:0] context_column,  // in the cycle behind read_at
    input  logic               first,           // the sums are those of the first column
    output logic [31:0]        dot
);
  logic [16*ROWS-1:0] weights;
  logic [32*ROWS-1:0] products;
  logic [31:0] sums[0:2];
  logic [31:0] partial[0:2];

  saccade_ram #(.WIDTH(16 * ROWS), .DEPTH(WORDS)) memory (.clk, .write, .write_at, .written, .read_at, .word(weights));

  always_comb begin
    partial[0] = '0;
    partial[1] = '0;
    partial[2] = '0;
    for (int row = 0; row < ROWS; row++) partial[row%3] = partial[row%3] + products[32*row +: 32];
  end

  always_ff @(posedge clk) begin
    for (int row = 0; row < ROWS; row++)
      products[32*row +: 32] <= $signed(weights[16*row +: 16]) * $signed(context_column[16*row +: 16]);
    sums[0] <= partial[0];
    sums[1] <= partial[1];
    sums[2] <= partial[2];
    dot <= (first ? 32'd0 : dot) + sums[0] + sums[1] + sums[2];
  end
endmodule
