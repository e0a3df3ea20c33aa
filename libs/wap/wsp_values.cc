#include "libs/wap/wsp_values.h"

namespace drover::wap {
namespace {

void Put(uint32_t octet, std::string& out) { out.push_back(static_cast<char>(octet)); }

bool NeedsQuote(std::string_view text) {
  return !text.empty() && static_cast<uint8_t>(text[0]) >= 0x80;
}

// Of an integer over 7F.
size_t LongOctets(uint32_t value) {
  size_t octets = 1;
  while (octets < 4 && value >> (8 * octets) != 0) ++octets;
  return octets;
}

}  // namespace

size_t UintvarOctets(uint32_t value) {
  size_t octets = 1;
  while (value >>= 7) ++octets;
  return octets;
}

void PutUintvar(uint32_t value, std::string& out) {
  for (size_t i = UintvarOctets(value) - 1; i > 0; --i) Put(0x80 | (value >> (7 * i) & 0x7F), out);
  Put(value & 0x7F, out);
}

size_t ValueLengthOctets(uint32_t length) {
  return length <= kShortLengthMost ? 1 : 1 + UintvarOctets(length);
}

void PutValueLength(uint32_t length, std::string& out) {
  if (length <= kShortLengthMost) return Put(length, out);
  Put(kLengthQuote, out);
  PutUintvar(length, out);
}

size_t IntegerOctets(uint32_t value) { return value <= 0x7F ? 1 : 1 + LongOctets(value); }

void PutInteger(uint32_t value, std::string& out) {
  if (value <= 0x7F) return Put(0x80 | value, out);
  const size_t octets = LongOctets(value);
  Put(static_cast<uint32_t>(octets), out);
  for (size_t i = octets; i > 0; --i) Put(value >> (8 * (i - 1)), out);
}

size_t TextOctets(std::string_view text) { return text.size() + (NeedsQuote(text) ? 2 : 1); }

void PutText(std::string_view text, std::string& out) {
  if (NeedsQuote(text)) Put(kTextQuote, out);
  out.append(text);
  Put(0, out);
}

std::optional<uint8_t> ValueReader::Octet() {
  if (rest_.empty()) return Fail();
  const auto octet = static_cast<uint8_t>(rest_[0]);
  rest_.remove_prefix(1);
  return octet;
}

std::optional<uint32_t> ValueReader::Uintvar() {
  uint64_t value = 0;
  for (int i = 0; i < 5; ++i) {
    const auto octet = Octet();
    if (!octet) return std::nullopt;
    value = value << 7 | (*octet & 0x7F);
    if (*octet < 0x80) {
      if (value > UINT32_MAX) break;
      return static_cast<uint32_t>(value);
    }
  }
  return Fail();
}

std::optional<uint32_t> ValueReader::Integer() {
  const auto first = Octet();
  if (!first) return std::nullopt;
  if (*first >= 0x80) return *first & 0x7F;
  if (*first == 0 || *first > 4) return Fail();
  const auto octets = Octets(*first);
  if (!octets) return std::nullopt;
  uint32_t value = 0;
  for (const char octet : *octets) value = value << 8 | static_cast<uint8_t>(octet);
  return value;
}

std::optional<std::string_view> ValueReader::Text() {
  const size_t end = rest_.find('\0');
  if (end == std::string_view::npos) return Fail();
  std::string_view text = rest_.substr(0, end);
  rest_.remove_prefix(end + 1);
  if (text.starts_with(static_cast<char>(kTextQuote))) text.remove_prefix(1);
  return text;
}

std::optional<std::string_view> ValueReader::Octets(size_t count) {
  if (count > rest_.size()) return Fail();
  const std::string_view octets = rest_.substr(0, count);
  rest_.remove_prefix(count);
  return octets;
}

std::optional<std::string_view> ValueReader::LengthAndOctets() {
  const auto first = Octet();
  if (!first) return std::nullopt;
  if (*first <= kShortLengthMost) return Octets(*first);
  if (*first != kLengthQuote) return Fail();
  const auto length = Uintvar();
  if (!length) return std::nullopt;
  return Octets(*length);
}

std::optional<std::string_view> ValueReader::Value() {
  const std::string_view before = rest_;
  const int first = Peek();
  if (first < 0) return Fail();
  if (first <= kLengthQuote) {
    LengthAndOctets();
  } else if (first < 0x80) {
    Text();
  } else {
    Octet();
  }
  if (failed_) return std::nullopt;
  return before.substr(0, before.size() - rest_.size());
}

}  // namespace drover::wap
