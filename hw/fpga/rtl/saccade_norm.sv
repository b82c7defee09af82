// The length of a context, Q4: the square root of its sum of squares times 2^8, two bits a cycle, for those events
// that need it. All are passed in their order.
module saccade_norm (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic [4:0]           summed,
    input  logic [7:0]           noise,
    input  logic [7:0]           selecting,
    output logic [2:0]           slot,
    input  logic [31:0]          sum,      // of that slot
    output logic [4:0]           rooted,   // contexts whose norm is known, where it is needed
    output logic [8*20-1:0]      norms,    // by slot
    output logic                 idle
);
  logic [3:0] left;
  logic [39:0] radicand;
  logic [21:0] remainder;
  logic [19:0] root;

  // A step of the restoring root: {remainder, root}.
  function automatic logic [41:0] step(input logic [21:0] r, input logic [19:0] q, input logic [1:0] two);
    logic [23:0] shifted, try;
    begin
      shifted = {r, two};
      try = {2'b00, q, 2'b01};
      step = shifted >= try ? {22'(shifted - try), q[18:0], 1'b1} : {shifted[21:0], q[18:0], 1'b0};
    end
  endfunction

  logic [41:0] once, twice;
  assign once = step(remainder, root, radicand[39:38]);
  assign twice = step(once[41:20], once[19:0], radicand[37:36]);
  assign slot = rooted[2:0];
  assign idle = left == 0;

  always_ff @(posedge clk) begin
    if (left != 0) begin
      remainder <= twice[41:20];
      root <= twice[19:0];
      radicand <= radicand << 4;
      left <= left - 4'd1;
      if (left == 1) begin
        for (int i = 0; i < 8; i++) if (slot == 3'(i)) norms[20*i +: 20] <= twice[19:0];
        rooted <= rooted + 5'd1;
      end
    end else if (rooted != summed) begin
      if (!noise[slot] && (selecting[slot] || cfg.detail)) begin
        left <= 4'(saccade_pkg::ROOT_STEPS);
        radicand <= {sum, 8'd0};
        remainder <= '0;
        root <= '0;
      end else rooted <= rooted + 5'd1;
    end
    if (clear) begin
      left <= '0;
      rooted <= '0;
      norms <= '0;
    end
  end
endmodule
