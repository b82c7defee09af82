// What all modules share: the numbers of the register map, of the streams and of the pipeline, and the
// configuration as it is applied. The Go packages hw/fpga (registers.go, words.go) and sim/fpga (timing.go) have
// the same numbers, and sim/fpga/rtltest compares the behaviour.
package saccade_pkg;

  // The pipeline; sim/fpga's timing.go says what they mean.
  localparam int FILL_LATENCY = 8;
  localparam int ROOT_STEPS = 10;
  localparam int SCALE_STEPS = 9;
  localparam int MATCH_LATENCY = 4;
  localparam int LIMIT_LATENCY = 4;
  localparam int COMPARE_LATENCY = 3;
  localparam int LEARN_READ = 2;
  localparam int LEARN_WRITE = 9;
  localparam int LEARN_JOIN = LEARN_WRITE - 1;
  localparam int CORRECTION_READY = 11;
  localparam int LONG_LEARNT = 255;
  localparam int ORDER_LENGTH = 16;
  localparam int DECIDE_LENGTH = 4;
  localparam int CONFIGURE_WIPE = 4;

  // Registers.
  localparam logic [31:0] ID = 32'h4441_4353;
  localparam logic [31:0] VERSION = 32'h0001_0000;
  localparam logic [31:0] CHECKS = 32'h3143_5243;
  localparam logic [31:0] REG_ID = 32'h000;
  localparam logic [31:0] REG_VERSION = 32'h004;
  localparam logic [31:0] REG_ROWS = 32'h008;
  localparam logic [31:0] REG_LANES = 32'h00c;
  localparam logic [31:0] REG_NEURONS = 32'h010;
  localparam logic [31:0] REG_CELLS = 32'h014;
  localparam logic [31:0] REG_IN = 32'h018;
  localparam logic [31:0] REG_OUT = 32'h01c;
  localparam logic [31:0] REG_CONTROL = 32'h020;
  localparam logic [31:0] REG_STATUS = 32'h024;
  localparam logic [31:0] REG_ERROR = 32'h028;
  localparam logic [31:0] REG_WIDTH = 32'h040;
  localparam logic [31:0] REG_HEIGHT = 32'h044;
  localparam logic [31:0] REG_RADIUS = 32'h048;
  localparam logic [31:0] REG_BANK = 32'h04c;
  localparam logic [31:0] REG_MODE = 32'h050;
  localparam logic [31:0] REG_FLAGS = 32'h054;
  localparam logic [31:0] REG_SHIFTS = 32'h058;
  localparam logic [31:0] REG_ROUND = 32'h05c;
  localparam logic [31:0] REG_RATE = 32'h060;
  localparam logic [31:0] REG_HORIZON = 32'h064;
  localparam logic [31:0] REG_LEAST = 32'h068;
  localparam logic [31:0] REG_RECENT = 32'h06c;
  localparam logic [31:0] REG_ETA = 32'h070;
  localparam logic [31:0] REG_HOLE = 32'h07c;
  localparam logic [31:0] REG_LAST = 32'h088;
  localparam logic [31:0] REG_WINDOW = 32'h090;
  localparam logic [31:0] REG_PLACE = 32'h094;
  localparam logic [31:0] REG_DATA = 32'h098;
  localparam logic [31:0] REG_CHECKS = 32'h0c0;
  localparam logic [31:0] REG_CHECK_IN = 32'h0c4;
  localparam logic [31:0] REG_CHECK_OUT = 32'h0c8;
  localparam logic [31:0] REG_COUNTERS = 32'h100;

  // Staged configuration registers, by (address - REG_WIDTH) / 4.
  localparam int STAGED = 19;

  localparam logic [2:0] WINDOW_MASTER = 3'd0;
  localparam logic [2:0] WINDOW_THRESHOLDS = 3'd1;
  localparam logic [2:0] WINDOW_SURFACE = 3'd2;
  localparam logic [2:0] WINDOW_SQUARES = 3'd3;
  localparam logic [2:0] WINDOW_DOTS = 3'd4;

  localparam logic [7:0] ERROR_ADDRESS = 8'd1;
  localparam logic [7:0] ERROR_ACCESS = 8'd2;
  localparam logic [7:0] ERROR_VALUE = 8'd3;
  localparam logic [7:0] ERROR_BUSY = 8'd4;
  localparam logic [7:0] ERROR_APPLY = 8'd5;
  localparam logic [7:0] ERROR_WINDOW = 8'd6;
  localparam logic [7:0] ERROR_COMMAND = 8'd7;
  localparam logic [7:0] ERROR_STAMP = 8'd8;

  localparam int COUNTERS = 13;
  localparam int COUNT_CYCLES = 0;
  localparam int COUNT_EVENTS = 1;
  localparam int COUNT_RESULTS = 2;
  localparam int COUNT_DROPPED_IN = 3;
  localparam int COUNT_DROPPED_OUT = 4;
  localparam int COUNT_WON = 5;
  localparam int COUNT_MISSED = 6;
  localparam int COUNT_NOISE = 7;
  localparam int COUNT_BORDER = 8;
  localparam int COUNT_OUTSIDE = 9;
  localparam int COUNT_IGNORED = 10;
  localparam int COUNT_REFUSED = 11;
  localparam int COUNT_CORRECTIONS = 12;

  localparam logic [31:0] MAX_STAMP = 32'h7fff_c000;  // hw.MaxStamp
  localparam logic [14:0] COMMAND_COORDINATE = 15'h7fff;

  // What becomes of an event: 0 where it competes, else its answer with the sign changed.
  localparam logic [2:0] COMPETES = 3'd0;
  localparam logic [2:0] MISSED = 3'd1;
  localparam logic [2:0] BORDER = 3'd2;
  localparam logic [2:0] OUTSIDE = 3'd3;
  localparam logic [2:0] NOISE = 3'd4;
  localparam logic [2:0] IGNORED = 3'd5;
  localparam logic [2:0] REFUSED = 3'd6;

  // The configuration in use, and what follows from it.
  typedef struct packed {
    logic [12:0] width;
    logic [12:0] height;
    logic [3:0]  radius;
    logic [4:0]  side;
    logic [10:0] neurons;
    logic [10:0] passes;
    logic        split;
    logic        on_only;
    logic        zero;
    logic        detail;
    logic        drop_in;
    logic        drop_out;
    logic [3:0]  left;
    logic [3:0]  right;
    logic [3:0]  peak;
    logic        linear;
    logic [15:0] round;
    logic [15:0] rate;
    logic [30:0] horizon;
    logic [9:0]  least;
    logic [14:0] recent;
    logic [12:0] lines;  // of a plane, in each surface bank
    logic [18:0] used;   // cells of each surface bank
  } config_t;

  // The rates of both banks, which change while nothing is under way.
  typedef struct packed {
    logic [30:0] eta1;
    logic [30:0] delta_i1;
    logic [30:0] delta_e1;
    logic [30:0] eta0;
    logic [30:0] delta_i0;
    logic [30:0] delta_e0;
  } rates_t;

  // What of an event goes through the order queue and the decision.
  typedef struct packed {
    logic        mark;
    logic        competes;
    logic        learning;
    logic        selecting;
    logic        bank;
    logic        skipped;  // noise that was not matched
    logic [4:0]  number;   // among those that compete, modulo 32
    logic [15:0] value;    // of a mark its tag, of what does not compete its answer
  } token_t;

  // Where the window of the registers points at, in the memories.
  typedef struct packed {
    logic        active;    // the memories' ports are the window's
    logic [4:0]  row;       // surface bank, or row of the patch
    logic [17:0] cell_at;   // of the surface bank
    logic [15:0] master_at; // of the master weights
    logic [15:0] match_at;  // of the match weights
    logic [10:0] neuron_at; // of the squares
    logic [10:0] pass_at;   // of the thresholds
    logic [10:0] dots_at;   // of the dot products
    logic [7:0]  group;
    logic        bank;
    logic        put_surface;
    logic        put_threshold;
    logic        put_squares;
    logic        inject;    // the column of master weights that was read is to be written, with one of them changed
    logic [31:0] value;     // what is written
    logic [31:0] squares;
  } window_t;

  // bits is the width of an index of n things: one at the least.
  function automatic int bits(input int n);
    bits = n > 1 ? $clog2(n) : 1;
  endfunction

  // match_weight rounds a master weight, Q24, to a match weight, Q15 (hw.MatchWeight; the sum wraps as there).
  function automatic logic signed [15:0] match_weight(input logic signed [31:0] master);
    logic signed [31:0] sum;
    logic signed [22:0] rounded;
    begin
      sum = master + 32'sd256;
      rounded = sum[31:9];
      if (rounded > 23'sd32767) match_weight = 16'sh7fff;
      else if (rounded < -23'sd32768) match_weight = 16'sh8000;
      else match_weight = rounded[15:0];
    end
  endfunction

  // mulhrs is the rounding product of two numbers in Q15, as hw.Decay has it.
  function automatic logic signed [16:0] mulhrs(input logic signed [16:0] a, input logic signed [16:0] b);
    logic signed [33:0] product;
    begin
      product = a * b + 34'sd16384;
      mulhrs = product[31:15];
    end
  endfunction

endpackage
