// Which blocks of each word of sums were added to since they were last sent: of each of nine blocks a bit, at the
// block's own address.
module saccade_delta_touched #(
    parameter int SUMS = 256,
    localparam int SW = saccade_pkg::bits(SUMS)
) (
    input  logic            clk,
    input  logic            linear,     // the word has one block: the first bit says so of all of it
    input  logic [8:0]      touches,
    input  logic [9*SW-1:0] touches_at,
    input  logic            clears,     // all of a word
    input  logic [SW-1:0]   clears_at,
    input  logic [SW-1:0]   read_at,
    output logic [8:0]      touched
);
  for (genvar block = 0; block < saccade_delta_base::BLOCKS; block++) begin : blocks
    logic [SW-1:0] at;
    assign at = touches_at[SW*block +: SW];
    saccade_ram #(.WIDTH(1), .DEPTH(SUMS)) memory (
        .clk,
        .write(clears || touches[block]),
        .write_at(clears ? clears_at : at),
        .written(!clears && (!linear || block == 0)),
        .read_at,
        .word(touched[block])
    );
  end
endmodule
