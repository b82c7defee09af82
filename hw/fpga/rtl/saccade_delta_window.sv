// The window of the registers to the delta engine's memories: a lane of a word of sums, or two lanes of a word of
// weights, at a place of word and lane. Nothing else uses the memories meanwhile.
module saccade_delta_window #(
    parameter int LANES = 176,
    parameter int WEIGHTS = 4096,
    parameter int SUMS = 256,
    localparam int PLACE_WORDS = 32 - saccade_delta_base::PLACE_LANES
) (
    input  logic                   clk,
    input  logic                   rst,
    input  logic                   sets_place,
    input  logic [31:0]            value,
    input  logic                   start,
    input  logic                   writes,
    input  logic                   of_weights,
    output logic [31:0]            place,
    output logic                   done,
    output logic                   outside,     // with done: there is no such place
    output logic [31:0]            result,

    output logic                   active,      // the memories' ports are the window's
    output logic                   put_weights,
    output logic                   put_sum,
    output logic [PLACE_WORDS-1:0] at,
    output logic [12:0]            lane,
    output logic [31:0]            put_value,
    input  logic [31:0]            weights,     // in the cycle behind at
    input  logic [31:0]            sum
);
  // Steps: the place is checked; the memories are read, or written; what was read is there; the place goes on.
  logic [3:1] step;
  logic writing;
  logic [12:0] width;
  logic bad;
  assign {at, lane} = place;
  assign width = of_weights ? 13'd2 : 13'd1;
  assign bad = 32'(at) >= 32'(of_weights ? WEIGHTS : SUMS) || 32'(lane) >= 32'(LANES) || of_weights && lane[0];
  assign active = step != 0;
  assign put_weights = step[2] && writing && of_weights;
  assign put_sum = step[2] && writing && !of_weights;

  always_ff @(posedge clk) begin
    step <= {step[2:1], start};
    done <= 1'b0;
    if (start) begin
      writing <= writes;
      put_value <= value;
      outside <= 1'b0;
    end
    if (step[1] && bad) begin
      step <= '0;
      done <= 1'b1;
      outside <= 1'b1;
      result <= '0;
    end
    if (step[3]) begin
      done <= 1'b1;
      result <= of_weights ? weights : sum;
      place <= 32'(lane) + 32'(width) >= 32'(LANES) ? {at + PLACE_WORDS'(1), 13'd0} : {at, lane + width};
    end
    if (sets_place) place <= value;
    if (rst) begin
      step <= '0;
      done <= 1'b0;
      place <= '0;
    end
  end
endmodule
