// Writes results into their FIFO as saccade_writer does, and sums of the delta engine while there are none: those wait
// for room, and are never dropped.
module saccade_delta_writer #(
    parameter int OUT = 512
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 answers,
    input  logic                 mark,      // a mark is one word, always
    input  logic [31:0]          answer,
    input  logic [31:0]          answer_dot,
    input  logic [19:0]          answer_norm,
    output logic                 free,      // an answer is taken in this cycle
    output logic                 idle,
    output logic                 wrote,     // a result or a mark, its last word
    output logic                 dropped,   // one
    input  logic                 sum_push,
    input  logic [31:0]          sum,       // a header or an end, too
    output logic                 room,      // for it
    output logic                 valid,
    output logic [31:0]          data,
    input  logic                 ready
);
  logic [1:0] words;
  logic [31:0] word, second, third;
  logic [$clog2(OUT):0] count;
  logic acts, push;

  assign room = 32'(count) < OUT;
  assign acts = words != 0 && (room || cfg.drop_out);
  assign dropped = acts && cfg.drop_out && 32'(count) + 32'(words) > OUT;
  assign push = acts && !dropped;
  assign wrote = push && words == 2'd1;
  assign free = words == 0 || words == 2'd1 && acts;
  assign idle = words == 0;
  assign valid = count != 0;

  saccade_fifo #(.WIDTH(32), .DEPTH(OUT)) results (
      .clk, .clear, .push(push || sum_push), .pushed(sum_push ? sum : word), .pop(valid && ready), .count, .word(data)
  );

  always_ff @(posedge clk) begin
    if (push) begin
      words <= words - 2'd1;
      word <= second;
      second <= third;
    end
    if (dropped) words <= 2'd0;
    if (answers) begin
      words <= cfg.detail && !mark ? 2'd3 : 2'd1;
      word <= answer;
      second <= answer_dot;
      third <= 32'(answer_norm);
    end
    if (clear) words <= 2'd0;
  end
endmodule
