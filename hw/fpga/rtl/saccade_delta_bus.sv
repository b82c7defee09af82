// Stands between the bus and saccade_registers: what is a register of the delta engine is answered here, all else there.
//
// There is one error register for both, and it is here. That of saccade_registers is read behind every access that went
// there, and made 0 again: it is never told of what the streams had wrong. An error of an access counts from the cycle
// of its strobe on, so one of the streams' that came in the cycles between gives way to it.
module saccade_delta_bus #(
    parameter int LANES = 176,
    parameter int WEIGHTS = 4096,
    parameter int SUMS = 256
) (
    input  logic                                     clk,
    input  logic                                     rst,
    input  logic                                     bus_read,
    input  logic                                     bus_write,
    input  logic [31:0]                              bus_address,
    input  logic [31:0]                              bus_written,
    output logic                                     bus_ack,
    output logic [31:0]                              bus_data,

    output logic                                     feast_read,   // to saccade_registers
    output logic                                     feast_write,
    output logic [31:0]                              feast_address,
    output logic [31:0]                              feast_written,
    input  logic                                     feast_ack,
    input  logic [31:0]                              feast_data,

    input  logic                                     configured,   // where idle
    input  logic                                     idle,
    input  logic [31:0]                              stream_fault, // 0: none
    output logic                                     hold,         // a layer is described, or the window is used

    output logic [32*saccade_delta_base::STAGED-1:0] staged,
    output logic                                     describe,
    output logic [4:0]                               describes,
    input  logic                                     described,
    input  logic [31:0]                              description_bad,

    output logic                                     window_start,
    output logic                                     window_writes,
    output logic                                     window_of_weights,
    output logic                                     sets_place,
    output logic [31:0]                              value,
    input  logic [31:0]                              place,
    input  logic                                     window_done,
    input  logic                                     window_outside,
    input  logic [31:0]                              window_result,

    output logic                                     zero,         // counters, two cycles late
    output logic [2:0]                               which,
    input  logic [63:0]                              count
);
  // What an access is, in the cycle of its strobe.
  logic pending, access, ours, staging, counting, upper, of_counters, windows, in_window;
  logic [31:0] error;
  assign access = (bus_read || bus_write) && !pending;
  assign staging = bus_address >= saccade_delta_base::REG_KIND && bus_address <= saccade_delta_base::REG_SUMS_AT
      && bus_address[1:0] == 0;
  assign counting = bus_address >= saccade_delta_base::REG_COUNTERS && bus_address[1:0] == 0
      && bus_address < saccade_delta_base::REG_COUNTERS + 32'(8 * saccade_delta_base::COUNTERS);
  assign of_counters = bus_address >= saccade_pkg::REG_COUNTERS && bus_address[1:0] == 0
      && bus_address < saccade_pkg::REG_COUNTERS + 32'(8 * saccade_pkg::COUNTERS);
  assign upper = bus_read && bus_address[2] && (counting || of_counters);
  assign windows = bus_write && bus_address == saccade_pkg::REG_WINDOW;

  // The window that was chosen, where it is one of ours; the upper half of a counter that was read last, likewise.
  logic [2:0] chosen;
  logic held_ours;
  logic [31:0] held;
  assign in_window = chosen != 0;

  always_comb begin
    ours = staging || counting && !(upper && !held_ours) || of_counters && upper && held_ours;
    case (bus_address)
      saccade_delta_base::REG_WEIGHTS, saccade_delta_base::REG_SUMS, saccade_delta_base::REG_LAYERS,
      saccade_delta_base::REG_LAYER, saccade_pkg::REG_ERROR: ours = 1'b1;
      saccade_pkg::REG_VERSION: ours = bus_read;
      saccade_pkg::REG_WINDOW: ours = bus_read ? in_window : bus_written >= saccade_delta_base::WINDOW_WEIGHTS;
      saccade_pkg::REG_PLACE: ours = bus_read && in_window;
      saccade_pkg::REG_DATA: ours = in_window;
      default: ;
    endcase
  end

  // What the access does at once, and what is wrong with it.
  logic [31:0] fault, found;
  logic stages, describing_starts, counter_zero;
  always_comb begin
    fault = '0;
    found = '0;
    case (bus_address)
      saccade_delta_base::REG_WEIGHTS: found = WEIGHTS;
      saccade_delta_base::REG_SUMS: found = SUMS;
      saccade_delta_base::REG_LAYERS: found = saccade_delta_base::LAYERS;
      saccade_pkg::REG_VERSION: found = saccade_delta_base::VERSION;
      saccade_pkg::REG_ERROR: found = error;
      saccade_pkg::REG_WINDOW: found = 32'(chosen);
      saccade_pkg::REG_PLACE: found = place;
      default:
        if (staging) begin
          for (int i = 0; i < saccade_delta_base::STAGED; i++)
            if (bus_address[4:2] == 3'(i)) found = staged[32*i +: 32];
        end else if (upper) found = held;
    endcase
    if (ours && bus_write) begin
      case (bus_address)
        saccade_pkg::REG_ERROR, saccade_pkg::REG_DATA: ;
        saccade_pkg::REG_WINDOW:
          if (bus_written >= saccade_delta_base::WINDOWS) fault = {saccade_pkg::ERROR_VALUE, bus_address[23:0]};
        saccade_delta_base::REG_LAYER:
          if (!idle) fault = {saccade_pkg::ERROR_BUSY, bus_address[23:0]};
          else if (bus_written >= 32'(saccade_delta_base::LAYERS)) fault = {saccade_pkg::ERROR_VALUE, bus_address[23:0]};
        default:
          if (!staging) fault = {saccade_pkg::ERROR_ACCESS, bus_address[23:0]};
          else if (!idle) fault = {saccade_pkg::ERROR_BUSY, bus_address[23:0]};
      endcase
    end
    if (bus_read && bus_address == saccade_delta_base::REG_LAYER) fault = {saccade_pkg::ERROR_ACCESS, bus_address[23:0]};
    if (ours && bus_address == saccade_pkg::REG_DATA && !(configured && idle))
      fault = {saccade_pkg::ERROR_BUSY, bus_address[23:0]};
  end
  assign stages = access && bus_write && staging && idle;
  assign describing_starts = access && bus_write && bus_address == saccade_delta_base::REG_LAYER && fault == 0;
  assign window_start = access && ours && bus_address == saccade_pkg::REG_DATA && fault == 0;
  assign window_writes = bus_write;
  assign window_of_weights = chosen == 3'(saccade_delta_base::WINDOW_WEIGHTS);
  assign sets_place = access && bus_write && (bus_address == saccade_pkg::REG_PLACE
      || bus_address == saccade_pkg::REG_WINDOW && bus_written < saccade_delta_base::WINDOWS);
  assign value = bus_address == saccade_pkg::REG_WINDOW ? 32'd0 : bus_written;
  assign counter_zero = access && bus_write && bus_address == saccade_pkg::REG_CONTROL && bus_written[31:2] == 0 && bus_written[1]
      && !(bus_written[0] && !idle);

  // An access here: in the second cycle behind the strobe counters are what they were then.
  logic [2:1] step;
  logic [1:0] zeroes;
  logic low;
  assign zero = zeroes[1];

  // An access there, and behind it the reading of the error, and its end.
  typedef enum logic [2:0] {NONE, ACCESS, READ, READS, CLEAR, CLEARS} there_t;
  there_t there;
  logic was_clear, status;
  logic passes;
  assign passes = access && !ours;
  assign feast_read = passes && bus_read || there == READ;
  assign feast_write = passes && bus_write || there == CLEAR;
  assign feast_written = bus_written;
  always_comb begin
    feast_address = upper ? saccade_pkg::REG_COUNTERS + 32'd4 : bus_address;
    if (there == READ || there == CLEAR) feast_address = saccade_pkg::REG_ERROR;
  end

  logic [31:0] error_next;
  always_comb begin
    error_next = error;
    if (access && bus_write && bus_address == saccade_pkg::REG_ERROR) error_next = '0;
    if (error_next == 0 && access && ours) error_next = fault;
    if (error_next == 0 && window_done && window_outside)
      error_next = {saccade_pkg::ERROR_WINDOW, saccade_pkg::REG_PLACE[23:0]};
    if (error_next == 0 && described && description_bad != 0) error_next = {saccade_pkg::ERROR_APPLY, description_bad[23:0]};
    if (there == READS && feast_ack && feast_data != 0 && was_clear) error_next = feast_data;
    if (error_next == 0) error_next = stream_fault;
  end

  always_ff @(posedge clk) begin
    error <= error_next;
    bus_ack <= 1'b0;
    if (access) pending <= 1'b1;
    if (bus_ack) pending <= 1'b0;
    step <= {step[1], access && ours && !describing_starts && !window_start};
    zeroes <= {zeroes[0], counter_zero};
    if (access) begin
      was_clear <= error == 0;
      status <= bus_read && bus_address == saccade_pkg::REG_STATUS;
      low <= bus_read && counting && !bus_address[2];
      which <= bus_address[5:3];
      bus_data <= found;
    end
    if (access && bus_read && (of_counters || counting) && !bus_address[2]) held_ours <= counting;
    if (step[2]) begin
      bus_ack <= 1'b1;
      if (low) begin
        bus_data <= count[31:0];
        held <= count[63:32];
      end
    end
    if (stages)
      for (int i = 0; i < saccade_delta_base::STAGED; i++) if (bus_address[4:2] == 3'(i)) staged[32*i +: 32] <= bus_written;
    if (access && windows && bus_written < saccade_delta_base::WINDOWS)
      chosen <= bus_written < saccade_delta_base::WINDOW_WEIGHTS ? 3'd0 : bus_written[2:0];

    describe <= describing_starts;
    if (describing_starts) describes <= bus_written[4:0];
    if (describing_starts || window_start) hold <= 1'b1;
    if (described || window_done) begin
      hold <= 1'b0;
      bus_ack <= 1'b1;
    end
    if (window_done) bus_data <= window_result;

    case (there)
      ACCESS:
        if (feast_ack) begin
          there <= READ;
          bus_data <= status ? {feast_data[31:3], !was_clear, feast_data[1:0]} : feast_data;
        end
      READ: there <= READS;
      READS:
        if (feast_ack) begin
          there <= feast_data == 0 ? NONE : CLEAR;
          bus_ack <= feast_data == 0;
        end
      CLEAR: there <= CLEARS;
      CLEARS:
        if (feast_ack) begin
          there <= NONE;
          bus_ack <= 1'b1;
        end
      default: if (passes) there <= ACCESS;
    endcase
    if (rst) begin
      error <= '0;
      bus_ack <= 1'b0;
      pending <= 1'b0;
      step <= '0;
      zeroes <= '0;
      staged <= '0;
      chosen <= '0;
      held_ours <= 1'b0;
      describe <= 1'b0;
      hold <= 1'b0;
      there <= NONE;
    end
  end
endmodule
