#include "libs/notification/session_id.h"

#include <charconv>

namespace drover::notification {
namespace {

bool Reads(std::string_view text, int base, uint16_t expected) {
  uint16_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && value == expected;
}

}  // namespace

std::string SessionIdText(uint16_t session_id) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (int shift = 12; shift >= 0; shift -= 4) {
    const char digit = kDigits[session_id >> shift & 15];
    if (digit != '0' || !text.empty() || shift == 0) text.push_back(digit);
  }
  return text;
}

bool Matches(std::string_view text, uint16_t session_id) {
  const auto swapped = static_cast<uint16_t>(session_id << 8 | session_id >> 8);
  return Reads(text, 16, session_id) || Reads(text, 16, swapped) || Reads(text, 10, session_id);
}

}  // namespace drover::notification
