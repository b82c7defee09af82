// What brings a context to the length one, for events that may be learned from (hw.Scale): a shift, and 2^35 divided
// by the shifted norm, two bits a cycle, 16 of 17 bits kept.
module saccade_scale (
    input  logic            clk,
    input  logic            clear,
    input  logic [4:0]      rooted,
    input  logic [8*20-1:0] norms,
    input  logic [7:0]      noise,
    input  logic [7:0]      learning,
    output logic [4:0]      scaled,
    output logic [8*16-1:0] factors,  // by slot
    output logic [8*5-1:0]  shifts,
    output logic            idle
);
  logic [3:0] left;
  logic [19:0] divisor;
  logic [20:0] remainder;
  logic [17:0] quotient;

  logic [2:0] slot;
  logic [19:0] norm;
  logic [4:0] shift;
  assign slot = scaled[2:0];
  assign norm = norms[20*slot +: 20];
  always_comb begin
    shift = 5'd20;
    for (int bit_at = 0; bit_at < 20; bit_at++) if (norm[bit_at]) shift = 5'(19 - bit_at);
  end

  // A step of the restoring division: {remainder, quotient}.
  function automatic logic [38:0] step(input logic [20:0] r, input logic [17:0] q, input logic [19:0] d);
    logic [21:0] shifted;
    begin
      shifted = {r, 1'b0};
      step = shifted >= {2'b00, d} ? {21'(shifted - {2'b00, d}), q[16:0], 1'b1} : {shifted[20:0], q[16:0], 1'b0};
    end
  endfunction

  logic [38:0] once, twice;
  assign once = step(remainder, quotient, divisor);
  assign twice = step(once[38:18], once[17:0], divisor);
  assign idle = left == 0;

  always_ff @(posedge clk) begin
    if (left != 0) begin
      remainder <= twice[38:18];
      quotient <= twice[17:0];
      left <= left - 4'd1;
      if (left == 1) begin
        for (int i = 0; i < 8; i++)
          if (slot == 3'(i)) factors[16*i +: 16] <= twice[17:16] != 0 ? 16'hffff : twice[15:0];
        scaled <= scaled + 5'd1;
      end
    end else if (scaled != rooted) begin
      if (!noise[slot] && learning[slot]) begin
        left <= 4'(saccade_pkg::SCALE_STEPS);
        divisor <= norm << shift;
        for (int i = 0; i < 8; i++) if (slot == 3'(i)) shifts[5*i +: 5] <= shift;
        remainder <= 21'd1 << 17;
        quotient <= '0;
      end else scaled <= scaled + 5'd1;
    end
    if (clear) begin
      left <= '0;
      scaled <= '0;
    end
  end
endmodule
