// What of stage b is the delta engine's: when a change or a command may leave it, what then becomes of it, and which
// layer it is about. Whatever follows changes waits until the lanes are done with them.
module saccade_delta_control (
    input  logic                       clk,
    input  logic                       clear,

    input  logic                       b_valid,
    input  logic                       b_command,
    input  logic                       b_change,
    input  logic [31:0]                b_word,
    input  logic                       surface_takes, // would take what is in stage b
    output logic                       takes,         // it leaves stage b
    output logic                       feast_valid,   // stage b, if it moves, is FEAST's

    input  logic [31:0]                there,         // layers that are described
    input  saccade_delta_base::layer_t named,         // that stage b names
    input  logic                       described,     // a layer is, now
    input  logic [4:0]                 describes,
    input  saccade_delta_base::layer_t description,

    input  logic                       located,       // changes are ahead of the lanes
    input  logic                       locate_full,   // in all registers, of which none moves on in this cycle
    input  logic                       adding,        // words are on their way to the sums
    input  logic                       sending,
    input  logic                       all_answered,  // what is ahead in the stream

    output saccade_delta_base::layer_t layer,         // of the last command
    output logic                       begins_sending,
    output logic                       begins_touched, // those alone
    output logic                       change,        // one is taken
    output logic                       refuses,       // one is not
    output logic                       zero,          // a word of sums becomes 0
    output logic [16:0]                zero_at,       // which of the layer's, of zero_layer
    output saccade_delta_base::layer_t zero_layer,
    output logic                       busy,
    output logic                       bad_layer,
    output logic                       bad_change
);
  logic [4:0] number;
  logic selected;         // the last command named a layer that there is
  logic [16:0] wait_for;  // words that are still to be made 0
  logic [16:0] cleared;

  logic op_changes, op_sums, op_zero, ours, working, allows, acts, commands, exists;
  assign op_changes = b_command && b_word[31:24] == saccade_delta_base::OP_CHANGES;
  assign op_sums = b_command && b_word[31:24] == saccade_delta_base::OP_SUMS;
  assign op_zero = b_command && b_word[31:24] == saccade_delta_base::OP_ZERO;
  assign ours = b_change || op_changes || op_sums || op_zero;
  assign working = located || wait_for != 0 || sending;
  assign busy = working || adding;

  always_comb begin
    if (b_change) allows = wait_for == 0 && !sending && !locate_full;
    else if (op_sums) allows = !busy && all_answered;
    else if (op_zero) allows = !busy;
    else allows = !working;
  end
  assign takes = surface_takes && allows;
  assign acts = b_valid && takes;
  assign feast_valid = b_valid && allows && !ours;

  // Commands.
  assign commands = acts && (op_changes || op_sums || op_zero);
  assign exists = b_word[7:5] == 0 && there[b_word[4:0]];
  assign bad_layer = commands && !exists;
  assign begins_sending = commands && op_sums;
  assign begins_touched = b_word[8];

  // Changes.
  logic known;
  assign known = {1'b0, b_word[31:16]} < layer.inputs;
  assign change = acts && b_change && selected && known;
  assign refuses = acts && b_change && !change;
  assign bad_change = refuses && selected;

  // Zeroes: the first word in the cycle of the command.
  logic begins_zero;
  assign begins_zero = commands && op_zero && exists;
  assign zero = begins_zero || wait_for != 0;
  assign zero_at = begins_zero ? 17'd0 : cleared;
  assign zero_layer = begins_zero ? named : layer;

  always_ff @(posedge clk) begin
    if (commands) begin
      layer <= named;
      // What is sent of a layer that there is not has no words.
      if (!exists) begin
        layer.inputs <= '0;
        layer.words <= '0;
      end
      number <= b_word[4:0];
    end
    if (commands && op_changes) selected <= exists;
    if (described && describes == number) layer <= description;
    cleared <= zero_at + 17'd1;
    if (begins_zero) wait_for <= named.words - 17'd1;
    else if (wait_for != 0) wait_for <= wait_for - 17'd1;
    if (clear) begin
      selected <= 1'b0;
      wait_for <= '0;
    end
  end
endmodule
