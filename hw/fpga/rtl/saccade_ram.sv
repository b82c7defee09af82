// A memory of one write and one read port. A word that is read is seen in the cycle behind its address. The design
// never needs a word in the cycle in which it is written: what is read then is unknown here, so that every family of
// devices has a block RAM for it, and so that a simulation would show a use of it.
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
  logic [WIDTH-1:0] words[0:DEPTH-1];

  always_ff @(posedge clk) begin
    if (write) words[write_at] <= written;
    word <= words[read_at];
    if (write && write_at == read_at) word <= {WIDTH{1'bx}};
  end
endmodule
