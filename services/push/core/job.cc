#include "services/push/core/job.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/pap/media_type.h"
#include "libs/wap/content_type.h"
#include "libs/wap/notification_push.h"
#include "libs/wap/si_sl.h"
#include "libs/wap/wsp_push.h"
#include "libs/xml/text.h"
#include "services/push/core/bootstrap.h"
#include "services/push/core/times.h"

namespace drover::push {
namespace {

constexpr size_t kIdOctets = 16;
constexpr size_t kLeastDigits = 5, kMostDigits = 15;  // E.164 and short test numbers.

Result<std::string> IdOfUuid(std::string_view uuid) {
  std::string digits(uuid);
  std::erase(digits, '-');
  Result<std::string> id = base::FromHex(digits);
  if (!id || id->size() != kIdOctets) return InvalidArgument("event_id is no UUID");
  return id;
}

void SetPorts(v1::Job& job) {
  job.set_destination_port(sms::kPushPort);
  job.set_source_port(sms::kPushSourcePort);
}

void SetText(const sms::Coding coding, std::string content, v1::Job& job) {
  job.set_alphabet(coding == sms::Coding::kGsm7 ? v1::Job::GSM7 : v1::Job::UCS2);
  job.set_payload(std::move(content));
}

// The transaction id only tells pushes of one connection apart, of which short messages have none.
uint8_t Tid(std::string_view job_id) { return static_cast<uint8_t>(job_id.back()); }

Result<void> SetPush(wap::Push push, std::string_view job_id, v1::Job& job) {
  push.tid = Tid(job_id);
  DROVER_TRY(wap::AppendPush(push, *job.mutable_payload()));
  SetPorts(job);
  return {};
}

Result<void> SetXml(std::string_view media_type, const std::string& xml, std::string_view job_id,
                    v1::Job& job) {
  DROVER_TRY(const std::optional<wap::BinaryContent> binary, wap::ToBinary(media_type, xml));
  if (!binary) return Internal("no binary form of " + std::string(media_type));
  wap::Push push;
  push.content_type.media = binary->media;
  push.content_type.charset = wap::kCharsetUtf8;
  push.application_id = wap::Name{wap::kApplicationWml, {}};
  push.data = binary->octets;
  return SetPush(std::move(push), job_id, job);
}

std::string XmlText(std::string_view text) {
  std::string out;
  xml::AppendEscaped(text, out);
  return out;
}

std::string Attribute(std::string_view name, std::string_view value) {
  if (value.empty()) return {};
  return " " + std::string(name) + "=\"" + XmlText(value) + "\"";
}

Result<void> SetIndication(const v1::ServiceIndication& si, std::string_view job_id, v1::Job& job) {
  const std::string xml = "<si><indication" + Attribute("href", si.href()) +
                          Attribute("si-id", si.id()) + Attribute("action", si.action()) + ">" +
                          XmlText(si.text()) + "</indication></si>";
  return SetXml("text/vnd.wap.si", xml, job_id, job);
}

Result<void> SetLoading(const v1::ServiceLoading& sl, std::string_view job_id, v1::Job& job) {
  const std::string xml =
      "<sl" + Attribute("href", sl.href()) + Attribute("action", sl.action()) + "/>";
  return SetXml("text/vnd.wap.sl", xml, job_id, job);
}

Result<void> SetOctets(const v1::Octets& octets, std::string_view job_id, v1::Job& job) {
  if (octets.content_type().empty()) return InvalidArgument("octets without content_type");
  DROVER_TRY(const pap::MediaType media, pap::ParseMediaType(octets.content_type()));
  DROVER_TRY(const std::optional<wap::BinaryContent> binary,
             wap::ToBinary(media.type, octets.body()));
  std::string parameters;
  wap::Push push;
  DROVER_TRY(push.content_type, wap::ContentTypeOf(media, parameters));
  if (binary) push.content_type.media = binary->media;
  if (!octets.application_id().empty()) {
    push.application_id = wap::ApplicationIdName(octets.application_id());
  }
  push.data = binary ? std::string_view(binary->octets) : std::string_view(octets.body());
  return SetPush(std::move(push), job_id, job);
}

Result<void> SetBootstrap(const v1::Bootstrap& bootstrap, const Recipient& recipient,
                          std::string_view server_id, std::string_view job_id, v1::Job& job) {
  DROVER_TRY(*job.mutable_payload(), BootstrapPush(bootstrap, recipient, server_id, Tid(job_id)));
  job.set_class_(v1::Job::BOOTSTRAP);
  SetPorts(job);
  return {};
}

void SetNotification(std::string_view package0, std::string_view job_id, v1::Job& job) {
  job.set_class_(v1::Job::NOTIFICATION);
  wap::AppendNotificationPush(Tid(job_id), package0, *job.mutable_payload());
  SetPorts(job);
}

Result<void> SetContent(const v1::SendPushRequest& request, const Recipient& recipient,
                        std::string_view server_id, std::string_view job_id, v1::Job& job) {
  switch (request.content_case()) {
    case v1::SendPushRequest::kText: {
      const sms::Coding coding = sms::CodingFor(request.text());
      DROVER_TRY(std::string content, sms::EncodeText(request.text(), coding));
      SetText(coding, std::move(content), job);
      return {};
    }
    case v1::SendPushRequest::kIndication:
      return SetIndication(request.indication(), job_id, job);
    case v1::SendPushRequest::kLoading:
      return SetLoading(request.loading(), job_id, job);
    case v1::SendPushRequest::kOctets:
      return SetOctets(request.octets(), job_id, job);
    case v1::SendPushRequest::kBootstrap:
      return SetBootstrap(request.bootstrap(), recipient, server_id, job_id, job);
    case v1::SendPushRequest::kNotification:
      if (recipient.package0.empty()) return Internal("a notification that nobody has made");
      SetNotification(recipient.package0, job_id, job);
      return {};
    case v1::SendPushRequest::CONTENT_NOT_SET:
      break;
  }
  return InvalidArgument(
      "a push without content: text, indication, loading, octets, bootstrap or notification");
}

}  // namespace

Result<v1::Job> NotificationJob(const events::v1::WakeupRequested& wakeup, std::string msisdn,
                                std::string_view package0, TimePoint now) {
  v1::Job job;
  DROVER_TRY(*job.mutable_id(), IdOfUuid(wakeup.event_id()));
  job.set_msisdn(std::move(msisdn));
  job.set_priority(v1::MEDIUM);
  *job.mutable_accepted_at() = ToProto(now);
  if (wakeup.has_expires_at()) *job.mutable_deliver_before() = wakeup.expires_at();
  job.mutable_wakeup()->set_event_id(wakeup.event_id());
  job.mutable_wakeup()->set_device_id(wakeup.device_id());
  SetNotification(package0, job.id(), job);
  return job;
}

Result<v1::Job> RequestedJob(const v1::SendPushRequest& request, const Recipient& recipient,
                             std::string_view server_id, std::string_view job_id, TimePoint now) {
  v1::Job job;
  job.set_id(std::string(job_id));
  job.set_msisdn(recipient.msisdn);
  job.set_class_(v1::Job::SERVICE);
  job.set_priority(request.priority() == 0 ? v1::MEDIUM : request.priority());
  job.set_smsc(request.smsc());
  *job.mutable_accepted_at() = ToProto(now);
  if (request.has_deliver_after()) *job.mutable_deliver_after() = request.deliver_after();
  if (request.has_deliver_before()) *job.mutable_deliver_before() = request.deliver_before();
  DROVER_TRY(SetContent(request, recipient, server_id, job_id, job));
  return job;
}

Result<v1::Job> ConfirmationJob(const registration::ShortMessage& message, std::string msisdn,
                                std::string_view job_id, std::string_view smsc, TimePoint now) {
  constexpr uint8_t kUdhi = 0x40;
  v1::Job job;
  job.set_id(std::string(job_id));
  job.set_msisdn(std::move(msisdn));
  job.set_class_(v1::Job::SERVICE);
  job.set_priority(v1::LOW);
  job.set_unconfirmed(true);
  job.set_smsc(std::string(smsc));
  *job.mutable_accepted_at() = ToProto(now);
  if (message.validity.count() > 0) {
    *job.mutable_deliver_before() = ToProto(now + message.validity);
  }
  sms::UserData data{{}, message.user_data};
  if ((message.esm_class & kUdhi) != 0) {
    DROVER_TRY(data, sms::DecodeUserData(message.user_data));
  }
  if (data.udh.ports) {
    job.set_destination_port(data.udh.ports->destination);
    job.set_source_port(data.udh.ports->source);
  }
  job.set_payload(std::string(data.payload));
  job.mutable_confirmation()->set_source_address(message.source.digits);
  job.mutable_confirmation()->set_data_coding(message.data_coding);
  return job;
}

Result<sms::Plan> PlanOf(const v1::Job& job, uint8_t ref_bits, size_t most_segments, bool packed) {
  sms::Layout layout;
  if (job.alphabet() == v1::Job::GSM7) layout.coding = sms::Coding::kGsm7;
  if (job.alphabet() == v1::Job::UCS2) layout.coding = sms::Coding::kUcs2;
  layout.packed = packed && layout.coding == sms::Coding::kGsm7;
  if (job.destination_port() != 0) {
    layout.ports = sms::Ports{static_cast<uint16_t>(job.destination_port()),
                              static_cast<uint16_t>(job.source_port())};
  }
  constexpr uint8_t kNarrow = 8;
  if (ref_bits == kNarrow) layout.concatenation = sms::Concatenation::kReference8;
  return sms::Plan::Make(job.payload(), layout, most_segments);
}

Result<std::string> Msisdn(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (text.starts_with("00")) text.remove_prefix(2);
  const bool digits =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= '0' && c <= '9'; });
  if (!digits || text.size() < kLeastDigits || text.size() > kMostDigits) {
    return InvalidArgument("a number: 5 to 15 digits, in international form");
  }
  return std::string(text);
}

}  // namespace drover::push
