#include "services/push/handlers/wakeups.h"

#include <algorithm>

#include "libs/service/log.h"
#include "services/push/core/job.h"
#include "services/push/core/times.h"
#include "services/push/handlers/ends.h"

namespace drover::push {
namespace {

using events::v1::WakeupRequested;
using events::v1::WakeupResult;

constexpr size_t kBatch = 500;
constexpr char kBearer[] = "sms";

kafka::Record ResultOf(const WakeupRequested& wakeup, WakeupResult::Outcome outcome,
                       std::string cause, TimePoint now) {
  WakeupResult result;
  result.set_event_id(wakeup.event_id());
  result.set_device_id(wakeup.device_id());
  result.set_outcome(outcome);
  result.set_cause(std::move(cause));
  *result.mutable_at() = ToProto(now);
  return {kWakeupResultsTopic, result.device_id(), result.SerializeAsString()};
}

kafka::Record WorkOf(v1::Job job) {
  kafka::Record record;
  record.topic = kWorkTopic;
  record.key = job.msisdn();
  v1::PushWork work;
  *work.mutable_job() = std::move(job);
  record.payload = work.SerializeAsString();
  return record;
}

bool ForGood(Code code) {
  return code == Code::kNotFound || code == Code::kFailedPrecondition ||
         code == Code::kInvalidArgument;
}

// As many a second as are allowed.
kafka::Batches::Config Batching(size_t a_second, Metrics& metrics) {
  kafka::Batches::Config config;
  config.most = a_second == 0 ? kBatch : std::clamp<size_t>(a_second, 1, kBatch);
  config.rest = [a_second](size_t applied) {
    return std::chrono::microseconds(a_second == 0 ? 0 : 1'000'000 * applied / a_second);
  };
  config.failed = [&metrics](const Error& error) {
    metrics.Failed("wakeups");
    service::Log(service::Level::kWarn, "push.wakeups_failed",
                 "wake-ups were not taken; they are read again", {{"cause", error.message}});
  };
  return config;
}

}  // namespace

Wakeups::Wakeups(asio::io_context& loop, Ports ports, const NotificationStyle& style,
                 size_t a_second, Clock clock, Metrics& metrics)
    : ports_(ports),
      style_(style),
      clock_(std::move(clock)),
      metrics_(metrics),
      batches_(
          loop, ports.consumer, Batching(a_second, metrics),
          [this](const auto& records, Deadline deadline) { return Apply(records, deadline); }) {}

// What can be told at once goes to `out`; the rest is returned.
std::vector<WakeupRequested> Wakeups::Read(const std::vector<kafka::Consumed>& records,
                                           TimePoint now, std::vector<kafka::Record>& out) {
  std::vector<WakeupRequested> wakeups;
  for (const kafka::Consumed& record : records) {
    WakeupRequested wakeup;
    if (!wakeup.ParseFromString(record.payload) || wakeup.device_id().empty()) {
      metrics_.Wakeup("damaged");
    } else if (!wakeup.bearer().empty() && wakeup.bearer() != kBearer) {
      metrics_.Wakeup("ignored");
    } else if (wakeup.has_expires_at() && FromProto(wakeup.expires_at()) <= now) {
      metrics_.Wakeup("expired");
      out.push_back(
          ResultOf(wakeup, WakeupResult::EXPIRED, "expired before it could be sent", now));
    } else {
      wakeups.push_back(std::move(wakeup));
    }
  }
  return wakeups;
}

Task<Wakeups::Numbers> Wakeups::NumbersOf(const std::vector<WakeupRequested>& wakeups,
                                          Deadline deadline) {
  Numbers numbers;
  std::vector<std::string> devices;
  for (const WakeupRequested& wakeup : wakeups) devices.push_back(wakeup.device_id());
  if (devices.empty()) co_return numbers;
  DROVER_CO_TRY(const auto found,
                co_await ports_.registrations.Find(By::kDevice, devices, deadline));
  for (const registration::Pairing& pairing : found) {
    if (!pairing.facts.msisdn.empty()) numbers[pairing.device.value()] = pairing.facts.msisdn;
  }
  co_return numbers;
}

kafka::Record Wakeups::Failed(const WakeupRequested& wakeup, const std::string& why,
                              TimePoint now) {
  metrics_.Wakeup("failed");
  return ResultOf(wakeup, WakeupResult::FAILED, why, now);
}

Task<void> Wakeups::Apply(const std::vector<kafka::Consumed>& records, Deadline deadline) {
  const TimePoint now = clock_();
  std::vector<kafka::Record> out;
  std::vector<WakeupRequested> wakeups = Read(records, now, out);
  DROVER_CO_TRY(const Numbers numbers, co_await NumbersOf(wakeups, deadline));
  std::erase_if(wakeups, [&](const WakeupRequested& wakeup) {
    if (numbers.contains(wakeup.device_id())) return false;
    out.push_back(Failed(wakeup,
                         "no number of this terminal is known: it has not registered "
                         "(drover registration set)",
                         now));
    return true;
  });
  std::vector<Result<std::string>> notifications;
  if (!wakeups.empty()) {
    std::vector<NotificationWish> wishes;
    for (const WakeupRequested& wakeup : wakeups) {
      wishes.push_back({wakeup.device_id(), wakeup.session_id(), style_});
    }
    DROVER_CO_TRY(notifications, co_await ports_.notifications.Make(wishes, deadline));
  }
  for (size_t i = 0; i < wakeups.size(); ++i) {
    const Result<std::string>& package0 = notifications[i];
    if (!package0 && !ForGood(package0.error().code)) co_return package0.error();
    const std::string& number = numbers.at(wakeups[i].device_id());
    Result<v1::Job> job = package0 ? NotificationJob(wakeups[i], number, *package0, now)
                                   : Result<v1::Job>(package0.error());
    if (job) metrics_.Wakeup("job");
    out.push_back(job ? WorkOf(*std::move(job)) : Failed(wakeups[i], job.error().message, now));
  }
  if (out.empty()) co_return Result<void>();
  co_return co_await ports_.producer.ProduceAll(std::move(out), deadline);
}

}  // namespace drover::push
