// Which SIM is in which terminal: what an observation changes of what is known.
//
// Observations come from the terminal itself (SMS) and from the network (automatic device
// detection, a feed of HLR or EIR). Pure: the stored pairing and the observation in, what to write,
// to publish and to count out. A pairing is keyed by its profile, or feed, and the device.
//
// Rules:
// - the newer observation wins, whoever it is from; where SMS and feed disagree that is counted;
// - what an observation does not say stays as it was, but IMSI and MSISDN are of one SIM: when one
//   of them changes and the other is not said, the other is unknown;
// - an older one adds what was unknown and changes nothing; of a SIM only if the rest is the same;
// - a registration that says nothing new within the dedup window is confirmed again, not published.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/ids.h"
#include "libs/base/result.h"
#include "libs/registration/registration.h"

namespace drover::registration {

enum class Source : uint8_t { kSms, kFeed };

struct Facts {
  std::vector<std::string> imeis;  // The first is the device's.
  std::string imsi;
  std::string msisdn;  // E.164, digits only.
  std::string manufacturer;
  std::string model;
  std::string software_version;
  std::string svn;                // Two digits: of the IMEISV. Only a feed knows it.
  std::vector<std::string> apns;  // Only a feed knows them.
  bool operator==(const Facts&) const = default;
};

struct Observation {
  DeviceId device;  // Empty only with `removed`.
  Facts facts;
  TimePoint at;  // SMS: when it was received; feed: the record's own time.
  Source source = Source::kSms;
  std::string via;       // Name of the SMSC, or the feed's.
  bool removed = false;  // The network has no such subscriber any more.
};

struct Pairing {
  DeviceId device;
  Facts facts;
  TimePoint at;                  // Of the newest observation.
  Source source = Source::kSms;  // Of that one.
  std::string via;               // Of that one.
  TimePoint registered_at;       // First seen.
  TimePoint published_at;        // Last event.
  bool operator==(const Pairing&) const = default;
};

struct Decision {
  // What to publish, of this observation: at most one event, the first that is true of these.
  bool registered = false;  // New, or again after the dedup window, or with facts not known before.
  bool sim_changed = false;
  bool sw_changed = false;

  bool write = false;     // Store `next`.
  bool history = false;   // And append it to the history.
  bool confirm = false;   // An SMS: answer it, after the commit of `next` if there is one.
  bool repeat = false;    // Count: nothing new, not published.
  bool stale = false;     // Count: older than what is stored.
  bool conflict = false;  // Count: SMS and feed disagree.
  Pairing next;           // What is stored from now on.

  bool publish() const { return registered || sim_changed || sw_changed; }
};

struct PairingRules {
  std::chrono::seconds dedup_window{600};
};

// stored: of the same key; nullptr: none.
Decision Decide(const Pairing* stored, const Observation& observation, const PairingRules& rules);

// What the observation means for the pairing of another device: it loses its SIM if that is the one
// that was just seen elsewhere. write is false if nothing changes.
Decision Displace(const Pairing& other, const Observation& observation);

// registration: of a message that came from msisdn at `at` by the SMSC `via`.
// kInvalidArgument: it names no device.
Result<Observation> FromSms(const Registration& registration, std::string msisdn, TimePoint at,
                            std::string via);

// A record of the network: {imsi, msisdn, imeisv, apns[], event, ts, source}.
enum class FeedEvent : uint8_t { kSeen, kImeisvChanged, kApnsChanged, kImsiChanged, kRemoved };
// "seen", "imeisv_changed", "apns_changed", "imsi_changed", "removed".
std::optional<FeedEvent> FeedEventOf(std::string_view name);

struct FeedRecord {
  std::string imsi;
  std::string msisdn;  // International, "+" or not.
  std::string imeisv;  // 14 to 16 digits; may be empty with kRemoved only.
  std::vector<std::string> apns;
  FeedEvent event = FeedEvent::kSeen;
  TimePoint ts;
  std::string source;
};
// kInvalidArgument says which field is wrong: a dead letter.
Result<Observation> FromFeed(const FeedRecord& record);

}  // namespace drover::registration
