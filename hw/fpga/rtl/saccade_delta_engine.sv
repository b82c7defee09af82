// The delta engine: what changed in the inputs of a layer is multiplied with its weights and added to the layer's sums.
// It looks at stage b, between the parser and the surface; its multipliers are those that match, outside of it.
module saccade_delta_engine #(
    parameter int LANES = 176,
    parameter int WEIGHTS = 4096,
    parameter int SUMS = 256
) (
    input  logic                clk,
    input  logic                rst,
    input  logic                clear,        // everything begins anew: memories are wiped
    output logic                wiping,
    output logic                busy,

    input  logic                b_valid,
    input  logic                b_command,
    input  logic                b_change,
    input  logic [31:0]         b_word,
    input  logic [4:0]          next_layer,   // that stage b names in the next cycle
    input  logic                surface_takes,
    output logic                takes,
    output logic                feast_valid,
    input  logic                lanes_free,   // all that is ahead is matched
    input  logic                all_answered, // and answered
    output logic [31:0]         fault,        // of the stream; 0: none

    output logic                change_valid, // the lanes' multipliers
    output logic [15:0]         change,
    output logic [16*LANES-1:0] change_weights,
    input  logic [32*LANES-1:0] products,

    input  logic                room,         // in the result FIFO
    output logic                push,
    output logic [31:0]         word,

    input  logic                describe,     // what bus and window ask for; see saccade_delta_bus
    input  logic [4:0]          describes,
    input  logic [32*saccade_delta_base::STAGED-1:0] staged,
    output logic                described,
    output logic [31:0]         description_bad,
    input  logic                window,
    input  logic                window_put_weights,
    input  logic                window_put_sum,
    input  logic [18:0]         window_at,
    input  logic [12:0]         window_lane,
    input  logic [31:0]         window_value,
    output logic [31:0]         window_weights,
    output logic [31:0]         window_sum,
    input  logic                zero_counters,
    input  logic [2:0]          which,
    output logic [63:0]         count
);
  localparam int WW = saccade_pkg::bits(WEIGHTS);
  localparam int SW = saccade_pkg::bits(SUMS);
  localparam int WIPE = 26;
  localparam int WIPE_END = (WEIGHTS > SUMS ? WEIGHTS : SUMS) + saccade_pkg::CONFIGURE_WIPE - 1;

  // A wiped memory takes a cycle a word, all at once.
  logic [WIPE-1:0] wipe_at;
  always_ff @(posedge clk) begin
    wipe_at <= wipe_at + WIPE'(1);
    if (wipe_at == WIPE'(WIPE_END)) wiping <= 1'b0;
    if (clear) begin
      wiping <= !rst;
      wipe_at <= '0;
    end
  end

  // Layers.
  saccade_delta_base::layer_t description, named, layer;
  logic [31:0] there;
  logic description_there;
  saccade_delta_describe #(.LANES(LANES), .WEIGHTS(WEIGHTS), .SUMS(SUMS)) describing (
      .clk, .rst, .start(describe), .staged, .done(described), .there(description_there), .bad(description_bad),
      .layer(description)
  );
  saccade_ram #(.WIDTH($bits(named)), .DEPTH(saccade_delta_base::LAYERS)) layers (
      .clk, .write(described), .write_at(describes), .written(description), .read_at(next_layer), .word(named)
  );
  always_ff @(posedge clk) begin
    if (described) there[describes] <= description_there;
    if (clear) there <= '0;
  end

  // What stage b has.
  logic located, locate_full, adding, sending, begins_sending, begins_touched, takes_change, refuses, zero, bad_layer, bad_change;
  logic [16:0] zero_at;
  saccade_delta_base::layer_t zero_layer;
  saccade_delta_control control (
      .clk, .clear, .b_valid, .b_command, .b_change, .b_word, .surface_takes, .takes, .feast_valid,
      .there, .named, .described, .describes, .description, .located, .locate_full, .adding, .sending, .all_answered,
      .layer, .begins_sending, .begins_touched, .change(takes_change), .refuses, .zero, .zero_at, .zero_layer, .busy,
      .bad_layer, .bad_change
  );
  always_comb begin
    fault = '0;
    if (bad_layer) fault = {saccade_delta_base::ERROR_LAYER, 16'd0, b_word[7:0]};
    if (bad_change) fault = {saccade_delta_base::ERROR_CHANGE, 8'd0, b_word[31:16]};
  end

  // Changes.
  logic issue, issue_last;
  logic [WW-1:0] issue_at;
  logic [16:0] issue_part;
  logic [15:0] issue_change, issue_y, issue_x;
  logic [1:0] rows, columns;
  logic [12:0] lanes, lane;
  logic [SW-1:0] read_at, clears_at;
  logic [8:0] touched;
  logic [31:0] sum;
  logic clears, sent;
  logic [SW-1:0] zero_word;
  assign zero_word = SW'(zero_layer.sums_at) + SW'(zero_at);
  saccade_delta_locate #(.WEIGHTS(WEIGHTS)) locate (
      .clk, .clear, .layer, .change(takes_change), .word(b_word), .lanes_free, .any(located), .full(locate_full),
      .issue, .issue_at, .issue_part, .issue_last, .issue_change, .issue_y, .issue_x
  );
  saccade_delta_path #(.LANES(LANES), .WEIGHTS(WEIGHTS), .SUMS(SUMS), .WIPE(WIPE)) path (
      .clk, .clear, .wipe(wiping), .wipe_at, .layer, .adding,
      .issue, .issue_at, .issue_part(SW'(issue_part)), .issue_last, .issue_change, .issue_y, .issue_x, .rows, .columns, .lanes,
      .change_valid, .change, .change_weights, .products,
      .read_at, .touched, .lane(window ? window_lane : lane), .sum, .zero, .zero_at(zero_word),
      .clears, .clears_at,
      .window, .window_put_weights, .window_put_sum, .window_at, .window_lane, .window_value, .window_weights
  );
  assign window_sum = sum;

  // Sums.
  saccade_delta_send #(.LANES(LANES), .SUMS(SUMS)) send (
      .clk, .clear, .begins(begins_sending), .begins_touched, .begins_layer(named), .layer, .room, .busy(sending),
      .push, .word, .sent, .read_at, .clears, .clears_at, .touched, .lane, .sum
  );

  logic [saccade_delta_base::COUNTERS-1:0] counted;
  always_comb begin
    counted = '0;
    counted[saccade_delta_base::COUNT_ACTIVE] = busy;
    counted[saccade_delta_base::COUNT_BUSY] = issue;
    counted[saccade_delta_base::COUNT_TAKEN] = takes_change;
    counted[saccade_delta_base::COUNT_REFUSED] = refuses;
    counted[saccade_delta_base::COUNT_SENT] = sent;
  end
  saccade_delta_counters counters (
      .clk, .rst, .zero(zero_counters), .counted, .rows, .columns, .lanes, .which, .count
  );
endmodule
