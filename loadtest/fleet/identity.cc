#include "loadtest/fleet/identity.h"

#include <charconv>

#include "libs/base/bytes.h"
#include "loadtest/fleet/draw.h"

namespace drover::fleet {
namespace {

constexpr std::string_view kPrefix = "IMEI:35";
constexpr std::string_view kMsisdnPrefix = "861";
constexpr uint64_t kSeeds = 10'000;
constexpr size_t kSeedDigits = 4;
constexpr size_t kIndexDigits = 8;
constexpr size_t kIdSize = kPrefix.size() + kSeedDigits + kIndexDigits + 1;
constexpr size_t kPasswordCharacters = 15;  // No heap for these.

uint64_t SeedNumber(uint64_t seed) { return Draw(seed, 0, Purpose::kIdentity) % kSeeds; }

void AppendDigits(std::string& text, uint64_t number, size_t digits) {
  text.resize(text.size() + digits);
  for (size_t i = 0; i < digits; ++i, number /= 10) {
    text[text.size() - 1 - i] = static_cast<char>('0' + number % 10);
  }
}

char LuhnDigit(std::string_view digits) {
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    const int digit = digits[digits.size() - 1 - i] - '0';
    const int doubled = i % 2 == 0 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

// The digits of an index, 8 of them.
std::optional<uint64_t> IndexIn(std::string_view digits) {
  uint64_t index = 0;
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, index);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return index;
}

std::string Octets16(uint64_t seed, uint64_t index, Purpose purpose) {
  const uint64_t draw = Draw(seed, index, purpose);
  return base::BigEndian64(draw) + base::BigEndian64(Mixed(draw));
}

std::string Password(uint64_t seed, uint64_t index, Purpose purpose) {
  return base::Base64(Octets16(seed, index, purpose)).substr(0, kPasswordCharacters);
}

}  // namespace

std::string ImeiOf(uint64_t seed, uint64_t index) {
  std::string id;
  id.reserve(kIdSize);
  id = kPrefix;
  AppendDigits(id, SeedNumber(seed), kSeedDigits);
  AppendDigits(id, index % kMaxTerminals, kIndexDigits);
  id += LuhnDigit(std::string_view(id).substr(kPrefix.find(':') + 1));
  return id;
}

std::optional<uint64_t> IndexOfImei(uint64_t seed, std::string_view device_id) {
  if (device_id.size() != kIdSize) return std::nullopt;
  const auto index = IndexIn(device_id.substr(kPrefix.size() + kSeedDigits, kIndexDigits));
  if (!index || ImeiOf(seed, *index) != device_id) return std::nullopt;
  return index;
}

std::string MsisdnOf(uint64_t seed, uint64_t index) {
  std::string msisdn(kMsisdnPrefix);
  AppendDigits(msisdn, SeedNumber(seed), kSeedDigits);
  AppendDigits(msisdn, index % kMaxTerminals, kIndexDigits);
  return msisdn;
}

std::optional<uint64_t> IndexOfMsisdn(uint64_t seed, std::string_view msisdn) {
  if (msisdn.size() != kMsisdnPrefix.size() + kSeedDigits + kIndexDigits) return std::nullopt;
  const auto index = IndexIn(msisdn.substr(kMsisdnPrefix.size() + kSeedDigits));
  if (!index || MsisdnOf(seed, *index) != msisdn) return std::nullopt;
  return index;
}

terminal::Account FactoryAccount(uint64_t seed, uint64_t index) {
  terminal::Account account;
  account.device_id = ImeiOf(seed, index);
  account.password = Password(seed, index, Purpose::kPassword);
  account.server_password = Password(seed, index, Purpose::kServerPassword);
  account.client_nonce = Octets16(seed, index, Purpose::kClientNonce);
  account.server_nonce = Octets16(seed, index, Purpose::kServerNonce);
  return account;
}

}  // namespace drover::fleet
