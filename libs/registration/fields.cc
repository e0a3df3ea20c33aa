#include "libs/registration/fields.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/dmtree/device_id.h"

namespace drover::registration {
namespace {

constexpr size_t kMinImsi = 6;
constexpr size_t kMaxImsi = 15;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0'; }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

bool AllDigits(std::string_view text) { return std::ranges::all_of(text, IsDigit); }

bool AllHex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const char lower = Lower(c);
    return IsDigit(c) || (lower >= 'a' && lower <= 'f');
  });
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  const bool there = text.size() >= prefix.size() &&
                     std::ranges::equal(text.substr(0, prefix.size()), prefix,
                                        [](char a, char b) { return Lower(a) == b; });
  if (there) text.remove_prefix(prefix.size());
  return there;
}

std::string TextField(std::string_view octets, Flags& flags) {
  std::string_view field = Trim(octets);
  if (std::ranges::any_of(field, [](char c) { return static_cast<uint8_t>(c) >= 0x80; })) {
    flags.Set(Flag::kNotAscii);
  }
  if (field.size() > kMaxFieldOctets) {
    flags.Set(Flag::kFieldCut);
    const bool utf8 = base::IsUtf8(field);
    field = field.substr(0, kMaxFieldOctets);
    if (utf8) field = field.substr(0, base::Utf8Prefix(field));
    field = Trim(field);
  }
  return std::string(field);
}

bool LuhnIsRight(std::string_view digits15) {
  return dmtree::ImeiCheckDigit(digits15.substr(0, 14)) == digits15[14];
}

std::optional<DeadLetter> AddImei(const Profile& profile, std::string_view digits,
                                  Registration& registration) {
  if (digits.size() < 14 || digits.size() > 16 || !AllDigits(digits)) {
    return DeadLetter{Reason::kImei, "the IMEI field holds " + std::to_string(digits.size()) +
                                         " characters that are not 14 to 16 digits"};
  }
  if (digits.size() == 15 && profile.luhn != Check::kIgnore && !LuhnIsRight(digits)) {
    if (profile.luhn == Check::kReject) {
      return DeadLetter{Reason::kLuhn, "the check digit of an IMEI is wrong"};
    }
    registration.flags.Set(Flag::kLuhn);
  }
  registration.imeis.emplace_back(digits);
  return std::nullopt;
}

std::optional<DeadLetter> SetImsi(const Profile& profile, std::string_view digits,
                                  Registration& registration) {
  if (digits.empty()) return std::nullopt;
  if (digits.size() < kMinImsi || digits.size() > kMaxImsi || !AllDigits(digits)) {
    return DeadLetter{Reason::kImsi, "the IMSI field holds " + std::to_string(digits.size()) +
                                         " characters that are not 6 to 15 digits"};
  }
  registration.imsi = digits;
  const auto& own = profile.plmn_prefixes;
  const bool ours = own.empty() || std::ranges::any_of(own, [&](const std::string& prefix) {
                      return digits.starts_with(prefix);
                    });
  if (!ours) registration.flags.Set(Flag::kForeignSim);
  return std::nullopt;
}

}  // namespace drover::registration
