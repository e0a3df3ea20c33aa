#include "loadtest/report/threshold.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "loadtest/report/fields.h"
#include "loadtest/report/numbers.h"
#include "loadtest/report/steps.h"

namespace drover::report {
namespace {

struct UnitWord {
  std::string_view word;
  Unit unit;
  double factor;
};
constexpr std::array<UnitWord, 21> kUnitWords{{
    {"", Unit::kNone, 1},
    {"k", Unit::kNone, 1e3},
    {"M", Unit::kNone, 1e6},
    {"%", Unit::kPercent, 1},
    {"us", Unit::kMilliseconds, 1e-3},
    {"ms", Unit::kMilliseconds, 1},
    {"s", Unit::kMilliseconds, 1e3},
    {"m", Unit::kMilliseconds, 60e3},
    {"min", Unit::kMilliseconds, 60e3},
    {"h", Unit::kMilliseconds, 3600e3},
    {"/s", Unit::kPerSecond, 1},
    {"/m", Unit::kPerSecond, 1.0 / 60},
    {"/min", Unit::kPerSecond, 1.0 / 60},
    {"/h", Unit::kPerSecond, 1.0 / 3600},
    {"B", Unit::kBytes, 1},
    {"KB", Unit::kBytes, 1e3},
    {"MB", Unit::kBytes, 1e6},
    {"GB", Unit::kBytes, 1e9},
    {"KiB", Unit::kBytes, 1024},
    {"MiB", Unit::kBytes, 1024 * 1024},
    {"GiB", Unit::kBytes, 1024.0 * 1024 * 1024},
}};

// A measure by its name: what it may be compared with, and how large it was in a run. No value: the
// run cannot say, and why.
struct Measured {
  std::optional<double> value;
  std::string why;
};
Measured Without(std::string why) { return {std::nullopt, std::move(why)}; }
Measured Of(double value) { return {value, {}}; }

// "p99.9" -> 99.9, "max" -> 100, "mean" -> -1; nothing if it is none of them.
std::optional<double> PercentOf(std::string_view word) {
  if (word == "max") return 100;
  if (word == "mean") return -1;
  if (!word.starts_with('p')) return std::nullopt;
  double percent = 0;
  const char* const end = word.data() + word.size();
  const auto read = std::from_chars(word.data() + 1, end, percent);
  if (read.ec != std::errc() || read.ptr != end || percent < 0 || percent > 100) {
    return std::nullopt;
  }
  return percent;
}

// "exchange.p99" -> 0 (all), "exchange2.p99" -> 2, "p99" -> nothing.
std::optional<uint32_t> PositionOf(std::string_view measure, std::string_view& word) {
  constexpr std::string_view kName = "exchange";
  const size_t dot = measure.find('.');
  if (!measure.starts_with(kName) || dot == std::string_view::npos) return std::nullopt;
  const std::string_view digits = measure.substr(kName.size(), dot - kName.size());
  uint32_t position = 0;
  if (!digits.empty()) {
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), position);
    const bool whole = read.ec == std::errc() && read.ptr == digits.data() + digits.size();
    if (!whole || position == 0) return std::nullopt;
  }
  word = measure.substr(dot + 1);
  return position;
}

// "accepted.p99" -> its histogram, and "p99" in word.
const Histogram* KindOfSessions(const RunRecord& record, std::string_view measure,
                                std::string_view& word) {
  for (const auto& [name, histogram] : {std::pair("accepted.", &record.accepted_latency),
                                        std::pair("deferred.", &record.deferred_latency)}) {
    const std::string_view prefix = name;
    if (!measure.starts_with(prefix)) continue;
    word = measure.substr(prefix.size());
    return histogram;
  }
  const size_t dot = std::min(measure.find('.'), measure.size());
  for (const SmsLatency& latency : kSmsLatencies) {
    if (dot == measure.size() || measure.substr(0, dot) != latency.name) continue;
    word = measure.substr(dot + 1);
    return &(record.sms.*latency.member);
  }
  for (const GatewayLatency& latency : kGatewayLatencies) {
    if (dot == measure.size() || measure.substr(0, dot) != latency.name) continue;
    word = measure.substr(dot + 1);
    return &(record.gateways.*latency.member);
  }
  return nullptr;
}

