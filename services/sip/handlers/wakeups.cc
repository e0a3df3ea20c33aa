#include "services/sip/handlers/wakeups.h"

#include <map>
#include <unordered_set>

#include "libs/base/timestamp.h"
#include "libs/service/log.h"

namespace drover::gateways {
namespace {

using events::v1::WakeupRequested;
using events::v1::WakeupResult;

constexpr size_t kBatch = 256;

kafka::Record RecordOf(const WakeupResult& result) {
  return {kWakeupResultsTopic, result.device_id(), result.SerializeAsString()};
}

kafka::Batches::Config ConfigOf(Metrics& metrics) {
  kafka::Batches::Config config;
  config.most = kBatch;
  config.failed = [&metrics](const Error& error) {
    metrics.Failed("wakeups");
    service::Log(service::Level::kWarn, "sip.wakeups_failed",
                 "wake-ups were not taken; they are read again", {{"cause", error.message}});
  };
  return config;
}

}  // namespace

Wakeups::Wakeups(asio::io_context& loop, kafka::Consumer& consumer, Ports ports, Clock clock,
                 Metrics& metrics)
    : ports_(ports),
      clock_(std::move(clock)),
      metrics_(metrics),
      batches_(loop, consumer, ConfigOf(metrics),
               [this](const std::vector<kafka::Consumed>& records, Deadline deadline) {
                 return Apply(records, deadline);
               }) {}

// What can be told at once goes to `out`; the rest is returned.
Wakeups::Asked Wakeups::Read(const std::vector<kafka::Consumed>& records, TimePoint now,
                             std::vector<kafka::Record>& out) {
  Asked wakeups;
  for (const kafka::Consumed& record : records) {
    WakeupRequested wakeup;
    if (!wakeup.ParseFromString(record.payload) || wakeup.device_id().empty()) {
      metrics_.Wakeup("damaged");
    } else if (wakeup.bearer() != kBearer) {
      metrics_.Wakeup("ignored");
    } else if (wakeup.has_expires_at() && base::TimeOf(wakeup.expires_at()) <= now) {
      metrics_.Wakeup("expired");
      out.push_back(RecordOf(ResultOf(wakeup.event_id(), wakeup.device_id(), WakeupResult::EXPIRED,
                                      "expired before it could be sent", now)));
    } else {
      wakeups.push_back(std::move(wakeup));
    }
  }
  return wakeups;
}

Task<void> Wakeups::Queue(const Asked& wakeups, std::vector<kafka::Record>& out,
                          Deadline deadline) {
  std::map<std::string, std::vector<const WakeupRequested*>> by_gateway;
  for (const WakeupRequested& wakeup : wakeups) by_gateway[wakeup.device_id()].push_back(&wakeup);
  std::vector<std::string> ids;
  for (const auto& [id, asked] : by_gateway) ids.push_back(id);
  std::map<std::string, gateway::Actions> actions;
  std::unordered_set<std::string> there;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    const TimePoint now = clock_();
    const gateway::Profile& profile = ports_.models.ProfileOf(gateway.record);
    there.insert(gateway.id);
    gateway::Actions& to_do = actions[gateway.id];
    ports_.triggers.NotLeft(to_do);
    to_do = {};
    bool any = false;
    for (const WakeupRequested* wakeup : by_gateway[gateway.id]) {
      if (!AddWakeup(gateway, wakeup->event_id())) continue;
      const TimePoint expires =
          wakeup->has_expires_at() ? base::TimeOf(wakeup->expires_at()) : gateway::kNever;
      const auto next = Happen(gateway, profile.rules, gateway::WorkQueued{expires}, now, telling);
      to_do.queue |= next.queue;
      to_do.alarm |= next.alarm;
      any = true;
    }
    if (!any) return false;
    ports_.triggers.Admit(gateway, to_do, now, telling);
    return true;
  };
  const Result<std::vector<Gateway>> changed =
      co_await ports_.store.ChangeAll(std::move(ids), decide, deadline);
  if (!changed) {
    for (const auto& [id, to_do] : actions) ports_.triggers.NotLeft(to_do);
    co_return changed.error();
  }
  for (const Gateway& gateway : *changed) {
    ports_.triggers.Left(gateway, actions[gateway.id]);
    metrics_.Wakeup("taken");
  }
  const TimePoint now = clock_();
  for (const WakeupRequested& wakeup : wakeups) {
    if (there.contains(wakeup.device_id())) continue;
    metrics_.Wakeup("unknown");
    out.push_back(RecordOf(
        ResultOf(wakeup.event_id(), wakeup.device_id(), WakeupResult::FAILED,
                 "no such voice gateway is known here; enrol it: drover gateway enrol", now)));
  }
  co_return Result<void>();
}

Task<void> Wakeups::Apply(const std::vector<kafka::Consumed>& records, Deadline deadline) {
  std::vector<kafka::Record> out;
  const Asked wakeups = Read(records, clock_(), out);
  if (!wakeups.empty()) DROVER_CO_TRY(co_await Queue(wakeups, out, deadline));
  if (out.empty()) co_return Result<void>();
  co_return co_await ports_.producer.ProduceAll(std::move(out), deadline);
}

}  // namespace drover::gateways
