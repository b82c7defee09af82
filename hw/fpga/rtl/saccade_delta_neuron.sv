// ROWS multipliers that match one neuron of each pass, as in saccade_neuron, or multiply a delta layer's weights with a
// change.
module saccade_delta_neuron #(
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
    output logic [31:0]        dot,

    input  logic               change_valid,
    input  logic [15:0]        change,
    input  logic [16*ROWS-1:0] change_weights,
    output logic [32*ROWS-1:0] products
);
  logic [16*ROWS-1:0] weights;
  logic [31:0] sums[0:2];
  logic [31:0] partial[0:2];

  saccade_ram #(.WIDTH(16 * ROWS), .DEPTH(WORDS)) memory (.clk, .write, .write_at, .written, .read_at, .word(weights));

  for (genvar row = 0; row < ROWS; row++) begin : rows
    logic signed [15:0] weight, factor;
    assign weight = change_valid ? change_weights[16*row +: 16] : weights[16*row +: 16];
    assign factor = change_valid ? change : context_column[16*row +: 16];
    always_ff @(posedge clk) products[32*row +: 32] <= weight * factor;
  end

  always_comb begin
    partial[0] = '0;
    partial[1] = '0;
    partial[2] = '0;
    for (int row = 0; row < ROWS; row++) partial[row%3] = partial[row%3] + products[32*row +: 32];
  end

  always_ff @(posedge clk) begin
    sums[0] <= partial[0];
    sums[1] <= partial[1];
    sums[2] <= partial[2];
    dot <= (first ? 32'd0 : dot) + sums[0] + sums[1] + sums[2];
  end
endmodule
