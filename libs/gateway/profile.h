// Vendor profiles: with which Event a model of gateway is told to ask, and how it is to be treated.
//
// A profile is chosen by the User-Agent of the gateway's SIP side or by vendor and model; the last
// one, "default", takes the rest: resync, then check-sync;reboot=false. Built-in profiles hold what
// makers document; configuration changes them or adds others (profile_settings.h).
//
// Spec: RFC 6665, 8.2.1 (an event type is compared octet by octet, its parameters apart).
#pragma once
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/gateway/trigger.h"

namespace drover::gateway {

struct EventChoice {
  std::string type;    // "check-sync"
  std::string params;  // "reboot=false", without the leading ";"
  std::string content_type;
  std::string body;                 // Empty: the NOTIFY has none.
  bool challenge_expected = false;  // The gateway answers 401 first: a password should be there.
  bool reboots = false;             // The gateway restarts when told so.
  bool operator==(const EventChoice&) const = default;
};
// "check-sync;reboot=false": the value of the Event header.
std::string EventHeader(const EventChoice& choice);

enum class ResponseMode : uint8_t {
  kComputed,  // From what the gateway tells, or told when it registered.
  kPrepared,  // Octets that were stored for it, as they are.
};
std::string_view Name(ResponseMode mode);  // "computed"
std::optional<ResponseMode> ResponseModeOf(std::string_view);

struct Profile {
  std::string name;
  // What a User-Agent, and "vendor model", contain; in any case of letters. Both empty: never
  // chosen by them, only by name.
  std::vector<std::string> user_agents;
  std::vector<std::string> models;
  std::vector<EventChoice> events;  // 1..kMostEvents, in the order in which they are tried.

  TriggerRules rules;  // rules.events is events.size().
  ResponseMode response_mode = ResponseMode::kComputed;
  std::chrono::seconds notify_expires{1000};     // Of Subscription-State.
  bool fileserver_agreed = false;                // No downloadpath in responses.
  bool emit_head_slip = false;                   // message_xml.h
  bool from_equals_to = false;                   // Firmware that compares them.
  bool voice_safe = true;                        // No reboot while the gateway reports a call.
  bool sip_trigger = true;                       // False: it is never told, it asks by itself.
  std::chrono::seconds register_interval{3600};  // What responses tell; three missed: expired.
};

// sipura, cisco-enterprise, obihai, polycom, yealink, snom, gigaset, technicolor, grandstream,
// aastra, and default, which is the last.
const std::vector<Profile>& BuiltInProfiles();
// nullptr: there is none of that name.
const Profile* FindProfile(std::span<const Profile> profiles, std::string_view name);

struct Identity {
  std::string_view user_agent;
  std::string_view vendor;
  std::string_view model;
};
// The first profile that the identity matches, by model before User-Agent; else the one called
// "default", or the last. profiles must not be empty.
const Profile& Select(std::span<const Profile> profiles, const Identity& identity);

// Which of the profile's events an Allow-Events header lists: bit i is events[i].
uint8_t AllowedEvents(const Profile& profile, std::string_view allow_events);

// Type and parameters of an Event header (or of its compact form's value): "resync;id=1" is
// "resync". Blanks around are not part of it.
std::string_view EventType(std::string_view header);

}  // namespace drover::gateway
