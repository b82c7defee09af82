// Runs vectors that `saccade hil record` wrote through the design: a folder of files of hexadecimal words. The device
// is configured, loaded through the window of its registers, given the stimulus, and compared word by word with what
// is expected, and through the window again with what it must have learned.
#ifndef SACCADE_VECTORS_H_
#define SACCADE_VECTORS_H_

#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

template <class Top>
class Vectors {
 public:
  Vectors(Top* top, const std::string& folder) : top_(top), folder_(folder) {}

  // Run gives the exit code: 0 where all is as expected, 1 where something is not, 2 where a file cannot be read.
  int Run() {
    static const struct { const char* name; uint32_t window; } in[] = {{"weights_in.hex", 0}, {"thresholds_in.hex", 1}},
        out[] = {{"weights_out.hex", 0}, {"thresholds_out.hex", 1}, {"surface_out.hex", 2}};
    std::vector<uint32_t> words, expected;
    if (!Read("config.hex", &words)) return 2;
    for (size_t i = 0; i + 1 < words.size(); i += 2) Access(words[i], words[i + 1], true);
    while (!(Access(kStatus, 0, false) & kIdle)) {
    }
    if (uint32_t error = Access(kError, 0, false)) return Differ("error register", 0, 0, error);
    for (const auto& part : in) {
      if (!Read(part.name, &words)) return 2;
      Access(kWindow, part.window, true);
      for (uint32_t word : words) Access(kData, word, true);
    }
    if (!Read("stimulus.hex", &words) || !Read("expected.hex", &expected)) return 2;
    size_t sent = 0, taken = 0, quiet = 0;
    top_->out_ready = 1;
    while (taken < expected.size()) {
      top_->in_valid = sent < words.size();
      top_->in_data = sent < words.size() ? words[sent] : 0;
      if (top_->in_valid && top_->in_ready) sent++, quiet = 0;
      if (top_->out_valid) {
        if (top_->out_data != expected[taken]) return Differ("expected.hex", taken, expected[taken], top_->out_data);
        taken++, quiet = 0;
      }
      // A surface of 2^18 cells a bank takes this long to be cleared.
      if (++quiet > (1 << 20)) return Differ("expected.hex: nothing comes any more", taken, expected[taken], 0);
      Clock();
    }
    top_->in_valid = top_->out_ready = 0;
    while (!(Access(kStatus, 0, false) & kIdle)) {
    }
    for (const auto& part : out) {
      if (!Read(part.name, &words)) return 2;
      Access(kWindow, part.window, true);
      for (size_t i = 0; i < words.size(); i++) {
        uint32_t found = Access(kData, 0, false);
        if (found != words[i]) return Differ(part.name, i, words[i], found);
      }
    }
    if (uint32_t error = Access(kError, 0, false)) return Differ("error register", 0, 0, error);
    std::fprintf(stdout, "%zu words in, %zu words out, all as expected\n", sent, taken);
    return 0;
  }

 private:
  enum : uint32_t { kStatus = 0x24, kError = 0x28, kWindow = 0x90, kData = 0x98, kIdle = 2 };

  void Clock() {
    top_->clk = 0;
    top_->eval();
    top_->clk = 1;
    top_->eval();
  }
  uint32_t Access(uint32_t address, uint32_t value, bool write) {
    top_->bus_read = !write;
    top_->bus_write = write;
    top_->bus_address = address;
    top_->bus_written = value;
    Clock();
    top_->bus_read = top_->bus_write = 0;
    while (!top_->bus_ack) Clock();
    uint32_t data = top_->bus_data;
    Clock();
    return data;
  }
  // A word a line; two slashes begin a comment.
  bool Read(const char* name, std::vector<uint32_t>* words) {
    std::string path = folder_ + "/" + name;
    std::FILE* f = std::fopen(path.c_str(), "r");
    if (f == nullptr) {
      std::fprintf(stderr, "%s: cannot be read\n", path.c_str());
      return false;
    }
    words->clear();
    char line[512];
    bool good = true;
    for (int n = 1; good && std::fgets(line, sizeof line, f) != nullptr; n++) {
      char* end;
      unsigned long word = std::strtoul(line, &end, 16);
      if (end - line == 8) {
        words->push_back(static_cast<uint32_t>(word));
      } else if (!(line[0] == '/' && line[1] == '/') && line[0] != '\n') {
        std::fprintf(stderr, "%s: line %d: expected eight hexadecimal digits, found %s", path.c_str(), n, line);
        good = false;
      }
    }
    std::fclose(f);
    return good;
  }
  int Differ(const char* what, size_t i, uint32_t expected, uint32_t found) {
    std::fprintf(stderr, "%s: word %zu: expected %08" PRIx32 ", found %08" PRIx32 "\n", what, i, expected, found);
    return 1;
  }

  Top* top_;
  std::string folder_;
};

#endif
