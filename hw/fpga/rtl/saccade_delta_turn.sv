// The weights' memory, a word of a weight for each lane, and what turns a word from the elements of the kernel to the
// blocks of the sums: in the cycle behind the one in which its address is there. Two lanes share a memory, for that is
// what the window writes at once.
module saccade_delta_turn #(
    parameter int LANES = 176,
    parameter int WEIGHTS = 4096,
    parameter int WIPE = 25,
    localparam int WW = saccade_pkg::bits(WEIGHTS)
) (
    input  logic                clk,
    input  logic                wipe,
    input  logic [WIPE-1:0]     wipe_at,
    input  logic                window,       // the ports are the window's
    input  logic                window_write,
    input  logic [WW-1:0]       window_at,
    input  logic [12:0]         window_lane,  // an even one
    input  logic [31:0]         window_value,
    output logic [31:0]         window_word,  // in the cycle behind the address

    input  logic [WW-1:0]       at,
    // A cycle later:
    input  logic                linear,
    input  logic [35:0]         from,         // of each block, the block of weights that it takes
    input  logic [12:0]         count,        // lanes of a block that are used: beyond them, weights are 0
    // Two cycles later:
    output logic [16*LANES-1:0] turned
);
  localparam int PAIRS = (LANES + 1) / 2;
  localparam int BLOCK = LANES / saccade_delta_base::BLOCKS;

  logic [32*PAIRS-1:0] word;
  logic [11:0] window_pair;
  always_ff @(posedge clk) window_pair <= window_lane[12:1];
  assign window_word = word[32*window_pair +: 32];

  logic [WW-1:0] write_at, read_at;
  logic [31:0] written;
  logic wipes;
  assign wipes = wipe && wipe_at < WIPE'(WEIGHTS);
  assign write_at = wipe ? WW'(wipe_at) : window_at;
  assign written = wipe ? 32'd0 : window_value;
  assign read_at = window ? window_at : at;

  for (genvar pair = 0; pair < PAIRS; pair++) begin : pairs
    // Of an odd number of lanes, the last has no neighbour: that half stays 0.
    localparam logic [31:0] THERE = 2 * pair + 1 < LANES ? 32'hffff_ffff : 32'h0000_ffff;
    saccade_ram #(.WIDTH(32), .DEPTH(WEIGHTS)) memory (
        .clk,
        .write(wipes || window_write && window_lane == 13'(2 * pair)),
        .write_at,
        .written(written & THERE),
        .read_at,
        .word(word[32*pair +: 32])
    );
  end

  for (genvar lane = 0; lane < LANES; lane++) begin : lanes
    logic [15:0] own, taken;
    assign own = word[16*lane +: 16];
    if (lane < saccade_delta_base::BLOCKS * BLOCK) begin : blocks
      localparam int INDEX = lane % BLOCK;
      logic [3:0] chosen;
      logic [16*saccade_delta_base::BLOCKS-1:0] elements;
      logic [15:0] other;
      assign chosen = from[4*(lane/BLOCK) +: 4];
      for (genvar b = 0; b < saccade_delta_base::BLOCKS; b++) begin : of_blocks
        assign elements[16*b +: 16] = word[16*(b*BLOCK+INDEX) +: 16];
      end
      assign other = elements[16*chosen +: 16];
      assign taken = linear ? (13'(lane) < count ? own : 16'd0) : 13'(INDEX) < count ? other : 16'd0;
    end else begin : rest
      assign taken = linear && 13'(lane) < count ? own : 16'd0;
    end
    always_ff @(posedge clk) turned[16*lane +: 16] <= taken;
  end
endmodule
