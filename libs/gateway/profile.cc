#include "libs/gateway/profile.h"

#include <algorithm>

#include "libs/base/check.h"
#include "libs/gateway/words.h"

namespace drover::gateway {
namespace {

constexpr std::string_view kResponseModes[] = {"computed", "prepared"};
constexpr std::string_view kDefault = "default";

// Asks a phone of a call manager to look whether its files have changed. The stamps are those of
// no version at all.
constexpr std::string_view kCheckVersion =
    "action=check-version\r\n"
    "RegisterCallId={}\r\n"
    "ConfigVersionStamp={0000000000000000}\r\n"
    "DialplanVersionStamp={0000000000000000}\r\n"
    "SoftkeyVersionStamp={0000000000000000}\r\n";

Profile Vendor(std::string_view name, std::vector<std::string> matches,
               std::vector<EventChoice> events) {
  Profile profile;
  profile.name = name;
  profile.user_agents = matches;
  profile.models = std::move(matches);
  profile.events = std::move(events);
  profile.rules.events = static_cast<uint8_t>(profile.events.size());
  return profile;
}

std::vector<Profile> MakeBuiltIn() {
  const EventChoice resync{.type = "resync"};
  const EventChoice check_sync{.type = "check-sync"};
  const EventChoice no_reboot{.type = "check-sync", .params = "reboot=false"};
  return {
      Vendor("sipura", {"Sipura", "Linksys", "Cisco/SPA", "Cisco SPA", "3PCC"},
             {{.type = "resync", .challenge_expected = true}}),
      Vendor("cisco-enterprise", {"Cisco-CP"},
             {{.type = "service-control",
               .content_type = "text/plain",
               .body = std::string(kCheckVersion)}}),
      Vendor("obihai", {"Obihai"}, {{.type = "resync", .reboots = true}}),
      Vendor("polycom", {"Polycom"}, {check_sync}),
      Vendor("yealink", {"Yealink"}, {{.type = "check-sync", .reboots = true}}),
      Vendor("snom", {"snom"},
             {{.type = "check-sync", .params = "reboot=false", .challenge_expected = true}}),
      Vendor("gigaset", {"Gigaset"}, {no_reboot}),
      Vendor("technicolor", {"Technicolor", "Thomson"}, {check_sync}),
      Vendor("grandstream", {"Grandstream"}, {check_sync, resync}),
      Vendor("aastra", {"Aastra", "Digium", "Mitel"}, {check_sync}),
      Vendor(kDefault, {}, {resync, no_reboot}),
  };
}

bool HasOneOf(std::string_view text, const std::vector<std::string>& parts) {
  return std::ranges::any_of(
      parts, [text](const std::string& part) { return !part.empty() && ContainsWord(text, part); });
}

}  // namespace

std::string EventHeader(const EventChoice& choice) {
  return choice.params.empty() ? choice.type : choice.type + ";" + choice.params;
}

std::string_view Name(ResponseMode mode) { return WordOf(kResponseModes, mode); }
std::optional<ResponseMode> ResponseModeOf(std::string_view text) {
  return ValueOf<ResponseMode>(kResponseModes, text);
}

const std::vector<Profile>& BuiltInProfiles() {
  static const std::vector<Profile> profiles = MakeBuiltIn();
  return profiles;
}

const Profile* FindProfile(std::span<const Profile> profiles, std::string_view name) {
  const auto found = std::ranges::find(profiles, name, &Profile::name);
  return found == profiles.end() ? nullptr : &*found;
}

const Profile& Select(std::span<const Profile> profiles, const Identity& identity) {
  DROVER_CHECK(!profiles.empty());
  const std::string model = std::string(identity.vendor) + " " + std::string(identity.model);
  for (const Profile& profile : profiles) {
    if (HasOneOf(model, profile.models)) return profile;
  }
  for (const Profile& profile : profiles) {
    if (HasOneOf(identity.user_agent, profile.user_agents)) return profile;
  }
  const Profile* other = FindProfile(profiles, kDefault);
  return other == nullptr ? profiles.back() : *other;
}

std::string_view EventType(std::string_view header) {
  return Trimmed(header.substr(0, header.find(';')));
}

uint8_t AllowedEvents(const Profile& profile, std::string_view allow_events) {
  uint32_t allowed = 0;
  for (;;) {
    const size_t comma = allow_events.find(',');
    const std::string_view type = EventType(allow_events.substr(0, comma));
    for (size_t i = 0; i < profile.events.size() && i < kMostEvents; ++i) {
      if (profile.events[i].type == type) allowed |= 1U << i;
    }
    if (comma == std::string_view::npos) return static_cast<uint8_t>(allowed);
    allow_events.remove_prefix(comma + 1);
  }
}

}  // namespace drover::gateway
