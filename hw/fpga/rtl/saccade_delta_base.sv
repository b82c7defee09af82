// What the modules of the delta engine share: the numbers of its registers and commands, as in hw/fpga's
// deltaregisters.go and words.go, and a layer as it is described.
package saccade_delta_base;

  localparam int LAYERS = 32;   // that can be described
  localparam int BLOCKS = 9;    // of a word of a convolution: elements of the kernel, or outputs of a tile
  localparam int LATENCY = 4;   // cycles from a word's issue to the writing of its sums
  localparam int COUNTERS = 6;

  localparam logic [31:0] VERSION = 32'h0001_0001;

  localparam logic [31:0] REG_WEIGHTS = 32'h02c;
  localparam logic [31:0] REG_SUMS = 32'h030;
  localparam logic [31:0] REG_LAYERS = 32'h034;
  localparam logic [31:0] REG_LAYER = 32'h09c;
  localparam logic [31:0] REG_KIND = 32'h0a0;
  localparam logic [31:0] REG_CHANNELS = 32'h0a4;
  localparam logic [31:0] REG_SIZE = 32'h0a8;
  localparam logic [31:0] REG_OUTPUTS = 32'h0ac;
  localparam logic [31:0] REG_WEIGHTS_AT = 32'h0b0;
  localparam logic [31:0] REG_SUMS_AT = 32'h0b4;
  localparam logic [31:0] REG_COUNTERS = 32'h200;

  // What describes a layer, by (address - REG_KIND) / 4.
  localparam int STAGED = 6;

  localparam logic [31:0] WINDOW_WEIGHTS = 32'd5;
  localparam logic [31:0] WINDOW_SUMS = 32'd6;
  localparam logic [31:0] WINDOWS = 32'd7;
  localparam int PLACE_LANES = 13;  // bits of a lane in REG_PLACE

  localparam logic [7:0] ERROR_LAYER = 8'd9;
  localparam logic [7:0] ERROR_CHANGE = 8'd10;

  localparam logic [7:0] OP_CHANGES = 8'h83;
  localparam logic [7:0] OP_SUMS = 8'h84;
  localparam logic [7:0] OP_ZERO = 8'h85;

  localparam int COUNT_ACTIVE = 0;
  localparam int COUNT_BUSY = 1;
  localparam int COUNT_TAKEN = 2;
  localparam int COUNT_REFUSED = 3;
  localparam int COUNT_MACS = 4;
  localparam int COUNT_SENT = 5;

  // A layer: what was described of it, and what follows from it. Divisions are by products: with the upper 32 bits of
  // number * inverse, where the inverse is 2^32 / divisor, rounded up, and the number has 16 bits.
  typedef struct packed {
    logic        linear;
    logic        stride2;
    logic        padding;
    logic [16:0] inputs;         // 0 of a layer that there is not
    logic [16:0] channels;       // of the input
    logic [15:0] width;          // of the input
    logic [15:0] out_height;
    logic [15:0] out_width;
    logic [32:0] by_channels;
    logic [32:0] by_width;
    logic [16:0] parts;          // words for the channels of an output
    logic [12:0] last;           // lanes of a block that the last of them uses
    logic [16:0] across;         // words for the tiles side by side
    logic [16:0] words;          // of sums
    logic [24:0] weights_at;
    logic [15:0] sums_at;
  } layer_t;

endpackage
