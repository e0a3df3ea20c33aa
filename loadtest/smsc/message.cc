#include "loadtest/smsc/message.h"

#include "libs/smpp/time_text.h"
#include "libs/sms/segments.h"

namespace drover::smsc {
namespace {

using smpp::CommandStatus;
using smpp::Tag;

constexpr size_t kMaxSeptets = 160;

// data_coding as far as lengths go: GSM 7-bit unpacked, UCS-2, or octets.
sms::Coding CodingOf(uint8_t data_coding) {
  if (data_coding == 0 || data_coding == 1) return sms::Coding::kGsm7;
  if (data_coding == 8) return sms::Coding::kUcs2;
  if ((data_coding & 0xF0) == 0xF0 && (data_coding & 0x04) == 0) return sms::Coding::kGsm7;
  return sms::Coding::kOctets;
}

bool Fits(const sms::Udh& udh, size_t payload, sms::Coding coding) {
  const size_t header = sms::UdhOctets(udh);
  if (coding != sms::Coding::kGsm7) return header + payload <= sms::kUserDataOctets;
  return (header * 8 + 6) / 7 + payload <= kMaxSeptets;
}

std::optional<sms::Ports> PortsOf(const smpp::Tlvs& tlvs) {
  const auto destination = tlvs.Number(Tag::kDestinationPort);
  const auto source = tlvs.Number(Tag::kSourcePort);
  if (!destination && !source) return std::nullopt;
  return sms::Ports{static_cast<uint16_t>(destination.value_or(0)),
                    static_cast<uint16_t>(source.value_or(0)), true};
}

std::optional<sms::Concat> ConcatOf(const smpp::Tlvs& tlvs) {
  const auto reference = tlvs.Number(Tag::kSarMsgRefNum);
  const auto total = tlvs.Number(Tag::kSarTotalSegments);
  const auto sequence = tlvs.Number(Tag::kSarSegmentSeqnum);
  if (!reference || !total || !sequence) return std::nullopt;
  return sms::Concat{static_cast<uint16_t>(*reference), static_cast<uint8_t>(*total),
                     static_cast<uint8_t>(*sequence), true};
}

CommandStatus Cut(const sms::Udh& udh, std::string_view payload, sms::Coding coding,
                  uint16_t reference, Submission& out) {
  if (udh.concat) return CommandStatus::kRinvMsgLen;  // A segment that is too long already.
  if (coding == sms::Coding::kUcs2 && payload.size() % 2 != 0) return CommandStatus::kRinvMsgLen;
  const sms::Layout layout{.coding = coding, .ports = udh.ports};
  const auto plan = sms::Plan::Make(std::string(payload), layout, sms::kMaxSegments);
  if (!plan) return CommandStatus::kRinvMsgLen;
  for (size_t k = 1; k <= plan->count(); ++k) {
    const sms::Concat concat{reference, static_cast<uint8_t>(plan->count()),
                             static_cast<uint8_t>(k), true};
    out.parts.push_back({udh.ports, concat, std::string(plan->Payload(k))});
  }
  return CommandStatus::kRok;
}

// user_data with its header, if esm_class says so, and what the TLVs say of ports and segments.
CommandStatus ReadUserData(std::string_view user_data, const smpp::Tlvs& tlvs, uint16_t reference,
                           Submission& out) {
  sms::UserData read{.payload = user_data};
  const auto ports = PortsOf(tlvs);
  const auto concat = ConcatOf(tlvs);
  if ((out.esm_class & smpp::esm::kUdhi) != 0) {
    auto decoded = sms::DecodeUserData(user_data);
    if (!decoded) return CommandStatus::kRinvEsmClass;
    read = *std::move(decoded);
    if ((ports && read.udh.ports) || (concat && read.udh.concat)) {
      return CommandStatus::kRtlvNotAllwd;
    }
  }
  if (ports) read.udh.ports = ports;
  if (concat) read.udh.concat = concat;
  const sms::Coding coding = CodingOf(out.data_coding);
  if (!Fits(read.udh, read.payload.size(), coding)) {
    return Cut(read.udh, read.payload, coding, reference, out);
  }
  out.parts.push_back({read.udh.ports, read.udh.concat, std::string(read.payload)});
  return CommandStatus::kRok;
}

template <typename Pdu>
void TakeCommon(const Pdu& pdu, Submission& out) {
  out.source = Number::Of(pdu.source);
  out.destination = Number::Of(pdu.destination);
  out.esm_class = pdu.esm_class;
  out.data_coding = pdu.data_coding;
  out.registered_delivery = pdu.registered_delivery;
  out.set_dpf =
      pdu.tlvs.Number(Tag::kSetDpf).value_or(0) == 1 || pdu.tlvs.Has(Tag::kAlertOnMessageDelivery);
  out.more = pdu.tlvs.Number(Tag::kMoreMessagesToSend).value_or(0) == 1;
}

CommandStatus ReadTime(std::string_view text, TimePoint now, CommandStatus wrong,
                       std::optional<TimePoint>& out) {
  if (text.empty()) return CommandStatus::kRok;
  const auto time = smpp::ParseTime(text, now);
  if (!time) return wrong;
  out = *time;
  return CommandStatus::kRok;
}

}  // namespace

Taken Take(const smpp::SubmitSm& pdu, uint16_t reference, TimePoint now) {
  Submission out;
  TakeCommon(pdu, out);
  if (out.destination.digits.empty()) return Refused{CommandStatus::kRinvDstAdr};
  CommandStatus status =
      ReadTime(pdu.schedule_delivery_time, now, CommandStatus::kRinvSched, out.deliver_after);
  if (status != CommandStatus::kRok) return Refused{status};
  status = ReadTime(pdu.validity_period, now, CommandStatus::kRinvExpiry, out.expires);
  if (status != CommandStatus::kRok) return Refused{status};
  const auto payload = pdu.tlvs.Find(Tag::kMessagePayload);
  if (payload && !pdu.short_message.empty()) return Refused{CommandStatus::kRtlvNotAllwd};
  status = ReadUserData(payload.value_or(pdu.short_message), pdu.tlvs, reference, out);
  if (status != CommandStatus::kRok) return Refused{status};
  return out;
}

Taken Take(const smpp::DataSm& pdu, uint16_t reference, TimePoint now) {
  Submission out;
  TakeCommon(pdu, out);
  out.sender.data_sm = true;
  if (out.destination.digits.empty()) return Refused{CommandStatus::kRinvDstAdr};
  if (const auto seconds = pdu.tlvs.Number(Tag::kQosTimeToLive)) {
    out.expires = now + std::chrono::seconds(*seconds);
  }
  const std::string_view payload = pdu.tlvs.Find(Tag::kMessagePayload).value_or(std::string_view());
  const CommandStatus status = ReadUserData(payload, pdu.tlvs, reference, out);
  if (status != CommandStatus::kRok) return Refused{status};
  return out;
}

}  // namespace drover::smsc
