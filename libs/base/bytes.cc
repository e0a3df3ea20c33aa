#include "libs/base/bytes.h"

#include <array>

namespace drover::base {
namespace {

constexpr std::string_view kBase64Alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<int16_t, 256> MakeBase64Values() {
  std::array<int16_t, 256> values{};
  for (int16_t& value : values) value = -1;
  for (size_t i = 0; i < kBase64Alphabet.size(); ++i) {
    values[static_cast<uint8_t>(kBase64Alphabet[i])] = static_cast<int16_t>(i);
  }
  return values;
}
constexpr std::array<int16_t, 256> kBase64Values = MakeBase64Values();

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string Hex(std::string_view octets) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const char c : octets) {
    const auto octet = static_cast<uint8_t>(c);
    text.push_back(kDigits[octet >> 4]);
    text.push_back(kDigits[octet & 15]);
  }
  return text;
}

Result<std::string> FromHex(std::string_view text) {
  std::string octets;
  octets.reserve(text.size() / 2);
  int high = -1;
  for (const char c : text) {
    if (IsSpace(c)) continue;
    const int value = HexValue(c);
    if (value < 0) return InvalidArgument("not a hex digit");
    if (high < 0) {
      high = value;
    } else {
      octets.push_back(static_cast<char>(high << 4 | value));
      high = -1;
    }
  }
  if (high >= 0) return InvalidArgument("an odd count of hex digits");
  return octets;
}

std::string Base64(std::string_view octets) {
  std::string text;
  text.reserve((octets.size() + 2) / 3 * 4);
  size_t i = 0;
  const auto at = [&](size_t index) { return static_cast<uint8_t>(octets[index]); };
  for (; i + 3 <= octets.size(); i += 3) {
    const uint32_t group = at(i) << 16 | at(i + 1) << 8 | at(i + 2);
    for (int shift = 18; shift >= 0; shift -= 6)
      text.push_back(kBase64Alphabet[group >> shift & 63]);
  }
  const size_t rest = octets.size() - i;
  if (rest != 0) {
    const uint32_t group = at(i) << 16 | (rest == 2 ? at(i + 1) << 8 : 0);
    text.push_back(kBase64Alphabet[group >> 18]);
    text.push_back(kBase64Alphabet[group >> 12 & 63]);
    text.push_back(rest == 2 ? kBase64Alphabet[group >> 6 & 63] : '=');
    text.push_back('=');
  }
  return text;
}

Result<std::string> FromBase64(std::string_view text) {
  std::string octets;
  octets.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  int count = 0;
  int padding = 0;
  for (const char c : text) {
    if (IsSpace(c)) continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const int value = kBase64Values[static_cast<uint8_t>(c)];
    if (value < 0) return InvalidArgument("not a base64 character");
    if (padding > 0) return InvalidArgument("base64 padding in the middle");
    group = group << 6 | static_cast<uint32_t>(value);
    if (++count == 4) {
      octets.push_back(static_cast<char>(group >> 16));
      octets.push_back(static_cast<char>(group >> 8));
      octets.push_back(static_cast<char>(group));
      group = 0;
      count = 0;
    }
  }
  if (count == 1 || padding > 2) return InvalidArgument("base64 of an impossible length");
  if (count == 2) octets.push_back(static_cast<char>(group >> 4));
  if (count == 3) {
    octets.push_back(static_cast<char>(group >> 10));
    octets.push_back(static_cast<char>(group >> 2));
  }
  return octets;
}

std::string BigEndian64(uint64_t value) {
  std::string octets(8, '\0');
  for (size_t i = 0; i < 8; ++i) octets[i] = static_cast<char>(value >> (56 - 8 * i));
  return octets;
}

uint64_t ReadBigEndian64(std::string_view octets) {
  DROVER_CHECK(octets.size() >= 8);
  uint64_t value = 0;
  for (size_t i = 0; i < 8; ++i) value = value << 8 | static_cast<uint8_t>(octets[i]);
  return value;
}

size_t Utf8Prefix(std::string_view octets) {
  size_t i = 0;
  while (i < octets.size()) {
    const auto first = static_cast<uint8_t>(octets[i]);
    if (first < 0x80) {
      ++i;
      continue;
    }
    size_t length = 0;
    uint32_t point = 0;
    uint32_t least = 0;
    if (first >> 5 == 6) {
      length = 2, point = first & 0x1F, least = 0x80;
    } else if (first >> 4 == 14) {
      length = 3, point = first & 0x0F, least = 0x800;
    } else if (first >> 3 == 30) {
      length = 4, point = first & 0x07, least = 0x10000;
    } else {
      return i;
    }
    if (i + length > octets.size()) return i;
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<uint8_t>(octets[i + k]);
      if (next >> 6 != 2) return i;
      point = point << 6 | (next & 0x3F);
    }
    if (point < least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return i;
    i += length;
  }
  return i;
}

bool IsUtf8(std::string_view octets) { return Utf8Prefix(octets) == octets.size(); }

}  // namespace drover::base
