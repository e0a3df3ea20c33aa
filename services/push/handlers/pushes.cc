#include "services/push/handlers/pushes.h"

#include <openssl/evp.h>

#include "libs/base/bytes.h"
#include "services/push/core/times.h"
#include "services/push/handlers/addressed.h"

namespace drover::push {
namespace {

constexpr size_t kMostIdOctets = 255;
constexpr uint32_t kAccepted = 1001;
constexpr size_t kJobIdOctets = 16;

std::string DigestOf(v1::SendPushRequest request) {
  request.clear_push_id();
  const std::string octets = request.SerializeAsString();
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  EVP_Digest(octets.data(), octets.size(), digest, &length, EVP_sha256(), nullptr);
  return {reinterpret_cast<const char*>(digest), length};
}

events::v1::OutboxBatch Announce(v1::Job job) {
  events::v1::OutboxBatch outbox;
  events::v1::OutboxBatch::Record& record = *outbox.add_records();
  record.set_topic(kWorkTopic);
  record.set_key(job.msisdn());
  v1::PushWork work;
  *work.mutable_job() = std::move(job);
  record.set_payload(work.SerializeAsString());
  return outbox;
}

Result<void> CheckTimes(const v1::SendPushRequest& request, TimePoint now) {
  if (!request.has_deliver_before()) return {};
  const TimePoint before = FromProto(request.deliver_before());
  if (before <= now) return InvalidArgument("deliver_before has passed");
  if (request.has_deliver_after() && FromProto(request.deliver_after()) >= before) {
    return InvalidArgument("deliver_after must come before deliver_before");
  }
  return {};
}

// What is not said is as wake-ups have it.
Result<NotificationStyle> StyleOf(const v1::Notification& wanted, NotificationStyle style) {
  using notification::Initiator;
  constexpr uint32_t kMostVersion = 1023;
  if (!v1::Notification::UiMode_IsValid(wanted.ui_mode()) ||
      !v1::Notification::Initiator_IsValid(wanted.initiator()) || wanted.version() > kMostVersion) {
    return InvalidArgument("a notification's ui_mode, initiator or version that there is not");
  }
  if (wanted.ui_mode() != v1::Notification::UI_MODE_UNSPECIFIED) {
    style.ui_mode = static_cast<notification::UiMode>(wanted.ui_mode() - 1);
  }
  if (wanted.initiator() != v1::Notification::INITIATOR_UNSPECIFIED) {
    const bool client = wanted.initiator() == v1::Notification::CLIENT;
    style.initiator = client ? Initiator::kClient : Initiator::kServer;
  }
  if (wanted.version() != 0) style.version = static_cast<uint16_t>(wanted.version());
  return style;
}

}  // namespace

v1::Push ToProto(const StoredPush& push) {
  v1::Push out;
  out.set_push_id(push.push_id);
  out.set_account(push.account);
  out.set_device_id(push.device_id);
  out.set_msisdn(push.msisdn);
  out.set_state(static_cast<v1::PushState>(push.state));
  out.set_code(static_cast<uint32_t>(push.code));
  out.set_cause(push.cause);
  out.set_segments(static_cast<uint32_t>(push.segments));
  out.set_delivered_segments(static_cast<uint32_t>(push.delivered_segments));
  *out.mutable_accepted_at() = ToProto(push.accepted_at);
  *out.mutable_deliver_before() = ToProto(push.deliver_before);
  if (push.ended_at) *out.mutable_ended_at() = ToProto(*push.ended_at);
  return out;
}

Pushes::Pushes(Ports ports, Config config, Clock clock, RandomOctets random, Metrics& metrics)
    : ports_(ports),
      config_(std::move(config)),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics) {}

Task<Recipient> Pushes::Resolve(const v1::Address& address, Deadline deadline) {
  DROVER_CO_TRY(const Addressed wanted, Normalise(address));
  DROVER_CO_TRY(const std::vector<registration::Pairing> found,
                co_await FindAddressed(ports_.registrations, wanted, deadline));
  Recipient recipient;
  if (wanted.by == By::kDevice) recipient.device_id = wanted.key;
  if (wanted.by == By::kMsisdn) recipient.msisdn = wanted.key;
  if (!found.empty()) {
    if (recipient.msisdn.empty()) recipient.msisdn = found.front().facts.msisdn;
    recipient.imsi = found.front().facts.imsi;
    recipient.device_id = found.front().device.value();
  }
  if (recipient.msisdn.empty()) {
    co_return NotFound("no number of this terminal is known: it has not registered");
  }
  co_return recipient;
}

Task<StoredPush> Pushes::Find(const std::string& account, const std::string& push_id,
                              Deadline deadline) {
  PushKey key;
  key.account = account.empty() ? kGrpcAccount : account;
  key.push_id = push_id;
  const std::vector<PushKey> keys(1, key);
  DROVER_CO_TRY(std::vector<StoredPush> found, co_await ports_.pushes.Find(keys, deadline));
  if (found.empty()) co_return NotFound("no push " + push_id + " is known");
  co_return std::move(found.front());
}