Measured LatencyOf(const Histogram& histogram, double percent, std::string_view what) {
  if (histogram.count() == 0) return Without("no " + std::string(what) + " ended");
  return Of(percent < 0 ? histogram.mean_us() / 1000 : histogram.PercentileMs(percent));
}

Measured ExchangeLatency(const RunRecord& record, uint32_t position, double percent) {
  if (position > record.exchange_latency.size()) return Without("no exchange at this position");
  if (position > 0) return LatencyOf(record.exchange_latency[position - 1], percent, "exchange");
  Histogram all;
  for (const Histogram& one : record.exchange_latency) all.Add(one);
  return LatencyOf(all, percent, "exchange");
}

Measured Share(uint64_t part, uint64_t whole, Unit unit, std::string_view of) {
  if (unit != Unit::kPercent) return Of(static_cast<double>(part));
  if (whole == 0) return Without("no " + std::string(of));
  return Of(100 * static_cast<double>(part) / static_cast<double>(whole));
}

Measured Difference(const Ledgers& ledgers, uint64_t value) {
  if (ledgers.compared) return Of(static_cast<double>(value));
  return Without(ledgers.not_compared_because.empty()
                     ? "ledgers were not compared"
                     : "ledgers were not compared: " + ledgers.not_compared_because);
}

Measured Operations(const RunRecord& record, const std::string& outcome, Unit unit) {
  uint64_t all = 0;
  for (const auto& [name, count] : record.operations) all += count;
  const auto found = record.operations.find(outcome);
  return Share(found == record.operations.end() ? 0 : found->second, all, unit, "operations");
}

bool IsOfSms(std::string_view name) {
  return name == "unconfirmed" || name == "never_woken" || name == "twice";
}

Measured OfSms(std::string_view name, const Sms& sms) {
  if (!sms.used) return Without("the terminals were not reached by SMS");
  for (const CountField<Sms>& field : kSmsCounts) {
    if (field.name == name) return Of(static_cast<double>(sms.*field.member));
  }
  return Without("nobody counts that");
}

using Allowed = std::vector<Unit>;
struct Measure {
  Allowed units;
  std::string_view expected;  // The units, in words.
};

std::optional<Measure> Known(std::string_view name) {
  static const Measure kTime{{Unit::kMilliseconds}, "us, ms, s, m or h"};
  static const Measure kShare{{Unit::kNone, Unit::kPercent}, "none (a count) or %"};
  static const Measure kCount{{Unit::kNone}, "none (a count)"};
  static const RunRecord kNone;
  std::string_view word = name;
  if (PositionOf(name, word) || KindOfSessions(kNone, name, word) != nullptr || name == word) {
    if (PercentOf(word)) return kTime;
  }
  if (name == "wall" || name == "generator.lag" || name == "recovery") return kTime;
  if (name == "overload.goodput" || name == "overload.p99") return Measure{{Unit::kPercent}, "%"};
  if (name == "given_up" || name == "turned_away" || IsOfSms(name)) return kCount;
  if (name == "rate") return Measure{{Unit::kPerSecond}, "/s, /m or /h"};
  if (name == "errors" || name == "late" || name == "not_started" || name == "refused") {
    return kShare;
  }
  if (name.starts_with("operations.") && name.size() > 11) return kShare;
  if (name == "lost" || name == "doubled" || name == "different" || name == "differences") {
    return kCount;
  }
  if (name == "generator.cpu") return Measure{{Unit::kNone, Unit::kPercent}, "none (cores) or %"};
  if (name == "generator.memory") return Measure{{Unit::kBytes}, "B, KiB, MiB or GiB"};
  return std::nullopt;
}

