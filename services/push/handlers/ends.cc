#include "services/push/handlers/ends.h"

#include <boost/asio/redirect_error.hpp>

#include "drover/events/v1/events.pb.h"
#include "drover/push/v1/push.pb.h"
#include "libs/service/log.h"
#include "services/push/core/times.h"

namespace drover::push {
namespace {

using dispatch::EndState;
using events::v1::WakeupResult;

constexpr size_t kBatch = 1000;
constexpr std::chrono::seconds kTimeout{10};
constexpr std::chrono::milliseconds kAgain{500};
constexpr std::chrono::hours kIdle{24};

v1::PushState StateOf(EndState state) {
  switch (state) {
    case EndState::kDelivered:
      return v1::DELIVERED;
    case EndState::kUndeliverable:
      return v1::UNDELIVERABLE;
    case EndState::kExpired:
      return v1::EXPIRED;
    case EndState::kAborted:
      return v1::ABORTED;
    case EndState::kCancelled:
      return v1::CANCELLED;
    case EndState::kUnknown:
      break;
  }
  return v1::UNKNOWN;
}

PushEnd EndOf(const EndedJob& ended) {
  PushEnd end;
  end.account = ended.job.push().account();
  end.push_id = ended.job.push().push_id();
  end.job_id.assign(ended.outcome.job.begin(), ended.outcome.job.end());
  end.state = StateOf(ended.outcome.state);
  end.code = ended.outcome.code;
  end.delivered_segments = ended.outcome.delivered;
  end.at = ended.outcome.at;
  end.cause = ended.outcome.cause;
  return end;
}

// A wake-up without receipts may have arrived: it counts as failed, so that it is sent again.
kafka::Record ResultOf(const EndedJob& ended) {
  WakeupResult result;
  result.set_event_id(ended.job.wakeup().event_id());
  result.set_device_id(ended.job.wakeup().device_id());
  switch (ended.outcome.state) {
    case EndState::kDelivered:
      result.set_outcome(WakeupResult::DELIVERED);
      break;
    case EndState::kExpired:
      result.set_outcome(WakeupResult::EXPIRED);
      break;
    default:
      result.set_outcome(WakeupResult::FAILED);
  }
  if (ended.outcome.state != EndState::kDelivered) {
    result.set_cause("SMS " + std::string(Name(ended.outcome.state)) +
                     (ended.outcome.cause.empty() ? "" : ": " + ended.outcome.cause));
  }
  *result.mutable_at() = ToProto(ended.outcome.at);
  return {kWakeupResultsTopic, result.device_id(), result.SerializeAsString()};
}

}  // namespace

Ends::Ends(asio::io_context& loop, PgPushes& pushes, kafka::Producer& producer, Metrics& metrics)
    : pushes_(pushes),
      producer_(producer),
      metrics_(metrics),
      work_(loop.get_executor()),
      pause_(loop.get_executor()) {}

void Ends::Add(EndedJob job) {
  waiting_.push_back(std::move(job));
  work_.cancel();
}

Process Ends::Run() {
  boost::system::error_code ignored;
  while (!stopping_) {
    if (waiting_.empty()) {
      work_.expires_after(kIdle);
      co_await work_.async_wait(asio::redirect_error(kAwait, ignored));
      continue;
    }
    const size_t count = std::min(waiting_.size(), kBatch);
    const std::vector<EndedJob> batch(waiting_.begin(), waiting_.begin() + count);
    const Deadline deadline = In(kTimeout);
    const Result<void> done = co_await Keep(batch, deadline);
    if (done) {
      waiting_.erase(waiting_.begin(), waiting_.begin() + count);
      for (const EndedJob& ended : batch) kept_(ended.outcome.group);
      continue;
    }
    metrics_.Failed("ends");
    service::Log(service::Level::kWarn, "push.ends_failed",
                 "ends of pushes were not kept; it is tried again",
                 {{"cause", done.error().message}});
    pause_.expires_after(kAgain);
    co_await pause_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void Ends::Stop() {
  stopping_ = true;
  work_.cancel();
  pause_.cancel();
}

Task<void> Ends::Keep(const std::vector<EndedJob>& jobs, Deadline deadline) {
  std::vector<PushEnd> ends;
  std::vector<kafka::Record> results;
  for (const EndedJob& ended : jobs) {
    if (ended.job.has_push()) ends.push_back(EndOf(ended));
    if (ended.job.has_wakeup()) results.push_back(ResultOf(ended));
  }
  if (!ends.empty()) DROVER_CO_TRY(co_await pushes_.End(ends, deadline));
  if (!results.empty()) {
    DROVER_CO_TRY(co_await producer_.ProduceAll(std::move(results), deadline));
  }
  co_return Result<void>();
}

}  // namespace drover::push
