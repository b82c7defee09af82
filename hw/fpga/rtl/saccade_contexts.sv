// The contexts under way, eight slots of a column a word, in three copies: what the lanes, the learning and the
// correction read.
module saccade_contexts #(
    parameter int ROWS = 11,
    localparam int CW = saccade_pkg::bits(ROWS)
) (
    input  logic               clk,
    input  logic               write,
    input  logic [2:0]         write_slot,
    input  logic [4:0]         write_column,
    input  logic [16*ROWS-1:0] values,
    input  logic [2:0]         match_slot,
    input  logic [4:0]         match_column,
    output logic [16*ROWS-1:0] match_values,
    input  logic [2:0]         learn_slot,
    input  logic [4:0]         learn_column,
    output logic [16*ROWS-1:0] learn_values,
    input  logic [2:0]         correct_slot,
    input  logic [4:0]         correct_column,
    output logic [16*ROWS-1:0] correct_values
);
  logic [CW+2:0] write_at;
  assign write_at = {write_slot, write_column[CW-1:0]};

  saccade_ram #(.WIDTH(16 * ROWS), .DEPTH(8 << CW)) of_match (
      .clk, .write, .write_at, .written(values), .read_at({match_slot, match_column[CW-1:0]}), .word(match_values)
  );
  saccade_ram #(.WIDTH(16 * ROWS), .DEPTH(8 << CW)) of_learning (
      .clk, .write, .write_at, .written(values), .read_at({learn_slot, learn_column[CW-1:0]}), .word(learn_values)
  );
  saccade_ram #(.WIDTH(16 * ROWS), .DEPTH(8 << CW)) of_correction (
      .clk, .write, .write_at, .written(values), .read_at({correct_slot, correct_column[CW-1:0]}), .word(correct_values)
  );
endmodule
