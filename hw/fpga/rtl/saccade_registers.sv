// The registers: a bus of one access at a time. An access begins in the cycle of its strobe, and is over with ack, in
// which bus_data is what was read: the next cycle, but for the window's data and for a configuration that is applied.
module saccade_registers #(
    parameter int ROWS = 11,
    parameter int LANES = 176,
    parameter int NEURONS = 64,
    parameter int CELLS = 4096,
    parameter int IN = 512,
    parameter int OUT = 512,
    parameter int WIPE = 20,
    parameter int CHECKS = 0
) (
    input  logic                              clk,
    input  logic                              rst,
    input  logic                              bus_read,
    input  logic                              bus_write,
    input  logic [31:0]                       bus_address,
    input  logic [31:0]                       bus_written,
    output logic                              bus_ack,
    output logic [31:0]                       bus_data,

    input  logic                              units_idle,
    input  logic                              dropped_in,
    input  logic                              dropped_out,
    input  logic                              bad_stamp,
    input  logic [23:0]                       bad_stamp_operand,
    input  logic                              bad_command,
    input  logic [23:0]                       bad_command_operand,
    input  logic [saccade_pkg::COUNTERS-1:0]  counted,

    output logic                              enabled,     // words are taken
    output logic                              hold,        // the memories are the window's: events wait
    output logic                              clear,       // everything begins anew
    output logic                              wipe,
    output logic [WIPE-1:0]                   wipe_at,
    output saccade_pkg::config_t              cfg,
    output saccade_pkg::rates_t               rates,
    output logic                              start_learning,
    output logic                              start_selecting,

    output saccade_pkg::window_t              window,
    input  logic [30:0]                       window_cell,
    input  logic [31:0]                       window_threshold,
    input  logic [31:0]                       window_master,
    input  logic [31:0]                       window_squares,
    input  logic [31:0]                       window_dot,
    input  logic                              last_event,
    input  logic                              last_corrected,
    input  logic [10:0]                       last_neuron,
    input  logic [31:0]                       last_dot,
    input  logic [31:0]                       check_in,
    input  logic [31:0]                       check_out,
    output logic                              zero_checks  // ahead of the words of this cycle
);
  localparam int GROUPS = LANES / ROWS;
  localparam int PASSES = (NEURONS + GROUPS - 1) / GROUPS;
  localparam int MASTER = 2 * NEURONS * ROWS;
  localparam int WIPE_END = (CELLS > MASTER ? CELLS : MASTER) + saccade_pkg::CONFIGURE_WIPE - 1;

  logic [32*saccade_pkg::STAGED-1:0] staged;
  logic configured, overflow_in, overflow_out;
  logic [31:0] error;

  // What an access is.
  logic access, pending, aligned, idle;
  logic is_counter, is_staged, is_live, is_data, refuses;
  logic [4:0] place_staged;
  assign access = (bus_read || bus_write) && !pending;
  assign idle = units_idle && !wipe;
  assign aligned = bus_address[1:0] == 0;
  assign is_counter = aligned && bus_address >= saccade_pkg::REG_COUNTERS
      && bus_address < saccade_pkg::REG_COUNTERS + 32'(8 * saccade_pkg::COUNTERS);
  assign is_staged = aligned && bus_address >= saccade_pkg::REG_WIDTH && bus_address <= saccade_pkg::REG_LAST
      && bus_address != saccade_pkg::REG_HOLE;
  assign is_live = is_staged && bus_address >= saccade_pkg::REG_ETA;
  assign is_data = bus_address == saccade_pkg::REG_DATA;
  assign place_staged = 5'((bus_address - saccade_pkg::REG_WIDTH) >> 2);

  // Control.
  logic controls, starts_check, zeroes, zero_later, checked, applies;
  logic [31:0] bad;
  saccade_pkg::config_t next_cfg;
  assign controls = access && bus_write && bus_address == saccade_pkg::REG_CONTROL && bus_written[31:2] == 0
      && !(bus_written[0] && !idle);
  assign starts_check = controls && bus_written[0];
  assign zeroes = controls && bus_written == 32'd2 || checked && zero_later;
  assign applies = checked && bad == 0;
  assign clear = rst || applies;
  assign zero_checks = zeroes || clear;

  saccade_check #(.ROWS(ROWS), .GROUPS(GROUPS), .NEURONS(NEURONS), .CELLS(CELLS)) check (
      .clk, .rst, .start(starts_check), .staged, .done(checked), .bad, .cfg(next_cfg)
  );

  // The window.
  logic [2:0] window_what;
  logic [31:0] window_place, window_result, window_fault_word;
  logic window_starts, window_busy, window_done, window_fault, sets_what;
  assign window_starts = access && is_data;
  assign sets_what = access && bus_write && bus_address == saccade_pkg::REG_WINDOW && bus_written < 5;

  saccade_window #(.ROWS(ROWS), .GROUPS(GROUPS), .NEURONS(NEURONS), .PASSES(PASSES)) of_memories (
      .clk, .rst, .cfg, .may(configured && idle), .sets_what,
      .sets_place(access && bus_write && bus_address == saccade_pkg::REG_PLACE),
      .start(window_starts), .writes(bus_write), .value(bus_written),
      .what(window_what), .place(window_place), .busy(window_busy), .done(window_done), .result(window_result),
      .fault(window_fault), .fault_word(window_fault_word), .window,
      .window_cell, .window_threshold, .window_master, .window_squares, .window_dot,
      .last_event, .last_corrected, .last_neuron, .last_dot
  );

  logic checking;
  assign hold = window_busy;
  assign enabled = configured && !wipe && !window_busy && !checking;

  // Counters.
  logic [31:0] count_low, count_held;
  saccade_counters counters (
      .clk, .rst, .zero(zeroes), .counted, .which(bus_address[6:3]),
      .hold(access && bus_read && is_counter && !bus_address[2]), .low(count_low), .held(count_held)
  );

  // What is read, and what is wrong with the access.
  logic [31:0] value, fault;
  logic [31:0] status;
  assign status = {27'd0, overflow_out, overflow_in, error != 0, idle, configured};
  always_comb begin
    value = '0;
    fault = '0;
    refuses = 1'b0;
    if (bus_read) begin
      if (is_counter) value = bus_address[2] ? count_held : count_low;
      else if (is_staged) value = staged[32*place_staged +: 32];
      else
        case (bus_address)
          saccade_pkg::REG_ID: value = saccade_pkg::ID;
          saccade_pkg::REG_VERSION: value = saccade_pkg::VERSION;
          saccade_pkg::REG_ROWS: value = ROWS;
          saccade_pkg::REG_LANES: value = LANES;
          saccade_pkg::REG_NEURONS: value = NEURONS;
          saccade_pkg::REG_CELLS: value = CELLS;
          saccade_pkg::REG_IN: value = IN;
          saccade_pkg::REG_OUT: value = OUT;
          saccade_pkg::REG_STATUS: value = status;
          saccade_pkg::REG_ERROR: value = error;
          saccade_pkg::REG_WINDOW: value = {29'd0, window_what};
          saccade_pkg::REG_PLACE: value = window_place;
          saccade_pkg::REG_DATA: ;
          saccade_pkg::REG_CONTROL: fault = {saccade_pkg::ERROR_ACCESS, bus_address[23:0]};
          saccade_pkg::REG_CHECKS, saccade_pkg::REG_CHECK_IN, saccade_pkg::REG_CHECK_OUT:
            if (CHECKS == 0) fault = {saccade_pkg::ERROR_ADDRESS, bus_address[23:0]};
            else
              case (bus_address[3:2])
                2'd0: value = saccade_pkg::CHECKS;
                2'd1: value = check_in;
                default: value = check_out;
              endcase
          default: fault = {saccade_pkg::ERROR_ADDRESS, bus_address[23:0]};
        endcase
    end else if (!aligned) fault = {saccade_pkg::ERROR_ADDRESS, bus_address[23:0]};
    else if (is_staged) begin
      if (!idle) fault = {saccade_pkg::ERROR_BUSY, bus_address[23:0]};
      else if (is_live && bus_written[31]) fault = {saccade_pkg::ERROR_VALUE, bus_address[23:0]};
      refuses = fault != 0;
    end else if (bus_address == saccade_pkg::REG_CONTROL) begin
      if (bus_written[31:2] != 0) fault = {saccade_pkg::ERROR_VALUE, bus_address[23:0]};
      else if (bus_written[0] && !idle) fault = {saccade_pkg::ERROR_BUSY, bus_address[23:0]};
    end else if (bus_address == saccade_pkg::REG_WINDOW) begin
      if (bus_written >= 5) fault = {saccade_pkg::ERROR_VALUE, bus_address[23:0]};
    end else if (bus_address == saccade_pkg::REG_ERROR || bus_address == saccade_pkg::REG_PLACE || is_data) ;
    else if (bus_address <= saccade_pkg::REG_OUT || bus_address == saccade_pkg::REG_STATUS || is_counter)
      fault = {saccade_pkg::ERROR_ACCESS, bus_address[23:0]};
    else fault = {saccade_pkg::ERROR_ADDRESS, bus_address[23:0]};
  end

  // The first error stays: those of the bus are ahead of the streams' in the same cycle.
  logic [31:0] error_next;
  always_comb begin
    error_next = error;
    if (access && bus_write && bus_address == saccade_pkg::REG_ERROR) error_next = '0;
    if (error_next == 0 && access) error_next = fault;
    if (error_next == 0 && window_fault) error_next = window_fault_word;
    if (error_next == 0 && checked && bad != 0) error_next = {saccade_pkg::ERROR_APPLY, bad[23:0]};
    if (error_next == 0 && bad_command) error_next = {saccade_pkg::ERROR_COMMAND, bad_command_operand};
    if (error_next == 0 && bad_stamp) error_next = {saccade_pkg::ERROR_STAMP, bad_stamp_operand};
  end

  always_ff @(posedge clk) begin
    error <= error_next;
    bus_ack <= access && !window_starts && !starts_check || window_done || checked;
    bus_data <= window_done ? window_result : value;
    if (access) pending <= 1'b1;
    if (bus_ack) pending <= 1'b0;

    if (access && bus_write && is_staged && !refuses) begin
      for (int i = 0; i < saccade_pkg::STAGED; i++) if (place_staged == 5'(i)) staged[32*i +: 32] <= bus_written;
      case (place_staged)
        5'd12: rates.eta0 <= bus_written[30:0];
        5'd13: rates.delta_i0 <= bus_written[30:0];
        5'd14: rates.delta_e0 <= bus_written[30:0];
        5'd16: rates.eta1 <= bus_written[30:0];
        5'd17: rates.delta_i1 <= bus_written[30:0];
        5'd18: rates.delta_e1 <= bus_written[30:0];
        default: ;
      endcase
    end

    if (starts_check) begin
      checking <= 1'b1;
      zero_later <= bus_written[1];
    end
    if (checked) begin
      checking <= 1'b0;
      configured <= bad == 0;
      if (bad == 0) cfg <= next_cfg;
    end
    overflow_in <= !zeroes && overflow_in || dropped_in;
    overflow_out <= !zeroes && overflow_out || dropped_out;

    wipe_at <= wipe_at + WIPE'(1);
    if (wipe_at == WIPE'(WIPE_END)) wipe <= 1'b0;
    if (applies) begin
      wipe <= 1'b1;
      wipe_at <= '0;
    end
    if (rst) begin
      error <= '0;
      bus_ack <= 1'b0;
      pending <= 1'b0;
      staged <= '0;
      rates <= '0;
      cfg <= '0;
      checking <= 1'b0;
      zero_later <= 1'b0;
      configured <= 1'b0;
      overflow_in <= 1'b0;
      overflow_out <= 1'b0;
      wipe <= 1'b0;
    end
  end
  assign start_learning = staged[32*5+1];
  assign start_selecting = staged[32*5+2];
endmodule
