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

// What was to be done and was not, unless the scenario brings that about. A run that was ended
// early has not done all, and is not blamed for it.
void JudgeOutcome(const RunRecord& record, Verdict& verdict) {
  const auto blame = [&verdict](uint64_t count, const std::string& what) {
    if (count == 0) return;
    verdict.reasons.push_back(Count(count) + " " + what);
    verdict.exit_code = kExitFailed;
  };
  const Totals& totals = record.totals;
  if (!record.expects_failures) {
    for (const auto& [outcome, count] : record.operations) {
      if (outcome == "succeeded" || outcome == "open") continue;
      blame(count, "operations ended as " + outcome + " and were not carried out.");
    }
    blame(totals.given_up, "terminals gave up: their sessions failed each time.");
  }
  if (!record.expects_refusals) {
    blame(totals.turned_away, "terminals were turned away (503) each time and gave up.");
  }
  const bool expected = record.expects_failures || record.expects_refusals;
  if (!expected && !record.interrupted) {
    blame(totals.not_started,
          "sessions were due or had failed, and there was no time for them: "
          "lower the rate, or give --settle more.");
  }
}

// Operations of gateways that hear, ask and tell.
void JudgeGateways(const RunRecord& record, Verdict& verdict) {
  const Gateways& gateways = record.gateways;
  const uint64_t unfinished = record.interrupted ? 0 : gateways.unfinished;
  if (gateways.lost + gateways.doubled + gateways.different + unfinished == 0) return;
  verdict.reasons.push_back("Gateways and operations disagree: " + Count(gateways.lost) +
                            " lost, " + Count(gateways.doubled) + " doubled, " +
                            Count(gateways.different) + " different, " +
                            Count(gateways.unfinished) + " unfinished.");
  verdict.exit_code = kExitFailed;
}

// Messages that were lost or came twice, unless the scenario has faults.
void JudgeSms(const RunRecord& record, Verdict& verdict) {
  const auto blame = [&verdict](uint64_t count, const std::string& what) {
    if (count == 0) return;
    verdict.reasons.push_back(Count(count) + " " + what);
    verdict.exit_code = kExitFailed;
  };
  const Sms& sms = record.sms;
  if (record.expects_failures) return;
  blame(sms.unconfirmed, "terminals registered by SMS and were never confirmed.");
  blame(sms.missed, "short messages were delivered by the SMSC, and no terminal had them.");
  blame(sms.twice, "short messages came to their terminals twice.");
  if (!record.interrupted) {
    blame(sms.never_woken,
          "terminals with operations were never woken: no notification came that they took.");
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
  JudgeOutcome(record, verdict);
  JudgeSms(record, verdict);
  JudgeGateways(record, verdict);
  if (!record.failure.empty()) {
    verdict.reasons.insert(verdict.reasons.begin(), "The run broke off: " + record.failure);
    verdict.exit_code = kExitFailed;
  }
  Warn(record, verdict);
  verdict.passed = verdict.exit_code == 0;
  return verdict;
}

}  // namespace drover::report
