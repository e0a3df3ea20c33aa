// When a gateway is sent a NOTIFY, and what follows: a state machine as a value.
//
//   idle --work--> pending --policy, pacer--> sent --2xx--> acked --request--> answered --> done
//                     ^                         |             |                    |     \> failed
//                     +-- back-off, next event -+-- no request+                    +-- unknown
//                     +--- registration --- unreachable
//
// A wake-up is one wish to have the gateway ask. It is opened by work, further work joins it while
// it is open, and it comes to exactly one report: delivered (a 2xx, or the gateway asked by
// itself), failed, expired or withdrawn. After that the machine may go on (a gateway that accepted
// and does not ask is told again), but it reports no more.
//
// The machine has no clock, no randomness and no IO: Next takes a value, what happened and the
// time, and returns the next value and what is to be done. The caller keeps the value (Pack)
// before it carries out a send: then no CSeq is ever used twice.
//
// Spec: RFC 3261, 8.1.3.4, 12.2.1.1, 21, 22.2; RFC 6665, 4.2, 8.2.1.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "libs/base/clock.h"
#include "libs/base/result.h"

namespace drover::gateway {

inline constexpr TimePoint kNever = TimePoint::max();
inline constexpr uint32_t kMostCseq = 0x7FFFFFFF;  // RFC 3261, 8.1.1.5.
// Events of a vendor profile at most, so that a set of them is an octet.
inline constexpr size_t kMostEvents = 8;

enum class State : uint8_t {
  kIdle,         // Nothing to do.
  kPending,      // To be told: waits for a registration, its policy, a hold or the pacer.
  kSent,         // A NOTIFY is on its way.
  kAcked,        // It was accepted; the request is awaited.
  kAnswered,     // The gateway has its response; the result is awaited.
  kUnreachable,  // Nobody answered, or did what was asked; waits for the back-off or a
                 // registration.
  kDone,         // The result was good, or is not known.
  kFailed,       // The result was bad, or the gateway cannot be told.
};

// Why the state is what it is.
enum class Cause : uint8_t {
  kNone,
  kUnreachable,    // No final response, or the transport failed.
  kNoRequest,      // Accepted, and no request came in t_request.
  kNoResult,       // Answered, and no result came in t_result.
  kBadResult,      // The gateway told a failure.
  kForbidden,      // 403, or our credentials were refused. Blocks.
  kBadMessage,     // 400, 416, 420 and other 4xx: our message or its parser. Blocks.
  kUnsupported,    // 405, 501: no NOTIFY. Blocks.
  kBadEvent,       // 481, 489 for every event that could be tried. Blocks.
  kRefused,        // 6xx. Blocks.
  kGone,           // 404, 410, 604: the contact is dead; a registration brings another.
  kConfiguration,  // 482, 483, 513, too many redirects: ours to put right.
  kBusy,           // 480, 486, 600.
  kOverloaded,     // 503: its next hop rests.
  kServerFault,    // 500 twice, other 5xx.
  kGivenUp,        // max_attempts.
  kExpired,
  kWithdrawn,
};

std::string_view Name(State state);  // "pending"
std::string_view Name(Cause cause);  // "no_request"

enum class Policy : uint8_t {
  kImmediate,  // At once when there is work and a registration.
  kPeriodic,   // Every interval while registered, with work or without.
  kAfterN,     // When there is work and the nth registration since the last NOTIFY came.
};
enum class CseqMode : uint8_t {
  kTransaction,  // One more for every NOTIFY transaction.
  kRequest,  // One more for every request of the gateway; a NOTIFY that has to be repeated before
             // gets a new Call-ID. An answer to a challenge takes one more, as it must.
};
enum class Results : uint8_t {
  kPost,          // The gateway posts its result.
  kRegistration,  // Its next registration tells the version.
  kNone,          // Neither: answered is done.
};

std::string_view Name(Policy policy);    // "after_n"
std::string_view Name(CseqMode mode);    // "transaction"
std::string_view Name(Results results);  // "registration"
std::optional<Policy> PolicyOf(std::string_view);
std::optional<CseqMode> CseqModeOf(std::string_view);
std::optional<Results> ResultsOf(std::string_view);

struct TriggerRules {
  Policy policy = Policy::kImmediate;
  std::chrono::seconds interval{3600};  // Of kPeriodic.
  uint32_t n = 1;                       // Of kAfterN.
  CseqMode cseq_mode = CseqMode::kTransaction;
  Results results = Results::kPost;
  uint8_t events = 1;                   // Of the vendor profile: 1..kMostEvents.
  std::chrono::seconds t_request{120};  // Gateways add delays of their own.
  std::chrono::seconds t_result{900};
  // A NOTIFY of which nothing was heard, not even a failure: its sender died. Above Timer F.
  std::chrono::seconds t_sent{40};
  std::array<std::chrono::seconds, 4> back_off{std::chrono::minutes(1), std::chrono::minutes(5),
                                               std::chrono::minutes(15), std::chrono::minutes(60)};
  std::chrono::seconds busy_retry{60};  // Without Retry-After.
  uint8_t max_rounds = 2;               // Answers to challenges, of a NOTIFY.
  // NOTIFYs of a wake-up, answers to challenges not counted: an end to whatever else has none.
  uint8_t max_attempts = 32;
};

struct Trigger {
  State state = State::kIdle;
  Cause cause = Cause::kNone;
  TimePoint since{};           // When state was entered.
  TimePoint due = kNever;      // When Tick does something about the state.
  TimePoint expires = kNever;  // Of the open wake-up.
  TimePoint hold_until{};      // No NOTIFY before.
  TimePoint next_period{};     // Of kPeriodic; 0: not registered yet.

