// Which outputs a change reaches, along y or along x: of three that lie side by side, one of each remainder by 3.
// In the cycle of the issue it is found which of them there are, and how many; a cycle later, under which element of the
// kernel each remainder's is, and in which tile, as a product with what a tile's step takes.
module saccade_delta_reach #(
    parameter int SUMS = 256,
    localparam int SW = saccade_pkg::bits(SUMS)
) (
    input  logic          clk,
    input  logic [15:0]   at,       // of the input
    input  logic          padding,
    input  logic          stride2,
    input  logic [15:0]   outs,
    input  logic [SW-1:0] step,     // words from a tile to the next
    output logic [1:0]    count,    // outputs that there are

    output logic [2:0]    enabled,  // a cycle later: by the remainder
    output logic [5:0]    element,  // 0 to 2 of each

    output logic [SW-1:0] offset,   // two cycles later: of the tile of the last of them
    output logic [2:0]    ahead    // those that lie in the tile ahead of it
);
  // Element of output h-d: d with a stride of 1; with one of 2, 2*d, or 2*d+1 of an odd row.
  logic [15:0] padded, half, tile;
  logic odd;
  logic [2:0] there;
  logic [31:0] third;
  assign padded = at + 16'(padding);
  assign half = stride2 ? 16'(padded[15:1]) : padded;
  assign odd = stride2 && padded[0];
  assign third = 32'(half) * 32'd43691;  // exact for 16 bits
  assign tile = 16'(third >> 17);
  always_comb begin
    for (int d = 0; d < 3; d++)
      there[d] = half >= 16'(d) && half - 16'(d) < outs && (!stride2 || d == 0 || d == 1 && !odd);
  end
  assign count = 2'(there[0]) + 2'(there[1]) + 2'(there[2]);

  logic [2:0] was_there;
  logic [15:0] was_tile;
  logic [1:0] remainder;
  logic was_odd, was_stride2;
  logic [2:0] earlier;
  logic [1:0] d;
  always_comb begin
    for (int r = 0; r < 3; r++) begin
      d = remainder >= 2'(r) ? remainder - 2'(r) : remainder + 2'(3 - r);
      earlier[r] = remainder < 2'(r);
      enabled[r] = d == 0 ? was_there[0] : d == 1 ? was_there[1] : was_there[2];
      element[2*r +: 2] = was_stride2 ? {d[0], was_odd} : d;
    end
  end

  always_ff @(posedge clk) begin
    was_there <= there;
    was_tile <= tile;
    remainder <= 2'(half - tile * 16'd3);
    was_odd <= odd;
    was_stride2 <= stride2;
    offset <= SW'(was_tile) * step;
    ahead <= earlier;
  end
endmodule
