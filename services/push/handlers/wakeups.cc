#include "services/push/handlers/wakeups.h"

#include <unordered_map>

#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"
#include "services/push/core/job.h"
#include "services/push/core/times.h"
#include "services/push/handlers/ends.h"

namespace drover::push {
namespace {

using events::v1::WakeupRequested;
using events::v1::WakeupResult;

constexpr size_t kBatch = 500;
constexpr std::chrono::seconds kPoll{1};
constexpr std::chrono::seconds kTimeout{20};
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

}  // namespace

Wakeups::Wakeups(asio::io_context& loop, Ports ports, Clock clock, Metrics& metrics)
    : ports_(ports), clock_(std::move(clock)), metrics_(metrics), timer_(loop.get_executor()) {}

// A batch is repeated until it is applied: order is kept, and nothing is lost.
Process Wakeups::Run() {
  while (!stopping_) {
    const Deadline poll = In(kPoll);
    const Result<std::vector<kafka::Consumed>> records =
        co_await ports_.consumer.Next(kBatch, poll);
    Result<void> done;
    if (!records) done = records.error();
    while (records && !records->empty()) {
      const Deadline deadline = In(kTimeout);
      done = co_await Apply(*records, deadline);
      if (done) done = co_await ports_.consumer.Commit(deadline);
      if (done || stopping_ || done.error().code == Code::kAborted) break;
      metrics_.Failed("wakeups");
      co_await Pause();
    }
    if (done) continue;
    service::Log(service::Level::kWarn, "push.wakeups_failed",
                 "wake-ups were not taken; they are read again", {{"cause", done.error().message}});
    if (!stopping_) co_await Pause();
  }
}

void Wakeups::Stop() {
  stopping_ = true;
  timer_.cancel();
}

asio::awaitable<void, Executor> Wakeups::Pause() {
  timer_.expires_after(kPoll);
  boost::system::error_code ignored;
  co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
}

Task<void> Wakeups::Apply(const std::vector<kafka::Consumed>& records, Deadline deadline) {
  const TimePoint now = clock_();
  std::vector<WakeupRequested> wakeups;
  std::vector<std::string> devices;
  std::vector<kafka::Record> out;
  for (const kafka::Consumed& record : records) {
    WakeupRequested wakeup;
    if (!wakeup.ParseFromString(record.payload) || wakeup.device_id().empty()) {
      metrics_.Wakeup("damaged");
      continue;
    }
    if (!wakeup.bearer().empty() && wakeup.bearer() != kBearer) {
      metrics_.Wakeup("ignored");
      continue;
    }
    if (wakeup.has_expires_at() && FromProto(wakeup.expires_at()) <= now) {
      metrics_.Wakeup("expired");
      out.push_back(
          ResultOf(wakeup, WakeupResult::EXPIRED, "expired before it could be sent", now));
      continue;
    }
    devices.push_back(wakeup.device_id());
    wakeups.push_back(std::move(wakeup));
  }
  std::unordered_map<std::string, std::string> numbers;
  if (!devices.empty()) {
    DROVER_CO_TRY(const auto found,
                  co_await ports_.registrations.Find(By::kDevice, devices, deadline));
    for (const registration::Pairing& pairing : found) {
      numbers[pairing.device.value()] = pairing.facts.msisdn;
    }
  }
  std::erase_if(wakeups, [&](const WakeupRequested& wakeup) {
    const auto found = numbers.find(wakeup.device_id());
    if (found != numbers.end() && !found->second.empty()) return false;
    metrics_.Wakeup("failed");
    out.push_back(ResultOf(wakeup, WakeupResult::FAILED,
                           "no number of this terminal is known: it has not registered "
                           "(drover registration set)",
                           now));
    return true;
  });
  std::vector<Result<std::string>> notifications;
  if (!wakeups.empty()) {
    DROVER_CO_TRY(notifications, co_await ports_.notifications.Make(wakeups, deadline));
  }
  for (size_t i = 0; i < wakeups.size(); ++i) {
    if (!notifications[i] && !ForGood(notifications[i].error().code)) {
      co_return notifications[i].error();
    }
    Result<v1::Job> job =
        notifications[i]
            ? NotificationJob(wakeups[i], numbers[wakeups[i].device_id()], *notifications[i], now)
            : Result<v1::Job>(notifications[i].error());
    metrics_.Wakeup(job ? "job" : "failed");
    out.push_back(job ? WorkOf(*std::move(job))
                      : ResultOf(wakeups[i], WakeupResult::FAILED, job.error().message, now));
  }
  if (out.empty()) co_return Result<void>();
  co_return co_await ports_.producer.ProduceAll(std::move(out), deadline);
}

}  // namespace drover::push
