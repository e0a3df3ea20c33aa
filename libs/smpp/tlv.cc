#include "libs/smpp/tlv.h"

#include <algorithm>
#include <array>

namespace drover::smpp {
namespace {

struct Known {
  Tag tag;
  TlvForm form;
  std::string_view name;
};

// By tag. SMPP v3.4, section 5.3.1; v5.0, section 4.8.1.
constexpr std::array kKnown = {
    Known{Tag::kDestAddrSubunit, TlvForm::kNumber1, "dest_addr_subunit"},
    Known{Tag::kDestNetworkType, TlvForm::kNumber1, "dest_network_type"},
    Known{Tag::kDestBearerType, TlvForm::kNumber1, "dest_bearer_type"},
    Known{Tag::kDestTelematicsId, TlvForm::kNumber2, "dest_telematics_id"},
    Known{Tag::kSourceAddrSubunit, TlvForm::kNumber1, "source_addr_subunit"},
    Known{Tag::kSourceNetworkType, TlvForm::kNumber1, "source_network_type"},
    Known{Tag::kSourceBearerType, TlvForm::kNumber1, "source_bearer_type"},
    Known{Tag::kSourceTelematicsId, TlvForm::kNumber1, "source_telematics_id"},
    Known{Tag::kQosTimeToLive, TlvForm::kNumber4, "qos_time_to_live"},
    Known{Tag::kPayloadType, TlvForm::kNumber1, "payload_type"},
    Known{Tag::kAdditionalStatusInfoText, TlvForm::kText, "additional_status_info_text"},
    Known{Tag::kReceiptedMessageId, TlvForm::kText, "receipted_message_id"},
    Known{Tag::kMsMsgWaitFacilities, TlvForm::kNumber1, "ms_msg_wait_facilities"},
    Known{Tag::kPrivacyIndicator, TlvForm::kNumber1, "privacy_indicator"},
    Known{Tag::kSourceSubaddress, TlvForm::kOctets, "source_subaddress"},
    Known{Tag::kDestSubaddress, TlvForm::kOctets, "dest_subaddress"},
    Known{Tag::kUserMessageReference, TlvForm::kNumber2, "user_message_reference"},
    Known{Tag::kUserResponseCode, TlvForm::kNumber1, "user_response_code"},
    Known{Tag::kSourcePort, TlvForm::kNumber2, "source_port"},
    Known{Tag::kDestinationPort, TlvForm::kNumber2, "destination_port"},
    Known{Tag::kSarMsgRefNum, TlvForm::kNumber2, "sar_msg_ref_num"},
    Known{Tag::kLanguageIndicator, TlvForm::kNumber1, "language_indicator"},
    Known{Tag::kSarTotalSegments, TlvForm::kNumber1, "sar_total_segments"},
    Known{Tag::kSarSegmentSeqnum, TlvForm::kNumber1, "sar_segment_seqnum"},
    Known{Tag::kScInterfaceVersion, TlvForm::kNumber1, "sc_interface_version"},
    Known{Tag::kCallbackNumPresInd, TlvForm::kNumber1, "callback_num_pres_ind"},
    Known{Tag::kCallbackNumAtag, TlvForm::kOctets, "callback_num_atag"},
    Known{Tag::kNumberOfMessages, TlvForm::kNumber1, "number_of_messages"},
    Known{Tag::kCallbackNum, TlvForm::kOctets, "callback_num"},
    Known{Tag::kDpfResult, TlvForm::kNumber1, "dpf_result"},
    Known{Tag::kSetDpf, TlvForm::kNumber1, "set_dpf"},
    Known{Tag::kMsAvailabilityStatus, TlvForm::kNumber1, "ms_availability_status"},
    Known{Tag::kNetworkErrorCode, TlvForm::kOctets, "network_error_code"},
    Known{Tag::kMessagePayload, TlvForm::kOctets, "message_payload"},
    Known{Tag::kDeliveryFailureReason, TlvForm::kNumber1, "delivery_failure_reason"},
    Known{Tag::kMoreMessagesToSend, TlvForm::kNumber1, "more_messages_to_send"},
    Known{Tag::kMessageState, TlvForm::kNumber1, "message_state"},
    Known{Tag::kCongestionState, TlvForm::kNumber1, "congestion_state"},
    Known{Tag::kUssdServiceOp, TlvForm::kNumber1, "ussd_service_op"},
    Known{Tag::kBroadcastChannelIndicator, TlvForm::kNumber1, "broadcast_channel_indicator"},
    Known{Tag::kBroadcastContentType, TlvForm::kOctets, "broadcast_content_type"},
    Known{Tag::kBroadcastContentTypeInfo, TlvForm::kOctets, "broadcast_content_type_info"},
    Known{Tag::kBroadcastMessageClass, TlvForm::kNumber1, "broadcast_message_class"},
    Known{Tag::kBroadcastRepNum, TlvForm::kNumber2, "broadcast_rep_num"},
    Known{Tag::kBroadcastFrequencyInterval, TlvForm::kOctets, "broadcast_frequency_interval"},
    Known{Tag::kBroadcastAreaIdentifier, TlvForm::kOctets, "broadcast_area_identifier"},
    Known{Tag::kBroadcastErrorStatus, TlvForm::kNumber4, "broadcast_error_status"},
    Known{Tag::kBroadcastAreaSuccess, TlvForm::kNumber1, "broadcast_area_success"},
    Known{Tag::kBroadcastEndTime, TlvForm::kText, "broadcast_end_time"},
    Known{Tag::kBroadcastServiceGroup, TlvForm::kOctets, "broadcast_service_group"},
    Known{Tag::kBillingIdentification, TlvForm::kOctets, "billing_identification"},
    Known{Tag::kSourceNetworkId, TlvForm::kText, "source_network_id"},
    Known{Tag::kDestNetworkId, TlvForm::kText, "dest_network_id"},
    Known{Tag::kSourceNodeId, TlvForm::kOctets, "source_node_id"},
    Known{Tag::kDestNodeId, TlvForm::kOctets, "dest_node_id"},
    Known{Tag::kDestAddrNpResolution, TlvForm::kNumber1, "dest_addr_np_resolution"},
    Known{Tag::kDestAddrNpInformation, TlvForm::kOctets, "dest_addr_np_information"},
    Known{Tag::kDestAddrNpCountry, TlvForm::kOctets, "dest_addr_np_country"},
    Known{Tag::kDisplayTime, TlvForm::kNumber1, "display_time"},
    Known{Tag::kSmsSignal, TlvForm::kNumber2, "sms_signal"},
    Known{Tag::kMsValidity, TlvForm::kNumber1, "ms_validity"},
    Known{Tag::kAlertOnMessageDelivery, TlvForm::kFlag, "alert_on_message_delivery"},
    Known{Tag::kItsReplyType, TlvForm::kNumber1, "its_reply_type"},
    Known{Tag::kItsSessionInfo, TlvForm::kOctets, "its_session_info"},
};

const Known* FindKnown(Tag tag) {
  const auto* const found = std::lower_bound(kKnown.begin(), kKnown.end(), tag,
                                             [](const Known& k, Tag t) { return k.tag < t; });
  return found != kKnown.end() && found->tag == tag ? found : nullptr;
}

size_t Width(TlvForm form) {
  switch (form) {
    case TlvForm::kNumber1:
      return 1;
    case TlvForm::kNumber2:
      return 2;
    case TlvForm::kNumber4:
      return 4;
    default:
      return 0;
  }
}

uint16_t Read16(std::string_view octets) {
  return static_cast<uint16_t>(static_cast<uint8_t>(octets[0]) << 8 |
                               static_cast<uint8_t>(octets[1]));
}

}  // namespace

TlvForm FormOf(Tag tag) {
  const Known* const known = FindKnown(tag);
  return known != nullptr ? known->form : TlvForm::kOctets;
}

std::string_view Name(Tag tag) {
  if (const Known* const known = FindKnown(tag)) return known->name;
  return IsVendor(tag) ? "vendor" : "unknown";
}

void Tlvs::Iterator::Read() {
  now_ = {};
  const size_t length = rest_.size() < 4 ? SIZE_MAX : Read16(rest_.substr(2));
  if (rest_.size() < 4 || rest_.size() - 4 < length) {
    unread_ = rest_.size();
    rest_ = {};
    return;
  }
  now_ = {.tag = static_cast<Tag>(Read16(rest_)), .value = rest_.substr(4, length)};
}

bool Tlvs::well_formed() const {
  Iterator at = begin();
  while (at != end()) ++at;
  return at.unread() == 0;
}

std::optional<std::string_view> Tlvs::Find(Tag tag) const {
  for (const Tlv& tlv : *this) {
    if (tlv.tag == tag) return tlv.value;
  }
  return std::nullopt;
}

std::optional<uint32_t> Tlvs::Number(Tag tag) const {
  const std::optional<std::string_view> value = Find(tag);
  if (!value || value->empty() || value->size() != Width(FormOf(tag))) return std::nullopt;
  uint32_t number = 0;
  for (const char c : *value) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

std::optional<std::string_view> Tlvs::Text(Tag tag) const {
  std::optional<std::string_view> value = Find(tag);
  if (value) value = value->substr(0, value->find('\0'));
  return value;
}

std::optional<NetworkErrorCode> Tlvs::network_error_code() const {
  const std::optional<std::string_view> value = Find(Tag::kNetworkErrorCode);
  if (!value || value->size() != 3) return std::nullopt;
  return NetworkErrorCode{.network = static_cast<NetworkErrorCode::Network>(value->front()),
                          .code = Read16(value->substr(1))};
}

TlvWriter& TlvWriter::Octets(Tag tag, std::string_view value) {
  if (value.size() > UINT16_MAX) {
    ok_ = false;
    return *this;
  }
  const auto number = static_cast<uint16_t>(tag);
  const char head[] = {static_cast<char>(number >> 8), static_cast<char>(number),
                       static_cast<char>(value.size() >> 8), static_cast<char>(value.size())};
  out_.append(head, sizeof head).append(value);
  return *this;
}

TlvWriter& TlvWriter::Number(Tag tag, uint32_t value) {
  const size_t width = std::max<size_t>(1, Width(FormOf(tag)));
  std::array<char, 4> octets{};
  for (size_t i = 0; i < width; ++i) {
    octets.at(width - 1 - i) = static_cast<char>(value >> (8 * i));
  }
  return Octets(tag, {octets.data(), width});
}

TlvWriter& TlvWriter::Text(Tag tag, std::string_view value) {
  std::string octets(value);
  octets.push_back('\0');
  return Octets(tag, octets);
}

TlvWriter& TlvWriter::Network(const NetworkErrorCode& value) {
  const char octets[] = {static_cast<char>(value.network), static_cast<char>(value.code >> 8),
                         static_cast<char>(value.code)};
  return Octets(Tag::kNetworkErrorCode, {octets, sizeof octets});
}

}  // namespace drover::smpp
