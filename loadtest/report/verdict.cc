#include "loadtest/report/verdict.h"

#include "loadtest/report/numbers.h"

namespace drover::report {
namespace {

void JudgeLedgers(const RunRecord& record, Verdict& verdict) {
  const Ledgers& ledgers = record.ledgers;
  if (ledgers.compared && ledgers.differences() > 0) {
    verdict.reasons.push_back("Terminals and operations disagree: " + Count(ledgers.lost) +
                              " lost, " + Count(ledgers.doubled) + " doubled, " +
                              Count(ledgers.different) + " different.");
    verdict.exit_code = kExitFailed;
  }
  if (!ledgers.compared) {
    verdict.warnings.push_back(
        "The terminals' ledgers were not compared with operations" +
        (ledgers.not_compared_because.empty() ? "." : ": " + ledgers.not_compared_because + "."));
  }
}

void Warn(const RunRecord& record, Verdict& verdict) {
  for (const std::string& limit : record.generator.limits) {
    verdict.warnings.push_back("The generator itself was the limit: " + limit);
  }
  if (record.interrupted) {
    verdict.warnings.push_back("The run was ended early, after " + Span(record.duration_s) + ".");
  }
  if (record.model == Model::kClosed) {
    verdict.warnings.push_back(
        "Closed model: a session begins only when another has ended, so stalls hide arrivals and "
        "latencies look better than terminals would see them.");
  }
}

}  // namespace

Verdict JudgeRun(const RunRecord& record, const std::vector<Threshold>& thresholds) {
  Verdict verdict;
  for (const Threshold& threshold : thresholds) {
    verdict.thresholds.push_back(Judge(threshold, record));
    const Judgement& judgement = verdict.thresholds.back();
    if (judgement.held) continue;
    verdict.reasons.push_back("Threshold " + threshold.text + " was missed: " + judgement.measured +
                              ".");
    verdict.exit_code = kExitThreshold;
  }
  JudgeLedgers(record, verdict);
  if (!record.failure.empty()) {
    verdict.reasons.insert(verdict.reasons.begin(), "The run broke off: " + record.failure);
    verdict.exit_code = kExitFailed;
  }
  Warn(record, verdict);
  verdict.passed = verdict.exit_code == 0;
  return verdict;
}

}  // namespace drover::report
