// What a learning step multiplies with (hw.NewPull), in the first five cycles behind the decision: a product in each
// of 0, 2 and 3.
module saccade_pull (
    input  logic                clk,
    input  saccade_pkg::rates_t rates,
    input  logic                bank,
    input  logic [7:0]          age,
    input  logic [31:0]         dot,
    input  logic [15:0]         factor,
    input  logic [4:0]          shift,
    input  logic [31:0]         squares,   // of the winner, in cycle 1
    output logic [14:0]         rate,      // in cycle 5 and on
    output logic [15:0]         renormal,
    output logic [4:0]          drop
);
  // The greatest match weight's square: the length that weights are brought to.
  localparam logic signed [39:0] ONE = 40'sd1073676289;

  logic signed [31:0] eta;
  logic signed [48:0] scaled;
  logic signed [39:0] t, towards, beyond, known, length, towards_part;
  logic signed [39:0] sum;
  logic [4:0] down;
  assign eta = {1'b0, bank ? rates.eta1 : rates.eta0};
  assign scaled = $signed(dot) * $signed({1'b0, factor});
  assign down = shift > 5'd16 ? 5'd0 : 5'd16 - shift;
  assign sum = {8'd0, squares};

  // Products by eta, of which the upper part is kept. Weights that are nowhere near the length one, as a host may
  // load them, can make them longer than the 64 bits that hw.NewPull computes in: they wrap as there.
  logic signed [63:0] towards_eta, beyond_eta;
  assign towards_eta = towards * eta;
  assign beyond_eta = beyond * eta;

  // The rate's factor of 15 bits, and the shift behind the product with it (hw.Rate).
  logic [4:0] bits_off, dropped, rounds;
  logic signed [39:0] rest, half, rounded;
  always_comb begin
    bits_off = 5'd2;
    for (int i = 17; i < 31; i++) if (eta[i]) bits_off = 5'(i - 14);
    dropped = 5'd23 - bits_off;
    rounds = bits_off - 5'd1;  // 22 - dropped
    rest = ONE - length;
    half = 40'sd1 << (rounds - 5'd1);
    rounded = (rest + half) >>> rounds;
  end

  always_ff @(posedge clk) begin
    case (age)
      8'd0: t <= 40'(scaled >>> down);
      8'd1: begin
        known <= sum;
        towards <= t - sum;
        beyond <= ONE - (t <<< 1) + sum;
      end
      8'd2: begin
        towards_part <= 40'(towards_eta >>> 31);
        beyond <= 40'(beyond_eta >>> 32);
      end
      8'd3: length <= known + towards_part + 40'(beyond_eta >>> 32);
      8'd4: begin
        rate <= 15'(eta >> bits_off);
        drop <= dropped;
        if (rounded > 40'sd32767) renormal <= 16'h7fff;
        else if (rounded < -40'sd32768) renormal <= 16'h8000;
        else renormal <= rounded[15:0];
      end
      default: ;
    endcase
  end
endmodule
