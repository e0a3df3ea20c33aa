// What the end of a NOTIFY transaction means for a trigger, and what to do next.
//
// Pure: the final response (or that there was none), and what this trigger has tried, give one
// verdict. Not meant for other requests: a 481, say, is here a capability of the peer.
// Spec: RFC 3261, sections 8.1.3 and 21; RFC 6665, sections 4.2.2 and 8.3; RFC 4320.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "libs/sip/message.h"

namespace drover::sip {

enum class Outcome : uint8_t {
  kAccepted,        // 2xx
  kMoved,           // 3xx
  kMalformed,       // 400, 416, 420 ..: our message, or the peer's parser.
  kChallenged,      // 401, 407
  kForbidden,       // 403, and a challenge after an answer.
  kGone,            // 404, 410, 604: the binding is dead.
  kUnsupported,     // 405, 501: no NOTIFY at all.
  kUnreachable,     // 408, 430, no response, ICMP, a connection that failed.
  kBusy,            // 480, 486, 600
  kNoSubscription,  // 481
  kBadEvent,        // 489
  kMisconfigured,   // 482, 483, 513: a loop, or a size.
  kServerError,     // 500: often a CSeq that went back.
  kOverloaded,      // 503
  kServerFault,     // Other 5xx.
  kRefused,         // 603, 606, other 6xx, and every 4xx that is not named here.
};
std::string_view Name(Outcome outcome);  // "no_subscription": of metrics and histories.

enum class Action : uint8_t {
  kDone,                 // Acknowledged: the request of the gateway is waited for.
  kRedirect,             // Send to one Contact of the response, if the tenant allows its host.
  kAuthenticate,         // Send again with the answer: CSeq + 1.
  kNextEvent,            // Send again with the next event of the vendor profile.
  kNewCallId,            // Send again with a new Call-ID.
  kOtherTarget,          // Send again to the next target (SRV) of the hop.
  kRetryAfter,           // Send again after wait.
  kPauseHop,             // Nothing to this next hop for wait; then again.
  kBackOff,              // As an unreachable gateway: 1, 5, 15, 60 min, then only on registration.
  kWaitForRegistration,  // Drop the contact; nothing until the gateway registers again.
  kPollAtRegistration,   // Mark: cannot be triggered by SIP; work is given when it registers.
  kGiveUp,               // Permanent until the profile, the credential or the message changes.
};
std::string_view Name(Action action);

// How a transaction ended without a response, or kResponse.
enum class Ending : uint8_t { kResponse, kTimeout, kTransportError };

// The end of one transaction, and what this trigger has done already.
struct TriggerEnd {
  Ending ending = Ending::kResponse;
  uint16_t status = 0;                  // 200 to 699 with kResponse.
  std::optional<uint32_t> retry_after;  // Seconds.

  int challenges_answered = 0;     // Of this trigger; at most kMaxChallenges are.
  bool answer_is_refused = false;  // DigestClient says so: asked again, and not stale.
  bool was_redirected = false;     // One redirect is followed.
  bool has_next_event = false;     // The profile has an event that was not tried in this trigger.
  bool has_new_call_id = false;    // One new Call-ID is tried.
  bool has_other_target = false;   // The hop has another target that was not tried.
};
constexpr int kMaxChallenges = 2;

// Status and Retry-After of a final response; what was tried before is for the caller to add.
TriggerEnd EndedBy(const Message& response);

struct OutcomeVerdict {
  Outcome outcome = Outcome::kRefused;
  Action action = Action::kGiveUp;
  std::chrono::seconds wait{0};  // Of kRetryAfter and kPauseHop.
  bool alarm = false;            // An operator must look: configuration, not a gateway.
  bool marks_event = false;      // Remember for this gateway that it does not take this event.
};

// Never throws, never asks a clock. A status below 200 or above 699 counts as kServerFault.
OutcomeVerdict OutcomeOf(const TriggerEnd& end);

constexpr std::chrono::seconds kBusyWait{60};  // Without Retry-After.
constexpr std::chrono::seconds kMostWait{24 * 3600};

}  // namespace drover::sip
