// Who the terminals of a seed are: ids that can be computed from an index and back, credentials,
// and the nonces that they leave the factory with.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loadtest/terminal/terminal.h"

namespace drover::fleet {

constexpr uint64_t kMaxTerminals = 100'000'000;  // That the digits of an IMEI tell apart.
constexpr size_t kNonceOctets = 16;

// "IMEI:35", 4 digits of the seed, 8 of the index, and Luhn's. index: below kMaxTerminals.
std::string ImeiOf(uint64_t seed, uint64_t index);
// The index again; nullopt: not an id that this seed makes.
std::optional<uint64_t> IndexOfImei(uint64_t seed, std::string_view device_id);

// The number that the terminal is called by: E.164, 15 digits: "861", 4 of the seed, 8 of the
// index. No two seeds share one, unless they share ids.
std::string MsisdnOf(uint64_t seed, uint64_t index);
// nullopt: not a number that this seed makes.
std::optional<uint64_t> IndexOfMsisdn(uint64_t seed, std::string_view msisdn);

// The account that a terminal is enrolled with.
terminal::Account FactoryAccount(uint64_t seed, uint64_t index);

}  // namespace drover::fleet
