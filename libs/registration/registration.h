// What a registration message said, or why it goes to the dead letters.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/ids.h"
#include "libs/base/result.h"

namespace drover::registration {

// What was odd about a message that was accepted all the same.
enum class Flag : uint16_t {
  kLuhn = 1 << 0,          // An IMEI of 15 digits with a wrong check digit.
  kForeignSim = 1 << 1,    // The IMSI is of none of the profile's networks.
  kFieldCut = 1 << 2,      // A field had more than kMaxFieldOctets: the rest was left out.
  kNotAscii = 1 << 3,      // Kept as it came; Shown() writes it for people.
  kCheckMissing = 1 << 4,  // A CDMA frame without its CRC.
  kCheckWrong = 1 << 5,    // The CRC is that of other octets.
  kLength = 1 << 6,        // The frame's length is not that of its XML.
  kUnclosed = 1 << 7,      // The frame's XML does not end.
  kUnknownField = 1 << 8,  // The frame has elements beyond those known.
  kUcs2 = 1 << 9,          // The text came in two octets a character.
};

struct Flags {
  uint16_t bits = 0;
  void Set(Flag flag) { bits |= static_cast<uint16_t>(flag); }
  bool Has(Flag flag) const { return (bits & static_cast<uint16_t>(flag)) != 0; }
  bool operator==(const Flags&) const = default;
};
// "luhn,foreign-sim"; empty for none.
std::string Names(Flags flags);

inline constexpr size_t kMaxFieldOctets = 64;

struct Registration {
  std::vector<std::string> imeis;  // 14 to 16 digits each; the first one names the terminal.
  std::string imei_field;          // Octets of the IMEI field exactly as received, for the echo.
  std::string meid;                // 14 hex digits, upper case. CDMA terminals have it for an IMEI.
  std::string esn;                 // 8 hex digits, upper case. Older ones have this.
  std::string imsi;                // 6 to 15 digits; empty: not said.
  std::string manufacturer;        // These as they came, trimmed.
  std::string model;
  std::string software_version;
  uint8_t frame_version = 0;  // ctframe: the first octet, which the acknowledgement repeats.
  Flags flags;
};

enum class Reason : uint8_t {
  kEmpty,            // No octets at all.
  kNoPrefix,         // Does not begin with "IMEI:".
  kTooFewFields,     // Fewer fields than the grammar has.
  kImei,             // Not 14 to 16 digits.
  kLuhn,             // A wrong check digit, where the profile refuses it.
  kImsi,             // Not 6 to 15 digits.
  kFrame,            // Shorter than the frame's header, or cut short.
  kVersion,          // A version of the frame that is not known.
  kNotRegistration,  // A frame of another command: an acknowledgement, for one.
  kNoXml,            // No <a1> behind the frame's header.
  kNoDevice,         // Neither MEID, ESN nor IMEI.
  kCheck,            // A wrong CRC, where the profile refuses it.
};
// "too-few-fields": a label of metrics.
std::string_view Name(Reason reason);

struct DeadLetter {
  Reason reason = Reason::kEmpty;
  std::string detail;  // For people; holds no number of the terminal.
};

using Parsed = std::variant<Registration, DeadLetter>;

// What keys the terminal: its first IMEI as libs/dmtree/device_id.h spells it, else "MEID:..",
// "ESN:..". kInvalidArgument: the registration names no device.
Result<DeviceId> KeyOf(const Registration& registration);

// Octets for people: printable ASCII as it is, backslash and the rest as \xNN.
std::string Shown(std::string_view octets);

}  // namespace drover::registration
