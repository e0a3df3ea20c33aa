// Vendor profiles from configuration: flat keys and texts, as a YAML or JSON tree gives them when
// the names on the way to a leaf are joined with dots and the elements of a list with commas.
//
//   key                  value (default)
//   base                 the profile to begin with (the one of the same name; else "default")
//   match.user_agent     texts that a User-Agent contains, with commas
//   match.model          texts that "vendor model" contains, with commas
//   events               Event values in the order to try, with commas: "check-sync;reboot=false"
//   events.N.body        of the Nth event (1 is the first): what the NOTIFY carries
//   events.N.content_type
//   events.N.challenge   true: the gateway is expected to challenge
//   events.N.reboots     true: it restarts when told so
//   trigger.enabled      false: never told, asks by itself
//   trigger.policy       immediate, periodic, after_n
//   trigger.interval_s   seconds, 1..31 days
//   trigger.n            1..1000
//   trigger.t_request_s, trigger.t_result_s   seconds, 1..7 days
//   response.mode        computed or prepared
//   results              post, registration or none
//   cseq.mode            transaction or request
//   notify.expires       seconds, 0..2^31-1
//   notify.from_equals_to
//   fileserver.agreed, xml.emit_head_slip, voice_safe   true or false
//   register.interval_s  seconds, 10..31 days
//
// A hyphen in a key is as good as an underscore.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "libs/base/result.h"
#include "libs/gateway/profile.h"

namespace drover::gateway {

struct Setting {
  std::string key;
  std::string value;
};

// known: where base is looked up. kInvalidArgument names the profile, the key and what it may be.
Result<Profile> ParseProfile(std::string_view name, std::span<const Setting> settings,
                             std::span<const Profile> known = BuiltInProfiles());

// known with one more; the one of the same name is replaced, a new one goes to the front, so that
// it is looked at before those that are built in.
void AddProfile(Profile profile, std::vector<Profile>& known);

}  // namespace drover::gateway
