// A short FIFO of tokens in registers: its first token is there to be seen.
module saccade_queue #(
    parameter int DEPTH = 16,  // a power of two
    localparam int A = $clog2(DEPTH)
) (
    input  logic                clk,
    input  logic                clear,
    input  logic                push,
    input  saccade_pkg::token_t pushed,
    input  logic                pop,
    output logic [A:0]          count,
    output saccade_pkg::token_t first
);
  localparam int WIDTH = $bits(pushed);
  logic [WIDTH-1:0] tokens[0:DEPTH-1];
  logic [A-1:0] head, tail;

  assign first = tokens[head];

  always_ff @(posedge clk) begin
    if (push) tokens[tail] <= pushed;
    head <= head + A'(pop);
    tail <= tail + A'(push);
    count <= count + (A + 1)'(push) - (A + 1)'(pop);
    if (clear) begin
      head <= '0;
      tail <= '0;
      count <= '0;
    end
  end
endmodule
