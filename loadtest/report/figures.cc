#include "loadtest/report/figures.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "loadtest/report/usage.h"

namespace drover::report {
namespace {

// The run's sessions in blocks of equal length: what they differ by is noise.
struct Block {
  double begin_s = 0;
  double end_s = 0;
  uint64_t good = 0;
  Histogram sessions;
};

std::vector<Block> BlocksOf(const RunRecord& record, const Window& window) {
  constexpr double kShortest = 5;
  constexpr double kMost = 20;
  const double count = std::floor(std::min(kMost, window.length_s() / kShortest));
  if (count < 3) return {};
  std::vector<Block> blocks(static_cast<size_t>(count));
  const double length = window.length_s() / count;
  for (size_t i = 0; i < blocks.size(); ++i) {
    blocks[i].begin_s = window.begin_s + static_cast<double>(i) * length;
    blocks[i].end_s = blocks[i].begin_s + length;
  }
  for (const Second& second : record.seconds) {
    const double at = (second.at_s - window.begin_s) / length;
    if (at < 0 || at >= count) continue;
    Block& block = blocks[static_cast<size_t>(at)];
    block.good += second.good;
    block.sessions.Restore(second.session_buckets, 0, 0, 0);
  }
  return blocks;
}

// Standard error of the blocks' mean, in percent of it.
double Spread(const std::vector<Block>& blocks, const std::function<double(const Block&)>& value) {
  if (blocks.empty()) return 0;
  const auto count = static_cast<double>(blocks.size());
  double sum = 0;
  double squares = 0;
  for (const Block& block : blocks) {
    const double v = value(block);
    sum += v;
    squares += v * v;
  }
  const double mean = sum / count;
  if (mean == 0 || !std::isfinite(mean)) return 0;
  const double variance = std::max(0.0, (squares - sum * mean) / (count - 1));
  return 100 * std::sqrt(variance / count) / std::abs(mean);
}

double Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : 100 * static_cast<double>(part) / static_cast<double>(whole);
}

class Collector {
 public:
  explicit Collector(const RunRecord& record)
      : record_(record), window_(SessionWindow(record)), blocks_(BlocksOf(record, window_)) {}

  std::vector<Figure> All() {
    Sessions();
    Latencies();
    Processes();
    Stores();
    const Ledgers& ledgers = record_.ledgers;
    if (ledgers.compared) {
      Add("differences", static_cast<double>(ledgers.differences()), "operations", "lower");
    }
    return std::move(figures_);
  }

 private:
  void Add(std::string name, double value, std::string unit, std::string better,
           double spread = 0) {
    figures_.push_back({std::move(name), value, std::move(unit), std::move(better), spread});
  }

  void Sessions() {
    const Totals& totals = record_.totals;
    Add("rate", record_.good_per_s(), "sessions/s", "higher",
        Spread(blocks_, [](const Block& block) {
          return static_cast<double>(block.good) / (block.end_s - block.begin_s);
        }));
    Add("errors", Share(totals.failed, totals.good + totals.failed), "percent", "lower");
    Add("late", Share(totals.late_starts, totals.started), "percent", "lower");
  }

  void Latencies() {
    for (const auto& [name, percent] : {std::pair("p50", 50.0), std::pair("p95", 95.0),
                                        std::pair("p99", 99.0), std::pair("p99.9", 99.9)}) {
      const double wanted = percent;
      Add(name, record_.session_latency.PercentileMs(percent), "ms", "lower",
          Spread(blocks_,
                 [wanted](const Block& block) { return block.sessions.PercentileMs(wanted); }));
    }
    Add("max", record_.session_latency.PercentileMs(100), "ms", "");
    Histogram exchanges;
    for (const Histogram& one : record_.exchange_latency) exchanges.Add(one);
    if (exchanges.count() == 0) return;
    Add("exchange.p50", exchanges.PercentileMs(50), "ms", "lower");
    Add("exchange.p99", exchanges.PercentileMs(99), "ms", "lower");
  }

  void Processes() {
    const std::vector<ProcessUse> uses = ProcessesOf(record_);
    double total = 0;
    bool generator_watched = false;
    for (const ProcessUse& use : uses) {
      const bool generator = use.name.starts_with(kGenerator);
      generator_watched = generator_watched || generator;
      if (!generator) total += use.cpu_us_per_session;
    }
    if (total > 0) {
      Add("cpu_total", total, "us/session", "lower", CpuSpread(""));
    }
    for (const ProcessUse& use : uses) {
      Add("cpu_" + use.name, use.cpu_us_per_session, "us/session", "lower", CpuSpread(use.name));
    }
    for (const ProcessUse& use : uses) {
      if (use.resident_bytes_max > 0) {
        Add("memory_" + use.name, use.resident_bytes_max, "bytes", "lower");
      }
    }
    if (!generator_watched) AddGenerator(record_.generator);
  }

  void AddGenerator(const Generator& generator) {
    if (generator.cpu_cores_mean > 0 && window_.good > 0) {
      Add("cpu_generator",
          generator.cpu_cores_mean * record_.duration_s * 1e6 / static_cast<double>(window_.good),
          "us/session", "lower");
    }
    if (generator.resident_bytes_max > 0) {
      Add("memory_generator", static_cast<double>(generator.resident_bytes_max), "bytes", "lower");
    }
  }

  // Of one process, or of all but the generator (empty name).
  double CpuSpread(const std::string& name) const {
    return Spread(blocks_, [this, &name](const Block& block) {
      double seconds = 0;
      for (const Series& series : record_.series) {
        const bool wanted =
            series.watched == Watched::kProcess && series.metric == "cpu_seconds" &&
            (name.empty() ? !series.name.starts_with(kGenerator) : series.name == name);
        if (wanted) seconds += Increase(series.points, block.begin_s, block.end_s);
      }
      return block.good == 0 ? 0 : seconds / static_cast<double>(block.good);
    });
  }

  void Stores() {
    for (const StoreUse& use : StoresOf(record_)) {
      Add("growth_" + use.name + "_" + use.metric, use.growth_per_session, use.metric + "/session",
          "lower");
    }
  }

  const RunRecord& record_;
  Window window_;
  std::vector<Block> blocks_;
  std::vector<Figure> figures_;
};

}  // namespace

std::vector<Figure> FiguresOf(const RunRecord& record) { return Collector(record).All(); }

}  // namespace drover::report
