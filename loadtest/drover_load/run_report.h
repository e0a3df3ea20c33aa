// The end of a run: whether the generator was the limit, what is written and printed, the exit
// code.
#pragma once
#include <string>

#include "libs/base/result.h"
#include "loadtest/report/run_record.h"

namespace drover::load {

// Whether the generator itself was the limit. was_full: sessions waited for others to end.
void JudgeGenerator(bool was_full, report::RunRecord& record);

// Writes the files into out (empty: none), prints the table; the exit code.
Result<int> Conclude(const std::string& out, const std::string& thresholds_text,
                     const report::RunRecord& record);

}  // namespace drover::load