Measured OfOverload(const std::string& name, const RunRecord& record) {
  const std::optional<Overload> overload = OverloadOf(record);
  if (!overload) return Without("no step has a rate above the sustainable one");
  if (name == "overload.goodput") return Of(overload->goodput_percent);
  if (name == "overload.p99" && overload->p99_percent) return Of(*overload->p99_percent);
  if (name == "recovery" && overload->recovery_s) return Of(*overload->recovery_s * 1000);
  return Without(name == "recovery" ? "all was not well again until the end"
                                    : "there was nothing before the overload to compare with");
}

Measured Value(const Threshold& threshold, const RunRecord& record) {
  const std::string& name = threshold.measure;
  std::string_view word = name;
  const std::optional<uint32_t> position = PositionOf(name, word);
  if (const std::optional<double> percent = PercentOf(word)) {
    return position ? ExchangeLatency(record, *position, *percent)
                    : LatencyOf(record.session_latency, *percent, "session");
  }
  if (const Histogram* const sessions = KindOfSessions(record, name, word)) {
    return LatencyOf(*sessions, PercentOf(word).value_or(0), "such session");
  }
  const Totals& totals = record.totals;
  const Unit unit = threshold.unit;
  if (name == "recovery" || name.starts_with("overload.")) return OfOverload(name, record);
  if (name == "refused") return Share(totals.refused, totals.due, unit, "session was due");
  if (name == "given_up") return Of(static_cast<double>(totals.given_up));
  if (name == "turned_away") return Of(static_cast<double>(totals.turned_away));
  if (IsOfSms(name)) return OfSms(name, record.sms);
  if (name == "wall") return Of(record.wall_s * 1000);
  if (name == "errors")
    return Share(totals.failed, totals.good + totals.failed, unit, "session ended");
  if (name == "late") return Share(totals.late_starts, totals.started, unit, "session began");
  if (name == "not_started") return Share(totals.not_started, totals.due, unit, "session was due");
  if (name.starts_with("operations.")) return Operations(record, name.substr(11), unit);
  if (name == "lost") return Difference(record.ledgers, record.ledgers.lost);
  if (name == "doubled") return Difference(record.ledgers, record.ledgers.doubled);
  if (name == "different") return Difference(record.ledgers, record.ledgers.different);
  if (name == "differences") return Difference(record.ledgers, record.ledgers.differences());
  const Generator& generator = record.generator;
  if (name == "generator.lag") return Of(generator.lag_ms_p99);
  if (name == "generator.memory") return Of(static_cast<double>(generator.resident_bytes_max));
  if (name == "generator.cpu")
    return Of(generator.cpu_cores_mean * (unit == Unit::kPercent ? 100 : 1));
  if (record.duration_s <= 0) return Without("the run took no time");
  return Of(record.good_per_s());
}

std::string Shown(double value, Unit unit) {
  switch (unit) {
    case Unit::kPercent:
      return Significant(value) + " %";
    case Unit::kMilliseconds:
      return Milliseconds(value);
    case Unit::kPerSecond:
      return Significant(value) + " /s";
    case Unit::kBytes:
      return Bytes(value);
    case Unit::kNone:
      break;
  }
  return value == std::floor(value) && value >= 0 ? Count(static_cast<uint64_t>(value))
                                                  : Significant(value);
}

// Reads one threshold after the other; errors say at which column.
class Parser {
 public:
  Parser(std::string_view text, bool differences) : text_(text), differences_(differences) {}

  Result<std::vector<Threshold>> All() {
    std::vector<Threshold> found;
    do {
      DROVER_TRY(Threshold one, One());
      found.push_back(std::move(one));
    } while (Take(","));
    if (at_ < text_.size()) return Fault("expected a comma or the end");
    return found;
  }

 private:
  Result<Threshold> One() {
    Skip();
    const size_t begin = at_;
    Threshold threshold;
    DROVER_TRY(threshold.measure, Name());
    DROVER_TRY(threshold.relation, Operator());
    DROVER_TRY(threshold.bound, Number());
    DROVER_TRY(TakeUnit(threshold));
    threshold.text = std::string(text_.substr(begin, at_ - begin));
    Skip();
    return threshold;
  }

