// Where a command reads and writes: data to out, words for people to err.
#pragma once
#include <istream>
#include <ostream>
#include <string_view>

namespace drover::cli {

struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool colour = false;  // out is a terminal and NO_COLOR is not set.
  bool quiet = false;   // --quiet: no notes; errors still.

  // A note for people; not an error.
  void Note(std::string_view text) {
    if (!quiet) err << text << '\n';
  }
};

}  // namespace drover::cli
