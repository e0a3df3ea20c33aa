#include "loadtest/scenario/units.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <span>
#include <string>

namespace drover::scenario {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};
constexpr std::array<Unit, 4> kCounts{{{"", 1}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}}};
constexpr std::array<Unit, 4> kDurations{{{"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}}};
constexpr std::array<Unit, 6> kRates{{{"/s", 1},
                                      {"k/s", 1e3},
                                      {"M/s", 1e6},
                                      {"/m", 1.0 / 60},
                                      {"k/m", 1e3 / 60},
                                      {"/h", 1.0 / 3600}}};
constexpr std::array<Unit, 1> kTimes{{{"x", 1}}};
constexpr std::array<Unit, 1> kShares{{{"%", 0.01}}};

std::optional<double> Parse(std::string_view text, std::span<const Unit> units) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (error != std::errc() || !(number >= 0)) return std::nullopt;
  const std::string_view rest(end, static_cast<size_t>(text.data() + text.size() - end));
  for (const Unit& unit : units) {
    if (unit.name == rest) return number * unit.factor;
  }
  return std::nullopt;
}

Error Wanted(std::string_view text, const char* form) {
  return InvalidArgument("\"" + std::string(text) + "\" should be " + form);
}

}  // namespace

Result<uint64_t> ParseCount(std::string_view text) {
  const std::optional<double> number = Parse(text, kCounts);
  if (!number || std::floor(*number) != *number || *number > 1e15) {
    return Wanted(text, "a whole number such as 500, 100k or 1M");
  }
  return static_cast<uint64_t>(*number);
}

Result<Duration> ParseDuration(std::string_view text) {
  const std::optional<double> seconds = Parse(text, kDurations);
  if (!seconds || *seconds > 1e8) return Wanted(text, "a time such as 500ms, 30s, 10m or 1.5h");
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
}

Result<double> ParseRate(std::string_view text) {
  const std::optional<double> rate = Parse(text, kRates);
  if (!rate) return Wanted(text, "a rate such as 3000/s, 3k/s or 600/m");
  return *rate;
}

Result<double> ParseTimes(std::string_view text) {
  const std::optional<double> times = Parse(text, kTimes);
  if (!times) return Wanted(text, "a multiple such as 0.5x or 2x");
  return *times;
}

Result<double> ParseShare(std::string_view text) {
  const std::optional<double> share = Parse(text, kShares);
  if (!share || *share > 1 + 1e-9) return Wanted(text, "a share from 0% to 100%, such as 12.5%");
  return *share;
}

}  // namespace drover::scenario
