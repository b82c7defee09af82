// From words to events. Stage a has an event and the line of its patch's first row: a division by ROWS, by a product
// with a constant. Stage b, which the surface takes, has the addresses of that row and what becomes of the event.
module saccade_parse #(
    parameter int ROWS = 11,
    parameter int CELLS = 4096,
    localparam int AW = saccade_pkg::bits(CELLS)
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 available,  // a word
    input  logic [31:0]          word,
    output logic                 pop,
    input  logic                 takes,      // the surface takes what is in stage b
    output logic                 idle,
    output logic                 bad_stamp,

    output logic                 b_valid,
    output logic                 b_command,
    output logic                 b_polarity,
    output logic [2:0]           b_class,
    output logic [31:0]          b_stamp,    // or the command
    output logic [4:0]           b_top,      // surface bank of the patch's first row
    output logic [AW-1:0]        b_above,    // address of the patch's first column, in the line of its first row
    output logic [AW-1:0]        b_below,    // and in the line behind, where the banks in front of top have it
    output logic [4:0]           b_row_from, // rows and columns of the patch that lie on the sensor
    output logic [4:0]           b_row_to,
    output logic [4:0]           b_column_from,
    output logic [4:0]           b_column_to
);
  // y/ROWS as a product: exact for 16 bits, for the error of the factor is less than 1/2^16 of it.
  localparam int QUOTIENT = 21;
  localparam logic [21:0] RECIPROCAL = 22'(((1 << QUOTIENT) + ROWS - 1) / ROWS);

  logic second;
  logic [31:0] first;
  logic [31:0] stamp;  // of the last event

  logic a_valid, a_command, a_refused, a_polarity;
  logic [14:0] a_x, a_y;
  logic [31:0] a_stamp;
  logic [4:0] a_top;
  logic [15:0] a_line;  // modulo 2^16: above the sensor it is -1

  logic b_moves, a_moves, makes, command, refused;
  logic [31:0] event_word;
  logic [15:0] padded, line;
  logic [37:0] quotient;
  logic [4:0] top;

  assign idle = !second && !a_valid && !b_valid;
  assign b_moves = !b_valid || takes;
  assign a_moves = !a_valid || b_moves;
  assign event_word = second ? first : word;
  assign makes = available && a_moves && (second || word[31]);
  assign pop = available && (a_moves || !second && !word[31]);
  assign command = second && {first[30:16], first[14:0]} == {2{saccade_pkg::COMMAND_COORDINATE}};
  assign refused = second && !command && word > saccade_pkg::MAX_STAMP;
  assign bad_stamp = makes && refused;

  assign padded = 16'(event_word[14:0]) + 16'(ROWS) - 16'(cfg.radius);
  assign quotient = 38'(padded) * 38'(RECIPROCAL);
  assign line = 16'(quotient >> QUOTIENT);
  assign top = 5'(padded - line * 16'(ROWS));

  // Stage b.
  logic [15:0] line_of_plane, x_from;
  logic [AW-1:0] above;
  logic beyond, near_border;
  logic [14:0] right, bottom;  // cells from the event to behind the last

  assign line_of_plane = a_line + (cfg.split && a_polarity ? 16'(cfg.lines) : 16'd0);
  assign x_from = 16'(a_x) - 16'(cfg.radius);
  // Modulo the length of an address: where a row does not exist, neither does its address matter.
  assign above = AW'(32'(line_of_plane) * 32'(cfg.width) + {{16{x_from[15]}}, x_from});
  assign beyond = a_x >= 15'(cfg.width) || a_y >= 15'(cfg.height);
  assign right = 15'(cfg.width) - a_x + 15'(cfg.radius);
  assign bottom = 15'(cfg.height) - a_y + 15'(cfg.radius);
  assign near_border = a_x < 15'(cfg.radius) || a_y < 15'(cfg.radius) || right < 15'(cfg.side) || bottom < 15'(cfg.side);

  always_ff @(posedge clk) begin
    if (available) begin
      if (second) second <= !a_moves;
      else if (!word[31]) begin
        second <= 1'b1;
        first <= word;
      end
    end
    if (a_moves) begin
      a_valid <= makes;
      a_command <= command;
      a_refused <= refused;
      a_polarity <= event_word[15];
      a_x <= event_word[30:16];
      a_y <= event_word[14:0];
      a_stamp <= second ? word : stamp;
      a_top <= top;
      a_line <= line - 16'd1;
      if (makes && second && !command && !refused) stamp <= word;
    end
    if (b_moves) begin
      b_valid <= a_valid;
      b_command <= a_command;
      b_polarity <= a_polarity;
      b_stamp <= a_stamp;
      b_top <= a_top;
      b_above <= above;
      b_below <= above + AW'(cfg.width);
      b_row_from <= a_y < 15'(cfg.radius) ? 5'(cfg.radius) - a_y[4:0] : 5'd0;
      b_row_to <= bottom < 15'(cfg.side) ? bottom[4:0] : cfg.side;
      b_column_from <= a_x < 15'(cfg.radius) ? 5'(cfg.radius) - a_x[4:0] : 5'd0;
      b_column_to <= right < 15'(cfg.side) ? right[4:0] : cfg.side;
      if (beyond) b_class <= saccade_pkg::OUTSIDE;
      else if (cfg.on_only && !a_polarity) b_class <= saccade_pkg::IGNORED;
      else if (a_refused) b_class <= saccade_pkg::REFUSED;
      else if (!cfg.zero && near_border) b_class <= saccade_pkg::BORDER;
      else b_class <= saccade_pkg::COMPETES;
    end
    if (clear) begin
      second <= 1'b0;
      stamp <= '0;
      a_valid <= 1'b0;
      b_valid <= 1'b0;
    end
  end
endmodule
