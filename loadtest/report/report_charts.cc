#include <algorithm>
#include <cmath>
#include <functional>

#include "loadtest/report/chart.h"
#include "loadtest/report/report_html.h"
#include "loadtest/report/usage.h"

namespace drover::report {
namespace {

class Charts {
 public:
  explicit Charts(const RunRecord& record) : record_(record) {
    if (record.seconds.empty()) return;
    begin_s_ = std::max(0.0, SessionWindow(record).begin_s - 5);
    end_s_ = record.seconds.back().at_s + 1;
    for (const Phase& phase : record.phases) {
      if (phase.begin_s > begin_s_) marks_.push_back({phase.begin_s, phase.name});
    }
    for (const Step& step : record.steps) marks_.push_back({step.begin_s, step.name});
    marks_.insert(marks_.end(), record.marks.begin(), record.marks.end());
  }

  std::string All() const {
    return "<section class=\"charts\">\n" + Latency() + Throughput() + Accepted() + Distribution() +
           Errors() + InFlight() + Cpu() + Memory() + Redis() + Postgres() + Kafka() +
           OtherStores() + Generator() + "</section>\n";
  }

 private:
  using Value = std::function<double(const Second&)>;

  Chart Begin(std::string title, Axis axis, std::string note = {}) const {
    return {.title = std::move(title),
            .note = std::move(note),
            .axis = axis,
            .begin_s = begin_s_,
            .end_s = end_s_,
            .marks = marks_};
  }

  Line Of(std::string label, const Value& value, Shape shape = Shape::kLine,
          int colour = -1) const {
    Line line{.label = std::move(label), .shape = shape, .colour = colour};
    for (const Second& second : record_.seconds) {
      line.points.push_back({second.at_s, value(second)});
    }
    return line;
  }

  // A gap where nothing ended.
  Line Quantile(std::string label, double Quantiles::*quantile, int colour) const {
    Line line{.label = std::move(label), .colour = colour};
    for (const Second& second : record_.seconds) {
      if (second.session.count == 0) continue;
      line.points.push_back({second.at_s, second.session.*quantile});
    }
    return line;
  }

  std::string Latency() const {
    Chart chart = Begin("Latency of sessions over time", Axis::kMilliseconds,
                        "From the moment a session was due to its end, so that waiting counts.");
    chart.wide = true;
    chart.log_scale = true;
    chart.fold = Fold::kMax;
    chart.lines = {Quantile("p50", &Quantiles::p50, 0), Quantile("p95", &Quantiles::p95, 2),
                   Quantile("p99", &Quantiles::p99, 1), Quantile("max", &Quantiles::max, 7)};
    return ChartHtml(chart);
  }

  std::string Throughput() const {
    Chart chart =
        Begin("Sessions a second", Axis::kPerSecond,
              "Due is what the scenario asked for, good is what came of it, refused is who "
              "was told to come back later.");
    chart.lines = {
        Of(
            "good", [](const Second& s) { return static_cast<double>(s.good); }, Shape::kArea, 0),
        Of(
            "due", [](const Second& s) { return static_cast<double>(s.due); }, Shape::kDashed, 1)};
    if (record_.totals.refused > 0) {
      chart.lines.push_back(Of(
          "refused", [](const Second& s) { return static_cast<double>(s.refused); }, Shape::kLine,
          3));
    }
    return ChartHtml(chart);
  }

  std::string Accepted() const {
    if (record_.totals.refused == 0) return "";
    Chart chart =
        Begin("Latency of accepted sessions over time", Axis::kMilliseconds,
              "From a session's first message to its end: without the waiting of those who "
              "were told to come back later.");
    chart.log_scale = true;
    chart.fold = Fold::kMax;
    chart.lines = {Line{.label = "p50", .points = {}, .colour = 0},
                   Line{.label = "p99", .points = {}, .colour = 1}};
    for (const Second& second : record_.seconds) {
      if (second.good == 0) continue;
      chart.lines[0].points.push_back({second.at_s, second.accepted.p50});
      chart.lines[1].points.push_back({second.at_s, second.accepted.p99});
    }
    return ChartHtml(chart);
  }

  // Percentiles to as many nines as there are values for.
  static Line Distributed(std::string label, const Histogram& histogram) {
    Line line{.label = std::move(label)};
    if (histogram.count() == 0) return line;
    const double last = std::log10(static_cast<double>(histogram.count()));
    constexpr int kSteps = 240;
    for (int i = 0; i <= kSteps; ++i) {
      const double nines = last * i / kSteps;
      const double percent = 100 * (1 - std::pow(10, -nines));
      line.points.push_back({nines, histogram.PercentileMs(percent)});
    }
    return line;
  }

  std::string Distribution() const {
    Chart chart = Begin("Distribution of latency", Axis::kMilliseconds,
                        "Each step to the right is ten times as rare.");
    chart.nines = true;
    chart.log_scale = true;
    chart.fold = Fold::kMax;
    chart.marks.clear();
    chart.lines.push_back(Distributed("session", record_.session_latency));
    for (size_t i = 0; i < record_.exchange_latency.size(); ++i) {
      const bool last = i > 0 && i + 1 == record_.exchange_latency.size();
      chart.lines.push_back(Distributed("exchange " + std::to_string(i + 1) + (last ? "+" : ""),
                                        record_.exchange_latency[i]));
    }
    chart.begin_s = 0;
    chart.end_s = std::max(1.0, std::log10(std::max<double>(
                                    10, static_cast<double>(record_.session_latency.count()))));
    return ChartHtml(chart);
  }

