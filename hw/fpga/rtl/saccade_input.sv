// What stands before the input FIFO: it takes the first word of two only where there is room for both, or drops
// what does not fit, whole, where the configuration says so; with a stamp, all events that would have it.
module saccade_input #(
    parameter int IN = 512
) (
    input  logic                 clk,
    input  logic                 clear,
    input  logic                 enabled,
    input  logic                 drop_in,
    input  logic                 valid,
    input  logic [31:0]          data,
    output logic                 ready,
    input  logic [$clog2(IN):0]  count,
    output logic                 push,
    output logic                 dropped,  // an event or a command
    output logic                 between   // the next word is the second of two
);
  logic dropping;  // the first word was dropped
  logic stale;     // the last stamp was dropped
  logic room, timeless, drop, takes;

  assign room = 32'(count) + 2 <= IN;
  assign ready = enabled && (drop_in || between || room);
  assign takes = valid && ready;
  assign timeless = data[31];
  assign drop = between ? dropping : !room || timeless && stale;
  assign push = takes && !drop;
  assign dropped = takes && !between && drop;

  always_ff @(posedge clk) begin
    if (takes) begin
      if (between) between <= 1'b0;
      else begin
        between <= !timeless;
        dropping <= drop;
        // A command has no stamp of its own.
        if (!timeless && {data[30:16], data[14:0]} != {2{saccade_pkg::COMMAND_COORDINATE}}) stale <= drop;
      end
    end
    if (clear) begin
      between <= 1'b0;
      dropping <= 1'b0;
      stale <= 1'b0;
    end
  end
endmodule
