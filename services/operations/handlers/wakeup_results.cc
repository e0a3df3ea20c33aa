#include "services/operations/handlers/wakeup_results.h"

#include <algorithm>
#include <map>

#include "libs/service/log.h"
#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

using events::v1::WakeupResult;

constexpr int kTries = 4;

const char* NameOf(WakeupResult::Outcome outcome) {
  switch (outcome) {
    case WakeupResult::DELIVERED:
      return "delivered";
    case WakeupResult::FAILED:
      return "failed";
    case WakeupResult::EXPIRED:
      return "expired";
    default:
      return "unknown";
  }
}

kafka::Batches::Config Batching(Metrics& metrics) {
  kafka::Batches::Config config;
  config.most = 200;
  config.timeout = std::chrono::seconds(10);
  config.failed = [&metrics](const Error& error) {
    metrics.Failed("wakeup_results");
    service::Log(service::Level::kWarn, "operations.wakeup_results_failed",
                 "wake-up results were not applied; they are read again",
                 {{"cause", error.message}});
  };
  return config;
}

}  // namespace

WakeupResults::WakeupResults(asio::io_context& loop, kafka::Consumer& consumer, PgOperations& store,
                             ChangeWriter& writer, Clock clock, Metrics& metrics)
    : store_(store),
      writer_(writer),
      clock_(std::move(clock)),
      metrics_(metrics),
      batches_(loop, consumer, Batching(metrics), [this](const auto& records, Deadline deadline) {
        return Apply(records, deadline);
      }) {}

Task<void> WakeupResults::Apply(const std::vector<kafka::Consumed>& records, Deadline deadline) {
  std::map<std::string, Told> latest;
  for (const kafka::Consumed& record : records) {
    WakeupResult result;
    if (!result.ParseFromString(record.payload) || result.device_id().empty()) {
      metrics_.WakeupResult("damaged");
      continue;
    }
    metrics_.WakeupResult(NameOf(result.outcome()));
    Told one{result.device_id(), result.has_at() ? FromProto(result.at()) : clock_(),
             result.outcome() == WakeupResult::DELIVERED,
             std::string("wake-up ") + NameOf(result.outcome()) +
                 (result.cause().empty() ? "" : ": " + result.cause())};
    Told& known = latest[one.device_id];
    if (known.at <= one.at) known = std::move(one);
  }
  std::vector<Told> told;
  for (auto& [device, one] : latest) told.push_back(std::move(one));
  Result<void> done;
  for (int i = 0; i < kTries && !told.empty(); ++i) {
    done = co_await Tell(told, deadline);
    if (done || done.error().code != Code::kAborted) break;
  }
  co_return done;
}

// What was submitted, or changed, after it was not meant by it.
Task<void> WakeupResults::Tell(const std::vector<Told>& told, Deadline deadline) {
  std::vector<std::string> devices;
  for (const Told& one : told) devices.push_back(one.device_id);
  DROVER_CO_TRY(const auto open, co_await store_.ReadOpen(std::move(devices), deadline));
  Changes changes;
  const TimePoint now = clock_();
  for (size_t i = 0; i < open.size(); ++i) {
    for (const Stored& operation : open[i].operations) {
      if (operation.state != v1::PENDING || operation.updated_at > told[i].at) continue;
      Change& change = changes.changes.emplace_back(operation);
      if (told[i].delivered) {
        change.Step(v1::NOTIFIED, now, "");
      } else {
        change.Note(now, told[i].why);
      }
    }
  }
  if (changes.changes.empty()) co_return Result<void>();
  co_return co_await writer_.Write(changes, deadline);
}

}  // namespace drover::operations