  std::string Errors() const {
    Chart chart = Begin("Errors a second, by kind", Axis::kPerSecond);
    chart.stacked = true;
    std::vector<Line> lines;
    for (size_t kind = 0; kind < record_.error_kinds.size(); ++kind) {
      if (kind >= record_.errors.size() || record_.errors[kind] == 0) continue;
      lines.push_back(Of(record_.error_kinds[kind], [kind](const Second& second) {
        return kind < second.errors.size() ? static_cast<double>(second.errors[kind]) : 0;
      }));
    }
    if (lines.empty()) {
      return "<figure class=\"none\"><h3>Errors a second, by kind</h3><p>No session failed.</p>"
             "</figure>\n";
    }
    chart.lines = std::move(lines);
    return ChartHtml(chart);
  }

  std::string InFlight() const {
    Chart chart = Begin("Sessions in flight", Axis::kCount);
    chart.fold = Fold::kMax;
    chart.lines = {Of(
        "in flight", [](const Second& s) { return static_cast<double>(s.in_flight); }, Shape::kArea,
        0)};
    return ChartHtml(chart);
  }

  std::vector<Line> Watch(Watched watched, std::string_view metric,
                          const std::function<bool(const Series&)>& wanted) const {
    std::vector<Line> lines;
    for (const Series& series : record_.series) {
      if (series.watched != watched || series.metric != metric || !wanted(series)) continue;
      lines.push_back({.label = series.name, .points = series.points});
    }
    return lines;
  }

  std::string Cpu() const {
    Chart chart = Begin("CPU of each process", Axis::kCores, "In cores, on top of each other.");
    chart.stacked = true;
    chart.lines = Watch(Watched::kProcess, "cpu_seconds", [](const Series&) { return true; });
    for (Line& line : chart.lines) line.points = RateOf(line.points);
    return ChartHtml(chart);
  }

  std::string Memory() const {
    Chart chart = Begin("Memory of each process", Axis::kBytes, "Resident.");
    chart.fold = Fold::kMax;
    chart.lines = Watch(Watched::kProcess, "resident_bytes", [](const Series&) { return true; });
    return ChartHtml(chart);
  }

  static std::function<bool(const Series&)> Named(std::string_view store, bool parts) {
    return [store, parts](const Series& series) {
      if (!series.name.starts_with(store)) return false;
      const bool part = series.name.size() > store.size();
      return part == parts;
    };
  }

  std::string Redis() const {
    Chart chart = Begin("Redis", Axis::kBytes, "Memory in use.");
    chart.lines = Watch(Watched::kStore, "bytes", Named("redis", false));
    for (Line& line : Watch(Watched::kStore, "bytes", Named("redis", true))) {
      chart.lines.push_back(std::move(line));
    }
    for (Line& line : chart.lines) line.shape = Shape::kArea;
    Chart keys = Begin("Redis keys", Axis::kCount);
    keys.lines = Watch(Watched::kStore, "keys", [](const Series&) { return true; });
    return ChartHtml(chart) + ChartHtml(keys);
  }

  // A store's parts on top of each other; the whole if its parts were not told.
  std::string Parts(std::string title, std::string note, std::string_view store) const {
    constexpr size_t kMost = 8;
    Chart chart = Begin(std::move(title), Axis::kBytes, std::move(note));
    chart.stacked = true;
    chart.lines = Largest(Watch(Watched::kStore, "bytes", Named(store, true)), kMost);
    for (Line& line : chart.lines) {
      if (line.label.starts_with(store)) line.label.erase(0, store.size() + 1);
    }
    if (chart.lines.empty()) {
      chart.lines = Watch(Watched::kStore, "bytes", Named(store, false));
    }
    return ChartHtml(chart);
  }
  std::string Postgres() const {
    return Parts("PostgreSQL", "The largest relations, with indexes and TOAST.", "postgres");
  }
  std::string Kafka() const { return Parts("Kafka", "Logs by topic.", "kafka"); }

  std::string OtherStores() const {
    Chart chart = Begin("Kafka records", Axis::kCount, "Written to each topic, by its offsets.");
    chart.lines = Watch(Watched::kStore, "records", [](const Series&) { return true; });
    return ChartHtml(chart);
  }

  std::string Generator() const {
    Chart chart = Begin("The generator's own lag", Axis::kMilliseconds,
                        "How late its loop was at most: latencies can be wrong by so much.");
    chart.fold = Fold::kMax;
    chart.lines = {Of(
        "lag", [](const Second& second) { return second.lag_ms; }, Shape::kArea, 3)};
    return ChartHtml(chart);
  }

  const RunRecord& record_;
  double begin_s_ = 0;
  double end_s_ = 1;
  std::vector<Mark> marks_;
};

}  // namespace

std::string ChartsHtml(const RunRecord& record) { return Charts(record).All(); }

}  // namespace drover::report
