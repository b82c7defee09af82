// saccade's accelerator with a delta engine: that for FEAST layers, with the pins of saccade_feast, and beside it the
// engine for layers of delta networks, on the same multipliers and between the same streams. sim/fpga's package comment
// is the specification of both.
module saccade_top #(
    parameter int ROWS = 11,       // as those of saccade_feast
    parameter int LANES = 176,
    parameter int NEURONS = 64,
    parameter int CELLS = 4096,
    parameter int IN = 512,
    parameter int OUT = 512,
    parameter int CHECKS = 0,
    parameter int WEIGHTS = 4096,  // words of a weight for each lane
    parameter int SUMS = 256       // words of a sum for each lane
) (
    input  logic        clk,
    input  logic        rst,          // synchronous

    input  logic        in_valid,     // words of events, changes and commands
    output logic        in_ready,
    input  logic [31:0] in_data,

    output logic        out_valid,    // words of results and sums
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
  localparam int MW = saccade_pkg::bits(2 * PASSES * ROWS);

  logic clear, wipe, enabled, hold, feast_hold, delta_hold, wiping, units_idle, core_idle;
  logic [WIPE-1:0] wipe_at;
  saccade_pkg::config_t cfg;
  saccade_pkg::rates_t rates;
  logic start_learning, start_selecting;
  assign hold = feast_hold || delta_hold;

  // Words in.
  logic in_push, in_dropped, in_between, in_pop;
  logic [$clog2(IN):0] in_count;
  logic [31:0] in_word;
  saccade_delta_entry #(.IN(IN)) entry (
      .clk, .clear, .enabled(enabled && !delta_hold && !wiping), .drop_in(cfg.drop_in), .valid(in_valid), .data(in_data),
      .ready(in_ready), .count(in_count), .push(in_push), .dropped(in_dropped), .between(in_between)
  );
  saccade_fifo #(.WIDTH(32), .DEPTH(IN)) words (
      .clk, .clear, .push(in_push), .pushed(in_data), .pop(in_pop), .count(in_count), .word(in_word)
  );

  logic parse_idle, bad_stamp, takes, b_valid, b_change, b_command, b_polarity;
  logic [2:0] b_class;
  logic [31:0] b_stamp, b_word;
  logic [4:0] b_top, b_row_from, b_row_to, b_column_from, b_column_to, next_layer;
  logic [AW-1:0] b_above, b_below;
  saccade_delta_parse #(.ROWS(ROWS), .CELLS(CELLS)) parse (
      .clk, .clear, .cfg, .available(in_count != 0 && !hold), .word(in_word), .pop(in_pop), .takes, .idle(parse_idle), .bad_stamp,
      .b_valid, .b_change, .b_word, .b_command, .b_polarity, .b_class, .b_stamp, .b_top, .b_above, .b_below,
      .b_row_from, .b_row_to, .b_column_from, .b_column_to, .next_layer
  );

  // Events. A change is to the surface what a command is that it has no part in.
  logic feast_valid, surface_takes, bad_command, matched, answered;
  logic issue, issue_first, issue_last, issue_event, row_write, row_event, match_write;
  logic [MW-1:0] issue_at, match_write_at;
  logic [PW-1:0] issue_pass, row_pass;
  logic [7:0] match_group;
  logic [16*ROWS-1:0] match_values, match_weights;
  logic [32*GROUPS-1:0] row_dots;
  logic writer_free, answers, answer_mark;
  logic [31:0] answer, answer_dot;
  logic [19:0] answer_norm;
  logic [saccade_pkg::COUNTERS-1:0] counting, core_counting;
  saccade_pkg::window_t window;
  logic [30:0] window_cell;
  logic [31:0] window_threshold, window_master, window_squares, window_dot, last_dot;
  logic last_event, last_corrected;
  logic [10:0] last_neuron;
  saccade_core #(.ROWS(ROWS), .GROUPS(GROUPS), .NEURONS(NEURONS), .CELLS(CELLS), .WIPE(WIPE)) core (
      .clk, .clear, .cfg, .rates, .start_learning, .start_selecting, .wipe, .wipe_at, .idle(core_idle), .matched, .answered,
      .counting(core_counting), .b_valid(feast_valid), .b_command(b_command || b_change), .b_polarity, .b_class, .b_stamp, .b_top,
      .b_above, .b_below, .b_row_from, .b_row_to, .b_column_from, .b_column_to, .takes(surface_takes), .bad_command,
      .issue, .issue_first, .issue_last, .issue_at, .issue_event, .issue_pass, .match_values,
      .match_write, .match_group, .match_write_at, .match_weights, .row_write, .row_event, .row_pass, .row_dots,
      .writer_free, .answers, .answer_mark, .answer, .answer_dot, .answer_norm,
      .window, .window_cell, .window_threshold, .window_master, .window_squares, .window_dot,
      .last_event, .last_corrected, .last_neuron, .last_dot
  );

  // The lanes, for events and for changes.
  logic change_valid;
  logic [15:0] change;
  logic [16*LANES-1:0] change_weights;
  logic [32*LANES-1:0] products;
  saccade_delta_lanes #(.ROWS(ROWS), .GROUPS(GROUPS), .PASSES(PASSES), .WIPE(WIPE)) lanes (
      .clk, .clear, .wipe, .wipe_at, .issue, .issue_first, .issue_last, .issue_at, .issue_event, .issue_pass,
      .context_column(match_values), .learn_write(match_write), .learn_group(match_group), .learn_at(match_write_at),
      .learn_weights(match_weights), .row_write, .row_event, .row_pass, .row_dots,
      .change_valid, .change, .change_weights, .products
  );

  // Changes.
  logic delta_busy, sum_push, room, writer_idle, describe, described, put_weights, put_sum, delta_window, delta_zero;
  logic [31:0] stream_fault, delta_fault, sum, description_bad, put_value, delta_weights, delta_sum;
  logic [4:0] describes;
  logic [32*saccade_delta_base::STAGED-1:0] staged;
  logic [18:0] delta_at;
  logic [12:0] delta_lane;
  logic [2:0] which;
  logic [63:0] count;
  saccade_delta_engine #(.LANES(LANES), .WEIGHTS(WEIGHTS), .SUMS(SUMS)) delta (
      .clk, .rst, .clear, .wiping, .busy(delta_busy),
      .b_valid, .b_command, .b_change, .b_word, .next_layer, .surface_takes, .takes, .feast_valid,
      .lanes_free(matched), .all_answered(answered && writer_idle), .fault(delta_fault),
      .change_valid, .change, .change_weights, .products, .room, .push(sum_push), .word(sum),
      .describe, .describes, .staged, .described, .description_bad,
      .window(delta_window), .window_put_weights(put_weights), .window_put_sum(put_sum), .window_at(delta_at),
      .window_lane(delta_lane), .window_value(put_value), .window_weights(delta_weights), .window_sum(delta_sum),
      .zero_counters(delta_zero), .which, .count
  );

  // Results.
  logic wrote, out_dropped;
  saccade_delta_writer #(.OUT(OUT)) writer (
      .clk, .clear, .cfg, .answers, .mark(answer_mark), .answer, .answer_dot, .answer_norm, .free(writer_free),
      .idle(writer_idle), .wrote, .dropped(out_dropped), .sum_push, .sum, .room,
      .valid(out_valid), .data(out_data), .ready(out_ready)
  );

  // Checks of the words, as in saccade_feast.
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
  always_comb begin
    counting = core_counting;
    counting[saccade_pkg::COUNT_CYCLES] = 1'b1;
    counting[saccade_pkg::COUNT_RESULTS] = wrote;
    counting[saccade_pkg::COUNT_DROPPED_IN] = in_dropped;
    counting[saccade_pkg::COUNT_DROPPED_OUT] = out_dropped;
    // An error of stage b is ahead of one of the parser.
    stream_fault = delta_fault;
    if (bad_command) stream_fault = {saccade_pkg::ERROR_COMMAND, b_stamp[31:8]};
    if (stream_fault == 0 && bad_stamp) stream_fault = {saccade_pkg::ERROR_STAMP, in_word[31:8]};
  end
  assign units_idle = in_count == 0 && !in_between && parse_idle && core_idle && writer_idle && !delta_busy && !wiping;

  logic feast_read, feast_write, feast_ack, window_start, window_writes, of_weights, sets_place, window_done, outside;
  logic [31:0] feast_address, feast_written, feast_data, value, place, window_result;
  saccade_delta_bus #(.LANES(LANES), .WEIGHTS(WEIGHTS), .SUMS(SUMS)) bus (
      .clk, .rst, .bus_read, .bus_write, .bus_address, .bus_written, .bus_ack, .bus_data,
      .feast_read, .feast_write, .feast_address, .feast_written, .feast_ack, .feast_data,
      .configured(enabled), .idle(units_idle && !wipe), .stream_fault, .hold(delta_hold),
      .staged, .describe, .describes, .described, .description_bad,
      .window_start, .window_writes, .window_of_weights(of_weights), .sets_place, .value, .place, .window_done,
      .window_outside(outside), .window_result, .zero(delta_zero), .which, .count
  );
  saccade_delta_window #(.LANES(LANES), .WEIGHTS(WEIGHTS), .SUMS(SUMS)) delta_memories (
      .clk, .rst, .sets_place, .value, .start(window_start), .writes(window_writes), .of_weights, .place, .done(window_done),
      .outside, .result(window_result), .active(delta_window), .put_weights, .put_sum, .at(delta_at), .lane(delta_lane),
      .put_value, .weights(delta_weights), .sum(delta_sum)
  );
  // What it would say of the streams' errors and of two windows more is said on the way to it.
  saccade_registers #(
      .ROWS(ROWS), .LANES(LANES), .NEURONS(NEURONS), .CELLS(CELLS), .IN(IN), .OUT(OUT), .WIPE(WIPE), .CHECKS(CHECKS)
  ) registers (
      .clk, .rst, .bus_read(feast_read), .bus_write(feast_write), .bus_address(feast_address), .bus_written(feast_written),
      .bus_ack(feast_ack), .bus_data(feast_data),
      .units_idle, .dropped_in(in_dropped), .dropped_out(out_dropped),
      .bad_stamp(1'b0), .bad_stamp_operand(24'd0), .bad_command(1'b0), .bad_command_operand(24'd0), .counted(counting),
      .enabled, .hold(feast_hold), .clear, .wipe, .wipe_at, .cfg, .rates, .start_learning, .start_selecting,
      .window, .window_cell, .window_threshold, .window_master, .window_squares, .window_dot,
      .last_event, .last_corrected, .last_neuron, .last_dot, .check_in, .check_out, .zero_checks
  );
endmodule
