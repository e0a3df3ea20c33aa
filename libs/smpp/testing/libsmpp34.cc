#include "libs/smpp/testing/libsmpp34.h"

#include <array>
#include <cstring>

// Each wants the one before.
// clang-format off
extern "C" {
#include <netinet/in.h>
#include <smpp34.h>
#include <smpp34_structs.h>
#include <smpp34_params.h>
}
// clang-format on

#include "libs/smpp/codec.h"

namespace drover::smpp::testing {
namespace {

constexpr int kBuffer = 8192;

// All of its structures begin with the header's four numbers.
union AnyPdu {
  bind_transmitter_t bind;
  bind_transmitter_resp_t bind_resp;
  outbind_t outbind;
  submit_sm_t submit;
  submit_sm_resp_t submit_resp;
  submit_multi_t multi;
  submit_multi_resp_t multi_resp;
  deliver_sm_t deliver;
  deliver_sm_resp_t deliver_resp;
  data_sm_t data;
  data_sm_resp_t data_resp;
  query_sm_t query;
  query_sm_resp_t query_resp;
  cancel_sm_t cancel;
  replace_sm_t replace;
  alert_notification_t alert;
};

const uint8_t* Octets(std::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

void FreeLists(uint32_t command, AnyPdu& pdu) {
  switch (command) {
    case SUBMIT_SM:
      destroy_tlv(pdu.submit.tlv);
      break;
    case SUBMIT_MULTI:
      destroy_tlv(pdu.multi.tlv);
      destroy_dad(pdu.multi.dest_addr_def);
      break;
    case SUBMIT_MULTI_RESP:
      destroy_udad(pdu.multi_resp.unsuccess_smes);
      break;
    case DELIVER_SM:
      destroy_tlv(pdu.deliver.tlv);
      break;
    case DATA_SM:
      destroy_tlv(pdu.data.tlv);
      break;
    case ALERT_NOTIFICATION:
      destroy_tlv(pdu.alert.tlv);
      break;
    case BIND_RECEIVER_RESP:
    case BIND_TRANSMITTER_RESP:
    case BIND_TRANSCEIVER_RESP:
      destroy_tlv(pdu.bind_resp.tlv);
      break;
    default:
      break;
  }
}

template <size_t size>
void Put(uint8_t (&field)[size], std::string_view text) {
  std::memcpy(field, text.data(), std::min(size, text.size()));
}

}  // namespace

Repacked RepackByLibsmpp34(std::string_view pdu) {
  Repacked result;
  AnyPdu structure;
  std::memset(&structure, 0, sizeof structure);
  const auto command = static_cast<uint32_t>(ReadHeader(pdu)->id);
  if (smpp34_unpack(command, &structure, Octets(pdu), static_cast<int>(pdu.size())) != 0) {
    result.error = std::string("unpack: ") + smpp34_strerror;
    FreeLists(command, structure);
    return result;
  }
  std::array<uint8_t, kBuffer> buffer{};
  int length = 0;
  result.ok = smpp34_pack(command, buffer.data(), kBuffer, &length, &structure) == 0;
  if (!result.ok) result.error = std::string("pack: ") + smpp34_strerror;
  result.octets.assign(reinterpret_cast<const char*>(buffer.data()), static_cast<size_t>(length));
  FreeLists(command, structure);
  return result;
}

struct Libsmpp34SubmitSm::Data {
  submit_sm_t structure{};
  std::array<uint8_t, kBuffer> buffer{};
};

Libsmpp34SubmitSm::Libsmpp34SubmitSm() : data_(std::make_unique<Data>()) {}
Libsmpp34SubmitSm::~Libsmpp34SubmitSm() { destroy_tlv(data_->structure.tlv); }

void Libsmpp34SubmitSm::Fill(uint32_t sequence, const SubmitSm& submit) {
  submit_sm_t& s = data_->structure;
  std::memset(&s, 0, sizeof s);
  s.command_id = SUBMIT_SM;
  s.sequence_number = sequence;
  Put(s.service_type, submit.service_type);
  s.source_addr_ton = submit.source.ton;
  s.source_addr_npi = submit.source.npi;
  Put(s.source_addr, submit.source.digits);
  s.dest_addr_ton = submit.destination.ton;
  s.dest_addr_npi = submit.destination.npi;
  Put(s.destination_addr, submit.destination.digits);
  s.esm_class = submit.esm_class;
  s.protocol_id = submit.protocol_id;
  s.priority_flag = submit.priority_flag;
  Put(s.schedule_delivery_time, submit.schedule_delivery_time);
  Put(s.validity_period, submit.validity_period);
  s.registered_delivery = submit.registered_delivery;
  s.replace_if_present_flag = submit.replace_if_present_flag;
  s.data_coding = submit.data_coding;
  s.sm_default_msg_id = submit.sm_default_msg_id;
  s.sm_length = static_cast<uint8_t>(submit.short_message.size());
  Put(s.short_message, submit.short_message);
}

std::string_view Libsmpp34SubmitSm::Pack() {
  int length = 0;
  if (smpp34_pack2(data_->buffer.data(), kBuffer, &length, &data_->structure) != 0) return {};
  return {reinterpret_cast<const char*>(data_->buffer.data()), static_cast<size_t>(length)};
}

std::string Libsmpp34SubmitSm::error() { return smpp34_strerror; }

bool Libsmpp34SubmitSm::Unpack(std::string_view pdu) {
  destroy_tlv(data_->structure.tlv);
  data_->structure.tlv = nullptr;
  return smpp34_unpack2(&data_->structure, Octets(pdu), static_cast<int>(pdu.size())) == 0;
}

}  // namespace drover::smpp::testing
