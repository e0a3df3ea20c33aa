#include "loadtest/smsc/message_ids.h"

#include <charconv>
#include <cstdio>

namespace drover::smsc {

std::string WriteId(IdForm form, uint64_t id) {
  char text[24];
  const auto number = static_cast<unsigned long long>(id);
  int size = 0;
  switch (form) {
    case IdForm::kHex:
      size = std::snprintf(text, sizeof text, "%llx", number);
      break;
    case IdForm::kUpperHex:
      size = std::snprintf(text, sizeof text, "%llX", number);
      break;
    case IdForm::kDecimal:
      size = std::snprintf(text, sizeof text, "%llu", number);
      break;
    case IdForm::kPadded:
      size = std::snprintf(text, sizeof text, "%010llu", number);
      break;
  }
  return {text, static_cast<size_t>(size)};
}

std::optional<uint64_t> ReadId(IdForm form, std::string_view text) {
  const int base = form == IdForm::kHex || form == IdForm::kUpperHex ? 16 : 10;
  uint64_t id = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id, base);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return id;
}

}  // namespace drover::smsc
