// The terminals' ledgers against what operations believes: every operation executed once, by the
// terminal it was meant for, with the values it was told, and nothing else executed.
#pragma once
#include <string>
#include <vector>

#include "drover/operations/v1/operations.pb.h"
#include "loadtest/terminal/terminal.h"

namespace drover::load {

// One line for each difference; empty: they agree. operations: all of this terminal, in any state.
std::vector<std::string> Compare(const terminal::Terminal& terminal,
                                 const std::vector<const operations::v1::Operation*>& operations);

}  // namespace drover::load
