// At the end of a run: every terminal's ledger against what operations believes, page by page.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "loadtest/drover_load/run_prepare.h"
#include "loadtest/report/run_record.h"

namespace drover::load {

// "succeeded", "open": what is counted of operations.
const char* OutcomeOf(operations::v1::State state);

// What the run knows of a terminal.
struct TerminalFacts {
  // Its last session did: then nothing may be open that it could have done.
  std::function<bool(uint64_t index)> ended_well;
  std::function<bool(uint64_t index)> submitted;  // Its operations were.
};

// Fills ledgers and operations of the record; some of its own octets for each terminal while it
// runs.
Result<void> CompareLedgers(const Endpoints& endpoints, const fleet::Fleet& fleet,
                            const std::string& run_label, const TerminalFacts& facts,
                            const Watchful& watchful, report::RunRecord& record);

}  // namespace drover::load
