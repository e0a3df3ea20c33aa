#include "libs/pap/timestamp.h"

#include <chrono>

#include "libs/xml/text.h"

namespace drover::pap {
namespace {

constexpr std::string_view kForm = "0000-00-00T00:00:00";
constexpr size_t kMostFraction = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// The octets at the places of kForm's zeros are digits, the others those of kForm.
bool HasForm(std::string_view text) {
  if (text.size() < kForm.size()) return false;
  for (size_t i = 0; i < kForm.size(); ++i) {
    if (kForm[i] == '0' ? !IsDigit(text[i]) : text[i] != kForm[i]) return false;
  }
  return true;
}

unsigned Number(std::string_view text, size_t at, size_t count) {
  unsigned value = 0;
  for (const char c : text.substr(at, count)) value = 10 * value + static_cast<unsigned>(c - '0');
  return value;
}

// Of what follows the seconds: "Z" or ".123Z"; -1: neither.
int64_t FractionMicroseconds(std::string_view rest) {
  if (rest == "Z") return 0;
  if (rest.size() < 3 || rest.size() > kMostFraction + 2) return -1;
  if (rest.front() != '.' || rest.back() != 'Z') return -1;
  int64_t value = 0;
  int64_t unit = 100'000;
  for (const char c : rest.substr(1, rest.size() - 2)) {
    if (!IsDigit(c)) return -1;
    value += unit * (c - '0');
    unit /= 10;
  }
  return value;
}

void Append(unsigned value, unsigned divisor, std::string& out) {
  for (; divisor > 0; divisor /= 10) out.push_back(static_cast<char>('0' + value / divisor % 10));
}

}  // namespace

Result<TimePoint> ParseTimestamp(std::string_view text) {
  using std::chrono::year_month_day;
  const Error bad =
      InvalidArgument("\"" + xml::Quote(text) + "\" is no time of PAP; write 2026-11-22T03:49:11Z");
  if (!HasForm(text)) return bad;
  const int64_t fraction = FractionMicroseconds(text.substr(kForm.size()));
  const year_month_day date{std::chrono::year(static_cast<int>(Number(text, 0, 4))),
                            std::chrono::month(Number(text, 5, 2)),
                            std::chrono::day(Number(text, 8, 2))};
  const unsigned hour = Number(text, 11, 2);
  const unsigned minute = Number(text, 14, 2);
  const unsigned second = Number(text, 17, 2);
  if (fraction < 0 || !date.ok() || hour > 23 || minute > 59 || second > 59) return bad;
  return TimePoint(std::chrono::sys_days(date) + std::chrono::hours(hour) +
                   std::chrono::minutes(minute) + std::chrono::seconds(second) +
                   std::chrono::microseconds(fraction));
}

std::string FormatTimestamp(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
  std::string out;
  out.reserve(kForm.size() + 1);
  Append(static_cast<unsigned>(static_cast<int>(date.year())), 1000, out);
  out.push_back('-');
  Append(static_cast<unsigned>(date.month()), 10, out);
  out.push_back('-');
  Append(static_cast<unsigned>(date.day()), 10, out);
  out.push_back('T');
  Append(static_cast<unsigned>(clock.hours().count()), 10, out);
  out.push_back(':');
  Append(static_cast<unsigned>(clock.minutes().count()), 10, out);
  out.push_back(':');
  Append(static_cast<unsigned>(clock.seconds().count()), 10, out);
  out.push_back('Z');
  return out;
}

}  // namespace drover::pap
