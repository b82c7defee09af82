// Takes tokens from the order queue, and reads contexts and weights for the lanes: a column of G neurons a cycle, in
// as many passes as the configured neurons need. It keeps the weights' hazards: an event begins to be matched where
// what it would read of a neuron that is being learned is either ahead of the learning, to be corrected, or behind.
module saccade_match #(
    parameter int ROWS = 11,
    parameter int PASSES = 4,  // rows of G neurons in a bank
    localparam int MW = saccade_pkg::bits(2 * PASSES * ROWS),
    localparam int PW = saccade_pkg::bits(PASSES),
    localparam int RW = $clog2(2 * PASSES + 1) + 1
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  saccade_pkg::token_t  head,
    input  logic [4:0]           order_count,
    input  logic                 queue_full,
    output logic                 pop,
    output saccade_pkg::token_t  popped,
    input  logic [4:0]           streams,
    input  logic [4:0]           summed,
    input  logic [4:0]           decided,
    input  logic [7:0]           noise,
    input  logic [7:0]           learn_age,
    input  logic                 learn_bank,
    input  logic [4:0]           learn_number,
    output logic                 attach,    // the event that begins is to be corrected
    output logic [4:0]           matching,  // events that have begun

    // To the lanes: a column is read.
    output logic                 issue,
    output logic                 issue_first,
    output logic                 issue_last,
    output logic [2:0]           issue_slot,
    output logic [4:0]           issue_column,
    output logic [MW-1:0]        issue_at,    // of the match weights
    output logic                 issue_event, // the row of dot products: lowest bit of the event's number
    output logic [PW-1:0]        issue_pass,
    input  logic                 row_written,
    output logic [RW-1:0]        rows,        // of dot products that were written, ever
    output logic                 idle
);
  localparam logic [MW-1:0] BANK = MW'(PASSES * ROWS);

  logic [4:0] column;
  logic [PW-1:0] pass;
  logic [4:0] number;  // of the event that is matched
  logic [MW-1:0] at;

  logic busy, has_streamed, has_sum, skipped, ahead, may, starts, same_bank;
  logic [4:0] streamed_by, summed_by, ahead_by;
  assign busy = column != 0 || pass != 0;
  assign streamed_by = streams - head.number;
  assign summed_by = summed - head.number;
  assign ahead_by = head.number - decided;
  assign has_streamed = streamed_by != 0 && !streamed_by[4];
  assign has_sum = summed_by != 0 && !summed_by[4];
  assign skipped = head.competes && has_sum && noise[head.number[2:0]];
  assign ahead = ahead_by >= 5'd2;
  assign same_bank = learn_bank == head.bank;

  always_comb begin
    may = has_streamed && !ahead;
    if (same_bank && learn_age <= 8'(saccade_pkg::LEARN_WRITE))
      may = may && learn_age < 8'(saccade_pkg::LEARN_JOIN) && head.number == learn_number + 5'd1;
  end
  assign pop = !busy && order_count != 0 && !queue_full && (!head.competes || skipped || may);
  assign starts = pop && head.competes && !skipped;
  assign attach = starts && same_bank && learn_age < 8'(saccade_pkg::LEARN_JOIN);
  always_comb begin
    popped = head;
    popped.skipped = skipped;
  end

  logic [5:0] over;  // from the last word of a pass to the next pass
  assign over = 6'(ROWS) - 6'(cfg.side) + 6'd1;
  assign issue = busy || starts;
  assign issue_first = column == 0;
  assign issue_last = column == cfg.side - 5'd1;
  assign issue_slot = busy ? number[2:0] : head.number[2:0];
  assign issue_column = column;
  assign issue_at = busy ? at : head.bank ? BANK : MW'(0);
  assign issue_event = busy ? number[0] : head.number[0];
  assign issue_pass = pass;
  assign idle = !busy;

  always_ff @(posedge clk) begin
    if (pop && head.competes) matching <= matching + 5'd1;
    if (starts) number <= head.number;
    if (issue) begin
      column <= issue_last ? 5'd0 : column + 5'd1;
      // A pass has ROWS words, of which the patch takes its side.
      at <= issue_at + (issue_last ? MW'(over) : MW'(1));
      if (issue_last) pass <= 11'(pass) == cfg.passes - 11'd1 ? PW'(0) : pass + PW'(1);
    end
    if (row_written) rows <= rows + RW'(1);
    if (clear) begin
      matching <= '0;
      column <= '0;
      pass <= '0;
      rows <= '0;
    end
  end
endmodule
