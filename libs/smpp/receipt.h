// Delivery receipts: what became of a message, in the text that SMSCs agree on more or less, and in
// TLVs, which win.
//
// Text: "id:0a1 sub:001 dlvrd:001 submit date:2511220130 done date:2511220131 stat:DELIVRD err:000
// text:..": read by key, in any order and case; what lacks is empty. Nothing is allocated by
// reading.
// Spec: SMPP v3.4, appendix B and section 5.2.28; v5.0, section 4.7.15.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/smpp/pdu.h"

namespace drover::smpp {

enum class MessageState : uint8_t {  // A wire value each.
  kScheduled = 0,                    // 5.0
  kEnroute = 1,
  kDelivered = 2,
  kExpired = 3,
  kDeleted = 4,
  kUndeliverable = 5,
  kAccepted = 6,
  kUnknown = 7,
  kRejected = 8,
  kSkipped = 9,  // 5.0
};
// "DELIVRD": seven letters, as a receipt's text has them.
std::string_view Stat(MessageState state);
// From those or the whole word ("DELIVERED"), in any case.
std::optional<MessageState> ParseStat(std::string_view stat);
// Whether nothing more will come of the message. ACCEPTED: with some SMSCs, by contract.
bool IsFinal(MessageState state, bool accepted_is_final = false);

struct Receipt {
  std::string_view id;                // As the SMSC writes it in receipts (libs/smpp/message_id.h).
  std::optional<MessageState> state;  // Absent: neither a TLV nor a stat that is known.
  std::string_view stat;              // The text's word, whatever it is.
  std::string_view err;               // The text's, in the SMSC's own numbering.
  std::optional<NetworkErrorCode> network_error;
  std::optional<uint32_t> sub;  // Messages submitted and delivered, of a list.
  std::optional<uint32_t> dlvrd;
  std::optional<std::chrono::local_seconds> submit_date;  // In the SMSC's own time zone.
  std::optional<std::chrono::local_seconds> done_date;
  std::string_view text;      // The beginning of the message.
  bool intermediate = false;  // More will follow.
};

// Whether the message is a receipt or an intermediate notification, by esm_class.
bool IsReceipt(uint8_t esm_class);

Receipt ParseReceipt(std::string_view text, const Tlvs& tlvs = {});
// Of deliver_sm: the text is short_message or message_payload.
Receipt ReadReceipt(const DeliverSm& pdu);
Receipt ReadReceipt(const DataSm& pdu);

// The text form, with dates to the minute, as an SMSC sends it.
std::string ReceiptText(const Receipt& receipt);
// The TLV form: receipted_message_id, message_state, network_error_code, as far as they are there.
void AppendReceiptTlvs(const Receipt& receipt, TlvWriter& tlvs);

}  // namespace drover::smpp
