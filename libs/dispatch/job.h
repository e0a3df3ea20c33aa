// What is dispatched: push jobs, and the rules of the SMSCs that carry them.
//
// A job is one push to one number. Its n segments are a group: one owner, one bind, one order, one
// deadline and one outcome. A single short message is a group of one.
#pragma once
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/clock.h"

namespace drover::dispatch {

using Duration = std::chrono::microseconds;

// A name that the caller gives a job; no two jobs that have not ended may share one.
using JobId = std::array<uint8_t, 16>;
// A group's number in its scheduler: ascending, never 0, kept by a restart.
using GroupId = uint64_t;
// An SMPP session's number, chosen by the caller: never 0, never given to another session again.
using BindId = uint32_t;
// An SMSC's place in Options::smscs. The journal keeps names, so the list may change at a restart.
using SmscId = uint16_t;

inline constexpr size_t kMostSegments = 64;
inline constexpr size_t kMostSmscs = 64;
inline constexpr size_t kMostOriginatorOctets = 21;   // An SMPP source_addr.
inline constexpr size_t kMostDestinationDigits = 18;  // E.164 has 15.
inline constexpr size_t kMostPayloadOctets = 64 * 1024;

// When the next segment of a group may leave.
enum class Gate : uint8_t {
  kTransaction,  // The response to the last one, which the SMSC holds until it was delivered.
  kAccept,       // The response to the last one: the SMSC has stored it.
  kBurst,        // At once: all are written in order.
  kReceipt,      // The final delivery receipt of the last one.
};
inline constexpr Gate kGates[] = {Gate::kTransaction, Gate::kAccept, Gate::kBurst, Gate::kReceipt};
std::string_view Name(Gate gate);  // "transaction", ..

enum class Priority : uint8_t { kLow, kMedium, kHigh };
inline constexpr size_t kPriorities = 3;

// Which T_group counts.
enum class PushClass : uint8_t { kNotification, kBootstrap, kService };

// Views need to live for the call only.
struct Job {
  JobId id{};
  std::string_view originator;    // As the terminal will see it; reference numbers are its own.
  std::string_view destination;   // MSISDN, digits only.
  uint64_t smscs = ~uint64_t{0};  // Bit s: SMSC s may carry it. A group never straddles two.
  Priority priority = Priority::kMedium;
  PushClass push_class = PushClass::kNotification;
  uint8_t segments = 1;   // 1..kMostSegments.
  uint8_t ref_bits = 16;  // 16 or 8: how wide the reference number may be.
  bool gate_given = false;
  Gate gate = Gate::kAccept;   // If gate_given; else the SMSC's.
  bool receipts = true;        // False: nobody asks how it went; accepted is its end.
  TimePoint deliver_after{};   // Held until then. Zero: at once.
  TimePoint deliver_before{};  // Zero: T_group alone.
  // Whatever the caller needs to build a PDU; kept in the group and in the journal as it is.
  std::string_view payload;
};

// What wakes a group that waits for its terminal's return.
enum class AlertMode : uint8_t {
  kOff,
  kMobileOriginated,     // Any message from that number.
  kDeliveryPendingFlag,  // alert_notification (set_dpf), and any message from that number.
};

struct SmscOptions {
  std::string name;  // Unique.
  Gate gate = Gate::kAccept;
  // The SMSC takes all segments in one PDU (message_payload) and cuts them itself: a group is sent
  // as segment 1 of 1.
  bool whole_push = false;
  bool receipts = true;              // It sends final delivery receipts.
  bool accept_is_delivered = false;  // Without receipts: accepted counts as delivered, not unknown.
  bool can_query = false;            // query_sm
  bool can_cancel = true;            // cancel_sm
  AlertMode alert = AlertMode::kOff;
  Duration t_resp = std::chrono::seconds(10);  // Gate::kTransaction: what is left of T_group more.
  Duration t_rcpt = std::chrono::seconds(60);
  double segments_per_second = 0;  // Of one bind; 0: as the window allows.
  // Of one bind: groups of more than one segment that may be on their way to acceptance at a time.
  // 0: half the window.
  uint32_t max_started_groups = 0;
};

enum class Mode : uint8_t {
  kTransaction,
  // Every segment is a message of its own: any bind, any order, no lane. For comparison only.
  kNaive,
};

struct Options {
  Mode mode = Mode::kTransaction;
  std::vector<SmscOptions> smscs;  // At most kMostSmscs.
  double segments_per_second = 0;  // Over all binds together; 0: no limit but theirs.
  Duration t_group_notification = std::chrono::seconds(600);
  Duration t_group_bootstrap = std::chrono::seconds(3600);
  Duration t_group_service = std::chrono::seconds(3600);
  uint8_t fast_retries = 2;
  Duration fast_retry_after = std::chrono::seconds(2);
  // After the fast retries; the last one repeats. Each +-10 %.
  std::vector<Duration> backoff = {std::chrono::seconds(15),   std::chrono::seconds(60),
                                   std::chrono::seconds(120),  std::chrono::seconds(300),
                                   std::chrono::seconds(600),  std::chrono::seconds(900),
                                   std::chrono::seconds(1800), std::chrono::seconds(3600)};
  Duration throttled_for = std::chrono::seconds(1);   // A group waits this to twice this.
  Duration maybe_sent_for = std::chrono::seconds(2);  // .. up to this, when no answer came.
  Duration parked_for = std::chrono::seconds(60);     // An SMSC that faulted our configuration.
  Duration t_reasm = std::chrono::hours(24);
  Duration alert_after = std::chrono::seconds(3);
  // An SMSC without a bind for so long loses its started groups to another one, if they may go.
  Duration failover_after = std::chrono::seconds(30);
  Duration ref_quarantine_16 = std::chrono::hours(7 * 24);
  Duration ref_quarantine_8 = std::chrono::hours(24);
  Duration receipt_parked_for = std::chrono::seconds(30);
  size_t most_parked_receipts = 10'000;
  uint64_t seed = 1;  // Of every random choice; production passes a random one.
};

}  // namespace drover::dispatch
