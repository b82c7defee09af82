// Checks a staged configuration: names the first register that makes no sense, in the order of their addresses but
// for the room in the surface banks, or gives what follows from it. It takes a few cycles.
module saccade_check #(
    parameter int ROWS = 11,
    parameter int GROUPS = 16,
    parameter int NEURONS = 64,
    parameter int CELLS = 4096
) (
    input  logic                                  clk,
    input  logic                                  rst,
    input  logic                                  start,
    input  logic [32*saccade_pkg::STAGED-1:0]     staged,
    output logic                                  done,
    output logic [31:0]                           bad,  // address of a register; 0: none
    output saccade_pkg::config_t                  cfg
);
  localparam int QUOTIENT = 21;
  localparam int BY_ROWS = ((1 << QUOTIENT) + ROWS - 1) / ROWS;
  localparam int BY_GROUPS = ((1 << QUOTIENT) + GROUPS - 1) / GROUPS;
  localparam int ROW_LAST = ROWS - 1;
  localparam int GROUP_LAST = GROUPS - 1;

  function automatic logic [31:0] of(input logic [32*saccade_pkg::STAGED-1:0] words, input logic [31:0] address);
    of = words[8*(address - saccade_pkg::REG_WIDTH) +: 32];
  endfunction

  logic [31:0] width, height, radius, neurons, mode, flags, shifts, rounding, rate, horizon, least, recent;
  assign width = of(staged, saccade_pkg::REG_WIDTH);
  assign height = of(staged, saccade_pkg::REG_HEIGHT);
  assign radius = of(staged, saccade_pkg::REG_RADIUS);
  assign neurons = of(staged, saccade_pkg::REG_BANK);
  assign mode = of(staged, saccade_pkg::REG_MODE);
  assign flags = of(staged, saccade_pkg::REG_FLAGS);
  assign shifts = of(staged, saccade_pkg::REG_SHIFTS);
  assign rounding = of(staged, saccade_pkg::REG_ROUND);
  assign rate = of(staged, saccade_pkg::REG_RATE);
  assign horizon = of(staged, saccade_pkg::REG_HORIZON);
  assign least = of(staged, saccade_pkg::REG_LEAST);
  assign recent = of(staged, saccade_pkg::REG_RECENT);

  logic [4:0] steps;
  logic [3:0] peak_bits;  // the largest scale of a context: hw.PeakBits
  logic [4:0] side;
  logic [9:0] elements;
  logic [12:0] lines;
  logic [10:0] passes;
  logic [25:0] area;
  logic [26:0] used;
  logic [47:0] far;  // the horizon in units, before the shift to the right
  logic [47:0] units;

  assign side = {radius[3:0], 1'b1};
  assign done = steps[4];
  assign peak_bits = radius[3:0] < 4'd4 ? 4'd13 : radius[3:0] < 4'd8 ? 4'd12 : 4'd11;

  always_ff @(posedge clk) begin
    steps <= {steps[3:0], start};
    // Products with constants, exact for these lengths, divide by ROWS and GROUPS.
    lines <= 13'((38'(height[12:0]) + 38'(ROW_LAST)) * 38'(BY_ROWS) >> QUOTIENT);
    passes <= 11'((38'(neurons[10:0]) + 38'(GROUP_LAST)) * 38'(BY_GROUPS) >> QUOTIENT);
    elements <= 10'(side) * 10'(side);
    far <= (48'(horizon) << shifts[3:0]) + 48'(rounding);
    area <= 26'(lines) * 26'(width[12:0]);
    units <= far >> shifts[11:8];
    used <= mode[0] ? {area, 1'b0} : {1'b0, area};

    if (width < 1 || width > 4096) bad <= saccade_pkg::REG_WIDTH;
    else if (height < 1 || height > 4096) bad <= saccade_pkg::REG_HEIGHT;
    else if (radius > 32'(ROWS / 2)) bad <= saccade_pkg::REG_RADIUS;
    else if (neurons < 1 || neurons > 32'(NEURONS)) bad <= saccade_pkg::REG_BANK;
    else if (mode > 2) bad <= saccade_pkg::REG_MODE;
    else if (flags > 63 || flags[1] && !flags[2]) bad <= saccade_pkg::REG_FLAGS;
    else if (used > 27'(CELLS)) bad <= saccade_pkg::REG_CELLS;
    else if ((shifts & ~32'h010f_1f1f) != 0 || shifts[4] || shifts[12] || shifts[3:0] != 0 && shifts[11:8] != 0
        || shifts[19:16] == 0 || shifts[19:16] > peak_bits) bad <= saccade_pkg::REG_SHIFTS;
    else if (rounding != (shifts[11:8] == 0 ? 32'd0 : 32'd1 << (shifts[11:8] - 4'd1))) bad <= saccade_pkg::REG_ROUND;
    else if (rate[31:16] != 0) bad <= saccade_pkg::REG_RATE;
    else if (horizon[31] || far[47:32] != 0 || units[47:16] != 0) bad <= saccade_pkg::REG_HORIZON;
    else if (least > 32'(elements)) bad <= saccade_pkg::REG_LEAST;
    else if (recent > 32767 || least != 0 && recent < 1) bad <= saccade_pkg::REG_RECENT;
    else bad <= '0;
    if (rst) steps <= '0;
  end

  always_comb begin
    cfg.width = width[12:0];
    cfg.height = height[12:0];
    cfg.radius = radius[3:0];
    cfg.side = side;
    cfg.neurons = neurons[10:0];
    cfg.passes = passes;
    cfg.split = mode[0];
    cfg.on_only = mode[1];
    cfg.zero = flags[0];
    cfg.detail = flags[3];
    cfg.drop_in = flags[4];
    cfg.drop_out = flags[5];
    cfg.left = shifts[3:0];
    cfg.right = shifts[11:8];
    cfg.peak = shifts[19:16];
    cfg.linear = shifts[24];
    cfg.round = rounding[15:0];
    cfg.rate = rate[15:0];
    cfg.horizon = horizon[30:0];
    cfg.least = least[9:0];
    cfg.recent = recent[14:0];
    cfg.lines = lines;
    cfg.used = used[18:0];
  end
endmodule
