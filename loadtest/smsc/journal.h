// What the simulated SMSC writes down so that it can be killed: accepted messages, segments that
// terminals have, ends, receipts that their ESME has taken. Records of octets, one after the other;
// one that was cut off by the kill ends the journal.
//
// Transactions are not in it until they are delivered: whoever waits for their answer asks again.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "libs/smpp/receipt.h"
#include "loadtest/smsc/message.h"

namespace drover::smsc {

// Why a message could not be delivered, as the network says it.
enum class Failure : uint8_t { kNone, kLost, kAbsent, kBusy, kExpired };

struct SubmittedRecord {
  uint64_t id = 0;
  Submission submission;
  TimePoint submitted;
  TimePoint expires;
};
struct SegmentRecord {
  uint64_t id = 0;
  Number terminal;
  Number source;
  uint8_t data_coding = 0;
  Part part;
  uint64_t bind = 0;
  bool heard = true;  // The SMSC goes on with the next part.
  TimePoint at;
};
struct FinalRecord {
  uint64_t id = 0;
  smpp::MessageState state = smpp::MessageState::kDelivered;
  Failure failure = Failure::kNone;
  TimePoint at;
};
struct ReceiptedRecord {
  uint64_t id = 0;
};
using Record = std::variant<SubmittedRecord, SegmentRecord, FinalRecord, ReceiptedRecord>;

void AppendSubmitted(uint64_t id, const Submission& submission, TimePoint submitted,
                     TimePoint expires, std::string& out);
void AppendSegment(uint64_t id, const Submission& submission, const Part& part, bool heard,
                   TimePoint at, std::string& out);
void AppendFinal(const FinalRecord& record, std::string& out);
void AppendReceipted(uint64_t id, std::string& out);

// Takes one record from rest. nullopt: there is no whole one.
std::optional<Record> NextRecord(std::string_view& rest);

}  // namespace drover::smsc
