// saccade_input, before which it is known which words are changes: they are taken one by one, and wait where there is no
// room, whatever the configuration says of dropping; only where the command ahead of them was dropped, so are they.
module saccade_delta_entry #(
    parameter int IN = 512
) (
    input  logic                clk,
    input  logic                clear,
    input  logic                enabled,
    input  logic                drop_in,
    input  logic                valid,
    input  logic [31:0]         data,
    output logic                ready,
    input  logic [$clog2(IN):0] count,
    output logic                push,
    output logic                dropped,  // an event, a command or a change
    output logic                between   // the next word is the second of two
);
  logic changes;  // words are changes
  logic lost;     // whose beginning was dropped
  logic command;  // the second word is one
  logic change, takes, inner_push, inner_dropped;

  assign change = valid && changes && !between
      && data != {1'b0, saccade_pkg::COMMAND_COORDINATE, 1'b0, saccade_pkg::COMMAND_COORDINATE};
  assign takes = valid && ready;

  saccade_input #(.IN(IN)) words (
      .clk, .clear, .enabled, .drop_in(drop_in && (!changes || lost)), .valid(valid && !change), .data, .ready, .count,
      .push(inner_push), .dropped(inner_dropped), .between
  );
  assign push = inner_push || change && takes && !lost;
  assign dropped = inner_dropped || change && takes && lost;

  always_ff @(posedge clk) begin
    if (takes && between) begin
      changes <= command && data[31:24] == saccade_delta_base::OP_CHANGES;
      lost <= command && data[31:24] == saccade_delta_base::OP_CHANGES && !inner_push;
    end
    if (takes && !between) command <= {data[30:16], data[14:0]} == {2{saccade_pkg::COMMAND_COORDINATE}} && !data[31];
    if (clear) begin
      changes <= 1'b0;
      lost <= 1'b0;
    end
  end
endmodule
