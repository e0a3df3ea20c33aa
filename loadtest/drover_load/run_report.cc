#include "loadtest/drover_load/run_report.h"

#include <algorithm>
#include <cstdio>

#include "loadtest/drover_load/run_meter.h"
#include "loadtest/report/final_table.h"
#include "loadtest/report/report_files.h"
#include "loadtest/report/threshold.h"

namespace drover::load {
namespace {

constexpr double kBusyCore = 0.9;
constexpr double kLagLimitMs = 20;

}  // namespace

void JudgeGenerator(bool was_full, report::RunRecord& record) {
  report::Generator& generator = record.generator;
  std::vector<double> lags;
  double cpu = 0;
  size_t busy = 0;
  for (const report::Second& second : record.seconds) {
    lags.push_back(second.lag_ms);
    cpu += second.cpu_cores;
    busy += second.cpu_cores > kBusyCore ? 1 : 0;
    generator.cpu_cores_max = std::max(generator.cpu_cores_max, second.cpu_cores);
  }
  if (lags.empty()) return;
  std::sort(lags.begin(), lags.end());
  generator.cpu_cores_mean = cpu / static_cast<double>(lags.size());
  generator.lag_ms_max = lags.back();
  generator.lag_ms_p99 = lags[(lags.size() - 1) * 99 / 100];
  generator.resident_bytes_max = OwnMaxResidentOctets();
  if (busy * 10 > lags.size()) {
    generator.limits.push_back("its CPU was above 90 % of a core in " + std::to_string(busy) +
                               " of " + std::to_string(lags.size()) + " seconds");
  }
  if (lags[lags.size() * 9 / 10] > kLagLimitMs) {
    generator.limits.push_back("its loop was more than 20 ms late in a tenth of the seconds");
  }
  if (was_full) {
    generator.limits.push_back("sessions waited because " +
                               std::to_string(record.scale.concurrency) +
                               " were open: raise --concurrency, or the limit of open files");
  }
}

Result<int> Conclude(const std::string& out, const std::string& thresholds_text,
                     const report::RunRecord& record) {
  std::vector<report::Threshold> thresholds;
  if (!thresholds_text.empty()) {
    DROVER_TRY(thresholds, report::ParseThresholds(thresholds_text));
  }
  const report::Verdict verdict = report::JudgeRun(record, thresholds);
  std::printf("\n%s", report::FinalTable(record, verdict).c_str());
  if (!out.empty()) {
    DROVER_TRY(report::WriteReport(out, record, verdict));
    std::printf("\nreport: %s\n", (out + "/report.html").c_str());
  }
  return verdict.exit_code;
}

}  // namespace drover::load
