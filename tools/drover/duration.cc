#include "tools/drover/duration.h"

#include <charconv>
#include <optional>

namespace drover::cli {
namespace {

struct Unit {
  std::string_view name;
  int64_t milliseconds;
};
constexpr Unit kUnits[] = {
    {"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
constexpr int64_t kMaxMilliseconds = 3650 * int64_t{86'400'000};

// Reads `digits` digits off the front; -1 if they are not there.
int Take(std::string_view& text, size_t digits) {
  int value = 0;
  if (text.size() < digits) return -1;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool Skip(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// "Z", "+01:00": minutes; nullopt if it is neither.
std::optional<std::chrono::minutes> TakeOffset(std::string_view& text) {
  if (Skip(text, "Zz")) return std::chrono::minutes(0);
  const bool west = text.starts_with('-');
  if (!Skip(text, "+-")) return std::nullopt;
  const int hours = Take(text, 2);
  if (!Skip(text, ":")) return std::nullopt;
  const int minutes = Take(text, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return std::nullopt;
  const std::chrono::minutes offset(hours * 60 + minutes);
  return west ? -offset : offset;
}

// Digits behind the point, as microseconds.
int64_t TakeFraction(std::string_view& text) {
  int64_t micros = 0;
  for (int64_t weight = 100'000; !text.empty() && text[0] >= '0' && text[0] <= '9'; weight /= 10) {
    micros += weight * Take(text, 1);
  }
  return micros;
}

// RFC 3339, date-time.
std::optional<std::chrono::system_clock::time_point> TakeTime(std::string_view text) {
  using namespace std::chrono;
  const int y = Take(text, 4);
  if (!Skip(text, "-")) return std::nullopt;
  const int mon = Take(text, 2);
  if (!Skip(text, "-")) return std::nullopt;
  const int d = Take(text, 2);
  if (!Skip(text, "Tt ")) return std::nullopt;
  const int h = Take(text, 2);
  if (!Skip(text, ":")) return std::nullopt;
  const int min = Take(text, 2);
  if (!Skip(text, ":")) return std::nullopt;
  const int s = Take(text, 2);
  if (y < 0 || mon < 0 || d < 0 || h < 0 || h > 23 || min < 0 || min > 59 || s < 0 || s > 59) {
    return std::nullopt;
  }
  const microseconds fraction(Skip(text, ".") ? TakeFraction(text) : 0);
  const std::optional<minutes> offset = TakeOffset(text);
  const year_month_day date(year(y), month(static_cast<unsigned>(mon)),
                            day(static_cast<unsigned>(d)));
  if (!offset || !text.empty() || !date.ok()) return std::nullopt;
  return sys_days(date) + hours(h) + minutes(min) + seconds(s) + fraction - *offset;
}

}  // namespace

Result<std::chrono::system_clock::time_point> ParseTime(std::string_view text,
                                                        std::chrono::system_clock::time_point now) {
  if (text.starts_with('+')) {
    DROVER_TRY(const std::chrono::milliseconds span, ParseDuration(text.substr(1)));
    return now + span;
  }
  const auto time = TakeTime(text);
  if (time) return *time;
  return InvalidArgument(
      "\"" + std::string(text) +
      "\" is no time; write 2026-11-22T02:00:00Z, or +2h for two hours from now");
}

Result<std::chrono::milliseconds> ParseDuration(std::string_view text) {
  int64_t count = -1;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, count);
  const std::string_view rest(parsed.ptr, static_cast<size_t>(end - parsed.ptr));
  for (const Unit& unit : kUnits) {
    if (parsed.ec != std::errc() || rest != unit.name || count < 0) continue;
    if (count > kMaxMilliseconds / unit.milliseconds) break;
    return std::chrono::milliseconds(count * unit.milliseconds);
  }
  return InvalidArgument("\"" + std::string(text) +
                         "\" is no duration; write a number and ms, s, m, h or d: 90s, 2h, 7d");
}

}  // namespace drover::cli