  Result<std::string> Name() {
    const size_t begin = at_;
    while (at_ < text_.size() && text_.substr(at_, 1).find_first_of("<>=, ") != 0) ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    if (!name.empty() && (differences_ || Known(name))) return name;
    at_ = begin;
    if (name.empty()) return Fault("expected a measure, such as p99, errors, rate or lost");
    return Fault("there is no measure '" + name +
                 "'; there are p50 p99 p99.9 max mean, exchange.p99, accepted.p99, "
                 "deferred.p99, registration.p99, notified.p99, opened.p99, woken.p99, "
                 "gateway_done.p99, rate, "
                 "errors, late, not_started, refused, given_up, turned_away, "
                 "unconfirmed, never_woken, twice, "
                 "overload.goodput, overload.p99, recovery, operations.succeeded, lost, doubled, "
                 "different, differences, wall, "
                 "generator.cpu, generator.lag, generator.memory");
  }

  Result<Relation> Operator() {
    Skip();
    if (Take("<=")) return Relation::kAtMost;
    if (Take(">=")) return Relation::kAtLeast;
    if (Take("<")) return Relation::kBelow;
    if (Take(">")) return Relation::kAbove;
    if (Take("==") || Take("=")) return Relation::kEqual;
    return Fault("expected <, <=, >, >= or =");
  }

  Result<double> Number() {
    Skip();
    if (differences_) Take("+");
    double value = 0;
    const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (read.ec != std::errc() || !std::isfinite(value)) return Fault("expected a number");
    at_ = static_cast<size_t>(read.ptr - text_.data());
    return value;
  }

  Result<void> TakeUnit(Threshold& threshold) {
    const size_t number_end = at_;
    Skip();
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != ',' && text_[at_] != ' ') ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    const Measure measure =
        differences_ ? Measure{{Unit::kPercent}, "%"} : *Known(threshold.measure);
    const auto known = std::find_if(kUnitWords.begin(), kUnitWords.end(),
                                    [word](const UnitWord& unit) { return unit.word == word; });
    const bool plain = std::count(measure.units.begin(), measure.units.end(), Unit::kNone) > 0;
    if (plain && begin > number_end && known == kUnitWords.end()) {
      at_ = number_end;  // What follows is no unit but something else.
      return {};
    }
    const bool fits = known != kUnitWords.end() &&
                      std::count(measure.units.begin(), measure.units.end(), known->unit) > 0;
    if (!fits) {
      at_ = begin;
      return Fault("the unit of " + threshold.measure + " is " + std::string(measure.expected) +
                   (word.empty() ? ", and there is none" : ", not '" + std::string(word) + "'"));
    }
    threshold.unit = known->unit;
    threshold.bound *= known->factor;
    return {};
  }

  void Skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Take(std::string_view word) {
    if (!text_.substr(std::min(at_, text_.size())).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }
  Error Fault(const std::string& what) const {
    return InvalidArgument("threshold '" + std::string(text_) + "', column " +
                           std::to_string(at_ + 1) + ": " + what);
  }

  std::string_view text_;
  bool differences_;
  size_t at_ = 0;
};

}  // namespace

Result<std::vector<Threshold>> ParseThresholds(std::string_view text) {
  return Parser(text, false).All();
}

Result<std::vector<Threshold>> ParseDifferences(std::string_view text) {
  return Parser(text, true).All();
}

bool Holds(Relation relation, double value, double bound) {
  switch (relation) {
    case Relation::kBelow:
      return value < bound;
    case Relation::kAtMost:
      return value <= bound;
    case Relation::kAbove:
      return value > bound;
    case Relation::kAtLeast:
      return value >= bound;
    case Relation::kEqual:
      break;
  }
  return value == bound;
}

Judgement Judge(const Threshold& threshold, const RunRecord& record) {
  Measured measured = Value(threshold, record);
  if (!measured.value) return {threshold, false, std::move(measured.why)};
  return {threshold, Holds(threshold.relation, *measured.value, threshold.bound),
          Shown(*measured.value, threshold.unit)};
}

}  // namespace drover::report
