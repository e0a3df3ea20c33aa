// What the simulated SMSC sends to an ESME of its own accord, and how it words an outcome.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.h"
#include "libs/smpp/pdu.h"
#include "loadtest/smsc/center.h"
#include "loadtest/smsc/message.h"

namespace drover::smsc {

struct Outgoing {
  uint64_t receipt_of = 0;  // The message; 0: it is none.
  bool alert = false;       // An alert_notification; else a deliver_sm.
  Number source;
  Number destination;
  uint8_t esm_class = 0;
  uint8_t data_coding = 0;
  std::string user_data;
  std::string tlvs;
};

Outgoing ReceiptOf(const SendReceipt& receipt, ReceiptForm form);
Outgoing AlertOf(const SendAlert& alert);
// TLVs of the response to a submission: why it failed, if it did.
std::string AnswerTlvs(const Answer& answer);
// The network's code (type GSM) and delivery_failure_reason of a failure.
uint16_t GsmCode(Failure failure);

// A message that a terminal sends.
struct MobileMessage {
  Number terminal;
  Number destination;
  std::optional<sms::Ports> ports;
  uint8_t data_coding = 4;
  std::string octets;
  bool reversed = false;  // Its last segment comes first.
};
// In as many deliver_sm as it takes. kInvalidArgument, kResourceExhausted: as sms::Plan::Make.
Result<std::vector<Outgoing>> SegmentsOf(const MobileMessage& message, uint16_t reference);

// How a faulty SMSC answers submissions.
enum class AnswerMode : uint8_t {
  kProper,
  kNothing,     // Not at all.
  kHalf,        // Half of the response, then nothing more on that connection.
  kGarbage,     // Octets that are no PDU.
  kHugeLength,  // A PDU that says it has 4 GiB.
};
std::optional<AnswerMode> ParseAnswerMode(
    std::string_view name);  // "proper", "half", "huge-length"
std::string_view Name(AnswerMode mode);
// The octets in the place of `response`, a whole PDU.
std::string Spoilt(AnswerMode mode, std::string_view response);

}  // namespace drover::smsc
