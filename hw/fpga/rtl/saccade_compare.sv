// Finds the best of the neurons that may win: rows of dot products against rows of limits, and the best of a row by
// a tree of two levels, of which the last keeps the best of all rows. Of equals it is the one with the lowest index.
// The neuron whose dot product is computed again is left out, and its limit kept.
module saccade_compare #(
    parameter int GROUPS = 16,
    parameter int PASSES = 4,
    parameter int WIPE = 20,
    localparam int DW = saccade_pkg::bits(2 * PASSES),
    localparam int PW = saccade_pkg::bits(PASSES)
) (
    input  logic                 clk,
    input  logic                 clear,
    input  saccade_pkg::config_t cfg,
    input  logic                 wipe,
    input  logic [WIPE-1:0]      wipe_at,
    input  saccade_pkg::window_t window,
    output logic [31:0]          window_dot,
    input  logic                 row_write,    // by the lanes
    input  logic                 row_event,
    input  logic [PW-1:0]        row_pass,
    input  logic [32*GROUPS-1:0] row_dots,
    input  logic                 restarts,     // another event
    input  logic                 begins,       // a row is read
    input  logic [PW-1:0]        begins_pass,
    input  logic                 event_parity,
    input  logic                 selecting,
    input  logic                 corrected,    // one of the event's dot products is computed again
    input  logic [PW-1:0]        learned_pass, // that of this neuron
    input  logic [7:0]           learned_group,
    input  logic [52*GROUPS-1:0] limits,       // in the cycle behind begins
    output logic                 compared,     // a row is part of the best from the next cycle on
    output logic                 best_valid,
    output logic [10:0]          best_neuron,
    output logic [PW-1:0]        best_pass,
    output logic [7:0]           best_group,
    output logic [31:0]          best_dot,
    output logic [51:0]          kept_limit
);
  localparam int STAGES = saccade_pkg::COMPARE_LATENCY;
  // The first level has clusters of that many neurons, so that both levels are about as deep.
  localparam int CLUSTER = GROUPS <= 16 ? 4 : GROUPS <= 64 ? 8 : 16;
  localparam int CLUSTERS = (GROUPS + CLUSTER - 1) / CLUSTER;

  logic [32*GROUPS-1:0] dots, dots2;
  logic [DW-1:0] read_at, write_at;
  logic write;
  logic [7:0] window_group;
  always_comb begin
    read_at = DW'(begins_pass) + (event_parity ? DW'(PASSES) : DW'(0));
    if (window.active) read_at = DW'(window.dots_at);
    write = row_write;
    write_at = DW'(row_pass) + (row_event ? DW'(PASSES) : DW'(0));
    if (wipe) begin
      write = wipe_at < WIPE'(2 * PASSES);
      write_at = DW'(wipe_at);
    end
  end
  saccade_ram #(.WIDTH(32 * GROUPS), .DEPTH(2 * PASSES)) memory (
      .clk, .write, .write_at, .written(wipe ? {32 * GROUPS{1'b0}} : row_dots), .read_at, .word(dots)
  );
  assign window_dot = dots[32*window_group +: 32];

  // Which row is in which stage, and the index of its first neuron.
  logic [STAGES-1:0] pipe;
  logic [PW*STAGES-1:0] passes;
  logic [11*STAGES-1:0] indices;
  logic [10:0] index;
  assign compared = pipe[STAGES-1];

  logic [GROUPS-1:0] may;
  logic [CLUSTERS-1:0] cluster_valid, found_valid;
  logic [8*CLUSTERS-1:0] cluster_group, found_group;
  logic [32*CLUSTERS-1:0] cluster_dot, found_dot;

  // The first level.
  always_comb begin
    found_valid = '0;
    found_group = '0;
    found_dot = '0;
    for (int cluster = 0; cluster < CLUSTERS; cluster++)
      for (int i = cluster * CLUSTER; i < (cluster + 1) * CLUSTER && i < GROUPS; i++)
        if (may[i] && (!found_valid[cluster] || $signed(dots2[32*i +: 32]) > $signed(found_dot[32*cluster +: 32]))) begin
          found_valid[cluster] = 1'b1;
          found_group[8*cluster +: 8] = 8'(i);
          found_dot[32*cluster +: 32] = dots2[32*i +: 32];
        end
  end

  // The second, behind the best of the rows before.
  logic joined_valid, joined_new;
  logic [7:0] joined_group;
  logic [31:0] joined_dot;
  always_comb begin
    joined_valid = best_valid;
    joined_group = best_group;
    joined_dot = best_dot;
    joined_new = 1'b0;
    for (int cluster = 0; cluster < CLUSTERS; cluster++)
      if (cluster_valid[cluster] && (!joined_valid || $signed(cluster_dot[32*cluster +: 32]) > $signed(joined_dot))) begin
        joined_valid = 1'b1;
        joined_new = 1'b1;
        joined_group = cluster_group[8*cluster +: 8];
        joined_dot = cluster_dot[32*cluster +: 32];
      end
  end

  always_ff @(posedge clk) begin
    window_group <= window.group;
    pipe <= {pipe[STAGES-2:0], begins};
    passes <= {passes[PW*(STAGES-1)-1:0], begins_pass};
    indices <= {indices[11*(STAGES-1)-1:0], index};
    if (begins) index <= index + 11'(GROUPS);

    for (int i = 0; i < GROUPS; i++)
      may[i] <= 32'(indices[10:0]) + i < 32'(cfg.neurons)
          && !(corrected && passes[PW-1:0] == learned_pass && learned_group == 8'(i))
          && (!selecting || $signed({{7{dots[32*i+31]}}, dots[32*i +: 32], 13'd0}) >= $signed(limits[52*i +: 52]));
    dots2 <= dots;
    if (pipe[0] && passes[PW-1:0] == learned_pass) kept_limit <= limits[52*learned_group +: 52];

    cluster_valid <= found_valid;
    cluster_group <= found_group;
    cluster_dot <= found_dot;

    if (pipe[STAGES-1]) begin
      best_valid <= joined_valid;
      best_dot <= joined_dot;
      best_group <= joined_group;
      if (joined_new) begin
        best_pass <= passes[PW*(STAGES-1) +: PW];
        best_neuron <= indices[11*(STAGES-1) +: 11] + 11'(joined_group);
      end
    end
    if (restarts || clear) begin
      pipe <= '0;
      index <= '0;
      best_valid <= 1'b0;
    end
  end
endmodule
