// Profiles from configuration: flat keys and texts, as a YAML or JSON tree gives them when the
// names on the way to a leaf are joined with dots and the elements of a list with commas.
//
//   key                     value (default)
//   base                    the built-in profile to begin with (the one of the same name; else
//   none:
//                           the defaults of profile.h)
//   match.dest_addr         addresses, with commas; "any"
//   match.dest_port         1..65535 or "none"
//   match.by_content        true or false
//   grammar                 slash4, slash5, ctframe, any
//   luhn, crc               flag, reject, ignore
//   plmn_prefixes           3 to 6 digits each, with commas; empty: none
//   confirm.enabled         true or false
//   confirm.template.ok     with {imei} and {imsi} once each, at most 64 octets
//   confirm.template.fail   the same; empty: a refusal is not told
//   confirm.imei_echo       as_received or digits
//   confirm.source          an address; empty: the one the registration was sent to
//   confirm.ports           as_received, none, or a port
//   confirm.data_coding     0..255
//   confirm.validity        seconds, 0..7 days; 0: not said
//   confirm.when            commit or receipt
//   confirm.teleservice     1..65535 or "none"
//
// A hyphen in a key is as good as an underscore.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/registration/profile.h"

namespace drover::registration {

struct Setting {
  std::string key;
  std::string value;
};

// kInvalidArgument names the profile, the key and what it may be.
Result<Profile> ParseProfile(std::string_view name, std::span<const Setting> settings);

}  // namespace drover::registration
