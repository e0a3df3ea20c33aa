#include "libs/smpp/codec.h"
#include "libs/smpp/layout.h"
#include "libs/smpp/reader.h"

namespace drover::smpp {
namespace {

uint32_t ReadBigEndian32(const char* octets) {
  uint32_t value = 0;
  for (int i = 0; i < 4; ++i) value = value << 8 | static_cast<uint8_t>(octets[i]);
  return value;
}

// Whether a response of this kind is taken without a body although its status is ESME_ROK: some
// peers leave out what holds nothing.
template <typename T>
constexpr bool kBodyMayLack = layout::Is<T, BindResp, DeliverSmResp, DataSmResp>;

template <typename T>
Fault Read(std::string_view octets, CommandStatus status, T& body) {
  if (octets.empty() && IsResponse(body.id()) &&
      (status != CommandStatus::kRok || kBodyMayLack<T>)) {
    return {};
  }
  Reader reader(octets);
  layout::Layout(reader, body);
  if (!reader.fault()) reader.Rest(body.tlvs);
  return reader.fault();
}

template <typename T>
Fault ReadAs(std::string_view octets, Pdu& out) {
  return Read(octets, out.header.status, out.body.emplace<T>());
}

// bind_receiver, bind_transmitter and bind_transceiver look the same, and so do their answers.
template <typename T>
Fault ReadBind(std::string_view octets, Pdu& out) {
  T& bind = out.body.emplace<T>();
  bind.mode = static_cast<BindMode>(static_cast<uint32_t>(out.header.id) & ~0x80000000);
  return Read(octets, out.header.status, bind);
}

Fault ReadBody(std::string_view octets, Pdu& out) {
  switch (out.header.id) {
    case CommandId::kBindReceiver:
    case CommandId::kBindTransmitter:
    case CommandId::kBindTransceiver:
      return ReadBind<Bind>(octets, out);
    case CommandId::kBindReceiverResp:
    case CommandId::kBindTransmitterResp:
    case CommandId::kBindTransceiverResp:
      return ReadBind<BindResp>(octets, out);
    case CommandId::kOutbind:
      return ReadAs<Outbind>(octets, out);
    case CommandId::kUnbind:
      return ReadAs<Unbind>(octets, out);
    case CommandId::kUnbindResp:
      return ReadAs<UnbindResp>(octets, out);
    case CommandId::kEnquireLink:
      return ReadAs<EnquireLink>(octets, out);
    case CommandId::kEnquireLinkResp:
      return ReadAs<EnquireLinkResp>(octets, out);
    case CommandId::kGenericNack:
      return ReadAs<GenericNack>(octets, out);
    case CommandId::kSubmitSm:
      return ReadAs<SubmitSm>(octets, out);
    case CommandId::kSubmitSmResp:
      return ReadAs<SubmitSmResp>(octets, out);
    case CommandId::kDeliverSm:
      return ReadAs<DeliverSm>(octets, out);
    case CommandId::kDeliverSmResp:
      return ReadAs<DeliverSmResp>(octets, out);
    case CommandId::kDataSm:
      return ReadAs<DataSm>(octets, out);
    case CommandId::kDataSmResp:
      return ReadAs<DataSmResp>(octets, out);
    case CommandId::kSubmitMulti:
      return ReadAs<SubmitMulti>(octets, out);
    case CommandId::kSubmitMultiResp:
      return ReadAs<SubmitMultiResp>(octets, out);
    case CommandId::kQuerySm:
      return ReadAs<QuerySm>(octets, out);
    case CommandId::kQuerySmResp:
      return ReadAs<QuerySmResp>(octets, out);
    case CommandId::kCancelSm:
      return ReadAs<CancelSm>(octets, out);
    case CommandId::kCancelSmResp:
      return ReadAs<CancelSmResp>(octets, out);
    case CommandId::kReplaceSm:
      return ReadAs<ReplaceSm>(octets, out);
    case CommandId::kReplaceSmResp:
      return ReadAs<ReplaceSmResp>(octets, out);
    case CommandId::kAlertNotification:
      return ReadAs<AlertNotification>(octets, out);
    case CommandId::kBroadcastSm:
      return ReadAs<BroadcastSm>(octets, out);
    case CommandId::kBroadcastSmResp:
      return ReadAs<BroadcastSmResp>(octets, out);
    case CommandId::kQueryBroadcastSm:
      return ReadAs<QueryBroadcastSm>(octets, out);
    case CommandId::kQueryBroadcastSmResp:
      return ReadAs<QueryBroadcastSmResp>(octets, out);
    case CommandId::kCancelBroadcastSm:
      return ReadAs<CancelBroadcastSm>(octets, out);
    case CommandId::kCancelBroadcastSmResp:
      return ReadAs<CancelBroadcastSmResp>(octets, out);
  }
  return {FaultKind::kCommandId, CommandStatus::kRinvCmdId, "command_id"};
}

}  // namespace

std::optional<Header> ReadHeader(std::string_view octets) {
  if (octets.size() < kHeaderOctets) return std::nullopt;
  const char* const at = octets.data();
  return Header{.length = ReadBigEndian32(at),
                .id = static_cast<CommandId>(ReadBigEndian32(at + 4)),
                .status = static_cast<CommandStatus>(ReadBigEndian32(at + 8)),
                .sequence = ReadBigEndian32(at + 12)};
}

Fault Decode(std::string_view octets, Pdu& out, size_t max_pdu) {
  constexpr Fault kLength{FaultKind::kCommandLength, CommandStatus::kRinvCmdLen, "command_length"};
  const std::optional<Header> header = ReadHeader(octets);
  if (!header) return kLength;
  out.header = *header;
  if (header->length != octets.size() || octets.size() > max_pdu) return kLength;
  return ReadBody(octets.substr(kHeaderOctets), out);
}

bool Destinations::Next(std::string_view& rest, Destination& out) {
  if (rest.empty()) return false;
  Reader reader(rest);
  out = reader.ReadDestination();
  rest = reader.rest();
  return !reader.fault();
}

bool UnsuccessSmes::Next(std::string_view& rest, UnsuccessSme& out) {
  if (rest.empty()) return false;
  Reader reader(rest);
  out = reader.ReadUnsuccessSme();
  rest = reader.rest();
  return !reader.fault();
}

}  // namespace drover::smpp
