// The command line from its words to its exit code.
#pragma once
#include <string>
#include <vector>

#include "tools/drover/console.h"
#include "tools/drover/context.h"

namespace drover::cli {

// words: without the program's name. Returns the exit code (exit_code.h).
int Run(const std::vector<std::string>& words, Console& console, const Environment& environment);

}  // namespace drover::cli
