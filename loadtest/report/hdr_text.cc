#include "loadtest/report/hdr_text.h"

#include <cmath>
#include <cstdio>

namespace drover::report {
namespace {

template <typename... Args>
std::string Line(const char* format, Args... args) {
  char line[160];
  std::snprintf(line, sizeof line, format, args...);
  return line;
}

// The next percentile to show: steps get half as wide with each halving of what is left to 100.
double Next(double percent, int ticks_per_half) {
  const double halvings = std::floor(std::log2(100 / (100 - percent))) + 1;
  return percent + 100 / (ticks_per_half * std::pow(2, halvings));
}

}  // namespace

std::string HdrText(const Histogram& histogram, int ticks_per_half) {
  std::string text =
      Line("%12s %14s %10s %14s\n\n", "Value", "Percentile", "TotalCount", "1/(1-Percentile)");
  const auto total = histogram.count();
  for (double percent = 0; total > 0;) {
    const uint64_t value = histogram.PercentileUs(percent);
    const uint64_t seen = value >= histogram.max_us() ? total : histogram.CountUpToUs(value);
    if (seen >= total) break;
    text += Line("%12.3f %14.12f %10llu %14.2f\n", static_cast<double>(value) / 1000, percent / 100,
                 static_cast<unsigned long long>(seen), 100 / (100 - percent));
    percent = Next(percent, ticks_per_half);
  }
  if (total > 0) {
    text += Line("%12.3f %14.12f %10llu\n", static_cast<double>(histogram.max_us()) / 1000, 1.0,
                 static_cast<unsigned long long>(total));
  }
  text += Line("#[Mean    = %12.3f, StdDeviation   = %12.3f]\n", histogram.mean_us() / 1000,
               histogram.deviation_us() / 1000);
  text +=
      Line("#[Max     = %12.3f, Total count    = %12llu]\n",
           static_cast<double>(histogram.max_us()) / 1000, static_cast<unsigned long long>(total));
  text += Line("#[Buckets = %12d, SubBuckets     = %12d]\n", 27, 2048);
  return text;
}

}  // namespace drover::report
