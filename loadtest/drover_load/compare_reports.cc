#include "loadtest/drover_load/compare_reports.h"

#include <cstdio>
#include <memory>

#include "loadtest/report/compare_runs.h"
#include "loadtest/report/report_files.h"

namespace drover::load {
namespace {

struct CompareOptions {
  std::string a;
  std::string b;
  std::string thresholds;
  double noise_percent = 5;
  std::string output = "table";
};

int Fail(const Error& error, int code) {
  std::fprintf(stderr, "drover-load: %s\n", error.message.c_str());
  return code;
}

int Compare(const CompareOptions& options) {
  std::vector<report::Threshold> thresholds;
  if (!options.thresholds.empty()) {
    auto parsed = report::ParseDifferences(options.thresholds);
    if (!parsed) return Fail(parsed.error(), 2);
    thresholds = std::move(*parsed);
  }
  const auto a = report::ReadHeadlineOf(options.a);
  if (!a) return Fail(a.error(), 1);
  const auto b = report::ReadHeadlineOf(options.b);
  if (!b) return Fail(b.error(), 1);
  const report::Comparison comparison =
      report::CompareRuns(*a, *b, thresholds, options.noise_percent);
  const std::string text = options.output == "json" ? report::ComparisonJson(comparison)
                                                    : report::ComparisonTable(comparison);
  std::printf("%s", text.c_str());
  return comparison.held() ? 0 : report::kExitThreshold;
}

}  // namespace

void AddCompare(CLI::App& app, std::optional<int>& exit_code) {
  const auto options = std::make_shared<CompareOptions>();
  CLI::App* const compare =
      app.add_subcommand("compare", "Two reports side by side, and what is worse beyond the noise");
  compare->add_option("a", options->a, "Folder of a report, or its summary.json")->required();
  compare->add_option("b", options->b, "The one to compare with it")->required();
  compare->add_option("--threshold", options->thresholds,
                      "On differences of B against A: 'p99<10%,rate>-5%,cpu_total<5%'");
  compare
      ->add_option("--noise", options->noise_percent,
                   "Differences below so many percent are never called better or worse")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  compare->add_option("-o,--output", options->output)
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  compare->callback([options, &exit_code] { exit_code = Compare(*options); });
}

}  // namespace drover::load
