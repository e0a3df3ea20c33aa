#include "loadtest/drover_load/merge_reports.h"

#include <cstdio>
#include <memory>

#include "loadtest/report/final_table.h"
#include "loadtest/report/merge_runs.h"
#include "loadtest/report/report_files.h"

namespace drover::load {
namespace {

struct MergeOptions {
  std::vector<std::string> reports;
  std::string out;
  std::string thresholds;
};

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "drover-load: %s\n", error.message.c_str());
  return code;
}

int Merge(const MergeOptions& options) {
  std::vector<report::Threshold> thresholds;
  if (!options.thresholds.empty()) {
    auto parsed = report::ParseThresholds(options.thresholds);
    if (!parsed) return Fail(parsed.error(), 2);
    thresholds = std::move(*parsed);
  }
  std::vector<report::RunRecord> runs;
  for (const std::string& folder : options.reports) {
    auto run = report::ReadReport(folder);
    if (!run) return Fail(run.error(), 1);
    if (run->generator.name.empty()) run->generator.name = folder;
    runs.push_back(std::move(*run));
  }
  const auto merged = report::MergeRuns(runs);
  if (!merged) return Fail(merged.error(), 2);
  const report::Verdict verdict = report::JudgeRun(*merged, thresholds);
  std::printf("%s", report::FinalTable(*merged, verdict).c_str());
  if (const auto written = report::WriteReport(options.out, *merged, verdict); !written) {
    return Fail(written.error(), 1);
  }
  return verdict.exit_code;
}

}  // namespace

void AddMerge(CLI::App& app, std::optional<int>& exit_code) {
  const auto options = std::make_shared<MergeOptions>();
  CLI::App* const merge =
      app.add_subcommand("merge", "The reports of generators that ran together, as one");
  merge->add_option("reports", options->reports, "Folders of reports")->required()->expected(1, -1);
  merge->add_option("--out", options->out, "Folder for the merged one")->required();
  merge->add_option("--threshold", options->thresholds, "As `run` takes: 'p99<50ms,errors<0.1%'");
  merge->callback([options, &exit_code] { exit_code = Merge(*options); });
}

}  // namespace drover::load
