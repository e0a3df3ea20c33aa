#include "loadtest/smsc/packed.h"

#include <algorithm>

namespace drover::smsc {
namespace {

constexpr size_t kHead = 17;
constexpr size_t kMaxDigits = 255;
constexpr char kText = 1;

void Append(uint64_t value, size_t octets, std::string& out) {
  while (octets-- > 0) out += static_cast<char>(value >> (8 * octets));
}

uint64_t Read(std::string_view octets) {
  uint64_t value = 0;
  for (const char c : octets) value = value << 8 | static_cast<uint8_t>(c);
  return value;
}

}  // namespace

void AppendPacked(const PackedMessage& message, std::string& out) {
  const std::string_view terminal = message.terminal.substr(0, kMaxDigits);
  const std::string_view other = message.other.substr(0, kMaxDigits);
  Append(message.number, 8, out);
  Append(message.port, 2, out);
  out += message.is_text ? kText : '\0';
  Append(terminal.size(), 1, out);
  Append(other.size(), 1, out);
  Append(message.content.size(), 4, out);
  out.append(terminal).append(other).append(message.content);
}

std::optional<PackedMessage> NextPacked(std::string_view& rest) {
  if (rest.size() < kHead) return std::nullopt;
  const size_t terminal = Read(rest.substr(11, 1));
  const size_t other = Read(rest.substr(12, 1));
  const size_t content = Read(rest.substr(13, 4));
  const size_t whole = kHead + terminal + other + content;
  if (rest.size() < whole) return std::nullopt;
  PackedMessage message;
  message.number = Read(rest.substr(0, 8));
  message.port = static_cast<uint16_t>(Read(rest.substr(8, 2)));
  message.is_text = (rest[10] & kText) != 0;
  message.terminal = rest.substr(kHead, terminal);
  message.other = rest.substr(kHead + terminal, other);
  message.content = rest.substr(kHead + terminal + other, content);
  rest.remove_prefix(whole);
  return message;
}

}  // namespace drover::smsc
