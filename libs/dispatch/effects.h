// What the scheduler wants done, and what it is told in return. Values only.
//
// Write-ahead: `journal` is appended to the log first, and an effect may be carried out only when
// the log is durable up to its `after` (HeldEffects keeps them until then).
#pragma once
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "libs/dispatch/job.h"

namespace drover::dispatch {

// One submission; it comes back with its answer.
struct Ticket {
  GroupId group = 0;
  uint8_t segment = 0;   // 1..total
  uint16_t attempt = 0;  // Of the group: no two submissions of a group share one.
  bool operator==(const Ticket&) const = default;
};

// Write the PDU of this segment. Scheduler::PayloadOf(ticket.group) has what it is made of. Exactly
// one of Accepted, Refused, NoAnswer or BindDown is expected back. While the journal was written
// the group may have ended (PayloadOf is empty then) or the bind may have gone: leave it, say
// nothing.
struct Send {
  Ticket ticket;
  BindId bind = 0;
  SmscId smsc = 0;
  uint16_t ref = 0;  // Meaningful if total > 1.
  uint8_t ref_bits = 16;
  uint8_t total = 1;           // Segments that the terminal puts together.
  bool whole = false;          // SmscOptions::whole_push: all segments in one PDU.
  bool more_messages = false;  // more_messages_to_send: another one follows at once.
  bool maybe_sent = false;     // The SMSC may have this one already.
  Gate gate = Gate::kAccept;
  Duration validity{};  // Time left; the SMSC may not deliver after it.
};

// cancel_sm, query_sm: answered by CancelAnswer, QueryAnswer. `wanted`: somebody waits for the
// answer; else best effort, which needs none.
struct CancelSm {
  GroupId group = 0;
  uint8_t segment = 0;
  SmscId smsc = 0;
  std::string message_id;
  bool wanted = false;
};
struct QuerySm {
  GroupId group = 0;
  uint8_t segment = 0;
  SmscId smsc = 0;
  std::string message_id;
};

// PAP message-state of an ended job.
enum class EndState : uint8_t {
  kDelivered,
  kUndeliverable,
  kExpired,
  kAborted,
  kCancelled,
  kUnknown,
};
inline constexpr size_t kEndStates = 6;
std::string_view Name(EndState state);  // "delivered", ..

// The one outcome of a job. Told again after a restart until OutcomeKept came: keep it by `job`.
struct Outcome {
  GroupId group = 0;
  JobId job{};
  EndState state = EndState::kUnknown;
  uint16_t code = 0;      // PAP: 1000, 2003, 4000, 5000.
  uint8_t delivered = 0;  // Segments that are known to have arrived,
  uint8_t segments = 0;   // of so many.
  std::string cause;      // Short, for the push's description: "2 of 4 delivered; SMPP 0x0000000b".
  TimePoint at{};
};

// The answer to Cancel when it could not be given at once. 1000: cancelled; 2008: not possible.
struct CancelDone {
  JobId job{};
  uint16_t code = 0;
};

// The bind was throttled: it goes on at this share of its rate and window after a second.
struct SlowDown {
  BindId bind = 0;
  double pace = 1;  // (0, 1]
};

// The SMSC faults what we send or how: somebody has to look. Nothing starts there for parked_for.
struct SmscParked {
  SmscId smsc = 0;
  uint32_t status = 0;
};

struct Effect {
  uint64_t after = 0;  // Octets of journal since the process began.
  std::variant<Send, CancelSm, QuerySm, Outcome, CancelDone, SlowDown, SmscParked> what;
};

// Appended to, never cleared, by every call.
struct Effects {
  std::string journal;          // Whole frames (journal_frames.h).
  std::vector<Effect> effects;  // In order.
  void Clear() {
    journal.clear();
    effects.clear();
  }
};

// --- What is told ------------------------------------------------------------------------------

// Why a submission was refused: the class of its command_status and network_error_code.
enum class Refusal : uint8_t {
  kThrottle,          // ESME_RTHROTTLED: slow the bind down; no attempt counted.
  kQueueFull,         // ESME_RMSGQFUL: the number's queue first, then the bind's; likewise.
  kTemporary,         // Fast retries, then backoff. Lost on air, busy, system error.
  kTemporarySlow,     // Backoff at once: memory full, waiting list full.
  kTemporaryThrice,   // kTemporary twice, then kPermanent.
  kAbsent,            // The terminal is away: wait for its return.
  kPermanent,         // This message will not be delivered.
  kNoSuchSubscriber,  // .. because of its destination.
  kTerminalRefused,   // .. because the terminal said no.
  kConfiguration,     // Our fault or the SMSC's: the SMSC is parked, the group waits.
  kSession,           // The bind is not what we think; the caller rebinds, the group waits for it.
};
inline constexpr size_t kRefusals = 11;

struct RefusedBy {
  Refusal refusal = Refusal::kTemporary;
  uint32_t status = 0;   // command_status, for the cause.
  uint16_t network = 0;  // network_error_code, 0 if none.
};

// What a receipt or the answer to query_sm says.
enum class Arrival : uint8_t {
  kUnderWay,          // ENROUTE, ACCEPTED, SCHEDULED, or an answer that says nothing.
  kDelivered,         // DELIVRD
  kTemporary,         // UNDELIV, EXPIRED, DELETED .. for a reason that passes.
  kAbsent,            // .. because the terminal is away.
  kPermanent,         // .. for good.
  kNoSuchSubscriber,  // .. because of its destination.
  kTerminalRefused,   // REJECTD
};
inline constexpr size_t kArrivals = 7;

struct Report {
  Arrival arrival = Arrival::kUnderWay;
  uint8_t message_state = 0;  // SMPP message_state, for the cause.
  uint16_t network = 0;       // network_error_code or the text's err.
};

// id: as the SMSC wrote it in the response, for cancel_sm and query_sm. key: what its receipts are
// found by; empty if that is the same (id_map "exact").
struct MessageId {
  std::string_view id;
  std::string_view key = {};
};

}  // namespace drover::dispatch
