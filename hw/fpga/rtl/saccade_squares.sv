// Adds up the squares of a context as its columns come, and counts its recent elements: what the norm is made of,
// and whether the event is noise.
module saccade_squares #(
    parameter int ROWS = 11
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 valid,
    input  logic                 first,
    input  logic                 last,
    input  logic [16*ROWS-1:0]   values,
    output logic [4:0]           summed,  // contexts whose sum is known
    output logic [7:0]           noise,   // by slot
    input  logic [2:0]           slot,
    output logic [31:0]          sum      // of that slot's context
);
  logic [1:0] valids, firsts, lasts;
  logic [32*ROWS-1:0] squares;
  logic [ROWS-1:0] recents;
  logic [31:0] sums[0:2];
  logic [5:0] counted;
  logic [31:0] total, total_next;
  logic [9:0] recent, recent_next;
  logic [31:0] totals[0:7];

  assign sum = totals[slot];
  assign total_next = (firsts[1] ? 32'd0 : total) + sums[0] + sums[1] + sums[2];
  assign recent_next = (firsts[1] ? 10'd0 : recent) + 10'(counted);

  logic [31:0] partial[0:2];
  logic [5:0] count;
  always_comb begin
    partial[0] = '0;
    partial[1] = '0;
    partial[2] = '0;
    count = '0;
    for (int row = 0; row < ROWS; row++) begin
      partial[row%3] = partial[row%3] + squares[32*row +: 32];
      count = count + 6'(recents[row]);
    end
  end

  always_ff @(posedge clk) begin
    valids <= {valids[0], valid};
    firsts <= {firsts[0], first};
    lasts <= {lasts[0], last};
    for (int row = 0; row < ROWS; row++) begin
      squares[32*row +: 32] <= values[16*row +: 16] * values[16*row +: 16];
      recents[row] <= values[16*row +: 16] >= {1'b0, cfg.recent};
    end
    sums[0] <= partial[0];
    sums[1] <= partial[1];
    sums[2] <= partial[2];
    counted <= count;
    if (valids[1]) begin
      total <= total_next;
      recent <= recent_next;
      if (lasts[1]) begin
        totals[summed[2:0]] <= total_next;
        noise[summed[2:0]] <= recent_next < cfg.least;
        summed <= summed + 5'd1;
      end
    end
    if (clear) begin
      valids <= '0;
      lasts <= '0;
      summed <= '0;
      noise <= '0;
    end
  end
endmodule
