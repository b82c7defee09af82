// The window of the registers: reads or writes one word of a memory, and goes on to the next place. It needs the
// memories' ports for some cycles, and so a device that is idle; no event is let in meanwhile.
module saccade_window #(
    parameter int ROWS = 11,
    parameter int GROUPS = 16,
    parameter int NEURONS = 64,
    parameter int PASSES = 4
) (
    input  logic                 clk,
    input  logic                 rst,
    input  saccade_pkg::config_t cfg,
    input  logic                 may,         // the device is configured and idle
    input  logic                 sets_what,
    input  logic                 sets_place,
    input  logic                 start,
    input  logic                 writes,
    input  logic [31:0]          value,
    output logic [2:0]           what,
    output logic [31:0]          place,
    output logic                 busy,
    output logic                 done,
    output logic [31:0]          result,
    output logic                 fault,
    output logic [31:0]          fault_word,
    output saccade_pkg::window_t window,
    input  logic [30:0]          window_cell,
    input  logic [31:0]          window_threshold,
    input  logic [31:0]          window_master,
    input  logic [31:0]          window_squares,
    input  logic [31:0]          window_dot,
    input  logic                 last_event,
    input  logic                 last_corrected,
    input  logic [10:0]          last_neuron,
    input  logic [31:0]          last_dot
);
  localparam int QUOTIENT = 21;
  localparam int BY_ROWS = ((1 << QUOTIENT) + ROWS - 1) / ROWS;
  localparam int BY_GROUPS = ((1 << QUOTIENT) + GROUPS - 1) / GROUPS;

  // The steps of an access, one a cycle: fields are divided, addresses made, memories read, the word is taken or
  // replaced; of a master weight, its squares too.
  logic [8:1] step;
  logic writing, outside, refused;
  logic bank;
  logic [14:0] middle;
  logic [15:0] low;
  logic [12:0] line;
  logic [10:0] pass;
  logic [31:0] was_squared, is_squared, found;
  logic of_master, of_surface;
  logic signed [15:0] was, is;

  assign bank = place[31];
  assign middle = place[30:16];
  assign low = place[15:0];
  assign of_master = what == saccade_pkg::WINDOW_MASTER;
  assign of_surface = what == saccade_pkg::WINDOW_SURFACE;
  assign busy = step != 0;
  assign was = saccade_pkg::match_weight(found);
  assign is = saccade_pkg::match_weight(window.value);

  always_comb begin
    case (what)
      saccade_pkg::WINDOW_MASTER: found = window_master;
      saccade_pkg::WINDOW_THRESHOLDS: found = window_threshold;
      saccade_pkg::WINDOW_SURFACE: found = {1'b0, window_cell};
      saccade_pkg::WINDOW_SQUARES: found = window_squares;
      default: found = last_corrected && middle[10:0] == last_neuron ? last_dot : window_dot;
    endcase
  end

  // The place behind.
  logic [31:0] behind;
  logic [14:0] middle_end;
  always_comb begin
    middle_end = of_surface ? 15'(cfg.height) : 15'(cfg.neurons);
    behind = {bank, middle, 16'd0};
    if (of_surface && 32'(low) + 1 < 32'(cfg.width)) behind[15:0] = low + 16'd1;
    else if (of_master && 32'(low[7:0]) + 1 != 32'(cfg.side)) behind[15:0] = low + 16'd1;
    else if (of_master && 32'(low[15:8]) + 1 < 32'(cfg.side)) behind[15:0] = {low[15:8] + 8'd1, 8'd0};
    else if (middle + 15'd1 == middle_end) behind[31:16] = {!bank, 15'd0};
    else behind[30:16] = middle + 15'd1;
  end

  logic bad;
  assign bad = outside || refused;
  always_comb begin
    fault = start && !may || step[2] && bad;
    fault_word = {saccade_pkg::ERROR_BUSY, saccade_pkg::REG_DATA[23:0]};
    if (step[2]) begin
      if (outside) fault_word = {saccade_pkg::ERROR_WINDOW, saccade_pkg::REG_PLACE[23:0]};
      else if (of_surface) fault_word = {saccade_pkg::ERROR_VALUE, saccade_pkg::REG_DATA[23:0]};
      else fault_word = {saccade_pkg::ERROR_ACCESS, saccade_pkg::REG_DATA[23:0]};
    end
  end

  always_ff @(posedge clk) begin
    step <= {step[7:1], start && may};
    done <= start && !may || step[8];
    if (start) begin
      writing <= writes;
      window.value <= value;
      result <= '0;
    end
    if (step[1]) begin
      outside <= bank && (!cfg.split || what == saccade_pkg::WINDOW_DOTS)
          || (of_surface ? middle >= 15'(cfg.height) || low >= 16'(cfg.width) : middle >= 15'(cfg.neurons))
          || (of_master ? low[15:8] >= 8'(cfg.side) || low[7:0] >= 8'(cfg.side) : !of_surface && low != 0);
      refused <= writing && (of_surface ? window.value > saccade_pkg::MAX_STAMP
          : !of_master && what != saccade_pkg::WINDOW_THRESHOLDS);
      line <= 13'(38'(middle) * 38'(BY_ROWS) >> QUOTIENT);
      pass <= 11'(38'(middle) * 38'(BY_GROUPS) >> QUOTIENT);
    end
    if (step[2]) begin
      window.row <= of_surface ? 5'(middle - 15'(line) * 15'(ROWS)) : low[12:8];
      window.group <= 8'(middle - 15'(pass) * 15'(GROUPS));
      window.bank <= bank;
      window.cell_at <= 18'((32'(line) + (bank ? 32'(cfg.lines) : 32'd0)) * 32'(cfg.width) + 32'(low));
      window.master_at <= 16'((32'(middle) + (bank ? 32'(NEURONS) : 32'd0)) * 32'(ROWS) + 32'(low[7:0]));
      window.match_at <= 16'((32'(pass) + (bank ? 32'(PASSES) : 32'd0)) * 32'(ROWS) + 32'(low[7:0]));
      window.neuron_at <= 11'(32'(middle) + (bank ? 32'(NEURONS) : 32'd0));
      window.pass_at <= 11'(32'(pass) + (bank ? 32'(PASSES) : 32'd0));
      window.dots_at <= 11'(32'(pass) + (last_event ? 32'(PASSES) : 32'd0));
      window.active <= !bad;
      if (bad) begin
        step <= '0;
        done <= 1'b1;
      end
    end
    window.put_surface <= step[3] && writing && of_surface;
    window.put_threshold <= step[3] && writing && what == saccade_pkg::WINDOW_THRESHOLDS;
    window.inject <= step[3] && writing && of_master;
    if (step[4]) begin
      result <= found;
      was_squared <= was * was;
      is_squared <= is * is;
    end
    if (step[5]) window.squares <= window_squares + is_squared - was_squared;
    window.put_squares <= step[6] && writing && of_master;
    if (step[8]) begin
      window.active <= 1'b0;
      place <= behind;
    end

    if (sets_what) begin
      what <= value[2:0];
      place <= '0;
    end
    if (sets_place) place <= value;
    if (rst) begin
      step <= '0;
      done <= 1'b0;
      what <= '0;
      place <= '0;
      window.active <= 1'b0;
      window.put_surface <= 1'b0;
      window.put_threshold <= 1'b0;
      window.put_squares <= 1'b0;
      window.inject <= 1'b0;
    end
  end
endmodule
