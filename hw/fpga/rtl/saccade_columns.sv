// The way of a column from the surface's cells to a context: a decay unit a bank, and a barrel shifter that turns
// the values from banks to rows of the patch. It never stops.
module saccade_columns #(
    parameter int ROWS = 11
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 in_valid,  // a column that was read in the cycle before
    input  logic                 in_first,
    input  logic                 in_last,
    input  logic [4:0]           in_top,
    input  logic [30:0]          in_now,
    input  logic [31*ROWS-1:0]   cells,

    output logic                 valid,     // seven cycles later: a column of a context
    output logic                 first,
    output logic                 last,
    output logic [2:0]           slot,
    output logic [4:0]           column,
    output logic [16*ROWS-1:0]   values,
    output logic [4:0]           streams    // contexts whose first column is there
);
  localparam int STAGES = saccade_pkg::FILL_LATENCY - 1;
  logic [STAGES-1:0] valids, firsts, lasts;
  logic [5*STAGES-1:0] tops;
  logic [16*ROWS-1:0] by_bank;
  logic [4:0] behind;  // column behind the last one

  assign valid = valids[STAGES-1];
  assign first = firsts[STAGES-1];
  assign last = lasts[STAGES-1];
  assign slot = first ? streams[2:0] : streams[2:0] - 3'd1;
  assign column = first ? 5'd0 : behind;

  for (genvar bank = 0; bank < ROWS; bank++) begin : units
    saccade_decay unit (
        .clk, .cfg, .cell_stamp(cells[31*bank +: 31]), .now(in_now), .value(by_bank[16*bank +: 16])
    );
  end

  // Row r of the patch is in bank top+r modulo ROWS: turned by 1, 2, 4, ... banks, each where top has that bit.
  logic [16*ROWS-1:0] turned, last_turn;
  logic [4:0] top;
  assign top = tops[5*(STAGES-2) +: 5];
  always_comb begin
    turned = by_bank;
    last_turn = by_bank;
    for (int power = 0; power < 5; power++) begin
      last_turn = turned;
      for (int row = 0; row < ROWS; row++)
        turned[16*row +: 16] = top[power] ? last_turn[16*((row+(1<<power))%ROWS) +: 16] : last_turn[16*row +: 16];
    end
    for (int row = 0; row < ROWS; row++) if (row >= 32'(cfg.side)) turned[16*row +: 16] = '0;
  end

  always_ff @(posedge clk) begin
    valids <= {valids[STAGES-2:0], in_valid};
    firsts <= {firsts[STAGES-2:0], in_first};
    lasts <= {lasts[STAGES-2:0], in_last};
    tops <= {tops[5*(STAGES-1)-1:0], in_top};
    values <= turned;
    if (valid) behind <= column + 5'd1;
    if (valid && first) streams <= streams + 5'd1;
    if (clear) begin
      valids <= '0;
      firsts <= '0;
      lasts <= '0;
      streams <= '0;
    end
  end
endmodule
