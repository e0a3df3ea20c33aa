#include "services/push/core/submission.h"

#include "libs/smpp/time_text.h"
#include "libs/smpp/tlv.h"
#include "libs/sms/segments.h"
#include "services/push/core/job.h"

namespace drover::push {
namespace {

constexpr uint8_t kDefaultAlphabet = 0x00;
constexpr uint8_t kUcs2 = 0x08;

uint8_t DataCoding(const v1::Job& job, const Smsc& smsc) {
  if (job.has_confirmation()) return static_cast<uint8_t>(job.confirmation().data_coding());
  switch (job.alphabet()) {
    case v1::Job::GSM7:
      return kDefaultAlphabet;
    case v1::Job::UCS2:
      return kUcs2;
    default:
      return smsc.data_coding;
  }
}

void AppendPorts(const v1::Job& job, smpp::TlvWriter& tlvs) {
  if (job.destination_port() == 0) return;
  tlvs.Number(smpp::Tag::kDestinationPort, job.destination_port());
  tlvs.Number(smpp::Tag::kSourcePort, job.source_port());
}

// The SMSC cuts it: ports as TLVs, all content in message_payload.
void AppendWhole(const v1::Job& job, bool packed, std::string& tlvs) {
  smpp::TlvWriter writer(tlvs);
  AppendPorts(job, writer);
  std::string septets;
  if (packed) sms::AppendPacked(job.payload(), 0, septets);
  writer.Octets(smpp::Tag::kMessagePayload, packed ? septets : job.payload());
}

// A segment whose header the SMSC writes, for which its cut has left room.
void AppendSar(const v1::Job& job, const sms::Plan& plan, const dispatch::Send& send,
               std::string& user_data, std::string& tlvs) {
  smpp::TlvWriter writer(tlvs);
  AppendPorts(job, writer);
  if (send.total > 1) {
    writer.Number(smpp::Tag::kSarMsgRefNum, send.ref);
    writer.Number(smpp::Tag::kSarTotalSegments, send.total);
    writer.Number(smpp::Tag::kSarSegmentSeqnum, send.ticket.segment);
  }
  const std::string_view content = plan.Payload(send.ticket.segment);
  if (plan.layout().packed) {
    sms::AppendPacked(content, 0, user_data);
  } else {
    user_data.append(content);
  }
}

std::string ValidityText(Validity form, dispatch::Duration left, TimePoint now) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(left);
  if (form == Validity::kNone || seconds.count() <= 0) return {};
  return form == Validity::kRelative ? smpp::RelativeTime(seconds)
                                     : smpp::AbsoluteTime(now + seconds);
}

}  // namespace

std::string_view OriginatorOf(const v1::Job& job, const Smsc& smsc) {
  const bool own = job.has_confirmation() && !job.confirmation().source_address().empty();
  return own ? std::string_view(job.confirmation().source_address()) : smsc.source;
}

Result<Submission> Submission::Make(const v1::Job& job, std::string_view msisdn,
                                    const dispatch::Send& send, const Smsc& smsc, TimePoint now) {
  Submission out;
  out.source_ = OriginatorOf(job, smsc);
  out.source_ton_ = smsc.source_ton;
  out.source_npi_ = smsc.source_npi;
  out.destination_ = msisdn;
  out.destination_ton_ = smsc.destination_ton;
  out.destination_npi_ = smsc.destination_npi;
  out.data_coding_ = DataCoding(job, smsc);
  out.protocol_id_ = smsc.protocol_id;
  out.registered_delivery_ =
      smsc.rules.receipts && !job.unconfirmed() ? smpp::registered::kFinal : 0;
  out.validity_ = ValidityText(smsc.validity, send.validity, now);
  if (send.gate == dispatch::Gate::kTransaction) out.esm_class_ |= smpp::esm::kTransaction;
  const bool packed = smsc.text_packed && job.alphabet() == v1::Job::GSM7;
  if (send.whole || (smsc.segmentation == Segmentation::kPayload && send.total == 1)) {
    AppendWhole(job, packed, out.tlvs_);
  } else {
    DROVER_TRY(const sms::Plan plan, PlanOf(job, send.ref_bits, send.total, smsc.text_packed));
    if (plan.count() != send.total) {
      return InvalidArgument("the content makes another number of segments than it did");
    }
    if (smsc.segmentation == Segmentation::kSar) {
      AppendSar(job, plan, send, out.user_data_, out.tlvs_);
    } else {
      plan.AppendSegment(send.ticket.segment, send.ref, out.user_data_);
      if (plan.has_udh()) out.esm_class_ |= smpp::esm::kUdhi;
    }
  }
  smpp::TlvWriter tlvs(out.tlvs_);
  if (smsc.more_messages && send.more_messages) tlvs.Number(smpp::Tag::kMoreMessagesToSend, 1);
  if (smsc.rules.alert == dispatch::AlertMode::kDeliveryPendingFlag) {
    tlvs.Number(smpp::Tag::kSetDpf, 1);
  }
  out.tlvs_ += smsc.tlvs;
  return out;
}

smpp::SubmitSm Submission::pdu() const {
  smpp::SubmitSm pdu;
  pdu.source = {source_ton_, source_npi_, source_};
  pdu.destination = {destination_ton_, destination_npi_, destination_};
  pdu.esm_class = esm_class_;
  pdu.protocol_id = protocol_id_;
  pdu.validity_period = validity_;
  pdu.registered_delivery = registered_delivery_;
  pdu.data_coding = data_coding_;
  pdu.short_message = user_data_;
  pdu.tlvs = smpp::Tlvs(tlvs_);
  return pdu;
}

}  // namespace drover::push
