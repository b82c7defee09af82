// The eight contexts under way: which are in use, and by what kind of event.
module saccade_slots (
    input  logic                 clk,
    input  logic                 clear,
    input  logic                 begins,
    input  saccade_pkg::token_t  token,
    input  logic                 decided_free,  // decided and not learned from
    input  logic [2:0]           decided_slot,
    input  logic                 learned_free,  // learning has read its last column
    input  logic [2:0]           learned_slot,
    output logic [7:0]           busy,
    output logic [7:0]           bank,
    output logic [7:0]           learning,
    output logic [7:0]           selecting
);
  always_ff @(posedge clk) begin
    if (begins) begin
      busy[token.number[2:0]] <= 1'b1;
      bank[token.number[2:0]] <= token.bank;
      learning[token.number[2:0]] <= token.learning;
      selecting[token.number[2:0]] <= token.selecting;
    end
    if (decided_free) busy[decided_slot] <= 1'b0;
    if (learned_free) busy[learned_slot] <= 1'b0;
    if (clear) begin
      busy <= '0;
      bank <= '0;
      learning <= '0;
      selecting <= '0;
    end
  end
endmodule
