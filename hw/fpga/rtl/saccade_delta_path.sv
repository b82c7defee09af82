// The delta engine's data path: a word of weights is read in the cycle of its issue; turned to the blocks in the next, in
// which it is found where their sums are; multiplied, on the lanes that match, while the sums are read; added; written.
module saccade_delta_path #(
    parameter int LANES = 176,
    parameter int WEIGHTS = 4096,
    parameter int SUMS = 256,
    parameter int WIPE = 26,
    localparam int WW = saccade_pkg::bits(WEIGHTS),
    localparam int SW = saccade_pkg::bits(SUMS)
) (
    input  logic                       clk,
    input  logic                       clear,
    input  logic                       wipe,
    input  logic [WIPE-1:0]            wipe_at,
    input  saccade_delta_base::layer_t layer,
    output logic                       adding,       // words are on their way to the sums

    input  logic                       issue,
    input  logic [WW-1:0]              issue_at,
    input  logic [SW-1:0]              issue_part,
    input  logic                       issue_last,
    input  logic [15:0]                issue_change,
    input  logic [15:0]                issue_y,
    input  logic [15:0]                issue_x,
    output logic [1:0]                 rows,         // outputs that the word reaches
    output logic [1:0]                 columns,
    output logic [12:0]                lanes,        // a cycle later: of each

    // The lanes' multipliers, two cycles behind the issue.
    output logic                       change_valid,
    output logic [15:0]                change,
    output logic [16*LANES-1:0]        change_weights,
    input  logic [32*LANES-1:0]        products,

    // Sums that are read, and what becomes 0, of those that are not added to.
    input  logic [SW-1:0]              read_at,
    output logic [8:0]                 touched,
    input  logic [12:0]                lane,
    output logic [31:0]                sum,          // of the word that was read
    input  logic                       zero,
    input  logic [SW-1:0]              zero_at,
    input  logic                       clears,       // bits alone
    input  logic [SW-1:0]              clears_at,

    input  logic                       window,
    input  logic                       window_put_weights,
    input  logic                       window_put_sum,
    input  logic [18:0]                window_at,
    input  logic [12:0]                window_lane,
    input  logic [31:0]                window_value,
    output logic [31:0]                window_weights
);
  localparam int BLOCKS = saccade_delta_base::BLOCKS;
  localparam int BLOCK = LANES / BLOCKS;
  localparam int REST = LANES - BLOCKS * BLOCK;

  logic [saccade_delta_base::LATENCY:1] stage;
  assign adding = stage != 0;
  assign change_valid = stage[2];

  // Where its outputs are.
  logic [2:0] enabled_y, enabled_x, ahead_y, ahead_x;
  logic [5:0] element_y, element_x;
  logic [SW-1:0] offset_y, offset_x;
  saccade_delta_reach #(.SUMS(SUMS)) along_y (
      .clk, .at(issue_y), .padding(layer.padding), .stride2(layer.stride2), .outs(layer.out_height), .step(SW'(layer.across)),
      .count(rows), .enabled(enabled_y), .element(element_y), .offset(offset_y), .ahead(ahead_y)
  );
  saccade_delta_reach #(.SUMS(SUMS)) along_x (
      .clk, .at(issue_x), .padding(layer.padding), .stride2(layer.stride2), .outs(layer.out_width), .step(SW'(layer.parts)),
      .count(columns), .enabled(enabled_x), .element(element_x), .offset(offset_x), .ahead(ahead_x)
  );

  logic [BLOCKS-1:0] enabled, adds, writes;
  logic [4*BLOCKS-1:0] from;
  logic [SW*BLOCKS-1:0] at, writes_at;
  logic [15:0] change_before;
  logic [SW-1:0] part, first, down, right;  // down and right: from a tile to its neighbours
  logic rest_adds, linear, added_linear, writes_linear;
  always_comb begin
    for (int b = 0; b < BLOCKS; b++) begin
      enabled[b] = layer.linear || enabled_y[b/3] && enabled_x[b%3];
      from[4*b +: 4] = 4'(element_y[2*(b/3) +: 2]) * 4'd3 + 4'(element_x[2*(b%3) +: 2]);
      at[SW*b +: SW] = first + offset_y + offset_x - (ahead_y[b/3] ? down : SW'(0))
          - (ahead_x[b%3] ? right : SW'(0));
    end
  end

  always_ff @(posedge clk) begin
    stage <= {stage[saccade_delta_base::LATENCY-1:1], issue};
    change_before <= issue_change;
    change <= change_before;
    lanes <= issue_last ? layer.last : layer.linear ? 13'(LANES) : 13'(BLOCK);
    part <= issue_part;
    first <= SW'(layer.sums_at) + part;
    // The layer may be another from the next cycle on. One of a linear layer has no tiles.
    down <= layer.linear ? SW'(0) : SW'(layer.across);
    right <= layer.linear ? SW'(0) : SW'(layer.parts);
    adds <= stage[1] ? enabled : '0;
    rest_adds <= stage[1] && layer.linear;
    linear <= layer.linear;
    added_linear <= linear;
    writes_linear <= added_linear;
    if (clear) stage <= '0;
  end

  saccade_delta_turn #(.LANES(LANES), .WEIGHTS(WEIGHTS), .WIPE(WIPE)) turn (
      .clk, .wipe, .wipe_at, .window, .window_write(window_put_weights), .window_at(WW'(window_at)), .window_lane, .window_value,
      .window_word(window_weights), .at(issue_at), .linear(layer.linear), .from, .count(lanes), .turned(change_weights)
  );

  // Sums. Where nothing is added, all blocks have the address that is read.
  logic [32*LANES-1:0] words;
  logic [LANES-1:0] puts;
  logic rest_writes;
  logic [SW-1:0] rest_writes_at;
  logic zeroes;
  logic [SW-1:0] zeroes_at, other_at;
  assign zeroes = wipe ? wipe_at < WIPE'(SUMS) : zero;
  assign zeroes_at = wipe ? SW'(wipe_at) : zero_at;
  assign other_at = window ? SW'(window_at) : read_at;
  for (genvar l = 0; l < LANES; l++) begin : lane_puts
    assign puts[l] = window_put_sum && window_lane == 13'(l);
  end

  for (genvar b = 0; b < BLOCKS; b++) begin : blocks
    if (BLOCK > 0) begin : sums
      saccade_delta_sums #(.LANES(BLOCK), .SUMS(SUMS)) sums (
          .clk, .adds(adds[b]), .at(stage[2] ? at[SW*b +: SW] : other_at), .products(products[32*BLOCK*b +: 32*BLOCK]),
          .words(words[32*BLOCK*b +: 32*BLOCK]), .zero(zeroes), .zero_at(zeroes_at), .window_write(puts[BLOCK*b +: BLOCK]),
          .window_value, .writes(writes[b]), .writes_at(writes_at[SW*b +: SW])
      );
    end else begin : none
      assign writes[b] = rest_writes;
      assign writes_at[SW*b +: SW] = rest_writes_at;
    end
  end
  if (REST > 0) begin : rest
    saccade_delta_sums #(.LANES(REST), .SUMS(SUMS)) sums (
        .clk, .adds(rest_adds), .at(stage[2] ? at[0 +: SW] : other_at), .products(products[32*BLOCKS*BLOCK +: 32*REST]),
        .words(words[32*BLOCKS*BLOCK +: 32*REST]), .zero(zeroes), .zero_at(zeroes_at), .window_write(puts[BLOCKS*BLOCK +: REST]),
        .window_value, .writes(rest_writes), .writes_at(rest_writes_at)
    );
  end else begin : no_rest
    assign rest_writes = 1'b0;
    assign rest_writes_at = '0;
  end
  assign sum = words[32*lane +: 32];

  saccade_delta_touched #(.SUMS(SUMS)) bits_of_words (
      .clk, .linear(writes_linear), .touches(writes), .touches_at(writes_at), .clears(clears || zeroes),
      .clears_at(clears ? clears_at : zeroes_at), .read_at, .touched
  );
endmodule
