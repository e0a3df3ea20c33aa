#include "libs/dmtree/device_id.h"

#include <algorithm>
#include <array>

#include "libs/base/check.h"

namespace drover::dmtree {
namespace {

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsPrintable(char c) { return c > 0x20 && c < 0x7F; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// Whether text starts with prefix (lower case), in any case; if so takes it off.
bool TakePrefix(std::string_view& text, std::string_view prefix) {
  const bool there = text.size() >= prefix.size() &&
                     std::ranges::equal(text.substr(0, prefix.size()), prefix,
                                        [](char a, char b) { return Lower(a) == b; });
  if (there) text.remove_prefix(prefix.size());
  return there;
}

std::string Imei(std::string_view number) {
  std::string digits(number);
  std::erase(digits, '-');
  const bool imei =
      digits.size() >= 14 && digits.size() <= 16 && std::ranges::all_of(digits, IsDigit);
  if (!imei) return "IMEI:" + std::string(number);
  if (digits.size() != 15) {
    digits.resize(14);
    digits.push_back(ImeiCheckDigit(digits));
  }
  return "IMEI:" + digits;
}

std::string Mapped(std::string_view prefix, std::string_view rest, char (*map)(char)) {
  std::string id(prefix);
  std::ranges::transform(rest, std::back_inserter(id), map);
  return id;
}

std::string Normalised(std::string_view text) {
  for (const std::string_view scheme : {"imei:", "urn:imei:", "urn:gsma:imei:"}) {
    if (TakePrefix(text, scheme)) return Imei(text);
  }
  if (TakePrefix(text, "meid:")) return Mapped("MEID:", text, Upper);
  if (TakePrefix(text, "esn:")) return Mapped("ESN:", text, Upper);
  if (TakePrefix(text, "urn:uuid:")) return Mapped("urn:uuid:", text, Lower);
  return std::string(text);
}

}  // namespace

char ImeiCheckDigit(std::string_view digits14) {
  DROVER_CHECK(digits14.size() == 14);
  int sum = 0;
  for (size_t i = 0; i < digits14.size(); ++i) {
    const int digit = digits14[i] - '0';
    const int doubled = digit * 2;
    sum += i % 2 == 0 ? digit : doubled / 10 + doubled % 10;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

Result<DeviceId> NormaliseDeviceId(std::string_view text) {
  text = Trim(text);
  if (text.empty()) return InvalidArgument("an empty device id");
  if (!std::ranges::all_of(text, IsPrintable)) {
    return InvalidArgument("a device id may hold printable ASCII characters only, no spaces");
  }
  if (text.front() == '}') return InvalidArgument("a device id must not start with \"}\"");
  std::string id = Normalised(text);
  if (id.size() > kMaxDeviceIdCharacters) {
    return InvalidArgument("a device id may have at most 64 characters");
  }
  return DeviceId(std::move(id));
}

}  // namespace drover::dmtree
