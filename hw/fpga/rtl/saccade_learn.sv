// Follows the last decision that learned: its age in cycles, which all hazards are told by, and whether the event
// behind is corrected. sim/fpga's package comment has the schedule.
module saccade_learn #(
    parameter int NEURONS = 64,
    parameter int ROWS = 11,
    parameter int PASSES = 4,
    localparam int PW = saccade_pkg::bits(PASSES),
    localparam int NW = saccade_pkg::bits(2 * NEURONS),
    localparam int KW = saccade_pkg::bits(2 * NEURONS * ROWS),
    localparam int MW = saccade_pkg::bits(2 * PASSES * ROWS)
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 learns,    // a decision
    input  logic                 decides,
    input  saccade_pkg::token_t  token,
    input  logic [10:0]          winner,
    input  logic [PW-1:0]        winner_pass,
    input  logic [7:0]           winner_group,
    input  logic [31:0]          winner_dot,
    input  logic [15:0]          winner_factor,
    input  logic [4:0]           winner_shift,
    input  logic                 attach,    // the next event begins to be matched
    input  logic [4:0]           matching,
    input  logic [7:0]           slot_bank,

    output logic [7:0]           age,
    output logic                 attached,
    output logic                 joined,    // as attached, but not forgotten where the next event is noise
    output logic                 attaches,  // an event is to be corrected from now on
    output logic                 bank,
    output logic [4:0]           number,
    output logic [10:0]          neuron,
    output logic [PW-1:0]        pass,
    output logic [7:0]           group,
    output logic [31:0]          dot,
    output logic [15:0]          factor,
    output logic [4:0]           shift,
    output logic [NW-1:0]        neuron_at, // the neuron over both banks: of the squares, in cycle 0 and on
    output logic [KW-1:0]        master_at, // its first column in the master weights, in cycle 2 and on
    output logic [MW-1:0]        match_at,  // and in the match weights

    output logic                 reads,     // a column of master weights and context
    output logic                 reads_first,
    output logic                 reads_last,
    output logic [2:0]           reads_slot,
    output logic                 idle
);
  logic [4:0] reading;  // columns that are left
  logic [4:0] behind;   // events that have begun to be matched since
  logic attach_late;
  logic [2:0] slot;

  assign behind = matching - number;
  assign attach_late = age == 0 && behind > 5'd1 && !behind[4] && slot_bank[number[2:0] + 3'd1] == bank;
  assign attaches = attach || attach_late;
  assign reads_first = age == 8'(saccade_pkg::LEARN_READ);
  assign reads = reads_first || reading != 0;
  assign reads_last = reads_first ? cfg.side == 5'd1 : reading == 5'd1;
  assign reads_slot = reads_first ? number[2:0] : slot;
  assign idle = age > 8'(saccade_pkg::CORRECTION_READY) + 8'(cfg.side);
  assign neuron_at = NW'(neuron) + (bank ? NW'(NEURONS) : NW'(0));

  always_ff @(posedge clk) begin
    if (age != 8'(saccade_pkg::LONG_LEARNT)) age <= age + 8'd1;
    if (reads_first) begin
      reading <= cfg.side - 5'd1;
      slot <= number[2:0];
    end else if (reading != 0) reading <= reading - 5'd1;
    if (age == 1) begin
      master_at <= KW'(neuron_at) * KW'(ROWS);
      match_at <= (MW'(pass) + (bank ? MW'(PASSES) : MW'(0))) * MW'(ROWS);
    end
    if (attaches) begin
      attached <= 1'b1;
      joined <= 1'b1;
    end
    // Else an event much later, of the same lowest bits, would seem to be corrected.
    if (decides && token.number == number + 5'd1) attached <= 1'b0;
    if (learns) begin
      age <= '0;
      attached <= 1'b0;
      joined <= 1'b0;
      bank <= token.bank;
      number <= token.number;
      neuron <= winner;
      pass <= winner_pass;
      group <= winner_group;
      dot <= winner_dot;
      factor <= winner_factor;
      shift <= winner_shift;
    end
    if (clear) begin
      age <= 8'(saccade_pkg::LONG_LEARNT);
      attached <= 1'b0;
      joined <= 1'b0;
      reading <= '0;
      bank <= 1'b0;
      number <= '0;
      neuron <= '0;
      pass <= '0;
      group <= '0;
    end
  end
endmodule
