// Makes a layer of what the registers describe, or names the first register that makes no sense, in the order of their
// addresses. It takes five divisions and some products, one after the other: about 190 cycles.
module saccade_delta_describe #(
    parameter int LANES = 176,
    parameter int WEIGHTS = 4096,
    parameter int SUMS = 256
) (
    input  logic                                       clk,
    input  logic                                       rst,
    input  logic                                       start,
    input  logic [32*saccade_delta_base::STAGED-1:0]   staged,
    output logic                                       done,
    output logic                                       there,
    output logic [31:0]                                bad,   // address of a register; 0: none
    output saccade_delta_base::layer_t                 layer
);
  localparam int BLOCK = LANES / saccade_delta_base::BLOCKS;
  localparam logic [38:0] MOST_OUTPUTS = 39'(LANES) << 16;
  localparam logic [31:0] MOST = 32'd65536;

  logic [31:0] kind, channels, size, outputs, weights_at, sums_at;
  logic [15:0] height, width;
  assign {sums_at, weights_at, outputs, size, channels, kind} = staged;
  assign {height, width} = size;

  logic linear, conv, padding, stride2;
  logic [16:0] rows, columns;      // of the input with its padding, from the kernel's last on
  logic [15:0] out_height, out_width;
  assign linear = kind == 32'd1;
  assign padding = conv && kind[16];
  assign stride2 = conv && kind[9];
  assign conv = kind[1:0] == 2'd2 && (kind & ~32'h0001_0303) == 0 && (kind[9:8] == 2'd1 || kind[9:8] == 2'd2)
      && LANES >= saccade_delta_base::BLOCKS;
  assign rows = 17'(height) + {15'd0, padding, 1'b0} - 17'd3;
  assign columns = 17'(width) + {15'd0, padding, 1'b0} - 17'd3;
  assign out_height = linear ? 16'd1 : 16'(stride2 ? rows >> 1 : rows) + 16'd1;
  assign out_width = linear ? 16'd1 : 16'(stride2 ? columns >> 1 : columns) + 16'd1;

  // The steps: a division, or a product, each.
  localparam logic [3:0] IDLE = 0, PARTS = 1, BY_CHANNELS = 2, BY_WIDTH = 3, DOWN = 4, ACROSS = 5, PLANE = 6, INPUTS = 7,
      WEIGHT_WORDS = 8, TILES = 9, WORDS = 10, ACROSS_WORDS = 11, END = 12;
  logic [3:0] step;
  logic begun, goes_on, divided;
  logic [32:0] dividend, quotient;
  logic [16:0] divisor, remainder;
  logic [20:0] factor;
  logic [16:0] by;
  logic [37:0] product;

  logic [20:0] parts;
  logic [12:0] last;
  logic [32:0] by_channels, by_width;
  logic [14:0] down, across;
  logic [37:0] plane, inputs, weight_words, tiles, words, across_words;

  always_comb begin
    dividend = 33'(outputs) + 33'(linear ? LANES - 1 : BLOCK - 1);
    divisor = 17'(linear ? LANES : BLOCK);
    case (step)
      BY_CHANNELS: begin
        dividend = 33'h1_0000_0000 + 33'(channels[16:0]) - 33'd1;
        divisor = channels[16:0];
      end
      BY_WIDTH: begin
        dividend = 33'h1_0000_0000 + 33'(width) - 33'd1;
        divisor = 17'(width);
      end
      DOWN: begin
        dividend = 33'(out_height) + 33'd2;
        divisor = 17'd3;
      end
      ACROSS: begin
        dividend = 33'(out_width) + 33'd2;
        divisor = 17'd3;
      end
      default: ;
    endcase
    factor = parts;
    by = 17'(across);
    case (step)
      PLANE: begin
        factor = 21'(height);
        by = 17'(width);
      end
      INPUTS: begin
        factor = 21'(plane[16:0]);
        by = channels[16:0];
      end
      WEIGHT_WORDS: by = channels[16:0];
      TILES: factor = 21'(down);
      WORDS: by = tiles[16:0];
      default: ;
    endcase
  end

  logic divides;
  assign divides = step >= PARTS && step <= ACROSS;
  assign goes_on = divides ? divided : begun;
  saccade_delta_divide divide (
      .clk, .rst, .start(divides && !begun), .dividend, .divisor, .done(divided), .quotient, .remainder
  );

  always_ff @(posedge clk) begin
    product <= 38'(factor) * 38'(by);
    begun <= step != IDLE && !goes_on;
    if (step != IDLE && goes_on) begin
      step <= step == END ? IDLE : step + 4'd1;
      case (step)
        PARTS: begin
          parts <= quotient[20:0];
          last <= 13'(remainder) + 13'd1;
        end
        BY_CHANNELS: by_channels <= quotient;
        BY_WIDTH: by_width <= quotient;
        DOWN: down <= quotient[14:0];
        ACROSS: across <= quotient[14:0];
        PLANE: plane <= product;
        INPUTS: inputs <= product;
        WEIGHT_WORDS: weight_words <= product;
        TILES: tiles <= product;
        WORDS: words <= product;
        ACROSS_WORDS: across_words <= product;
        default: ;
      endcase
    end
    if (start) step <= PARTS;
    if (rst) step <= IDLE;
  end
  assign done = step == END && goes_on;

  always_comb begin
    bad = '0;
    if (kind == 0) bad = '0;
    else if (!linear && !conv) bad = saccade_delta_base::REG_KIND;
    else if (channels == 0 || channels > MOST) bad = saccade_delta_base::REG_CHANNELS;
    else if (linear && size != 32'h0001_0001 || height == 0 || width == 0 || plane > 38'(MOST) || inputs > 38'(MOST))
      bad = saccade_delta_base::REG_SIZE;
    else if (conv && (rows[16] || columns[16])) bad = saccade_delta_base::REG_SIZE;
    else if (outputs == 0 || 39'(outputs) > MOST_OUTPUTS) bad = saccade_delta_base::REG_OUTPUTS;
    else if (39'(weights_at) + 39'(weight_words) > 39'(WEIGHTS)) bad = saccade_delta_base::REG_WEIGHTS_AT;
    else if (39'(sums_at) + 39'(words) > 39'(SUMS)) bad = saccade_delta_base::REG_SUMS_AT;
    there = kind != 0 && bad == 0;

    layer.linear = linear;
    layer.stride2 = stride2;
    layer.padding = padding;
    layer.inputs = there ? inputs[16:0] : 17'd0;
    layer.channels = channels[16:0];
    layer.width = width;
    layer.out_height = out_height;
    layer.out_width = out_width;
    layer.by_channels = by_channels;
    layer.by_width = by_width;
    layer.parts = parts[16:0];
    layer.last = last;
    layer.across = across_words[16:0];
    layer.words = words[16:0];
    layer.weights_at = weights_at[24:0];
    layer.sums_at = sums_at[15:0];
  end
endmodule
