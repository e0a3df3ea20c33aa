// The PDUs of SMPP as values. Texts and lists are views: of the octets a PDU was decoded from, or
// of what the caller who encodes it holds.
//
// Every body ends in TLVs, also where 3.4 knows none: 5.0 allows more of them, and what is not
// known is passed over.
// Spec: SMPP v3.4, chapter 4; v5.0, sections 4.1 to 4.6.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "libs/smpp/command.h"
#include "libs/smpp/tlv.h"

namespace drover::smpp {

constexpr size_t kHeaderOctets = 16;
constexpr size_t kDefaultMaxPdu = 65'536 + 1'024;  // A message_payload and all around it.
constexpr uint32_t kMaxSequence = 0x7FFFFFFF;      // 1 is the least; 0: in no request.
constexpr size_t kMaxShortMessage = 254;
constexpr uint8_t kVersion33 = 0x33;
constexpr uint8_t kVersion34 = 0x34;
constexpr uint8_t kVersion50 = 0x50;

struct Header {
  uint32_t length = 0;  // Of the whole PDU.
  CommandId id = {};
  CommandStatus status = CommandStatus::kRok;
  uint32_t sequence = 0;
};

struct Address {
  uint8_t ton = 0;
  uint8_t npi = 0;
  std::string_view digits;  // Up to 20 octets; 64 in data_sm and alert_notification.
  bool operator==(const Address&) const = default;
};

namespace ton {  // SMPP v3.4, section 5.2.5
constexpr uint8_t kUnknown = 0, kInternational = 1, kNational = 2, kNetworkSpecific = 3,
                  kSubscriber = 4, kAlphanumeric = 5, kAbbreviated = 6;
}  // namespace ton
namespace npi {  // SMPP v3.4, section 5.2.6
constexpr uint8_t kUnknown = 0, kIsdn = 1, kData = 3, kTelex = 4, kLandMobile = 6, kNational = 8,
                  kPrivate = 9, kErmes = 10, kInternet = 14, kWapClientId = 18;
}  // namespace npi
namespace esm {  // esm_class; SMPP v3.4, section 5.2.12
constexpr uint8_t kModeMask = 0x03, kDefault = 0x00, kDatagram = 0x01, kTransaction = 0x02,
                  kStoreAndForward = 0x03;
constexpr uint8_t kTypeMask = 0x3C, kReceipt = 0x04, kDeliveryAck = 0x08, kUserAck = 0x10,
                  kConversationAbort = 0x18, kIntermediate = 0x20;
constexpr uint8_t kUdhi = 0x40, kReplyPath = 0x80;
}  // namespace esm
namespace registered {  // registered_delivery; SMPP v3.4, section 5.2.17
constexpr uint8_t kNone = 0x00, kFinal = 0x01, kOnFailure = 0x02, kOnSuccess = 0x03 /* 5.0 */;
constexpr uint8_t kDeliveryAck = 0x04, kUserAck = 0x08, kIntermediate = 0x10;
}  // namespace registered

enum class BindMode : uint32_t { kReceiver = 1, kTransmitter = 2, kTransceiver = 9 };

struct Bind {  // bind_receiver, bind_transmitter, bind_transceiver
  BindMode mode = BindMode::kTransceiver;
  std::string_view system_id;    // Up to 15 octets.
  std::string_view password;     // Up to 8.
  std::string_view system_type;  // Up to 12.
  uint8_t interface_version = kVersion34;
  uint8_t addr_ton = 0;
  uint8_t addr_npi = 0;
  std::string_view address_range;  // Up to 40.
  Tlvs tlvs;
  CommandId id() const { return static_cast<CommandId>(mode); }
};
struct BindResp {
  BindMode mode = BindMode::kTransceiver;
  std::string_view system_id;
  Tlvs tlvs;  // sc_interface_version
  CommandId id() const { return ResponseTo(static_cast<CommandId>(mode)); }
};
struct Outbind {
  std::string_view system_id;
  std::string_view password;
  Tlvs tlvs;
  static constexpr CommandId id() { return CommandId::kOutbind; }
};

// PDUs that are a header alone.
template <CommandId command>
struct Bare {
  Tlvs tlvs;
  static constexpr CommandId id() { return command; }
};
using Unbind = Bare<CommandId::kUnbind>;
using UnbindResp = Bare<CommandId::kUnbindResp>;
using EnquireLink = Bare<CommandId::kEnquireLink>;
using EnquireLinkResp = Bare<CommandId::kEnquireLinkResp>;
using GenericNack = Bare<CommandId::kGenericNack>;
using CancelSmResp = Bare<CommandId::kCancelSmResp>;
using ReplaceSmResp = Bare<CommandId::kReplaceSmResp>;
using CancelBroadcastSmResp = Bare<CommandId::kCancelBroadcastSmResp>;

template <CommandId command>
struct ShortMessage {
  std::string_view service_type;  // Up to 5 octets.
  Address source;
  Address destination;
  uint8_t esm_class = 0;
  uint8_t protocol_id = 0;
  uint8_t priority_flag = 0;
  std::string_view schedule_delivery_time;  // libs/smpp/time_text.h; empty: at once.
  std::string_view validity_period;         // Empty: as the SMSC likes it.
  uint8_t registered_delivery = 0;
  uint8_t replace_if_present_flag = 0;
  uint8_t data_coding = 0;
  uint8_t sm_default_msg_id = 0;
  std::string_view short_message;  // Up to 254 octets.
  Tlvs tlvs;
  static constexpr CommandId id() { return command; }
};
using SubmitSm = ShortMessage<CommandId::kSubmitSm>;
using DeliverSm = ShortMessage<CommandId::kDeliverSm>;

template <CommandId command>
struct MessageIdResp {
  std::string_view message_id;  // Up to 64 octets.
  Tlvs tlvs;
  static constexpr CommandId id() { return command; }
};
using SubmitSmResp = MessageIdResp<CommandId::kSubmitSmResp>;
using DeliverSmResp = MessageIdResp<CommandId::kDeliverSmResp>;  // message_id: unused, empty.
using DataSmResp = MessageIdResp<CommandId::kDataSmResp>;
using BroadcastSmResp = MessageIdResp<CommandId::kBroadcastSmResp>;
using QueryBroadcastSmResp = MessageIdResp<CommandId::kQueryBroadcastSmResp>;

struct DataSm {
  std::string_view service_type;
  Address source;       // Up to 64 octets of digits.
  Address destination;  // Likewise.
  uint8_t esm_class = 0;
  uint8_t registered_delivery = 0;
  uint8_t data_coding = 0;
  Tlvs tlvs;  // message_payload
  static constexpr CommandId id() { return CommandId::kDataSm; }
};

struct Destination {  // Of a submit_multi.
  Address address;    // If list_name is empty.
  std::string_view list_name;
};
// Destinations as octets of the PDU: 1 to 254.
class Destinations {
 public:
  Destinations() = default;
  Destinations(uint8_t count, std::string_view octets) : octets_(octets), count_(count) {}
  uint8_t size() const { return count_; }
  std::string_view octets() const { return octets_; }
  // Takes one from rest, which begins as octets(). False: there is none, or it is malformed.
  static bool Next(std::string_view& rest, Destination& out);

