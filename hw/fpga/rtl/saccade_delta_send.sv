// Sends a layer's sums: looks at its words one by one, and of one that has something to send gives a header, and then the
// sums of its blocks, a word a cycle where there is room. What it looks at was read in the cycle before.
module saccade_delta_send #(
    parameter int LANES = 176,
    parameter int SUMS = 256,
    localparam int SW = saccade_pkg::bits(SUMS)
) (
    input  logic                       clk,
    input  logic                       clear,
    input  logic                       begins,
    input  logic                       begins_touched, // those alone that were touched
    input  saccade_delta_base::layer_t begins_layer,
    input  saccade_delta_base::layer_t layer,       // in the cycles behind
    input  logic                       room,        // for a word
    output logic                       busy,
    output logic                       push,
    output logic [31:0]                word,
    output logic                       sent,        // it is a sum
    output logic [SW-1:0]              read_at,     // of sums and bits
    output logic                       clears,      // the bits of the word that was read
    output logic [SW-1:0]              clears_at,
    input  logic [8:0]                 touched,
    output logic [12:0]                lane,        // of the sum
    input  logic [31:0]                sum
);
  localparam int BLOCK = LANES / saccade_delta_base::BLOCKS;

  logic only_touched, sending;
  logic [16:0] number;        // of the word among the layer's
  logic [SW-1:0] at;
  logic [15:0] headers;
  logic [8:0] blocks;         // that are left of the word
  logic [12:0] channel;
  logic [16:0] part;
  logic [15:0] rows, columns; // outputs from the word's tile on

  // Blocks of a tile that hold outputs.
  logic [8:0] there, looked;
  logic [2:0] along;
  always_comb begin
    along = {columns >= 16'd3, columns >= 16'd2, 1'b1};
    there = {rows >= 16'd3 ? along : 3'd0, rows >= 16'd2 ? along : 3'd0, along};
    if (layer.linear) there = 9'd1;
    looked = only_touched ? there & touched : there;
  end

  // The lowest block that is left.
  logic [3:0] block;
  logic [8:0] blocks_behind;
  always_comb begin
    block = '0;
    for (int b = saccade_delta_base::BLOCKS - 1; b >= 0; b--) if (blocks[b]) block = 4'(b);
    blocks_behind = blocks & (blocks - 9'd1);
  end
  assign lane = 13'(block) * 13'(BLOCK) + channel;

  logic ends, headed, last_part, last_channel, goes_on;
  assign ends = busy && !sending && number == layer.words;
  assign headed = busy && !sending && !ends && looked != 0;
  assign last_part = part + 17'd1 == layer.parts;
  assign last_channel = channel + 13'd1 == (last_part ? layer.last : layer.linear ? 13'(LANES) : 13'(BLOCK));
  assign push = (ends || headed || busy && sending) && room;
  assign sent = push && sending;
  assign clears = push && headed;
  assign clears_at = at;
  assign goes_on = busy && !sending && !ends && looked == 0 || sent && last_channel && blocks_behind == 0;
  assign read_at = begins ? SW'(begins_layer.sums_at) : at + SW'(goes_on);
  always_comb begin
    if (sending) word = sum;
    else if (ends) word = {headers, 16'd0};
    else word = {number[15:0], 7'd0, looked};
  end

  always_ff @(posedge clk) begin
    at <= read_at;
    if (clears) begin
      sending <= 1'b1;
      blocks <= looked;
      channel <= '0;
      headers <= headers + 16'd1;
    end
    if (sent) begin
      channel <= last_channel ? 13'd0 : channel + 13'd1;
      if (last_channel) blocks <= blocks_behind;
    end
    if (goes_on) begin
      sending <= 1'b0;
      number <= number + 17'd1;
      part <= last_part ? 17'd0 : part + 17'd1;
      if (last_part) begin
        columns <= columns > 16'd3 ? columns - 16'd3 : layer.out_width;
        if (columns <= 16'd3) rows <= rows - 16'd3;
      end
    end
    if (push && ends) busy <= 1'b0;
    if (begins) begin
      busy <= 1'b1;
      only_touched <= begins_touched;
      sending <= 1'b0;
      number <= '0;
      headers <= '0;
      part <= '0;
      rows <= begins_layer.out_height;
      columns <= begins_layer.out_width;
    end
    if (clear) busy <= 1'b0;
  end
endmodule
