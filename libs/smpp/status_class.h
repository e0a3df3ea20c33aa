// What a refusal means for who sent the message: whether and how to try again.
//
// SMSCs differ in what they say with a status (many use RINVDSTADR or RSUBMITFAIL for "absent" or
// "blocked"), so every entry can be overridden for each of them.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>

#include "libs/base/result.h"
#include "libs/smpp/command.h"
#include "libs/smpp/tlv.h"

namespace drover::smpp {

enum class StatusClass : uint8_t {
  kOk,
  kThrottle,       // Slow down and send it again; no attempt is counted.
  kTemporary,      // Soon again, then with longer and longer pauses.
  kPermanent,      // This message will never be taken.
  kConfiguration,  // Our account or settings are wrong: alarm, park the route, burn no messages.
  kSession,        // Bind anew, then send it again.
  kOperation,      // Says something of a query, cancel or replace alone.
  kDelivery,       // The delivery failed: ClassOfDelivery says how.
};
std::string_view Name(StatusClass status_class);  // "temporary"
std::optional<StatusClass> ParseStatusClass(std::string_view name);

struct Verdict {
  StatusClass status_class = StatusClass::kTemporary;
  uint8_t attempts = 0;  // After so many the message is given up as kPermanent; 0: no such limit.
  bool operator==(const Verdict&) const = default;
};
// As the specification means it; statuses without a name, and vendors', are tried three times.
Verdict DefaultVerdict(CommandStatus status);

// The verdicts of one SMSC.
class StatusTable {
 public:
  // "0x0b=temporary, 0x45=permanent, 1032=throttle/5": status in hex or decimal, class, and after
  // a slash the attempts. kInvalidArgument names the entry that is wrong.
  static Result<StatusTable> Parse(std::string_view overrides);

  void Override(CommandStatus status, Verdict verdict) { overrides_[status] = verdict; }
  Verdict Of(CommandStatus status) const;

 private:
  std::map<CommandStatus, Verdict> overrides_;
};

// Why the network could not deliver.
enum class DeliveryCause : uint8_t {
  kUnknown,    // Try as with kTemporary.
  kAbsent,     // Not reachable: wait for it to return (alert_notification, or any message of it).
  kBusy,       // Very soon again.
  kSlow,       // Memory full, waiting list full, system failure: later.
  kPermanent,  // No such subscriber, barred, illegal.
};
std::string_view Name(DeliveryCause cause);

// From the MAP numbers that SMSCs of GSM networks put into network_error_code (the mapping is the
// SMSC's own; other networks' codes are kUnknown).
DeliveryCause CauseOf(const NetworkErrorCode& error);
// From network_error_code, or else delivery_failure_reason.
DeliveryCause CauseOf(const Tlvs& tlvs);

}  // namespace drover::smpp
