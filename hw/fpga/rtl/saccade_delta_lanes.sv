// All lanes, for two masters: neurons that share a context's column, as in saccade_lanes; or, in cycles in which those
// have nothing to match, weights of a delta layer that share a change. The products of both are the same registers.
module saccade_delta_lanes #(
    parameter int ROWS = 11,
    parameter int GROUPS = 16,
    parameter int PASSES = 4,
    parameter int WIPE = 20,
    localparam int LANES = ROWS * GROUPS,
    localparam int MW = saccade_pkg::bits(2 * PASSES * ROWS),
    localparam int PW = saccade_pkg::bits(PASSES)
) (
    input  logic                  clk,
    input  logic                  clear,
    input  logic                  wipe,
    input  logic [WIPE-1:0]       wipe_at,
    input  logic                  issue,
    input  logic                  issue_first,
    input  logic                  issue_last,
    input  logic [MW-1:0]         issue_at,
    input  logic                  issue_event,
    input  logic [PW-1:0]         issue_pass,
    input  logic [16*ROWS-1:0]    context_column,
    input  logic                  learn_write,
    input  logic [7:0]            learn_group,
    input  logic [MW-1:0]         learn_at,
    input  logic [16*ROWS-1:0]    learn_weights,
    output logic                  row_write,
    output logic                  row_event,
    output logic [PW-1:0]         row_pass,
    output logic [32*GROUPS-1:0]  row_dots,

    input  logic                  change_valid,   // the multipliers are the delta engine's
    input  logic [15:0]           change,
    input  logic [16*LANES-1:0]   change_weights,
    output logic [32*LANES-1:0]   products        // a cycle later
);
  localparam int WORDS = 2 * PASSES * ROWS;
  localparam int STAGES = saccade_pkg::MATCH_LATENCY;
  logic [STAGES-1:0] lasts, events;
  logic [STAGES-2:0] firsts;
  logic [PW*STAGES-1:0] passes;

  assign row_write = lasts[STAGES-1];
  assign row_event = events[STAGES-1];
  assign row_pass = passes[PW*(STAGES-1) +: PW];

  always_ff @(posedge clk) begin
    lasts <= {lasts[STAGES-2:0], issue && issue_last};
    firsts <= {firsts[STAGES-3:0], issue_first};
    events <= {events[STAGES-2:0], issue_event};
    passes <= {passes[PW*(STAGES-1)-1:0], issue_pass};
    if (clear) lasts <= '0;
  end

  logic [MW-1:0] write_at;
  logic [16*ROWS-1:0] written;
  assign write_at = wipe ? MW'(wipe_at) : learn_at;
  assign written = wipe ? {16 * ROWS{1'b0}} : learn_weights;

  for (genvar group = 0; group < GROUPS; group++) begin : neurons
    saccade_delta_neuron #(.ROWS(ROWS), .WORDS(WORDS)) neuron (
        .clk,
        .write(wipe ? wipe_at < WIPE'(WORDS) : learn_write && learn_group == 8'(group)),
        .write_at,
        .written,
        .read_at(issue_at),
        .context_column,
        .first(firsts[STAGES-2]),
        .dot(row_dots[32*group +: 32]),
        .change_valid,
        .change,
        .change_weights(change_weights[16*ROWS*group +: 16*ROWS]),
        .products(products[32*ROWS*group +: 32*ROWS])
    );
  end
endmodule
