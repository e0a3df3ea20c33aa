#include "loadtest/gateway/identity.h"

#include <charconv>

#include "libs/base/bytes.h"
#include "loadtest/fleet/draw.h"

namespace drover::gwsim {
namespace {

constexpr size_t kDigits = 7;

std::string Numbered(const std::string& prefix, uint32_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, kDigits - std::min(kDigits, digits.size()), '0');
  return prefix + digits;
}

std::optional<uint32_t> NumberOf(const Population& population, const std::string& prefix,
                                 std::string_view text) {
  if (!text.starts_with(prefix) || text.size() != prefix.size() + kDigits) return std::nullopt;
  text.remove_prefix(prefix.size());
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return population.Holds(number) ? std::optional(number) : std::nullopt;
}

std::string Password(const Population& population, uint32_t number, Purpose purpose) {
  return base::Hex(base::BigEndian64(Draw(population, number, purpose)));
}

}  // namespace

std::string Serial(const Population& population, uint32_t number) {
  return Numbered(population.serial_prefix, number);
}
std::string SipUser(const Population& population, uint32_t number) {
  return Numbered(population.user_prefix, number);
}
std::optional<uint32_t> NumberOfSerial(const Population& population, std::string_view serial) {
  return NumberOf(population, population.serial_prefix, serial);
}
std::optional<uint32_t> NumberOfSipUser(const Population& population, std::string_view user) {
  return NumberOf(population, population.user_prefix, user);
}

std::string HttpPassword(const Population& population, uint32_t number) {
  return Password(population, number, Purpose::kHttpPassword);
}
std::string SipPassword(const Population& population, uint32_t number) {
  return Password(population, number, Purpose::kSipPassword);
}
std::string FirstVersion(const Population& population, uint32_t number) {
  return "1.0." + std::to_string(Draw(population, number, Purpose::kVersion) % 4);
}
std::string HomeAddress(uint32_t number) {
  const auto part = [number](int shift) { return std::to_string(number >> shift & 0xFF); };
  return "10." + part(16) + "." + part(8) + "." + part(0);
}

uint64_t Draw(const Population& population, uint32_t number, Purpose purpose, uint64_t turn) {
  const auto of = static_cast<fleet::Purpose>(static_cast<uint64_t>(purpose));
  return fleet::Mixed(fleet::Draw(population.seed, number, of) + turn);
}
double Chance(const Population& population, uint32_t number, Purpose purpose, uint64_t turn) {
  return fleet::Fraction(Draw(population, number, purpose, turn));
}

}  // namespace drover::gwsim
