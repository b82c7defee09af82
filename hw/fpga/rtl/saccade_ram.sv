// A memory of one write and one read port. A word that is read is seen in the cycle behind its address. The design
// never needs a word in the cycle in which it is written: what is read then is unknown here, so that every family of
// devices has a block RAM for it, and so that a simulation would show a use of it.
//
// Words of more than 36 bits lie in memories side by side, none of which becomes a block RAM of 72 bits of the
// Xilinx 7: of such a one, yosys writes bits 68 to 71 with what belongs into 64 to 67 (0.23, and later ones until its
// pull request 5833). It costs nothing, for half a block RAM has 512 words of 36 bits.
module saccade_ram #(
    parameter int WIDTH = 32,
    parameter int DEPTH = 512,
    localparam int A = saccade_pkg::bits(DEPTH)
) (
    input  logic             clk,
    input  logic             write,
    input  logic [A-1:0]     write_at,
    input  logic [WIDTH-1:0] written,
    input  logic [A-1:0]     read_at,
    output logic [WIDTH-1:0] word
);
  localparam int SLICE = 36;

  for (genvar from = 0; from < WIDTH; from += SLICE) begin : slices
    localparam int BITS = WIDTH - from < SLICE ? WIDTH - from : SLICE;
    logic [BITS-1:0] words[0:DEPTH-1];
    logic [BITS-1:0] read;
    assign word[from +: BITS] = read;

    always_ff @(posedge clk) begin
      if (write) words[write_at] <= written[from +: BITS];
      read <= words[read_at];
      if (write && write_at == read_at) read <= {BITS{1'bx}};
    end
  end
endmodule
