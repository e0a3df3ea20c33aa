#include "libs/redis/slots.h"

#include <algorithm>
#include <array>
#include <vector>

namespace drover::redis {
namespace {

constexpr std::array<uint16_t, 256> CrcTable() {
  std::array<uint16_t, 256> table{};
  for (unsigned octet = 0; octet < 256; ++octet) {
    unsigned crc = octet << 8;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x8000) != 0 ? crc << 1 ^ 0x1021 : crc << 1;
    table[octet] = static_cast<uint16_t>(crc);
  }
  return table;
}
constexpr std::array<uint16_t, 256> kCrc = CrcTable();

// The smallest number in each slot: some milliseconds to make, once a process.
std::vector<uint32_t> SmallestNumbers() {
  constexpr uint32_t kNone = UINT32_MAX;
  std::vector<uint32_t> numbers(kSlots, kNone);
  size_t missing = kSlots;
  for (uint32_t number = 0; missing > 0; ++number) {
    uint32_t& place = numbers[KeySlot(std::to_string(number))];
    if (place != kNone) continue;
    place = number;
    --missing;
  }
  return numbers;
}

enum class Keys : uint8_t { kNone, kFirst, kScript };  // kScript: after a count (EVAL).
struct CommandKeys {
  std::string_view command;
  Keys keys;
};
constexpr CommandKeys kCommands[] = {
    {"MGET", Keys::kFirst},   {"EVALSHA", Keys::kScript}, {"SET", Keys::kFirst},
    {"GET", Keys::kFirst},    {"INCR", Keys::kFirst},     {"DEL", Keys::kFirst},
    {"EVAL", Keys::kScript},  {"EXISTS", Keys::kFirst},   {"INCRBY", Keys::kFirst},
    {"EXPIRE", Keys::kFirst}, {"PTTL", Keys::kFirst},     {"TTL", Keys::kFirst},
    {"PING", Keys::kNone},    {"ECHO", Keys::kNone},
};

}  // namespace

uint16_t Crc16Xmodem(std::string_view octets) {
  uint16_t crc = 0;
  for (const char octet : octets) {
    const uint8_t at = static_cast<uint8_t>(crc >> 8 ^ static_cast<uint8_t>(octet));
    crc = static_cast<uint16_t>(crc << 8 ^ kCrc[at]);
  }
  return crc;
}

uint16_t KeySlot(std::string_view key) {
  if (const size_t open = key.find('{'); open != key.npos) {
    const size_t close = key.find('}', open + 1);
    if (close != key.npos && close > open + 1) key = key.substr(open + 1, close - open - 1);
  }
  return Crc16Xmodem(key) % kSlots;
}

std::string TagOfSlot(uint16_t slot) {
  static const std::vector<uint32_t> kNumbers = SmallestNumbers();
  return "{" + std::to_string(kNumbers[slot % kSlots]) + "}";
}

Result<std::optional<std::string_view>> KeyOf(std::span<const std::string_view> command) {
  if (command.empty()) return InvalidArgument("an empty Redis command");
  const auto* known = std::ranges::find(kCommands, command[0], &CommandKeys::command);
  if (known == std::end(kCommands)) {
    return InvalidArgument("on a Redis Cluster it is not known which key " +
                           std::string(command[0]) + " is about (libs/redis/slots.cc)");
  }
  if (known->keys == Keys::kNone) return std::optional<std::string_view>();
  const size_t place = known->keys == Keys::kFirst ? 1 : 3;
  const bool keyless = known->keys == Keys::kScript && command.size() > 2 && command[2] == "0";
  if (command.size() <= place || keyless) {
    return InvalidArgument("on a Redis Cluster " + std::string(command[0]) + " needs a key");
  }
  return std::optional<std::string_view>(command[place]);
}

}  // namespace drover::redis
