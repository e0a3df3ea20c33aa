#include "libs/registration/msisdn.h"

#include <algorithm>

#include "libs/registration/fields.h"

namespace drover::registration {
namespace {

constexpr uint8_t kUnknown = 0;
constexpr uint8_t kInternational = 1;
constexpr uint8_t kNational = 2;
constexpr uint8_t kSubscriber = 4;
constexpr uint8_t kE164 = 1;
constexpr uint8_t kNationalPlan = 8;
constexpr size_t kMinDigits = 5;
constexpr size_t kMaxDigits = 15;

bool IsPunctuation(char c) { return std::string_view(" -.()").find(c) != std::string_view::npos; }

Result<void> CheckKind(const Address& address) {
  const bool number = address.ton == kUnknown || address.ton == kInternational ||
                      address.ton == kNational || address.ton == kSubscriber;
  if (!number) {
    return InvalidArgument("an address of type " + std::to_string(address.ton) +
                           " is no telephone number");
  }
  if (address.npi != 0 && address.npi != kE164 && address.npi != kNationalPlan) {
    return InvalidArgument("an address of numbering plan " + std::to_string(address.npi) +
                           " is no telephone number");
  }
  return {};
}

bool IsNational(const Address& address, std::string_view digits, const NumberingRules& rules) {
  if (address.ton == kInternational) return false;
  if (address.ton == kNational) return true;
  return rules.national_digits != 0 && digits.size() == rules.national_digits;
}

Result<std::string> International(std::string digits, const NumberingRules& rules) {
  if (rules.country_code.empty()) {
    return InvalidArgument("a national number, and no country code is configured");
  }
  if (!rules.trunk_prefix.empty() && digits.starts_with(rules.trunk_prefix)) {
    digits.erase(0, rules.trunk_prefix.size());
  }
  return rules.country_code + digits;
}

}  // namespace

Result<std::string> NormaliseMsisdn(const Address& address, const NumberingRules& rules) {
  DROVER_TRY(CheckKind(address));
  std::string digits(Trim(address.digits));
  std::erase_if(digits, IsPunctuation);
  if (digits.starts_with('+')) {
    digits.erase(0, 1);
  } else if (digits.starts_with("00")) {
    digits.erase(0, 2);
  } else if (AllDigits(digits) && IsNational(address, digits, rules)) {
    DROVER_TRY(digits, International(std::move(digits), rules));
  }
  if (!AllDigits(digits)) return InvalidArgument("an address with characters that are no digits");
  if (digits.size() < kMinDigits || digits.size() > kMaxDigits) {
    return InvalidArgument("an address of " + std::to_string(digits.size()) +
                           " digits, expected 5 to 15");
  }
  return digits;
}

}  // namespace drover::registration
