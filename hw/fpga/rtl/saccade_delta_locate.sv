// From a change to words of weights: where its input lies is found in three registers, a cycle each where the next is
// free; out of the last, a word is issued a cycle. Divisions are products with the layer's inverses.
module saccade_delta_locate #(
    parameter int WEIGHTS = 4096,
    localparam int WW = saccade_pkg::bits(WEIGHTS)
) (
    input  logic                       clk,
    input  logic                       clear,
    input  saccade_delta_base::layer_t layer,
    input  logic                       change,
    input  logic [31:0]                word,        // index and by how much it rose
    input  logic                       lanes_free,
    output logic                       any,         // changes are there
    output logic                       full,        // and leave no room for one more in this cycle
    output logic                       issue,       // a word of weights is read
    output logic [WW-1:0]              issue_at,
    output logic [16:0]                issue_part,
    output logic                       issue_last,  // the last part
    output logic [15:0]                issue_change,
    output logic [15:0]                issue_y,     // of the input
    output logic [15:0]                issue_x
);
  typedef struct packed {
    logic [15:0] change;
    logic [15:0] index;
    logic [15:0] pixel;
  } pixel_t;
  typedef struct packed {
    logic [15:0] change;
    logic [15:0] pixel;
    logic [15:0] channel;
    logic [15:0] y;
  } row_t;

  logic [2:0] valid;
  pixel_t first;
  row_t second;
  logic [15:0] change_at_work, y, x;
  logic [WW-1:0] at;  // of its first part's weights
  logic [16:0] part;

  logic moves_third, moves_second, moves_first, last;
  assign last = part + 17'd1 == layer.parts;
  assign issue = valid[2] && lanes_free;
  assign moves_third = !valid[2] || issue && last;
  assign moves_second = !valid[1] || moves_third;
  assign moves_first = !valid[0] || moves_second;
  assign any = valid != 0;
  assign full = !moves_first;
  assign issue_at = at + WW'(part);
  assign issue_part = part;
  assign issue_last = last;
  assign issue_change = change_at_work;
  assign issue_y = y;
  assign issue_x = x;

  // Each product has a cycle.
  logic [48:0] pixels, rows;
  assign pixels = 49'(word[31:16]) * 49'(layer.by_channels);
  assign rows = 49'(first.pixel) * 49'(layer.by_width);

  always_ff @(posedge clk) begin
    if (moves_first) begin
      valid[0] <= change;
      first.change <= word[15:0];
      first.index <= word[31:16];
      first.pixel <= pixels[47:32];
    end
    if (moves_second) begin
      valid[1] <= valid[0];
      second.change <= first.change;
      second.pixel <= first.pixel;
      second.channel <= first.index - first.pixel * layer.channels[15:0];
      second.y <= rows[47:32];
    end
    if (moves_third) begin
      valid[2] <= valid[1];
      change_at_work <= second.change;
      y <= second.y;
      x <= second.pixel - second.y * layer.width;
      at <= WW'(layer.weights_at) + WW'(second.channel) * WW'(layer.parts);
      part <= '0;
    end else if (issue) part <= part + 17'd1;
    if (clear) valid <= '0;
  end
endmodule
