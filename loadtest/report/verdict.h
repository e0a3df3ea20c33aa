// Whether a run passed, and why not.
#pragma once
#include <string>
#include <vector>

#include "loadtest/report/threshold.h"

namespace drover::report {

struct Verdict {
  bool passed = false;
  std::vector<std::string> reasons;   // Why it did not pass, one sentence each.
  std::vector<std::string> warnings;  // What else to know before believing the figures.
  std::vector<Judgement> thresholds;
  int exit_code = 0;
};

// Exit codes: 0 passed; 1 the run broke off, the ledgers differ, or something was not done that the
// scenario does not bring about (operations that were not carried out, terminals that gave up or
// were turned away, sessions that never began); 99 only thresholds were missed.
constexpr int kExitFailed = 1;
constexpr int kExitThreshold = 99;
Verdict JudgeRun(const RunRecord& record, const std::vector<Threshold>& thresholds);

}  // namespace drover::report
