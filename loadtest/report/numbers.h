// How figures are written for people: few digits, units, thousands apart.
#pragma once
#include <cstdint>
#include <string>

namespace drover::report {

std::string Fixed(double value, int digits);  // "12.50"
std::string Count(uint64_t value);            // "1,000,000"
std::string Significant(double value);  // Three digits, thousands apart: "0.0123", "12.3", "1,234"
std::string Milliseconds(double ms);    // "0.85 ms", "12.3 ms", "1.52 s"
std::string Bytes(double bytes);        // "512 B", "1.50 MiB"
std::string Percent(double share);      // 0.0123 -> "1.23 %"
std::string Span(double seconds);       // "4.2 s", "6 min 12 s", "2 h 05 min"

// value with so many digits after the point, as a number: for JSON and CSV.
double Rounded(double value, int digits);
// The shortest text that reads back as the same value; no exponent for what people meet.
std::string Plain(double value);

}  // namespace drover::report
