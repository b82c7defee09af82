// Thresholds, and the limits that they become for an event: (threshold of the neuron + offset of the bank) * norm,
// four cycles behind the reading of a row. What all neurons of a bank have missed changes its offset alone.
module saccade_limits #(
    parameter int GROUPS = 16,
    parameter int PASSES = 4,
    parameter int WIPE = 20,
    localparam int TW = saccade_pkg::bits(2 * PASSES),
    localparam int PW = saccade_pkg::bits(PASSES)
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::rates_t  rates,
    input  logic                 wipe,
    input  logic [WIPE-1:0]      wipe_at,
    input  saccade_pkg::window_t window,
    output logic [31:0]          window_threshold,
    input  logic                 bank,          // of the event, and its norm, as long as it is worked on
    input  logic [19:0]          norm,
    input  logic                 begins,        // a row of limits
    input  logic [PW-1:0]        begins_pass,
    output logic                 written,       // that row is there in the next cycle
    input  logic [PW-1:0]        read_pass,
    output logic [52*GROUPS-1:0] limits,
    input  logic                 missed,        // by the event's bank, while learning
    input  logic                 learns_read,   // the winner's threshold is read
    input  logic                 learns_write,  // and written in the next cycle
    input  logic                 learn_bank,
    input  logic [PW-1:0]        learn_pass,
    input  logic [7:0]           learn_group
);
  localparam int STAGES = saccade_pkg::LIMIT_LATENCY;
  logic [31:0] offset0, offset1, offset;
  logic [19:0] norm_again;
  logic [32*GROUPS-1:0] thresholds;
  logic [STAGES-1:0] pipe;
  logic [PW*STAGES-1:0] passes;
  logic [TW-1:0] read_at, write_at;
  logic [7:0] window_group;
  logic [30:0] delta_i, delta_e;

  assign delta_i = learn_bank ? rates.delta_i1 : rates.delta_i0;
  assign delta_e = bank ? rates.delta_e1 : rates.delta_e0;
  assign written = pipe[STAGES-1];
  always_comb begin
    read_at = TW'(begins_pass) + (bank ? TW'(PASSES) : TW'(0));
    if (learns_read) read_at = TW'(learn_pass) + (learn_bank ? TW'(PASSES) : TW'(0));
    if (window.active) read_at = TW'(window.pass_at);
    write_at = TW'(learn_pass) + (learn_bank ? TW'(PASSES) : TW'(0));
    if (window.active) write_at = TW'(window.pass_at);
    if (wipe) write_at = TW'(wipe_at);
  end
  assign window_threshold = thresholds[32*window_group +: 32] + (window.bank ? offset1 : offset0);

  always_ff @(posedge clk) begin
    pipe <= {pipe[STAGES-2:0], begins};
    passes <= {passes[PW*(STAGES-1)-1:0], begins_pass};
    window_group <= window.group;
    offset <= bank ? offset1 : offset0;
    norm_again <= norm;
    if (missed && bank) offset1 <= offset1 - 32'(delta_e);
    if (missed && !bank) offset0 <= offset0 - 32'(delta_e);
    if (clear) begin
      pipe <= '0;
      offset0 <= '0;
      offset1 <= '0;
    end
  end

  for (genvar group = 0; group < GROUPS; group++) begin : neurons
    logic write;
    logic [31:0] threshold, stored;
    logic signed [31:0] total;
    logic signed [51:0] product, product_again;

    always_comb begin
      write = learns_write && learn_group == 8'(group) || window.put_threshold && window.group == 8'(group);
      stored = threshold + 32'(delta_i);
      if (window.active) stored = window.value - (window.bank ? offset1 : offset0);
      if (wipe) begin
        write = wipe_at < WIPE'(2 * PASSES);
        stored = '0;
      end
    end
    assign thresholds[32*group +: 32] = threshold;

    saccade_ram #(.WIDTH(32), .DEPTH(2 * PASSES)) of_thresholds (
        .clk, .write, .write_at, .written(stored), .read_at, .word(threshold)
    );
    saccade_ram #(.WIDTH(52), .DEPTH(PASSES)) of_limits (
        .clk, .write(pipe[STAGES-1]), .write_at(passes[PW*(STAGES-1) +: PW]), .written(product_again),
        .read_at(read_pass), .word(limits[52*group +: 52])
    );

    always_ff @(posedge clk) begin
      total <= threshold + offset;
      product <= total * $signed({1'b0, norm_again});
      product_again <= product;
    end
  end
endmodule
