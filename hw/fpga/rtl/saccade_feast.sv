// saccade's accelerator for FEAST layers: see sim/fpga's package comment, which is its specification. README.md has
// the pins.
module saccade_feast #(
    parameter int ROWS = 11,     // surface banks, and the largest side of a patch: odd
    parameter int LANES = 176,   // multipliers that match: a multiple of ROWS
    parameter int NEURONS = 64,  // of each of two banks, at the most
    parameter int CELLS = 4096,  // of each surface bank
    parameter int IN = 512,      // words of the input FIFO, a power of two
    parameter int OUT = 512,     // and of the result FIFO
    parameter int CHECKS = 0     // 1: registers that check the words of both streams
) (
    input  logic        clk,
    input  logic        rst,          // synchronous

    input  logic        in_valid,     // words of events and commands
    output logic        in_ready,
    input  logic [31:0] in_data,

    output logic        out_valid,    // words of results
    input  logic        out_ready,
    output logic [31:0] out_data,

    input  logic        bus_read,     // registers
    input  logic        bus_write,
    input  logic [31:0] bus_address,
    input  logic [31:0] bus_written,
    output logic        bus_ack,
    output logic [31:0] bus_data
);
  localparam int GROUPS = LANES / ROWS;
  localparam int PASSES = (NEURONS + GROUPS - 1) / GROUPS;
  localparam int WIPE = 20;
  localparam int AW = saccade_pkg::bits(CELLS);
  localparam int PW = saccade_pkg::bits(PASSES);
  localparam int RW = $clog2(2 * PASSES + 1) + 1;
  localparam int NW = saccade_pkg::bits(2 * NEURONS);
  localparam int KW = saccade_pkg::bits(2 * NEURONS * ROWS);
  localparam int MW = saccade_pkg::bits(2 * PASSES * ROWS);

  logic clear, wipe, enabled, hold, units_idle;
  logic [WIPE-1:0] wipe_at;
  saccade_pkg::config_t cfg;
  saccade_pkg::rates_t rates;
  saccade_pkg::window_t window;
  logic start_learning, start_selecting;
  logic [30:0] window_cell;
  logic [31:0] window_threshold, window_master, window_squares, window_dot;

  // Words in.
  logic in_push, in_dropped, in_between, in_pop;
  logic [$clog2(IN):0] in_count;
  logic [31:0] in_word;
  saccade_input #(.IN(IN)) entry (
      .clk, .clear, .enabled, .drop_in(cfg.drop_in), .valid(in_valid), .data(in_data), .ready(in_ready),
      .count(in_count), .push(in_push), .dropped(in_dropped), .between(in_between)
  );
  saccade_fifo #(.WIDTH(32), .DEPTH(IN)) words (
      .clk, .clear, .push(in_push), .pushed(in_data), .pop(in_pop), .count(in_count), .word(in_word)
  );

  // Events.
  logic parse_idle, bad_stamp, surface_takes;
  logic b_valid, b_command, b_polarity;
  logic [2:0] b_class;
  logic [31:0] b_stamp;
  logic [4:0] b_top, b_row_from, b_row_to, b_column_from, b_column_to;
  logic [AW-1:0] b_above, b_below;
  saccade_parse #(.ROWS(ROWS), .CELLS(CELLS)) parse (
      .clk, .clear, .cfg, .available(in_count != 0 && !hold), .word(in_word), .pop(in_pop),
      .takes(surface_takes), .idle(parse_idle), .bad_stamp,
      .b_valid, .b_command, .b_polarity, .b_class, .b_stamp, .b_top, .b_above, .b_below,
      .b_row_from, .b_row_to, .b_column_from, .b_column_to
  );

  // The surface, and the way of its columns to the contexts.
  logic bad_command, event_counted, order_push, order_pop, begins, surface_idle;
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
      .takes(surface_takes), .bad_command, .counted(event_counted), .push(order_push), .token(order_pushed),
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
  logic attach, issue, issue_first, issue_last, issue_event, row_write, row_event, match_idle;
  logic [2:0] issue_slot;
  logic [4:0] issue_column;
  logic [MW-1:0] issue_at;
  logic [PW-1:0] issue_pass, row_pass;
  logic [RW-1:0] rows;
  logic [16*ROWS-1:0] match_values;
  logic [32*GROUPS-1:0] row_dots;

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

  logic match_write;
  logic [7:0] match_group;
  logic [MW-1:0] match_write_at;
  logic [16*ROWS-1:0] match_weights;
  saccade_lanes #(.ROWS(ROWS), .GROUPS(GROUPS), .PASSES(PASSES), .WIPE(WIPE)) lanes (
      .clk, .clear, .wipe, .wipe_at, .issue, .issue_first, .issue_last, .issue_at, .issue_event, .issue_pass,
      .context_column(match_values), .learn_write(match_write), .learn_group(match_group), .learn_at(match_write_at),
      .learn_weights(match_weights), .row_write, .row_event, .row_pass, .row_dots
  );

  // Decisions.
  logic decide_idle, limit_begins, limit_written, compare_begins, compared_row, best_valid, corrected;
  logic [PW-1:0] limit_pass, compare_pass, best_pass, winner_pass, learned_pass;
  logic [10:0] best_neuron, winner, learned_neuron, last_neuron;
  logic [7:0] best_group, winner_group, learned_group;
  logic [31:0] best_dot, winner_dot, corrected_dot, last_dot;
  logic [51:0] kept_limit;
  logic [52*GROUPS-1:0] limits_row;
  logic decides, learns, missed, writer_free, answers, counted, counted_won, last_event, last_corrected;
  logic [31:0] answer, answer_dot;
  logic [19:0] answer_norm, token_norm;
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

  // Results.
  logic writer_idle, wrote, out_dropped;
  saccade_writer #(.OUT(OUT)) writer (
      .clk, .clear, .cfg, .answers, .mark(token.mark), .answer, .answer_dot, .answer_norm, .free(writer_free),
      .idle(writer_idle), .wrote, .dropped(out_dropped), .valid(out_valid), .data(out_data), .ready(out_ready)
  );

  // Checks of the words.
  logic zero_checks;
  logic [31:0] check_in, check_out;
  if (CHECKS != 0) begin : checks
    saccade_check_words of_in (
        .clk, .zero(zero_checks), .crosses(in_valid && in_ready), .word(in_data), .check(check_in)
    );
    saccade_check_words of_out (
        .clk, .zero(zero_checks), .crosses(out_valid && out_ready), .word(out_data), .check(check_out)
    );
  end else begin : no_checks
    assign check_in = '0;
    assign check_out = '0;
  end

  // Registers.
  logic [saccade_pkg::COUNTERS-1:0] counting;
  always_comb begin
    counting = '0;
    counting[saccade_pkg::COUNT_CYCLES] = 1'b1;
    counting[saccade_pkg::COUNT_EVENTS] = event_counted;
    counting[saccade_pkg::COUNT_RESULTS] = wrote;
    counting[saccade_pkg::COUNT_DROPPED_IN] = in_dropped;
    counting[saccade_pkg::COUNT_DROPPED_OUT] = out_dropped;
    counting[saccade_pkg::COUNT_WON] = counted && counted_won;
    counting[saccade_pkg::COUNT_MISSED] = counted && !counted_won && counted_class == saccade_pkg::MISSED;
    counting[saccade_pkg::COUNT_NOISE] = counted && !counted_won && counted_class == saccade_pkg::NOISE;
    counting[saccade_pkg::COUNT_BORDER] = counted && !counted_won && counted_class == saccade_pkg::BORDER;
    counting[saccade_pkg::COUNT_OUTSIDE] = counted && !counted_won && counted_class == saccade_pkg::OUTSIDE;
    counting[saccade_pkg::COUNT_IGNORED] = counted && !counted_won && counted_class == saccade_pkg::IGNORED;
    counting[saccade_pkg::COUNT_REFUSED] = counted && !counted_won && counted_class == saccade_pkg::REFUSED;
    counting[saccade_pkg::COUNT_CORRECTIONS] = learn_attaches;
  end
  assign units_idle = in_count == 0 && !in_between && parse_idle && surface_idle && slot_busy == 0 && order_count == 0
      && queue_count == 0 && match_idle && decide_idle && norm_idle && scale_idle && writer_idle && learn_idle;

  saccade_registers #(
      .ROWS(ROWS), .LANES(LANES), .NEURONS(NEURONS), .CELLS(CELLS), .IN(IN), .OUT(OUT), .WIPE(WIPE), .CHECKS(CHECKS)
  ) registers (
      .clk, .rst, .bus_read, .bus_write, .bus_address, .bus_written, .bus_ack, .bus_data,
      .units_idle, .dropped_in(in_dropped), .dropped_out(out_dropped),
      .bad_stamp, .bad_stamp_operand(in_word[31:8]), .bad_command, .bad_command_operand(b_stamp[31:8]), .counted(counting),
      .enabled, .hold, .clear, .wipe, .wipe_at, .cfg, .rates, .start_learning, .start_selecting,
      .window, .window_cell, .window_threshold, .window_master, .window_squares, .window_dot,
      .last_event, .last_corrected, .last_neuron, .last_dot,
      .check_in, .check_out, .zero_checks
  );
endmodule
