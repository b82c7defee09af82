// FEAST from stage b of the parser to its answers: the surface, contexts, norms, decisions and learning. The lanes that
// match, and what words come in and go out by, are outside, as the delta engine has a part in them.
module saccade_core #(
    parameter int ROWS = 11,
    parameter int GROUPS = 16,
    parameter int NEURONS = 64,
    parameter int CELLS = 4096,
    parameter int WIPE = 20,
    localparam int PASSES = (NEURONS + GROUPS - 1) / GROUPS,
    localparam int AW = saccade_pkg::bits(CELLS),
    localparam int PW = saccade_pkg::bits(PASSES),
    localparam int MW = saccade_pkg::bits(2 * PASSES * ROWS)
) (
    input  logic                             clk,
    input  logic                             clear,
    input  saccade_pkg::config_t             cfg,
    input  saccade_pkg::rates_t              rates,
    input  logic                             start_learning,
    input  logic                             start_selecting,
    input  logic                             wipe,
    input  logic [WIPE-1:0]                  wipe_at,
    output logic                             idle,
    output logic                             matched,      // all that has left stage b
    output logic                             answered,     // handed to the writer
    output logic [saccade_pkg::COUNTERS-1:0] counting,     // what is counted here

    input  logic                             b_valid,
    input  logic                             b_command,
    input  logic                             b_polarity,
    input  logic [2:0]                       b_class,
    input  logic [31:0]                      b_stamp,
    input  logic [4:0]                       b_top,
    input  logic [AW-1:0]                    b_above,
    input  logic [AW-1:0]                    b_below,
    input  logic [4:0]                       b_row_from,
    input  logic [4:0]                       b_row_to,
    input  logic [4:0]                       b_column_from,
    input  logic [4:0]                       b_column_to,
    output logic                             takes,
    output logic                             bad_command,

    // To the lanes, and from them.
    output logic                             issue,
    output logic                             issue_first,
    output logic                             issue_last,
    output logic [MW-1:0]                    issue_at,
    output logic                             issue_event,
    output logic [PW-1:0]                    issue_pass,
    output logic [16*ROWS-1:0]               match_values,
    output logic                             match_write,
    output logic [7:0]                       match_group,
    output logic [MW-1:0]                    match_write_at,
    output logic [16*ROWS-1:0]               match_weights,
    input  logic                             row_write,
    input  logic                             row_event,
    input  logic [PW-1:0]                    row_pass,
    input  logic [32*GROUPS-1:0]             row_dots,

    // To the writer.
    input  logic                             writer_free,
    output logic                             answers,
    output logic                             answer_mark,
    output logic [31:0]                      answer,
    output logic [31:0]                      answer_dot,
    output logic [19:0]                      answer_norm,

    // To the window of the registers.
    input  saccade_pkg::window_t             window,
    output logic [30:0]                      window_cell,
    output logic [31:0]                      window_threshold,
    output logic [31:0]                      window_master,
    output logic [31:0]                      window_squares,
    output logic [31:0]                      window_dot,
    output logic                             last_event,
    output logic                             last_corrected,
    output logic [10:0]                      last_neuron,
    output logic [31:0]                      last_dot
);
  localparam int RW = $clog2(2 * PASSES + 1) + 1;
  localparam int NW = saccade_pkg::bits(2 * NEURONS);
  localparam int KW = saccade_pkg::bits(2 * NEURONS * ROWS);

  // The surface, and the way of its columns to the contexts.
  logic event_counted, order_push, order_pop, begins, surface_idle;
  saccade_pkg::token_t order_pushed, order_first, order_popped;
  logic [4:0] order_count, begun;
  logic [7:0] slot_busy, slot_bank, slot_learning, slot_selecting;
  logic cells_valid, cells_first, cells_last;
  logic [4:0] cells_top;
  logic [30:0] cells_now;
  logic [31*ROWS-1:0] cells;
  saccade_surface #(.ROWS(ROWS), .CELLS(CELLS), .WIPE(WIPE)) surface (
      .clk, .clear, .cfg, .start_learning, .start_selecting, .wipe, .wipe_at, .window, .window_cell,
      .b_valid, .b_command, .b_polarity, .b_class, .b_stamp, .b_top, .b_above, .b_below,
      .b_row_from, .b_row_to, .b_column_from, .b_column_to,
      .order_full(order_count == 5'(saccade_pkg::ORDER_LENGTH)), .slot_busy(slot_busy[begun[2:0]]),
      .takes, .bad_command, .counted(event_counted), .push(order_push), .token(order_pushed),
      .begins, .begun, .idle(surface_idle),
      .column_valid(cells_valid), .column_first(cells_first), .column_last(cells_last), .column_top(cells_top),
      .column_now(cells_now), .cells
  );

  logic column_valid, column_first, column_last;
  logic [2:0] column_slot;
  logic [4:0] column_at, streams;
  logic [16*ROWS-1:0] column_values;
  saccade_columns #(.ROWS(ROWS)) columns (
      .clk, .clear, .cfg, .in_valid(cells_valid), .in_first(cells_first), .in_last(cells_last), .in_top(cells_top),
      .in_now(cells_now), .cells, .valid(column_valid), .first(column_first), .last(column_last), .slot(column_slot),
      .column(column_at), .values(column_values), .streams
  );

  // What becomes known of a context.
  logic [4:0] summed, rooted, scaled;
  logic [7:0] noise;
  logic [2:0] norm_slot;
  logic [31:0] norm_sum;
  logic [8*20-1:0] norms;
  logic [8*16-1:0] factors;
  logic [8*5-1:0] shifts;
  logic norm_idle, scale_idle;
  saccade_squares #(.ROWS(ROWS)) lengths (
      .clk, .clear, .cfg, .valid(column_valid), .first(column_first), .last(column_last), .values(column_values),
      .summed, .noise, .slot(norm_slot), .sum(norm_sum)
  );
  saccade_norm norm (
      .clk, .clear, .cfg, .summed, .noise, .selecting(slot_selecting), .slot(norm_slot), .sum(norm_sum), .rooted, .norms,
      .idle(norm_idle)
  );
  saccade_scale scale (
      .clk, .clear, .rooted, .norms, .noise, .learning(slot_learning), .scaled, .factors, .shifts, .idle(scale_idle)
  );

  // Matching.
  saccade_pkg::token_t queue_first, token;
  logic [2:0] queue_count;
  logic queue_pop;
  logic [4:0] matching, decided;
  logic attach, match_idle;
  logic [2:0] issue_slot;
  logic [4:0] issue_column;
  logic [RW-1:0] rows;

  logic [7:0] learn_age;
  logic learn_bank, learn_attached, learn_joined, learn_attaches;
  logic [4:0] learn_number;

  saccade_queue #(.DEPTH(saccade_pkg::ORDER_LENGTH)) order (
      .clk, .clear, .push(order_push), .pushed(order_pushed), .pop(order_pop), .count(order_count), .first(order_first)
  );
  saccade_match #(.ROWS(ROWS), .PASSES(PASSES)) match (
      .clk, .clear, .cfg, .head(order_first), .order_count, .queue_full(queue_count == 3'(saccade_pkg::DECIDE_LENGTH)),
      .pop(order_pop), .popped(order_popped), .streams, .summed, .decided, .noise,
      .learn_age, .learn_bank, .learn_number, .attach, .matching,
      .issue, .issue_first, .issue_last, .issue_slot, .issue_column, .issue_at, .issue_event, .issue_pass,
      .row_written(row_write), .rows, .idle(match_idle)
  );
  saccade_queue #(.DEPTH(saccade_pkg::DECIDE_LENGTH)) queue (
      .clk, .clear, .push(order_pop), .pushed(order_popped), .pop(queue_pop), .count(queue_count), .first(queue_first)
  );

  // Decisions.
  logic decide_idle, limit_begins, limit_written, compare_begins, compared_row, best_valid, corrected;
  logic [PW-1:0] limit_pass, compare_pass, best_pass, winner_pass, learned_pass;
  logic [10:0] best_neuron, winner, learned_neuron;
  logic [7:0] best_group, winner_group, learned_group;
  logic [31:0] best_dot, winner_dot, corrected_dot;
  logic [51:0] kept_limit;
  logic [52*GROUPS-1:0] limits_row;
  logic decides, learns, missed, counted, counted_won;
  logic [19:0] token_norm;
  logic [2:0] counted_class;
  assign token_norm = norms[20*token.number[2:0] +: 20];

  saccade_limits #(.GROUPS(GROUPS), .PASSES(PASSES), .WIPE(WIPE)) selection (
      .clk, .clear, .rates, .wipe, .wipe_at, .window, .window_threshold, .bank(token.bank), .norm(token_norm),
      .begins(limit_begins), .begins_pass(limit_pass), .written(limit_written), .read_pass(compare_pass),
      .limits(limits_row), .missed, .learns_read(learn_age == 0), .learns_write(learn_age == 1),
      .learn_bank, .learn_pass(learned_pass), .learn_group(learned_group)
  );
  saccade_compare #(.GROUPS(GROUPS), .PASSES(PASSES), .WIPE(WIPE)) compare (
      .clk, .clear, .cfg, .wipe, .wipe_at, .window, .window_dot, .row_write, .row_event, .row_pass, .row_dots,
      .restarts(queue_pop), .begins(compare_begins), .begins_pass(compare_pass), .event_parity(token.number[0]),
      .selecting(token.selecting), .corrected, .learned_pass, .learned_group, .limits(limits_row),
      .compared(compared_row), .best_valid, .best_neuron, .best_pass, .best_group, .best_dot, .kept_limit
  );
  saccade_decision #(.PASSES(PASSES)) decision (
      .clk, .clear, .cfg, .queue_count, .queued(queue_first), .pop(queue_pop), .token, .idle(decide_idle),
      .summed, .rooted, .scaled, .noise, .norm(token_norm), .rows,
      .limit_begins, .limit_pass, .limit_written, .compare_begins, .compare_pass, .compared_row,
      .best_valid, .best_neuron, .best_pass, .best_group, .best_dot, .kept_limit,
      .learn_age, .learn_attached, .learn_number, .learned_neuron, .learned_pass, .learned_group, .corrected_dot,
      .corrected, .decides, .decided, .learns, .missed, .winner, .winner_pass, .winner_group, .winner_dot,
      .writer_free, .answers, .answer, .answer_dot, .answer_norm, .counted, .counted_won, .counted_class,
      .last_event, .last_corrected, .last_neuron, .last_dot
  );

  // Learning.
  logic [31:0] learn_dot;
  logic [15:0] learn_factor;
  logic [4:0] learn_shift, learn_column, correct_column;
  logic [NW-1:0] neuron_at;
  logic [KW-1:0] master_at;
  logic [MW-1:0] match_at;
  logic learn_reads, learn_reads_first, learn_reads_last, learn_idle;
  logic [2:0] learn_slot, correct_slot;
  logic [16*ROWS-1:0] learn_values, correct_values;
  saccade_learn #(.NEURONS(NEURONS), .ROWS(ROWS), .PASSES(PASSES)) learn (
      .clk, .clear, .cfg, .learns, .decides, .token, .winner, .winner_pass, .winner_group, .winner_dot,
      .winner_factor(factors[16*token.number[2:0] +: 16]), .winner_shift(shifts[5*token.number[2:0] +: 5]),
      .attach, .matching, .slot_bank, .age(learn_age), .attached(learn_attached), .joined(learn_joined),
      .attaches(learn_attaches), .bank(learn_bank), .number(learn_number), .neuron(learned_neuron),
      .pass(learned_pass), .group(learned_group), .dot(learn_dot), .factor(learn_factor), .shift(learn_shift),
      .neuron_at, .master_at, .match_at, .reads(learn_reads), .reads_first(learn_reads_first),
      .reads_last(learn_reads_last), .reads_slot(learn_slot), .idle(learn_idle)
  );
  saccade_update #(.ROWS(ROWS), .NEURONS(NEURONS), .PASSES(PASSES), .WIPE(WIPE)) update (
      .clk, .clear, .rates, .wipe, .wipe_at, .window, .window_master, .window_squares,
      .age(learn_age), .joined(learn_joined), .bank(learn_bank), .number(learn_number), .group(learned_group),
      .dot(learn_dot), .factor(learn_factor), .shift(learn_shift), .neuron_at, .master_at, .match_at,
      .reads(learn_reads), .reads_first(learn_reads_first), .reads_last(learn_reads_last),
      .learn_column, .learn_values, .correct_slot, .correct_column, .correct_values,
      .match_write, .match_group, .match_write_at, .match_weights, .corrected_dot
  );
  saccade_contexts #(.ROWS(ROWS)) contexts (
      .clk, .write(column_valid), .write_slot(column_slot), .write_column(column_at), .values(column_values),
      .match_slot(issue_slot), .match_column(issue_column), .match_values,
      .learn_slot, .learn_column, .learn_values,
      .correct_slot, .correct_column, .correct_values
  );
  saccade_slots slots (
      .clk, .clear, .begins, .token(order_pushed), .decided_free(decides && !learns), .decided_slot(token.number[2:0]),
      .learned_free(learn_reads && learn_reads_last), .learned_slot(learn_slot),
      .busy(slot_busy), .bank(slot_bank), .learning(slot_learning), .selecting(slot_selecting)
  );

  assign answer_mark = token.mark;
  assign matched = order_count == 0 && match_idle;
  assign answered = order_count == 0 && queue_count == 0 && decide_idle;
  assign idle = surface_idle && slot_busy == 0 && order_count == 0 && queue_count == 0 && match_idle && decide_idle
      && norm_idle && scale_idle && learn_idle;
  always_comb begin
    counting = '0;
    counting[saccade_pkg::COUNT_EVENTS] = event_counted;
    counting[saccade_pkg::COUNT_WON] = counted && counted_won;
    counting[saccade_pkg::COUNT_MISSED] = counted && !counted_won && counted_class == saccade_pkg::MISSED;
    counting[saccade_pkg::COUNT_NOISE] = counted && !counted_won && counted_class == saccade_pkg::NOISE;
    counting[saccade_pkg::COUNT_BORDER] = counted && !counted_won && counted_class == saccade_pkg::BORDER;
    counting[saccade_pkg::COUNT_OUTSIDE] = counted && !counted_won && counted_class == saccade_pkg::OUTSIDE;
    counting[saccade_pkg::COUNT_IGNORED] = counted && !counted_won && counted_class == saccade_pkg::IGNORED;
    counting[saccade_pkg::COUNT_REFUSED] = counted && !counted_won && counted_class == saccade_pkg::REFUSED;
    counting[saccade_pkg::COUNT_CORRECTIONS] = learn_attaches;
  end
endmodule
