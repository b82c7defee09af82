// The test bench of saccade_feast for Verilator: it drives the pins in every cycle as its standard input says, and
// writes to its standard output what they showed before that cycle's clock edge. Both are streams of records, words
// little-endian:
//
//   in:   a byte, 1 in_valid | 2 out_ready | 4 bus_read | 8 bus_write
//           with 1: the word; with 4 or 8: the address and what is written
//         or the byte 0xff: all records so far are answered at once
//         or the byte 0xfe: the same, and behind them what the pins show now, as they will in the next cycle
//   out:  a byte, 1 in_ready | 2 out_valid | 4 bus_ack
//           with 2: the word; with 4: what was read
//         or the byte 0xff where there was one in the input; the pins where there was 0xfe
//
// It ends with its input. An unknown byte, or an input that ends within a record, is an exit code of 2.
//
// With an argument that is the path of a folder, it runs the vectors in it instead: see vectors.h.
#include <unistd.h>

#include <cstdint>
#include <vector>

#include "Vsaccade_feast.h"
#include "vectors.h"
#include "verilated.h"

namespace {

enum { kValid = 1, kReady = 2, kRead = 4, kWrite = 8, kPeek = 0xfe, kSync = 0xff };

class Input {
 public:
  // Next gives the next byte, or -1 at the end.
  int Next() {
    if (at_ == have_) {
      ssize_t n = read(STDIN_FILENO, bytes_, sizeof bytes_);
      if (n <= 0) return -1;
      at_ = 0;
      have_ = static_cast<size_t>(n);
    }
    return bytes_[at_++];
  }
  bool Word(uint32_t* word) {
    *word = 0;
    for (int shift = 0; shift < 32; shift += 8) {
      int b = Next();
      if (b < 0) return false;
      *word |= static_cast<uint32_t>(b) << shift;
    }
    return true;
  }

 private:
  unsigned char bytes_[1 << 16];
  size_t at_ = 0, have_ = 0;
};

class Output {
 public:
  void Byte(unsigned b) { bytes_.push_back(static_cast<unsigned char>(b)); }
  void Word(uint32_t w) {
    for (int shift = 0; shift < 32; shift += 8) Byte(w >> shift & 0xff);
  }
  bool Flush() {
    for (size_t at = 0; at < bytes_.size();) {
      ssize_t n = write(STDOUT_FILENO, &bytes_[at], bytes_.size() - at);
      if (n <= 0) return false;
      at += static_cast<size_t>(n);
    }
    bytes_.clear();
    return true;
  }
  bool Full() const { return bytes_.size() > (1 << 16); }

 private:
  std::vector<unsigned char> bytes_;
};

}  // namespace

int main(int argc, char** argv) {
  VerilatedContext context;
  context.commandArgs(argc, argv);
  Vsaccade_feast top(&context);
  static Input input;
  Output output;
  auto clock = [&] {
    top.clk = 0;
    top.eval();
    top.clk = 1;
    top.eval();
  };
  auto pins = [&] {
    output.Byte((top.in_ready ? 1 : 0) | (top.out_valid ? 2 : 0) | (top.bus_ack ? 4 : 0));
    if (top.out_valid) output.Word(top.out_data);
    if (top.bus_ack) output.Word(top.bus_data);
  };
  top.in_valid = top.out_ready = top.bus_read = top.bus_write = 0;
  top.in_data = top.bus_address = top.bus_written = 0;
  top.rst = 1;
  for (int i = 0; i < 3; i++) clock();
  top.rst = 0;
  for (int i = 1; i < argc; i++)
    if (argv[i][0] != '+') return Vectors<Vsaccade_feast>(&top, argv[i]).Run();
  for (int flags; (flags = input.Next()) >= 0;) {
    if (flags == kSync) {
      output.Byte(kSync);
      if (!output.Flush()) return 3;
      continue;
    }
    if (flags == kPeek) {
      pins();
      if (!output.Flush()) return 3;
      continue;
    }
    if (flags > (kValid | kReady | kRead | kWrite)) return 2;
    uint32_t word = 0, address = 0, written = 0;
    if (flags & kValid && !input.Word(&word)) return 2;
    if (flags & (kRead | kWrite) && (!input.Word(&address) || !input.Word(&written))) return 2;
    top.in_valid = (flags & kValid) != 0;
    top.in_data = word;
    top.out_ready = (flags & kReady) != 0;
    top.bus_read = (flags & kRead) != 0;
    top.bus_write = (flags & kWrite) != 0;
    top.bus_address = address;
    top.bus_written = written;
    // No pin depends on another within a cycle, so what they show now is what they showed at its begin.
    pins();
    if (output.Full() && !output.Flush()) return 3;
    clock();
  }
  bool flushed = output.Flush();
  top.final();
  return flushed ? 0 : 3;
}
