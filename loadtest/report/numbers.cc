#include "loadtest/report/numbers.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace drover::report {
namespace {

// Puts a comma after each three digits before the point.
std::string Grouped(std::string digits) {
  const size_t point = std::min(digits.find('.'), digits.size());
  const size_t first = digits.starts_with('-') ? 1 : 0;
  for (size_t at = point; at > first + 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

}  // namespace

std::string Fixed(double value, int digits) {
  std::array<char, 400> text{};
  const int length = std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return {text.data(), static_cast<size_t>(std::clamp(length, 0, 399))};
}

std::string Count(uint64_t value) { return Grouped(std::to_string(value)); }

std::string Significant(double value) {
  const double size = std::abs(value);
  if (size == 0 || !std::isfinite(value)) return size == 0 ? "0" : "-";
  const int digits = std::clamp(2 - static_cast<int>(std::floor(std::log10(size) + 1e-9)), 0, 6);
  return Grouped(Fixed(value, digits));
}

std::string Milliseconds(double ms) {
  return ms >= 1000 ? Significant(ms / 1000) + " s" : Significant(ms) + " ms";
}

std::string Bytes(double bytes) {
  static constexpr std::array<const char*, 5> kUnits{" B", " KiB", " MiB", " GiB", " TiB"};
  size_t unit = 0;
  while (std::abs(bytes) >= 1024 && unit + 1 < kUnits.size()) {
    bytes /= 1024;
    ++unit;
  }
  return (unit == 0 ? Fixed(bytes, 0) : Significant(bytes)) + kUnits[unit];
}

std::string Percent(double share) { return Significant(share * 100) + " %"; }

std::string Span(double seconds) {
  if (seconds < 60) return Significant(seconds) + " s";
  const auto whole = static_cast<uint64_t>(std::llround(seconds));
  const auto two = [](uint64_t value) { return (value < 10 ? "0" : "") + std::to_string(value); };
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + two(whole % 3600 / 60) + " min";
}

double Rounded(double value, int digits) {
  if (!std::isfinite(value)) return 0;
  const double scale = std::pow(10, digits);
  return std::round(value * scale) / scale;
}

std::string Plain(double value) {
  if (!std::isfinite(value)) return "0";
  std::array<char, 400> text{};
  const double size = std::abs(value);
  const bool fixed = size == 0 || (size >= 1e-7 && size < 1e17);
  const auto written =
      std::to_chars(text.data(), text.data() + text.size(), value,
                    fixed ? std::chars_format::fixed : std::chars_format::scientific);
  return {text.data(), written.ptr};
}

}  // namespace drover::report
