// What drover-load prints at its end, for people.
#pragma once
#include <string>

#include "loadtest/report/verdict.h"

namespace drover::report {

std::string FinalTable(const RunRecord& record, const Verdict& verdict);

// "1,000,000 terminals, open model, 3,000 sessions/s": what was asked for.
std::string ScaleText(const RunRecord& record);

}  // namespace drover::report
