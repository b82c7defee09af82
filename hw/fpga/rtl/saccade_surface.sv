// The time surface: writes stamps and reads patches, a column a cycle; clears and moves all stamps; and puts a token
// into the order queue for every event. Row y of a plane lies in bank y mod ROWS, so the rows of a patch lie in
// banks of their own.
module saccade_surface #(
    parameter int ROWS = 11,
    parameter int CELLS = 4096,
    parameter int WIPE = 20,
    localparam int AW = saccade_pkg::bits(CELLS)
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 start_learning,  // the modes that a configuration begins with
    input  logic                 start_selecting,
    input  logic                 wipe,
    input  logic [WIPE-1:0]      wipe_at,
    input  saccade_pkg::window_t window,
    output logic [30:0]          window_cell,

    input  logic                 b_valid,
    input  logic                 b_command,
    input  logic                 b_polarity,
    input  logic [2:0]           b_class,
    input  logic [31:0]          b_stamp,
    input  logic [4:0]           b_top,
    input  logic [AW-1:0]        b_above,
    input  logic [AW-1:0]        b_below,
    input  logic [4:0]           b_row_from,
    input  logic [4:0]           b_row_to,
    input  logic [4:0]           b_column_from,
    input  logic [4:0]           b_column_to,

    input  logic                 order_full,
    input  logic                 slot_busy,   // of the next event that competes
    output logic                 takes,
    output logic                 bad_command,
    output logic                 counted,     // an event
    output logic                 push,
    output saccade_pkg::token_t  token,
    output logic                 begins,      // an event that competes: its first column is read
    output logic [4:0]           begun,
    output logic                 idle,

    // The column that was read in the cycle before.
    output logic                 column_valid,
    output logic                 column_first,
    output logic                 column_last,
    output logic [4:0]           column_top,
    output logic [30:0]          column_now,
    output logic [31*ROWS-1:0]   cells
);
  logic learning, selecting;
  logic [4:0] column;    // that is read next; 0: none is under way
  logic [19:0] waits;    // cycles that a command still takes
  logic moving;          // and which: stamps are moved, or cleared
  logic [18:0] at;       // cell that it has come to
  logic [30:0] move;

  // The patch whose further columns are read.
  logic [4:0] top, row_from, row_to, column_from, column_to;
  logic [AW-1:0] above, below;
  logic [30:0] now;

  logic acts, rebase, wiping_command, mark, sets_mode, fires, reads, first;
  assign acts = b_valid && takes;
  assign takes = column == 0 && waits == 0 && !order_full && (b_command || b_class != saccade_pkg::COMPETES || !slot_busy);
  assign rebase = acts && b_command && !b_stamp[31];
  assign wiping_command = acts && b_command && b_stamp[31:24] == 8'h80;
  assign mark = acts && b_command && b_stamp[31:24] == 8'h81;
  assign sets_mode = acts && b_command && b_stamp[31:24] == 8'h82;
  assign bad_command = acts && b_command && b_stamp[31:24] > 8'h82;
  assign counted = acts && !b_command;
  assign begins = counted && b_class == saccade_pkg::COMPETES;
  assign fires = counted && (b_class == saccade_pkg::COMPETES || b_class == saccade_pkg::BORDER);
  assign first = column == 0;
  assign reads = begins || !first;
  assign idle = first && waits == 0;
  assign push = counted || mark;

  logic [19:0] waits_next;
  always_comb begin
    waits_next = '0;
    if (waits != 0) waits_next = waits - 20'd1;
    else if (rebase) waits_next = 20'(cfg.used) + 20'd1;
    else if (wiping_command) waits_next = 20'(cfg.used) - 20'd1;
  end

  always_comb begin
    token = '0;
    token.mark = mark;
    token.competes = begins;
    token.learning = learning;
    token.selecting = selecting;
    token.bank = cfg.split && b_polarity;
    token.number = begun;
    token.value = mark ? b_stamp[15:0] : 16'd0 - 16'(b_class);
  end

  // What is read in this cycle.
  logic [4:0] now_top, now_row_from, now_row_to, last_column;
  logic [AW-1:0] now_above, now_below, own_at;
  logic [5:0] own_row;
  logic [4:0] own_bank;
  logic on_column;
  assign last_column = cfg.side - 5'd1;
  assign now_top = first ? b_top : top;
  assign now_above = first ? b_above : above;
  assign now_below = first ? b_below : below;
  assign now_row_from = first ? b_row_from : row_from;
  assign now_row_to = first ? b_row_to : row_to;
  assign on_column = column >= (first ? b_column_from : column_from) && column < (first ? b_column_to : column_to);
  // The event's own cell, in the middle of the patch.
  assign own_row = 6'(b_top) + 6'(cfg.radius);
  assign own_bank = own_row >= 6'(ROWS) ? 5'(own_row - 6'(ROWS)) : own_row[4:0];
  assign own_at = (own_row >= 6'(ROWS) ? b_below : b_above) + AW'(cfg.radius);

  always_ff @(posedge clk) begin
    column_valid <= reads;
    column_first <= begins;
    column_last <= reads && column == last_column;
    column_top <= now_top;
    column_now <= first ? b_stamp[30:0] : now;
    if (first) begin
      top <= b_top;
      above <= b_above;
      below <= b_below;
      row_from <= b_row_from;
      row_to <= b_row_to;
      column_from <= b_column_from;
      column_to <= b_column_to;
      now <= b_stamp[30:0];
    end
    if (reads) column <= column == last_column ? 5'd0 : column + 5'd1;
    if (begins) begun <= begun + 5'd1;
    if (sets_mode) begin
      learning <= b_stamp[0];
      selecting <= b_stamp[0] || b_stamp[1];
    end

    waits <= waits_next;
    at <= waits_next == 0 ? 19'd0 : at + 19'd1;
    if (rebase || wiping_command) moving <= rebase;
    if (rebase) move <= b_stamp[30:0];
    if (clear) begin
      column_valid <= 1'b0;
      column_first <= 1'b0;
      column_last <= 1'b0;
      column <= '0;
      waits <= '0;
      at <= '0;
      begun <= '0;
      learning <= start_learning;
      selecting <= start_selecting;
    end
  end

  // Memories. While stamps are moved, cell at is read in a cycle, moved in the next and written in the third.
  logic write_clear, write_move;
  assign write_clear = wiping_command || waits != 0 && !moving;
  assign write_move = waits != 0 && moving && at >= 19'd2;

  logic [31*ROWS-1:0] words;
  logic [4:0] window_bank;
  always_ff @(posedge clk) window_bank <= window.row;
  assign window_cell = words[31*window_bank +: 31];

  for (genvar bank = 0; bank < ROWS; bank++) begin : banks
    logic [4:0] row;
    logic [AW-1:0] patch_at, read_at, write_at;
    logic [30:0] word, moved, written;
    logic write, on_sensor, own;

    assign row = 5'(bank) >= now_top ? 5'(bank) - now_top : 5'(bank) + 5'(ROWS) - now_top;
    assign patch_at = (5'(bank) >= now_top ? now_above : now_below) + AW'(column);

    always_comb begin
      read_at = patch_at;
      if (rebase || waits != 0) read_at = AW'(at);
      if (window.active) read_at = AW'(window.cell_at);
      write = fires && own_bank == 5'(bank) || write_clear || write_move || window.put_surface && window.row == 5'(bank);
      write_at = own_at;
      written = b_stamp[30:0];
      if (write_clear) begin
        write_at = AW'(at);
        written = '0;
      end
      if (write_move) begin
        write_at = AW'(at - 19'd2);
        written = moved;
      end
      if (window.active) begin
        write_at = AW'(window.cell_at);
        written = window.value[30:0];
      end
      if (wipe) begin
        write = wipe_at < WIPE'(CELLS);
        write_at = AW'(wipe_at);
        written = '0;
      end
    end

    saccade_ram #(.WIDTH(31), .DEPTH(CELLS)) memory (.clk, .write, .write_at, .written, .read_at, .word);

    always_ff @(posedge clk) begin
      on_sensor <= row >= now_row_from && row < now_row_to && on_column;
      own <= row == 5'(cfg.radius) && column == 5'(cfg.radius);  // it is being written, or was
      moved <= word > move ? word - move : '0;
    end
    // Beyond the sensor, nothing ever fired.
    assign cells[31*bank +: 31] = own ? column_now : on_sensor ? word : 31'd0;
    assign words[31*bank +: 31] = word;
  end
endmodule
