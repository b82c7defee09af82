// The columns of a winner's weights on their way through the learning rule, a stage a cycle, and the memories of the
// master weights and of the sums of squares. The dot product of the event behind is computed again from the columns
// as they are written.
module saccade_update #(
    parameter int ROWS = 11,
    parameter int NEURONS = 64,
    parameter int PASSES = 4,
    parameter int WIPE = 20,
    localparam int NW = saccade_pkg::bits(2 * NEURONS),
    localparam int KW = saccade_pkg::bits(2 * NEURONS * ROWS),
    localparam int MW = saccade_pkg::bits(2 * PASSES * ROWS)
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::rates_t  rates,
    input  logic                 wipe,
    input  logic [WIPE-1:0]      wipe_at,
    input  saccade_pkg::window_t window,
    output logic [31:0]          window_master,
    output logic [31:0]          window_squares,
    input  logic [7:0]           age,
    input  logic                 joined,
    input  logic                 bank,
    input  logic [4:0]           number,
    input  logic [7:0]           group,
    input  logic [31:0]          dot,
    input  logic [15:0]          factor,
    input  logic [4:0]           shift,
    input  logic [NW-1:0]        neuron_at,
    input  logic [KW-1:0]        master_at,
    input  logic [MW-1:0]        match_at,
    input  logic                 reads,
    input  logic                 reads_first,
    input  logic                 reads_last,
    output logic [4:0]           learn_column,    // of the context, read with the master weights
    input  logic [16*ROWS-1:0]   learn_values,    // in the next cycle
    output logic [2:0]           correct_slot,    // the event behind
    output logic [4:0]           correct_column,
    input  logic [16*ROWS-1:0]   correct_values,
    output logic                 match_write,     // a column of new match weights
    output logic [7:0]           match_group,
    output logic [MW-1:0]        match_write_at,
    output logic [16*ROWS-1:0]   match_weights,
    output logic [31:0]          corrected_dot
);
  // Stages 1 to 10 of the columns; stage 1 is the cycle behind the reading.
  logic [10:1] valid, first, last;
  logic correct6;        // the event behind is corrected
  logic [9:7] corrects;

  // Reading.
  logic [KW-1:0] read_on, read_at;
  logic [4:0] column;
  assign read_at = window.active ? KW'(window.master_at) : reads_first ? master_at : read_on;
  assign learn_column = reads_first ? 5'd0 : column;

  // What belongs to the event that the columns in a stage are of: learning may already be at the next one.
  logic [15:0] factor1;
  logic [4:0] shift1, drop, drop4, drop5, correct_next;
  logic [14:0] rate;
  logic [15:0] renormal;
  logic [KW-1:0] write_at;
  logic [NW-1:0] squares_at7, squares_at8, squares_at9, squares_at10;
  logic corrected;
  logic [2:0] correct_on;

  assign correct_slot = correct_on;
  assign correct_column = correct_next;

  // Sums over the column.
  logic [32*ROWS-1:0] squares8, products8;
  logic [31:0] square_part[0:2], product_part[0:2], square_sum[0:2], product_sum[0:2];
  logic [31:0] square_total, dot_total;
  always_comb begin
    for (int i = 0; i < 3; i++) begin
      square_part[i] = '0;
      product_part[i] = '0;
    end
    for (int row = 0; row < ROWS; row++) begin
      square_part[row%3] = square_part[row%3] + squares8[32*row +: 32];
      product_part[row%3] = product_part[row%3] + products8[32*row +: 32];
    end
  end
  assign corrected_dot = dot_total;

  always_ff @(posedge clk) begin
    valid <= {valid[9:1], reads};
    first <= {first[9:1], reads_first};
    last <= {last[9:1], reads && reads_last};
    if (reads) begin
      read_on <= read_at + KW'(1);
      column <= learn_column + 5'd1;
    end
    if (age == 8'd2) begin
      factor1 <= factor;
      shift1 <= shift;
    end
    drop4 <= drop;
    drop5 <= drop4;
    correct_next <= correct_next + 5'd1;
    if (age == 8'd7) begin
      correct_on <= number[2:0] + 3'd1;
      correct_next <= '0;
    end
    write_at <= write_at + KW'(1);
    match_write_at <= match_write_at + MW'(1);
    if (age == 8'd8) begin
      write_at <= master_at;
      match_write_at <= match_at;
      match_group <= group;
      squares_at7 <= neuron_at;
    end
    if (window.active) begin
      write_at <= KW'(window.master_at);
      match_write_at <= MW'(window.match_at);
      match_group <= window.group;
    end
    squares_at8 <= squares_at7;
    squares_at9 <= squares_at8;
    squares_at10 <= squares_at9;

    // Whether it is corrected is known when its first column must be read again, in stage 6.
    if (first[6]) corrected <= joined;
    corrects <= {corrects[8:7], correct6};

    for (int i = 0; i < 3; i++) begin
      square_sum[i] <= square_part[i];
      product_sum[i] <= product_part[i];
    end
    if (valid[9]) square_total <= (first[9] ? 32'd0 : square_total) + square_sum[0] + square_sum[1] + square_sum[2];
    if (valid[9] && corrects[9])
      dot_total <= (first[9] ? 32'd0 : dot_total) + product_sum[0] + product_sum[1] + product_sum[2];
    if (clear) valid <= '0;
  end
  assign correct6 = first[6] ? joined : corrected;

  logic [32*ROWS-1:0] master, master7;
  logic [16*ROWS-1:0] weights7;
  logic injected6, injected7;
  logic [4:0] window_row;
  always_ff @(posedge clk) begin
    window_row <= window.row;
    injected6 <= window.inject;
    injected7 <= injected6;
  end
  assign window_master = master[32*window_row +: 32];
  assign match_write = valid[7] || injected7;
  assign match_weights = weights7;

  logic master_write;
  logic [KW-1:0] master_write_at;
  logic [32*ROWS-1:0] master_written;
  always_comb begin
    master_write = match_write;
    master_write_at = write_at;
    master_written = master7;
    if (wipe) begin
      master_write = wipe_at < WIPE'(2 * NEURONS * ROWS);
      master_write_at = KW'(wipe_at);
      master_written = '0;
    end
  end
  saccade_ram #(.WIDTH(32 * ROWS), .DEPTH(2 * NEURONS * ROWS)) of_master (
      .clk, .write(master_write), .write_at(master_write_at), .written(master_written), .read_at, .word(master)
  );

  logic squares_write;
  logic [NW-1:0] squares_write_at, squares_read_at;
  logic [31:0] squares, squares_written;
  always_comb begin
    squares_read_at = neuron_at;
    squares_write = valid[10] && last[10] || window.put_squares;
    squares_write_at = squares_at10;
    squares_written = square_total;
    if (window.active) begin
      squares_read_at = NW'(window.neuron_at);
      squares_write_at = NW'(window.neuron_at);
      squares_written = window.squares;
    end
    if (wipe) begin
      squares_write = wipe_at < WIPE'(2 * NEURONS);
      squares_write_at = NW'(wipe_at);
      squares_written = '0;
    end
  end
  assign window_squares = squares;
  saccade_ram #(.WIDTH(32), .DEPTH(2 * NEURONS)) of_squares (
      .clk, .write(squares_write), .write_at(squares_write_at), .written(squares_written), .read_at(squares_read_at),
      .word(squares)
  );

  saccade_pull pull (.clk, .rates, .bank, .age, .dot, .factor, .shift, .squares, .rate, .renormal, .drop);

  for (genvar row = 0; row < ROWS; row++) begin : elements
    logic [31:0] word;
    assign word = master[32*row +: 32];
    saccade_element element (
        .clk,
        .master(word),
        .value(learn_values[16*row +: 16]),
        .shift(shift1),
        .factor(factor1),
        .rate,
        .renormal,
        .drop4,
        .drop5,
        .replace(window.inject),
        .replaced(window.row == 5'(row) ? window.value : word),
        .master7(master7[32*row +: 32]),
        .weight7(weights7[16*row +: 16]),
        .next7(correct_values[16*row +: 16]),
        .square8(squares8[32*row +: 32]),
        .product8(products8[32*row +: 32])
    );
  end
endmodule
