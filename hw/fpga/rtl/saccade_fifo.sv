// A FIFO in a block RAM whose first word is there to be seen, from the cycle behind the one in which it was pushed.
module saccade_fifo #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 512,  // a power of two
    localparam int A = $clog2(DEPTH)
) (
    input  logic             clk,
    input  logic             clear,
    input  logic             push,
    input  logic [WIDTH-1:0] pushed,
    input  logic             pop,
    output logic [A:0]       count,
    output logic [WIDTH-1:0] word
);
  logic [A-1:0] head, tail;
  logic [A-1:0] head_next;
  logic [WIDTH-1:0] read;
  logic fresh;  // the first word was pushed in the cycle before, and the memory does not show it yet
  logic [WIDTH-1:0] fresh_word;

  assign head_next = head + A'(pop);
  assign word = fresh ? fresh_word : read;

  saccade_ram #(.WIDTH(WIDTH), .DEPTH(DEPTH)) memory (
      .clk, .write(push), .write_at(tail), .written(pushed), .read_at(head_next), .word(read)
  );

  always_ff @(posedge clk) begin
    fresh <= push && tail == head_next;
    fresh_word <= pushed;
    head <= head_next;
    tail <= tail + A'(push);
    count <= count + (A + 1)'(push) - (A + 1)'(pop);
    if (clear) begin
      head <= '0;
      tail <= '0;
      count <= '0;
    end
  end
endmodule