  uint32_t wake = 0;             // Number of the last wake-up opened.
  bool open = false;             // It has no report yet.
  bool work = false;             // There is work that no response has carried.
  bool bound = false;            // There is a contact to send to.
  bool queued = false;           // With the pacer.
  Cause blocked = Cause::kNone;  // NOTIFY is of no use until something changes (Unblocked).

  uint32_t reg_count = 0;        // Registrations since the last NOTIFY.
  uint8_t attempts = 0;          // NOTIFYs of this wake-up.
  uint8_t step = 0;              // Of the back-off, taken so far.
  uint8_t event = 0;             // Index in the profile: what is sent, and what worked last.
  uint8_t tried = 0;             // Events refused in this wake-up: bit i is event i.
  bool no_subscription = false;  // A 481 was seen in this wake-up: one other event is tried.
  bool retried_500 = false;
  bool redirected = false;
  uint8_t rounds = 0;      // Challenges answered, of this NOTIFY.
  uint8_t challenged = 0;  // Bit 0: by the gateway (401), bit 1: by a proxy (407).

  uint64_t call_seed = 0;    // Random, once a gateway: Call-ID and From tag.
  uint32_t call_serial = 0;  // Rises with each new Call-ID.
  uint32_t cseq = 0;         // Last used, or (kRequest) to be used.
  bool cseq_used = true;     // Of kRequest: a NOTIFY with this Call-ID and CSeq has left.

