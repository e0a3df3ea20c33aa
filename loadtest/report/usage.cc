#include "loadtest/report/usage.h"

#include <algorithm>

namespace drover::report {
namespace {

// Of a gauge: the last point at or before the time; the first one if there is none.
double ValueAt(const std::vector<Point>& points, double at_s) {
  double value = points.empty() ? 0 : points.front().value;
  for (const Point& point : points) {
    if (point.at_s > at_s) break;
    value = point.value;
  }
  return value;
}

double LargestIn(const std::vector<Point>& points, const Window& window) {
  double largest = ValueAt(points, window.begin_s);
  for (const Point& point : points) {
    if (point.at_s >= window.begin_s && point.at_s <= window.end_s) {
      largest = std::max(largest, point.value);
    }
  }
  return largest;
}

ProcessUse& UseOf(std::vector<ProcessUse>& uses, const Series& series) {
  const auto found = std::find_if(uses.begin(), uses.end(), [&series](const ProcessUse& use) {
    return use.name == series.name;
  });
  if (found != uses.end()) return *found;
  uses.push_back({});
  uses.back().name = series.name;
  uses.back().source = series.source;
  return uses.back();
}

double PerSession(double value, const Window& window) {
  return window.good == 0 ? 0 : value / static_cast<double>(window.good);
}

}  // namespace

Window SessionWindow(const RunRecord& record) {
  Window window;
  bool begun = false;
  for (const Second& second : record.seconds) {
    if (!begun && (second.started > 0 || second.due > 0)) {
      window.begin_s = second.at_s;
      begun = true;
    }
    if (!begun) continue;
    if (second.good > 0 || second.started > 0) window.end_s = second.at_s + 1;
    window.good += second.good;
  }
  window.end_s = std::max(window.begin_s, window.end_s);
  return window;
}

double Increase(const std::vector<Point>& counter, double begin_s, double end_s) {
  double sum = 0;
  for (size_t i = 1; i < counter.size(); ++i) {
    const Point& a = counter[i - 1];
    const Point& b = counter[i];
    const double length = b.at_s - a.at_s;
    const double shared = std::min(b.at_s, end_s) - std::max(a.at_s, begin_s);
    if (length <= 0 || shared <= 0) continue;
    sum += (b.value < a.value ? b.value : b.value - a.value) * shared / length;
  }
  return sum;
}

std::vector<Point> RateOf(const std::vector<Point>& counter) {
  std::vector<Point> rates;
  for (size_t i = 1; i < counter.size(); ++i) {
    const double length = counter[i].at_s - counter[i - 1].at_s;
    if (length <= 0) continue;
    const double grown =
        Increase({counter[i - 1], counter[i]}, counter[i - 1].at_s, counter[i].at_s);
    rates.push_back({counter[i].at_s, grown / length});
  }
  return rates;
}

std::vector<ProcessUse> ProcessesOf(const RunRecord& record) {
  const Window window = SessionWindow(record);
  std::vector<ProcessUse> uses;
  for (const Series& series : record.series) {
    if (series.watched != Watched::kProcess) continue;
    ProcessUse& use = UseOf(uses, series);
    if (series.metric == "cpu_seconds") {
      use.cpu_seconds = Increase(series.points, window.begin_s, window.end_s);
      use.cpu_us_per_session = PerSession(use.cpu_seconds * 1e6, window);
      use.cpu_cores_mean = window.length_s() > 0 ? use.cpu_seconds / window.length_s() : 0;
      use.cpu_cores_max = LargestIn(RateOf(series.points), window);
    } else if (series.metric == "resident_bytes") {
      use.resident_bytes_start = ValueAt(series.points, window.begin_s);
      use.resident_bytes_max = LargestIn(series.points, window);
      use.resident_bytes_end = ValueAt(series.points, window.end_s);
    }
  }
  return uses;
}

std::vector<StoreUse> StoresOf(const RunRecord& record) {
  const Window window = SessionWindow(record);
  std::vector<StoreUse> uses;
  for (const Series& series : record.series) {
    if (series.watched != Watched::kStore || series.points.empty()) continue;
    StoreUse use{.name = series.name,
                 .metric = series.metric,
                 .start = ValueAt(series.points, window.begin_s),
                 .max = LargestIn(series.points, window),
                 .end = ValueAt(series.points, window.end_s)};
    use.growth_per_session = PerSession(use.end - use.start, window);
    uses.push_back(std::move(use));
  }
  return uses;
}

}  // namespace drover::report