 private:
  std::string_view octets_;
  uint8_t count_ = 0;
};
// Appends destinations to octets.
void AppendDestination(const Destination& destination, std::string& octets);

struct SubmitMulti {
  std::string_view service_type;
  Address source;
  Destinations destinations;
  uint8_t esm_class = 0;
  uint8_t protocol_id = 0;
  uint8_t priority_flag = 0;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  uint8_t registered_delivery = 0;
  uint8_t replace_if_present_flag = 0;
  uint8_t data_coding = 0;
  uint8_t sm_default_msg_id = 0;
  std::string_view short_message;
  Tlvs tlvs;
  static constexpr CommandId id() { return CommandId::kSubmitMulti; }
};

struct UnsuccessSme {  // A destination that submit_multi was not accepted for.
  Address address;
  CommandStatus error = CommandStatus::kRok;
};
class UnsuccessSmes {
 public:
  UnsuccessSmes() = default;
  UnsuccessSmes(uint8_t count, std::string_view octets) : octets_(octets), count_(count) {}
  uint8_t size() const { return count_; }
  std::string_view octets() const { return octets_; }
  static bool Next(std::string_view& rest, UnsuccessSme& out);

 private:
  std::string_view octets_;
  uint8_t count_ = 0;
};
void AppendUnsuccessSme(const UnsuccessSme& sme, std::string& octets);

struct SubmitMultiResp {
  std::string_view message_id;
  UnsuccessSmes unsuccess;
  Tlvs tlvs;
  static constexpr CommandId id() { return CommandId::kSubmitMultiResp; }
};

template <CommandId command>
struct Query {
  std::string_view message_id;
  Address source;
  Tlvs tlvs;
  static constexpr CommandId id() { return command; }
};
using QuerySm = Query<CommandId::kQuerySm>;
using QueryBroadcastSm = Query<CommandId::kQueryBroadcastSm>;

struct QuerySmResp {
  std::string_view message_id;
  std::string_view final_date;  // Empty while the message is not in a final state.
  uint8_t message_state = 0;    // libs/smpp/receipt.h
  uint8_t error_code = 0;       // The network's.
  Tlvs tlvs;
  static constexpr CommandId id() { return CommandId::kQuerySmResp; }
};

struct CancelSm {
  std::string_view service_type;
  std::string_view message_id;  // Empty: all that agree with the rest.
  Address source;
  Address destination;
  Tlvs tlvs;
  static constexpr CommandId id() { return CommandId::kCancelSm; }
};

struct ReplaceSm {
  std::string_view message_id;
  Address source;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  uint8_t registered_delivery = 0;
  uint8_t sm_default_msg_id = 0;
  std::string_view short_message;
  Tlvs tlvs;
  static constexpr CommandId id() { return CommandId::kReplaceSm; }
};

struct AlertNotification {
  Address source;  // The terminal that is back; up to 64 octets of digits.
  Address esme;
  Tlvs tlvs;  // ms_availability_status
  static constexpr CommandId id() { return CommandId::kAlertNotification; }
};

struct BroadcastSm {
  std::string_view service_type;
  Address source;
  std::string_view message_id;
  uint8_t priority_flag = 0;
  std::string_view schedule_delivery_time;
  std::string_view validity_period;
  uint8_t replace_if_present_flag = 0;
  uint8_t data_coding = 0;
  uint8_t sm_default_msg_id = 0;
  Tlvs tlvs;  // broadcast_area_identifier and the others say where and how often.
  static constexpr CommandId id() { return CommandId::kBroadcastSm; }
};
struct CancelBroadcastSm {
  std::string_view service_type;
  std::string_view message_id;
  Address source;
  Tlvs tlvs;
  static constexpr CommandId id() { return CommandId::kCancelBroadcastSm; }
};

using Body = std::variant<GenericNack, Bind, BindResp, Outbind, Unbind, UnbindResp, EnquireLink,
                          EnquireLinkResp, SubmitSm, SubmitSmResp, DeliverSm, DeliverSmResp, DataSm,
                          DataSmResp, SubmitMulti, SubmitMultiResp, QuerySm, QuerySmResp, CancelSm,
                          CancelSmResp, ReplaceSm, ReplaceSmResp, AlertNotification, BroadcastSm,
                          BroadcastSmResp, QueryBroadcastSm, QueryBroadcastSmResp,
                          CancelBroadcastSm, CancelBroadcastSmResp>;

struct Pdu {
  Header header;
  Body body;
};

}  // namespace drover::smpp
