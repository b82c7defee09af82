// Takes tokens one by one and answers them: what does not compete at once, what competes when its rows of limits and
// dot products have been gone through, joined with the dot product that was computed again behind a learning step.
module saccade_decision #(
    parameter int PASSES = 4,
    localparam int PW = saccade_pkg::bits(PASSES),
    localparam int RW = $clog2(2 * PASSES + 1) + 1
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic [2:0]           queue_count,
    input  saccade_pkg::token_t  queued,
    output logic                 pop,
    output saccade_pkg::token_t  token,       // that is worked on
    output logic                 idle,

    input  logic [4:0]           summed,      // what is known of contexts
    input  logic [4:0]           rooted,
    input  logic [4:0]           scaled,
    input  logic [7:0]           noise,
    input  logic [19:0]          norm,        // of the token's
    input  logic [RW-1:0]        rows,        // of dot products, written by the lanes

    output logic                 limit_begins,
    output logic [PW-1:0]        limit_pass,
    input  logic                 limit_written,
    output logic                 compare_begins,
    output logic [PW-1:0]        compare_pass,
    input  logic                 compared_row,
    input  logic                 best_valid,
    input  logic [10:0]          best_neuron,
    input  logic [PW-1:0]        best_pass,
    input  logic [7:0]           best_group,
    input  logic [31:0]          best_dot,
    input  logic [51:0]          kept_limit,

    input  logic [7:0]           learn_age,
    input  logic                 learn_attached,
    input  logic [4:0]           learn_number,
    input  logic [10:0]          learned_neuron,
    input  logic [PW-1:0]        learned_pass,
    input  logic [7:0]           learned_group,
    input  logic [31:0]          corrected_dot,
    output logic                 corrected,

    output logic                 decides,     // an event that competed
    output logic [4:0]           decided,     // how many of them
    output logic                 learns,      // the event, and what of it
    output logic                 missed,      // while learning
    output logic [10:0]          winner,
    output logic [PW-1:0]        winner_pass,
    output logic [7:0]           winner_group,
    output logic [31:0]          winner_dot,

    input  logic                 writer_free,
    output logic                 answers,
    output logic [31:0]          answer,
    output logic [31:0]          answer_dot,
    output logic [19:0]          answer_norm,
    output logic                 counted,     // an event was answered, and by what
    output logic                 counted_won,
    output logic [2:0]           counted_class,

    output logic                 last_event,  // for the window: lowest bit of the last event that was compared
    output logic                 last_corrected,
    output logic [10:0]          last_neuron,
    output logic [31:0]          last_dot
);
  logic valid, working;
  logic [PW:0] limit_next, limits, next, compared;
  logic [RW-1:0] taken;
  logic [15:0] events;  // the next event's number

  logic [PW:0] passes;
  logic has_sum, has_norm, has_scale, is_noise;
  logic [4:0] summed_by, rooted_by, scaled_by;
  logic [RW-1:0] there;
  assign passes = (PW + 1)'(cfg.passes);
  assign summed_by = summed - token.number;
  assign rooted_by = rooted - token.number;
  assign scaled_by = scaled - token.number;
  assign has_sum = summed_by != 0 && !summed_by[4];
  assign has_norm = rooted_by != 0 && !rooted_by[4];
  assign has_scale = scaled_by != 0 && !scaled_by[4];
  assign is_noise = noise[token.number[2:0]];
  assign there = rows - taken;
  assign corrected = learn_attached && token.number == learn_number + 5'd1;

  // Rows.
  logic works;
  assign works = valid && working;
  assign limit_begins = works && token.selecting && has_norm && limit_next < passes;
  assign limit_pass = limit_next[PW-1:0];
  assign compare_begins = works && next < passes && there != 0 && (!token.selecting || limits > next);
  assign compare_pass = next[PW-1:0];

  // The winner.
  logic wins_again, answer_plain, answer_noise, answer_winner, has_winner;
  assign wins_again = corrected && (!token.selecting || $signed({{7{corrected_dot[31]}}, corrected_dot, 13'd0}) >= $signed(kept_limit))
      && (!best_valid || $signed(corrected_dot) > $signed(best_dot) || corrected_dot == best_dot && learned_neuron < best_neuron);
  assign winner = wins_again ? learned_neuron : best_neuron;
  assign winner_pass = wins_again ? learned_pass : best_pass;
  assign winner_group = wins_again ? learned_group : best_group;
  assign winner_dot = wins_again ? corrected_dot : best_dot;
  assign has_winner = best_valid || wins_again;

  assign answer_plain = valid && !working && !token.competes && writer_free;
  assign answer_noise = valid && !working && token.competes && !(cfg.least != 0 && !has_sum) && is_noise
      && (token.skipped || there >= RW'(cfg.passes)) && writer_free;
  assign answer_winner = works && compared == passes
      && !(corrected && learn_age < 8'(saccade_pkg::CORRECTION_READY) + 8'(cfg.side))
      && !(cfg.detail && !has_norm) && !(token.learning && !has_scale)
      && !(token.learning && learn_age < 8'(cfg.side) - 8'd1) && writer_free;
  assign decides = answer_noise || answer_winner;
  assign learns = answer_winner && token.learning && has_winner;
  assign missed = answer_winner && token.learning && !has_winner;
  assign answers = answer_plain || decides;
  assign pop = !valid && queue_count != 0;
  assign idle = !valid;

  logic [15:0] result;
  always_comb begin
    result = token.value;
    if (answer_noise) result = 16'd0 - 16'(saccade_pkg::NOISE);
    if (answer_winner) result = has_winner ? 16'(winner) + (token.bank ? 16'(cfg.neurons) : 16'd0) : 16'd0 - 16'(saccade_pkg::MISSED);
    answer = token.mark ? {token.value, 16'h8000} : {events, result};
    answer_dot = answer_winner && has_winner ? winner_dot : '0;
    answer_norm = answer_winner ? norm : '0;
  end
  assign counted = answers && !token.mark;
  assign counted_won = answer_winner && has_winner;
  assign counted_class = -result[2:0];

  always_ff @(posedge clk) begin
    if (pop) begin
      token <= queued;
      valid <= 1'b1;
      working <= 1'b0;
      limit_next <= '0;
      limits <= '0;
      next <= '0;
      compared <= '0;
    end else begin
      if (valid && !working && token.competes && !(cfg.least != 0 && !has_sum) && !is_noise) working <= 1'b1;
      if (limit_begins) limit_next <= limit_next + 1'b1;
      if (limit_written) limits <= limits + 1'b1;
      if (compare_begins) next <= next + 1'b1;
      if (compared_row) compared <= compared + 1'b1;
    end
    if (compare_begins) taken <= taken + RW'(1);
    if (answer_noise && !token.skipped) taken <= taken + RW'(cfg.passes);
    if (answers) valid <= 1'b0;
    if (counted) events <= events + 16'd1;
    if (decides) decided <= decided + 5'd1;
    if (answer_winner) begin
      last_event <= token.number[0];
      last_corrected <= corrected;
      last_neuron <= learned_neuron;
      last_dot <= corrected_dot;
    end
    if (clear) begin
      valid <= 1'b0;
      working <= 1'b0;
      taken <= '0;
      events <= '0;
      decided <= '0;
      last_event <= 1'b0;
      last_corrected <= 1'b0;
    end
  end
endmodule