Task<v1::Push> Pushes::Send(v1::SendPushRequest request, Deadline deadline) {
  if (request.push_id().size() > kMostIdOctets || !base::IsUtf8(request.push_id())) {
    co_return InvalidArgument("push_id: at most 255 octets of UTF-8");
  }
  DROVER_CO_TRY(CheckTimes(request, clock_()));
  const std::string digest = DigestOf(request);
  // The second time a rival's row is there.
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!request.push_id().empty()) {
      const std::string account = kGrpcAccount;
      const Result<StoredPush> stored = co_await Find(account, request.push_id(), deadline);
      if (stored && stored->digest == digest) co_return ToProto(*stored);
      if (stored) {
        co_return AlreadyExists("push_id " + request.push_id() + " was used for another push");
      }
      if (stored.error().code != Code::kNotFound) co_return stored.error();
    }
    DROVER_CO_TRY(Recipient recipient, co_await Resolve(request.to(), deadline));
    if (request.has_notification()) {
      DROVER_CO_TRY(recipient.package0,
                    co_await Notification(request.notification(), recipient.device_id, deadline));
    }
    Result<v1::Push> accepted = co_await Accept(request, recipient, digest, deadline);
    if (accepted || accepted.error().code != Code::kAlreadyExists) co_return accepted;
  }
  co_return Aborted("push_id " + request.push_id() + " is being used by another caller");
}

Task<std::string> Pushes::Notification(const v1::Notification& wanted, const std::string& device_id,
                                       Deadline deadline) {
  if (device_id.empty()) {
    co_return NotFound("no terminal is known at this number: it has not registered");
  }
  NotificationWish wish{device_id, wanted.session_id(), config_.notification};
  DROVER_CO_TRY(wish.style, StyleOf(wanted, config_.notification));
  if (wish.session_id > UINT16_MAX) co_return InvalidArgument("session_id: 1 to 65535");
  while (wish.session_id == 0) {
    const std::string octets = random_(2);
    wish.session_id = static_cast<uint8_t>(octets[0]) << 8 | static_cast<uint8_t>(octets[1]);
  }
  const std::vector<NotificationWish> wishes(1, wish);
  DROVER_CO_TRY(auto made, co_await ports_.notifications.Make(wishes, deadline));
  co_return std::move(made.front());
}

Task<v1::Push> Pushes::Accept(const v1::SendPushRequest& request, const Recipient& recipient,
                              const std::string& digest, Deadline deadline) {
  const TimePoint now = clock_();
  const std::string job_id = random_(kJobIdOctets);
  DROVER_CO_TRY(v1::Job job, RequestedJob(request, recipient, config_.server_id, job_id, now));
  if (!job.has_deliver_before()) *job.mutable_deliver_before() = ToProto(now + config_.ttl);
  DROVER_CO_TRY(const sms::Plan plan, PlanOf(job, config_.ref_bits, config_.most_segments));
  StoredPush push;
  push.account = kGrpcAccount;
  push.push_id = request.push_id().empty() ? base::Hex(job_id) : request.push_id();
  push.address = recipient.msisdn;
  push.job_id = job_id;
  push.digest = digest;
  push.device_id = recipient.device_id;
  push.msisdn = recipient.msisdn;
  push.state = v1::PENDING;
  push.code = kAccepted;
  push.segments = static_cast<int>(plan.count());
  push.accepted_at = now;
  push.deliver_before = FromProto(job.deliver_before());
  job.mutable_push()->set_account(push.account);
  job.mutable_push()->set_push_id(push.push_id);
  const std::vector<StoredPush> rows(1, push);
  const events::v1::OutboxBatch outbox = Announce(std::move(job));
  DROVER_CO_TRY(co_await ports_.pushes.Insert(rows, outbox, deadline));
  ports_.relay.Wake();
  metrics_.Accepted(1);
  co_return ToProto(push);
}

Task<v1::Push> Pushes::Get(v1::GetPushRequest request, Deadline deadline) {
  DROVER_CO_TRY(const StoredPush push,
                co_await Find(request.account(), request.push_id(), deadline));
  co_return ToProto(push);
}

Task<v1::ListPushesResponse> Pushes::List(v1::ListPushesRequest request, Deadline deadline) {
  constexpr uint32_t kDefault = 100, kMost = 1000;
  PgPushes::Page page;
  if (request.page_size() > kMost) co_return InvalidArgument("page_size: at most 1000");
  page.size = static_cast<int>(request.page_size() == 0 ? kDefault : request.page_size());
  page.state = request.state();
  if (!request.page_token().empty()) {
    const size_t colon = request.page_token().find(':');
    const Result<std::string> time = base::FromHex(request.page_token().substr(0, colon));
    if (colon == std::string::npos || !time || time->size() != sizeof(uint64_t)) {
      co_return InvalidArgument("page_token: not one of ours");
    }
    page.before = TimePoint(std::chrono::microseconds(base::ReadBigEndian64(*time)));
    page.before_id = request.page_token().substr(colon + 1);
  }
  DROVER_CO_TRY(const std::vector<StoredPush> found, co_await ports_.pushes.List(page, deadline));
  v1::ListPushesResponse response;
  for (const StoredPush& push : found) *response.add_pushes() = ToProto(push);
  if (static_cast<int>(found.size()) == page.size) {
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(
        found.back().accepted_at.time_since_epoch());
    const std::string time = base::BigEndian64(static_cast<uint64_t>(micros.count()));
    response.set_next_page_token(base::Hex(time) + ":" + found.back().push_id);
  }
  co_return response;
}

// Through the topic: the owner of the number decides, after what came before.
Task<v1::Push> Pushes::Cancel(v1::CancelPushRequest request, Deadline deadline) {
  DROVER_CO_TRY(const StoredPush push,
                co_await Find(request.account(), request.push_id(), deadline));
  if (push.ended_at) co_return FailedPrecondition("the push has ended");
  v1::PushWork work;
  work.mutable_cancellation()->set_job_id(push.job_id);
  kafka::Record record{kWorkTopic, push.msisdn, work.SerializeAsString()};
  DROVER_CO_TRY(co_await ports_.producer.Produce(std::move(record), deadline));
  co_return ToProto(push);
}

}  // namespace drover::push
