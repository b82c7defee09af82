// saccade_parse, beside which changes go through both stages: to it, a change is an event without a stamp of its own,
// of which the surface learns nothing.
module saccade_delta_parse #(
    parameter int ROWS = 11,
    parameter int CELLS = 4096,
    localparam int AW = saccade_pkg::bits(CELLS)
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 available,
    input  logic [31:0]          word,
    output logic                 pop,
    input  logic                 takes,
    output logic                 idle,
    output logic                 bad_stamp,

    output logic                 b_valid,
    output logic                 b_change,
    output logic [31:0]          b_word,     // the change
    output logic                 b_command,
    output logic                 b_polarity,
    output logic [2:0]           b_class,
    output logic [31:0]          b_stamp,    // or the command
    output logic [4:0]           b_top,
    output logic [AW-1:0]        b_above,
    output logic [AW-1:0]        b_below,
    output logic [4:0]           b_row_from,
    output logic [4:0]           b_row_to,
    output logic [4:0]           b_column_from,
    output logic [4:0]           b_column_to,
    output logic [4:0]           next_layer  // that stage b names in the next cycle, where it has a command of a layer
);
  logic second, changes, a_valid, a_change;
  logic command;  // the word behind the first of two is one
  logic [31:0] a_word;
  logic change, makes, a_moves, b_moves;

  assign change = changes && !second
      && word != {1'b0, saccade_pkg::COMMAND_COORDINATE, 1'b0, saccade_pkg::COMMAND_COORDINATE};
  assign makes = pop && (second || change || word[31]);
  assign b_moves = !b_valid || takes;
  assign a_moves = !a_valid || b_moves;
  assign next_layer = b_moves ? a_word[4:0] : b_word[4:0];

  saccade_parse #(.ROWS(ROWS), .CELLS(CELLS)) events (
      .clk, .clear, .cfg, .available, .word({word[31] || change, word[30:0]}), .pop, .takes, .idle, .bad_stamp,
      .b_valid, .b_command, .b_polarity, .b_class, .b_stamp, .b_top, .b_above, .b_below,
      .b_row_from, .b_row_to, .b_column_from, .b_column_to
  );

  always_ff @(posedge clk) begin
    if (pop) begin
      second <= !second && !makes;
      command <= {word[30:16], word[14:0]} == {2{saccade_pkg::COMMAND_COORDINATE}};
      if (second) changes <= command && word[31:24] == saccade_delta_base::OP_CHANGES;
    end
    if (a_moves) begin
      a_valid <= makes;
      a_change <= change;
      a_word <= word;
    end
    if (b_moves) begin
      b_change <= a_valid && a_change;
      b_word <= a_word;
    end
    if (clear) begin
      second <= 1'b0;
      changes <= 1'b0;
      a_valid <= 1'b0;
      b_change <= 1'b0;
    end
  end
endmodule
