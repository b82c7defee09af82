// Writes and reads a memory of cells as saccade_ram would be: all of it, then in turns as chance wants it, never the word
// that is written. Every address is written that its bits can say, so that no part of what is read is unknown.
module memory #(parameter WIDTH = 32, DEPTH = 512, TURNS = 1000);
  localparam A = DEPTH > 1 ? $clog2(DEPTH) : 1;
  reg clk = 0, write;
  reg [A-1:0] write_at, read_at;
  reg [WIDTH-1:0] written, expected, kept[0:(1<<A)-1];
  wire [WIDTH-1:0] word;
  integer i, k, seed = 1, different = 0;
  saccade_ram cells (.clk(clk), .write(write), .write_at(write_at), .written(written), .read_at(read_at), .word(word));
  initial begin
    for (i = 0; i < (1 << A) + TURNS; i = i + 1) begin
      write = i < (1 << A) || $random(seed) & 1;
      write_at = i < (1 << A) ? i : $unsigned($random(seed)) % DEPTH;
      read_at = $unsigned($random(seed)) % DEPTH;
      if (read_at == write_at) read_at = (read_at + 1) % (1 << A);
      for (k = 0; k < WIDTH; k = k + 32) written[k+:32] = $random(seed);
      expected = kept[read_at];
      if (write) kept[write_at] = written;
      #1 clk = 1;
      #1 clk = 0;
      if (i >= (1 << A) && word !== expected) begin
        if (different == 0) $display("turn %0d, word %0d: expected %h, found %h", i, read_at, expected, word);
        different = different + 1;
      end
    end
    $display("%0d of %0d words differ", different, TURNS);
  end
endmodule
