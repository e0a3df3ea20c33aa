// Which of a Redis Cluster's 16384 slots a key lies in, and which argument of a command is its key.
// Values only, no IO.
//
// Spec: Redis Cluster Specification, "Key distribution model" (CRC16 in the XMODEM form: polynomial
// 0x1021, nothing reflected, initially 0), "Hash tags".
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::redis {

constexpr uint16_t kSlots = 16384;

uint16_t Crc16Xmodem(std::string_view octets);

// Of the text between the first '{' and the first '}' after it, unless that is empty or there is
// none: then of the whole key.
uint16_t KeySlot(std::string_view key);

// A hash tag, "{7638}", that lies in the slot: one for each slot, the same in every process.
std::string TagOfSlot(uint16_t slot);

// The first key among a command's arguments; nothing for a command that any server answers alike
// (PING, ECHO). Knows the commands that we use, in upper case as we write them. kInvalidArgument
// for others, which would reach one server by chance, and for one without its key.
Result<std::optional<std::string_view>> KeyOf(std::span<const std::string_view> command);

}  // namespace drover::redis
