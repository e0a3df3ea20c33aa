// Registration profiles: which messages are registrations, how they are read and how answered.
//
// One generic machine for what operators have in common; what differs is a profile, a value that
// configuration makes (profile_settings.h) or that is built in here.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/registration/message.h"

namespace drover::registration {

enum class Grammar : uint8_t {
  kSlash4,   // IMEI:<imei>/<manufacturer>/<model>/<software version>
  kSlash5,   // IMEI:<imei>/<imsi>/<manufacturer>/<model>/<software version>
  kCtFrame,  // Four octets, XML, CRC-32 (ct_frame.h).
  kAny,      // Whichever of these the message looks like.
};

// What becomes of a check digit or check sum that is wrong.
enum class Check : uint8_t { kFlag, kReject, kIgnore };

struct Match {
  // Addresses that registrations are sent to; a leading "+" counts for nothing. Empty: any.
  std::vector<std::string> destinations;
  // The port that they are sent to; a message without a port is none of them. nullopt: any or none.
  std::optional<uint16_t> port;
  bool by_content = false;  // Only what begins as one of the grammars does.
};

struct Confirm {
  enum class Echo : uint8_t { kAsReceived, kDigits };
  enum class Ports : uint8_t { kAsReceived, kNone, kFixed };
  enum class When : uint8_t { kAfterCommit, kOnReceipt };

  bool enabled = true;
  // {imei} and {imsi} are filled in; what does not fit into one message with a header is refused
  // by configuration. Not for ctframe, whose acknowledgement is a frame.
  std::string template_ok = "IMEI:{imei}/1";
  std::string template_fail = "IMEI:{imei}/0";  // Empty: a refusal is not told.
  Echo imei_echo = Echo::kAsReceived;           // Clients compare the whole string.
  std::string source;  // Empty: the address that the registration was sent to.
  Ports ports = Ports::kAsReceived;
  uint16_t fixed_port = 0;
  uint8_t data_coding = 4;
  std::chrono::seconds validity{24 * 3600};
  When when = When::kAfterCommit;
  std::optional<uint16_t> teleservice;
};

struct Profile {
  std::string name;
  Match match;
  Grammar grammar = Grammar::kSlash4;
  Check luhn = Check::kFlag;
  Check crc = Check::kFlag;
  std::vector<std::string> plmn_prefixes;  // Of the operator's IMSIs; empty: not looked at.
  Confirm confirm;
};

// cmcc, cu, ct, generic. generic takes what no other profile does but begins as a registration.
const std::vector<Profile>& BuiltInProfiles();
// nullptr: there is none of that name.
const Profile* FindProfile(std::span<const Profile> profiles, std::string_view name);

// The first profile that the message matches; nullptr: it is no registration.
const Profile* Select(std::span<const Profile> profiles, const MobileOriginated& message);

}  // namespace drover::registration