  bool operator==(const Trigger&) const = default;
};

// call_seed from a cryptographic source.
Trigger NewTrigger(uint64_t call_seed, TimePoint now);

// What happened.
struct Registered {  // Over HTTP or SIP; the contact is known.
  // A version that was not there before, or the one that was awaited.
  bool new_version = false;
};
struct BindingLost {};  // The registration ran out.
struct WorkQueued {
  TimePoint expires = kNever;
};
struct WorkGone {};   // Cancelled, or done by other means.
struct Unblocked {};  // New credentials, profile or firmware: what was refused may work now.
struct Tick {};       // Its Due has come. At other times it does nothing.
struct Admitted {};  // The pacer lets the NOTIFY go: there will be a Send, unless there is no need.
struct TakenOver {};  // Another process has it now, or this one was started again (see Resume).

enum class NotifyOutcome : uint8_t {
  kAccepted,        // 2xx
  kMoved,           // 3xx with a Contact that may be used; without one it is kRefused.
  kChallenged,      // 401, 407 that can be answered; else kForbidden.
  kForbidden,       // 403
  kBadMessage,      // 400, 416, 420, other 4xx
  kGone,            // 404, 410, 604
  kUnsupported,     // 405, 501
  kUnreachable,     // 408, Timer F, ICMP, connection refused, TLS failed
  kBusy,            // 480, 486, 600
  kNoSubscription,  // 481
  kBadEvent,        // 489
  kConfiguration,   // 482, 483, 513
  kServerError,     // 500, 503 without Retry-After
  kOverloaded,      // 503 with Retry-After
  kServerFault,     // other 5xx
  kRefused,         // other 6xx
};
std::string_view Name(NotifyOutcome outcome);  // "no_subscription"
// Of a final response: 200..699. 503 is kServerError unless it has a Retry-After.
NotifyOutcome OutcomeOf(int status, bool has_retry_after = false);

struct NotifyAnswered {
  NotifyOutcome outcome = NotifyOutcome::kAccepted;
  std::chrono::seconds retry_after{0};  // 0: none was told.
  bool proxy = false;                   // kChallenged: it was a 407.
  bool stale = false;                   // kChallenged: stale=true in it.
  // kBadEvent: which events of the profile Allow-Events lists (profile.h, AllowedEvents). nullopt:
  // there was no Allow-Events.
  std::optional<uint8_t> allowed;
};

struct RequestSeen {       // A POST, answered with 200.
  bool gave_work = false;  // The response carries work; it carries all there is.
  bool repeated = false;   // The same as before: got the same octets.
};
struct ResultSeen {
  bool good = true;
};

using Event = std::variant<Registered, BindingLost, WorkQueued, WorkGone, Unblocked, Tick, Admitted,
                           TakenOver, NotifyAnswered, RequestSeen, ResultSeen>;

// What is to be done.
enum class SendKind : uint8_t {
  kFirst,        // A NOTIFY with the profile's event.
  kCredentials,  // The same again, with an answer to the challenge; same Call-ID and From tag.
  kRedirected,   // The same again, to the Contact of the 3xx.
};
struct Send {
  SendKind kind = SendKind::kFirst;
  uint8_t event = 0;  // Index in the profile.
  uint32_t call_serial = 0;
  uint32_t cseq = 0;
};
enum class Outcome : uint8_t { kDelivered, kFailed, kExpired, kWithdrawn };
std::string_view Name(Outcome outcome);  // "delivered"
struct Report {
  uint32_t wake = 0;
  Outcome outcome = Outcome::kDelivered;
  Cause cause = Cause::kNone;
};
enum class Closed : uint8_t { kNo, kDone, kFailed, kUnknown };

struct Actions {
  std::optional<Send> send;      // Now, once the new value is kept.
  std::optional<Report> report;  // For all the wake-up requests that came since the last report.
  bool queue = false;            // Give it to the pacer; Admitted when its turn comes.
  bool drop_contact = false;     // 404 and its kin.
  bool alarm = false;            // An operator has to look: cause tells at what.
  Closed closed = Closed::kNo;   // The work that a response carried is over.
};

struct Step {
  Trigger trigger;
  Actions actions;
};

Step Next(const TriggerRules& rules, const Trigger& trigger, const Event& event, TimePoint now);

// When Tick is to come; kNever: it need not. It may lie in the past.
TimePoint Due(const Trigger& trigger);

// What a process goes on with after a crash or a takeover, before Next(TakenOver): CSeq 16 further,
// since answers to challenges may have used some that were not kept.
Trigger Resume(const Trigger& kept);

// "3f2a..-7@host" and the tag of From: the same for all NOTIFYs of a call_serial, and of a gateway.
std::string CallId(const Trigger& trigger, std::string_view host);
std::string FromTag(const Trigger& trigger);

// Some 60 octets. Unpack: kInvalidArgument if it is not what Pack makes.
std::string Pack(const Trigger& trigger);
Result<Trigger> Unpack(std::string_view packed);

}  // namespace drover::gateway
