// The fields of each PDU in their order, once for reading, measuring and writing.
//
// A walker has Text, Octet, Addr, Message, List and Tlvs; Layout shows it the fields of a body.
// Spec: SMPP v3.4, chapter 4; v5.0, sections 4.1 to 4.6.
#pragma once
#include <concepts>
#include <type_traits>

#include "libs/smpp/pdu.h"

namespace drover::smpp::layout {

struct Field {
  std::string_view name;
  uint16_t limit = 0;  // Octets with the NUL.
  CommandStatus status = CommandStatus::kRinvCmdLen;
};

using enum CommandStatus;
constexpr Field kSystemId{"system_id", 16, kRinvSysId};
constexpr Field kPassword{"password", 9, kRinvPaswd};
constexpr Field kSystemType{"system_type", 13, kRinvSysTyp};
constexpr Field kInterfaceVersion{"interface_version"};
constexpr Field kAddressRange{"address_range", 41, kRbindFail};
constexpr Field kServiceType{"service_type", 6, kRinvSerTyp};
constexpr Field kSource{"source_addr", 21, kRinvSrcAdr};
constexpr Field kDestination{"destination_addr", 21, kRinvDstAdr};
constexpr Field kLongSource{"source_addr", 65, kRinvSrcAdr};
constexpr Field kLongDestination{"destination_addr", 65, kRinvDstAdr};
constexpr Field kEsmeAddr{"esme_addr", 65, kRinvDstAdr};
constexpr Field kListName{"dl_name", 21, kRinvDlName};
constexpr Field kNumberOfDests{"number_of_dests", 0, kRinvNumDests};
constexpr Field kDestFlag{"dest_flag", 0, kRinvDestFlag};
constexpr Field kSchedule{"schedule_delivery_time", 17, kRinvSched};
constexpr Field kValidity{"validity_period", 17, kRinvExpiry};
constexpr Field kFinalDate{"final_date", 17};
constexpr Field kMessageId{"message_id", 65, kRinvMsgId};
constexpr Field kSmLength{"sm_length", 255, kRinvMsgLen};
constexpr Field kShortMessage{"short_message", 255, kRinvMsgLen};
constexpr Field kNoUnsuccess{"no_unsuccess"};
constexpr Field kOctet{"octet"};
constexpr Field kTlvs{"TLV", 0, kRinvTlvStream};

// T, const or not.
template <typename T, typename... Any>
concept Is = (std::same_as<std::remove_const_t<T>, Any> || ...);

template <typename W, Is<Bind> B>
void Layout(W& w, B& b) {
  w.Text(b.system_id, kSystemId);
  w.Text(b.password, kPassword);
  w.Text(b.system_type, kSystemType);
  w.Octet(b.interface_version);
  w.Octet(b.addr_ton);
  w.Octet(b.addr_npi);
  w.Text(b.address_range, kAddressRange);
}
template <typename W, Is<BindResp> B>
void Layout(W& w, B& b) {
  w.Text(b.system_id, kSystemId);
}
template <typename W, Is<Outbind> B>
void Layout(W& w, B& b) {
  w.Text(b.system_id, kSystemId);
  w.Text(b.password, kPassword);
}
template <typename W, Is<GenericNack, Unbind, UnbindResp, EnquireLink, EnquireLinkResp,
                         CancelSmResp, ReplaceSmResp, CancelBroadcastSmResp>
                          B>
void Layout(W&, B&) {}

// From esm_class to short_message: submit_sm, deliver_sm and submit_multi.
template <typename W, typename B>
void MessageLayout(W& w, B& b) {
  w.Octet(b.esm_class);
  w.Octet(b.protocol_id);
  w.Octet(b.priority_flag);
  w.Text(b.schedule_delivery_time, kSchedule);
  w.Text(b.validity_period, kValidity);
  w.Octet(b.registered_delivery);
  w.Octet(b.replace_if_present_flag);
  w.Octet(b.data_coding);
  w.Octet(b.sm_default_msg_id);
  w.Message(b.short_message);
}
template <typename W, Is<SubmitSm, DeliverSm> B>
void Layout(W& w, B& b) {
  w.Text(b.service_type, kServiceType);
  w.Addr(b.source, kSource);
  w.Addr(b.destination, kDestination);
  MessageLayout(w, b);
}
template <typename W,
          Is<SubmitSmResp, DeliverSmResp, DataSmResp, BroadcastSmResp, QueryBroadcastSmResp> B>
void Layout(W& w, B& b) {
  w.Text(b.message_id, kMessageId);
}
template <typename W, Is<DataSm> B>
void Layout(W& w, B& b) {
  w.Text(b.service_type, kServiceType);
  w.Addr(b.source, kLongSource);
  w.Addr(b.destination, kLongDestination);
  w.Octet(b.esm_class);
  w.Octet(b.registered_delivery);
  w.Octet(b.data_coding);
}
template <typename W, Is<SubmitMulti> B>
void Layout(W& w, B& b) {
  w.Text(b.service_type, kServiceType);
  w.Addr(b.source, kSource);
  w.List(b.destinations);
  MessageLayout(w, b);
}
template <typename W, Is<SubmitMultiResp> B>
void Layout(W& w, B& b) {
  w.Text(b.message_id, kMessageId);
  w.List(b.unsuccess);
}
template <typename W, Is<QuerySm, QueryBroadcastSm> B>
void Layout(W& w, B& b) {
  w.Text(b.message_id, kMessageId);
  w.Addr(b.source, kSource);
}
template <typename W, Is<QuerySmResp> B>
void Layout(W& w, B& b) {
  w.Text(b.message_id, kMessageId);
  w.Text(b.final_date, kFinalDate);
  w.Octet(b.message_state);
  w.Octet(b.error_code);
}
template <typename W, Is<CancelSm> B>
void Layout(W& w, B& b) {
  w.Text(b.service_type, kServiceType);
  w.Text(b.message_id, kMessageId);
  w.Addr(b.source, kSource);
  w.Addr(b.destination, kDestination);
}
template <typename W, Is<ReplaceSm> B>
void Layout(W& w, B& b) {
  w.Text(b.message_id, kMessageId);
  w.Addr(b.source, kSource);
  w.Text(b.schedule_delivery_time, kSchedule);
  w.Text(b.validity_period, kValidity);
  w.Octet(b.registered_delivery);
  w.Octet(b.sm_default_msg_id);
  w.Message(b.short_message);
}
template <typename W, Is<AlertNotification> B>
void Layout(W& w, B& b) {
  w.Addr(b.source, kLongSource);
  w.Addr(b.esme, kEsmeAddr);
}
template <typename W, Is<BroadcastSm> B>
void Layout(W& w, B& b) {
  w.Text(b.service_type, kServiceType);
  w.Addr(b.source, kSource);
  w.Text(b.message_id, kMessageId);
  w.Octet(b.priority_flag);
  w.Text(b.schedule_delivery_time, kSchedule);
  w.Text(b.validity_period, kValidity);
  w.Octet(b.replace_if_present_flag);
  w.Octet(b.data_coding);
  w.Octet(b.sm_default_msg_id);
}
template <typename W, Is<CancelBroadcastSm> B>
void Layout(W& w, B& b) {
  w.Text(b.service_type, kServiceType);
  w.Text(b.message_id, kMessageId);
  w.Addr(b.source, kSource);
}

}  // namespace drover::smpp::layout
