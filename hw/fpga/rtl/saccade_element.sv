// A row of the column that learns: one master weight a cycle, a stage of the rule a cycle. Stage 1 has what the
// memories put out; in stage 7 the new weight is written.
module saccade_element (
    input  logic        clk,
    input  logic [31:0] master,    // stage 1
    input  logic [15:0] value,     // of the context
    input  logic [4:0]  shift,
    input  logic [15:0] factor,
    input  logic [14:0] rate,      // stage 3
    input  logic [15:0] renormal,
    input  logic [4:0]  drop4,     // stage 4
    input  logic [4:0]  drop5,     // stage 5
    input  logic        replace,   // the registers' window: what becomes stage 6 in the next cycle
    input  logic [31:0] replaced,
    output logic [31:0] master7,
    output logic [15:0] weight7,
    input  logic [15:0] next7,     // of the event behind
    output logic [31:0] square8,
    output logic [31:0] product8
);
  logic [31:0] master2, master3, master4, master5, master6;
  logic [15:0] weight2, weight3, normalised2, difference3;
  logic [31:0] pulled4, renormalised4, step5;

  logic [15:0] shifted;
  logic [31:0] scaled;
  logic signed [16:0] difference;
  assign shifted = value << shift;
  assign scaled = shifted * factor;
  assign difference = $signed({normalised2[15], normalised2}) - $signed({weight2[15], weight2});

  always_ff @(posedge clk) begin
    master2 <= master;
    weight2 <= saccade_pkg::match_weight(master);
    normalised2 <= scaled[31:16];

    master3 <= master2;
    weight3 <= weight2;
    if (difference > 17'sd32767) difference3 <= 16'h7fff;
    else if (difference < -17'sd32768) difference3 <= 16'h8000;
    else difference3 <= difference[15:0];

    master4 <= master3;
    pulled4 <= $signed(difference3) * $signed({1'b0, rate});
    renormalised4 <= $signed(weight3) * $signed(renormal);

    master5 <= master4;
    step5 <= pulled4 + renormalised4 + (32'd1 << (drop4 - 5'd1));

    master6 <= replace ? replaced : master5 + 32'($signed(step5) >>> drop5);

    master7 <= master6;
    weight7 <= saccade_pkg::match_weight(master6);

    square8 <= $signed(weight7) * $signed(weight7);
    product8 <= $signed(weight7) * $signed(next7);
  end
endmodule
