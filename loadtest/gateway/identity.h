// Who a simulated gateway is: derived from a seed and its number, so that nothing of it is kept and
// whoever knows the seed can enrol all of them.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drover::gwsim {

struct Population {
  uint64_t seed = 1;
  uint32_t first = 0;  // Number of the first gateway; several processes may share a population.
  uint32_t count = 1;
  std::string serial_prefix = "00D09E-GW";  // Then seven digits.
  std::string user_prefix = "6960";         // Of the SIP user; then seven digits.

  bool Holds(uint32_t number) const { return number >= first && number - first < count; }
};

constexpr uint32_t kMostGateways = 10'000'000;  // What seven digits can tell apart.

std::string Serial(const Population& population, uint32_t number);   // "00D09E-GW0000042"
std::string SipUser(const Population& population, uint32_t number);  // "69600000042"
// nullopt: none of the population.
std::optional<uint32_t> NumberOfSerial(const Population& population, std::string_view serial);
std::optional<uint32_t> NumberOfSipUser(const Population& population, std::string_view user);

// Sixteen hex digits each. The user of both is the serial number.
std::string HttpPassword(const Population& population, uint32_t number);
std::string SipPassword(const Population& population, uint32_t number);
// Of the firmware that it comes with: "1.0.0" to "1.0.3".
std::string FirstVersion(const Population& population, uint32_t number);
// An address of the home network: 10.x.y.z
std::string HomeAddress(uint32_t number);

// A number that looks random and is none: for one gateway and one purpose.
enum class Purpose : uint64_t {
  kHttpPassword = 3000,
  kSipPassword,
  kVersion,
  kHabits,
  kRegister,
  kDelay,
  kLoss,
  kRestart,
};
uint64_t Draw(const Population& population, uint32_t number, Purpose purpose, uint64_t turn = 0);
// Evenly in [0, 1).
double Chance(const Population& population, uint32_t number, Purpose purpose, uint64_t turn = 0);

}  // namespace drover::gwsim
