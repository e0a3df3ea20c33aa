#include "libs/registration/registration.h"

#include <array>

#include "libs/dmtree/device_id.h"

namespace drover::registration {
namespace {

constexpr std::array<std::string_view, 10> kFlagNames{
    "luhn",        "foreign-sim", "field-cut", "not-ascii",     "check-missing",
    "check-wrong", "length",      "unclosed",  "unknown-field", "ucs2"};
constexpr std::array<std::string_view, 12> kReasonNames{
    "empty", "no-prefix", "too-few-fields",   "imei",   "luhn",      "imsi",
    "frame", "version",   "not-registration", "no-xml", "no-device", "check"};

}  // namespace

std::string Names(Flags flags) {
  std::string names;
  for (size_t bit = 0; bit < kFlagNames.size(); ++bit) {
    if ((flags.bits >> bit & 1) == 0) continue;
    if (!names.empty()) names += ',';
    names += kFlagNames[bit];
  }
  return names;
}

std::string_view Name(Reason reason) { return kReasonNames[static_cast<size_t>(reason)]; }

Result<DeviceId> KeyOf(const Registration& registration) {
  if (!registration.imeis.empty()) {
    return dmtree::NormaliseDeviceId("IMEI:" + registration.imeis.front());
  }
  if (!registration.meid.empty()) return dmtree::NormaliseDeviceId("MEID:" + registration.meid);
  if (!registration.esn.empty()) return dmtree::NormaliseDeviceId("ESN:" + registration.esn);
  return InvalidArgument("the registration names no device");
}

std::string Shown(std::string_view octets) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string shown;
  for (const char c : octets) {
    const auto octet = static_cast<uint8_t>(c);
    if (octet >= 0x20 && octet < 0x7F && c != '\\') {
      shown += c;
    } else {
      shown += "\\x";
      shown += kDigits[octet >> 4];
      shown += kDigits[octet & 15];
    }
  }
  return shown;
}

}  // namespace drover::registration
