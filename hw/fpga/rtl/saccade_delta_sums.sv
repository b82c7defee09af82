// The sums of one block of lanes, at an address of its own, and the adders that follow the multipliers. Of a word, sums
// are read while products are made, added in the next cycle and written in the one behind. What the two words ahead
// have made of the same sums is not in the memory by then: it is taken from where it is.
module saccade_delta_sums #(
    parameter int LANES = 19,   // of the block
    parameter int SUMS = 256,
    localparam int SW = saccade_pkg::bits(SUMS)
) (
    input  logic                clk,
    input  logic                adds,          // the address is that of sums to be added to
    input  logic [SW-1:0]       at,
    input  logic [32*LANES-1:0] products,      // a cycle later
    output logic [32*LANES-1:0] words,         // read a cycle before

    input  logic                zero,          // words become 0, at zero_at
    input  logic [SW-1:0]       zero_at,
    input  logic [LANES-1:0]    window_write,  // a lane is written, at the address that is read
    input  logic [31:0]         window_value,

    output logic                writes,        // sums that were added to
    output logic [SW-1:0]       writes_at
);
  logic adding;               // in the cycle behind at
  logic [SW-1:0] adding_at;
  logic follows, follows_two; // the sums are those that the word ahead writes in that cycle, or has written
  logic [32*LANES-1:0] results, written;

  always_ff @(posedge clk) begin
    adding <= adds;
    adding_at <= at;
    writes <= adding;
    writes_at <= adding_at;
    follows <= adding && adding_at == at;
    follows_two <= writes && writes_at == at;
  end

  for (genvar lane = 0; lane < LANES; lane++) begin : lanes
    logic [31:0] sum;
    assign sum = follows ? results[32*lane +: 32] : follows_two ? written[32*lane +: 32] : words[32*lane +: 32];
    always_ff @(posedge clk) begin
      results[32*lane +: 32] <= sum + products[32*lane +: 32];
      written[32*lane +: 32] <= results[32*lane +: 32];
    end
    saccade_ram #(.WIDTH(32), .DEPTH(SUMS)) memory (
        .clk,
        .write(zero || writes || window_write[lane]),
        .write_at(zero ? zero_at : writes ? writes_at : at),
        .written(zero ? 32'd0 : writes ? results[32*lane +: 32] : window_value),
        .read_at(at),
        .word(words[32*lane +: 32])
    );
  end
endmodule
