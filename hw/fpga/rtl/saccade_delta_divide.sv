// Divides a bit a cycle: the quotient and the remainder are there when done is high, 34 cycles behind the start. The
// quotient of a division by 0 means nothing.
module saccade_delta_divide (
    input  logic        clk,
    input  logic        rst,
    input  logic        start,
    input  logic [32:0] dividend,
    input  logic [16:0] divisor,
    output logic        done,
    output logic [32:0] quotient,
    output logic [16:0] remainder
);
  logic [5:0] left;
  logic [16:0] by;
  logic [17:0] shifted;
  assign shifted = {remainder, quotient[32]};

  always_ff @(posedge clk) begin
    done <= left == 6'd1;
    if (start) begin
      left <= 6'd33;
      by <= divisor;
      quotient <= dividend;
      remainder <= '0;
    end else if (left != 0) begin
      left <= left - 6'd1;
      quotient <= {quotient[31:0], shifted >= {1'b0, by}};
      remainder <= shifted >= {1'b0, by} ? 17'(shifted - {1'b0, by}) : shifted[16:0];
    end
    if (rst) begin
      left <= '0;
      done <= 1'b0;
    end
  end
endmodule
