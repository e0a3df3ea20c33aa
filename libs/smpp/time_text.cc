#include "libs/smpp/time_text.h"

#include <algorithm>
#include <array>
#include <cstdio>

namespace drover::smpp {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr size_t kOctets = 16;
constexpr int kMonthDays = 30;
constexpr int kYearDays = 365;

// Two digits each: YY MM DD hh mm ss.
using Fields = std::array<int, 6>;

std::string Write(const Fields& f, int tenths, int quarters, char sign) {
  std::array<char, 32> text;
  std::snprintf(text.data(), text.size(), "%02d%02d%02d%02d%02d%02d%d%02d%c", f[0], f[1], f[2],
                f[3], f[4], f[5], tenths, quarters, sign);
  return {text.data(), kOctets};
}

int TwoDigits(std::string_view text, size_t at) {
  return (text[at] - '0') * 10 + (text[at + 1] - '0');
}

Result<TimePoint> Absolute(const Fields& f, int tenths, seconds ahead) {
  const std::chrono::year_month_day day{std::chrono::year(2000 + f[0]),
                                        std::chrono::month(static_cast<unsigned>(f[1])),
                                        std::chrono::day(static_cast<unsigned>(f[2]))};
  if (!day.ok() || f[3] > 23 || f[4] > 59 || f[5] > 59) {
    return InvalidArgument("no such day or hour in a time of SMPP");
  }
  const auto second = std::chrono::sys_days(day) + hours(f[3]) + minutes(f[4]) + seconds(f[5]);
  return TimePoint(second - ahead + std::chrono::milliseconds(100 * tenths));
}

}  // namespace

std::string AbsoluteTime(TimePoint time) {
  using namespace std::chrono_literals;
  constexpr TimePoint kFirst = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);
  constexpr TimePoint kLast =
      TimePoint(std::chrono::sys_days(std::chrono::year(2100) / 1 / 1)) - 1s;
  time = std::clamp(time, kFirst, kLast);
  const auto midnight = std::chrono::floor<days>(time);
  const std::chrono::year_month_day day(midnight);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::milliseconds>(time - midnight));
  return Write(
      {static_cast<int>(day.year()) - 2000, static_cast<int>(static_cast<unsigned>(day.month())),
       static_cast<int>(static_cast<unsigned>(day.day())), static_cast<int>(clock.hours().count()),
       static_cast<int>(clock.minutes().count()), static_cast<int>(clock.seconds().count())},
      static_cast<int>(clock.subseconds().count() / 100), 0, '+');
}

std::string RelativeTime(seconds span) {
  constexpr seconds kLongest = days(99 * kYearDays);
  span = std::clamp(span, seconds(0), kLongest);
  const auto whole_days = static_cast<int>(std::chrono::floor<days>(span).count());
  const int years = whole_days / kYearDays;
  const int left = whole_days % kYearDays;
  const int months = whole_days > kMonthDays ? left / kMonthDays : 0;
  const auto rest = static_cast<int>((span - days(whole_days)).count());
  return Write({years, months, left - months * kMonthDays, rest / 3600, rest / 60 % 60, rest % 60},
               0, 0, 'R');
}

Result<TimePoint> ParseTime(std::string_view text, TimePoint now) {
  const bool digits = text.size() == kOctets && text.find_first_not_of("0123456789") == kOctets - 1;
  const char sign = digits ? text.back() : '\0';
  if (sign != 'R' && sign != '+' && sign != '-') {
    return InvalidArgument("a time of SMPP is 15 digits and +, - or R");
  }
  Fields f;
  for (size_t i = 0; i < f.size(); ++i) f.at(i) = TwoDigits(text, 2 * i);
  if (sign == 'R') {
    return now + days(f[0] * kYearDays + f[1] * kMonthDays + f[2]) + hours(f[3]) + minutes(f[4]) +
           seconds(f[5]);
  }
  const int quarters = TwoDigits(text, 13);
  if (quarters > 48) return InvalidArgument("no time is more than 48 quarter hours off UTC");
  const seconds ahead = minutes(15 * quarters) * (sign == '-' ? -1 : 1);
  return Absolute(f, text[12] - '0', ahead);
}

}  // namespace drover::smpp
