#include "loadtest/drover_load/demo_driver.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/wap/wsp_push.h"
#include "loadtest/drover_load/bearer.h"

namespace drover::load {
namespace {

constexpr size_t kBatch = 500;
constexpr std::chrono::seconds kKafkaTimeout{10};
constexpr size_t kKeptFailures = 10;
constexpr int kMaxFailures = 6;  // Sessions in a row; then the terminal waits to be woken.

}  // namespace

DemoDriver::DemoDriver(asio::io_context& loop, Fleet& fleet, const std::string& brokers,
                       const std::string& group, uint32_t concurrency)
    : loop_(loop),
      fleet_(fleet),
      concurrency_(concurrency),
      group_(group),
      watch_(loop),
      units_(fleet.size()) {
  if (brokers.empty()) return;
  producer_.emplace(loop, KafkaConfig(brokers));
  consumer_.emplace(loop, KafkaConfig(brokers), group, std::vector<std::string>{kWakeups});
}

void DemoDriver::Start() {
  if (!consumer_) return;
  listening_ = true;
  asio::co_spawn(loop_, Listen(), asio::detached);
}

void DemoDriver::Stop() {
  stopping_ = true;
  config_.attempts = 1;
  watch_.CloseAll();
}

DemoProgress DemoDriver::progress() const {
  DemoProgress progress;
  progress.traffic = traffic_;
  progress.wakeups = wakeups_;
  progress.refused_notifications = refused_notifications_;
  progress.active = active_;
  progress.failures = failures_;
  progress.failed_sessions = failed_sessions_;
  progress.power_losses = power_losses_;
  for (size_t i = 0; i < units_.size(); ++i) {
    const Unit& unit = units_[i];
    progress.reports += fleet_[i].alerts_acknowledged();
    progress.protocol_faults += fleet_[i].fault_count();
    if (unit.in_session || unit.queued || unit.busy || fleet_[i].has_reports()) ++progress.busy;
  }
  return progress;
}

Process DemoDriver::Listen() {
  while (!stopping_) {
    const Deadline until = In(std::chrono::seconds(1));
    auto batch = co_await consumer_->Next(kBatch, until);
    if (!batch) {
      failures_.push_back("drover.wakeups: " + batch.error().message);
      co_await Sleep(loop_, std::chrono::seconds(1));
      continue;
    }
    for (const kafka::Consumed& record : *batch) {
      events::v1::WakeupRequested wakeup;
      if (!wakeup.ParseFromString(record.payload)) continue;
      const int64_t index = fleet_.IndexOf(wakeup.device_id());
      if (index < 0 || !seen_.insert(wakeup.event_id()).second) continue;
      ++wakeups_;
      ++waking_;
      asio::co_spawn(loop_, Wake(wakeup, static_cast<uint32_t>(index)), asio::detached);
    }
    if (batch->empty()) continue;
    const Deadline deadline = In(kKafkaTimeout);
    auto committed = co_await consumer_->Commit(deadline);
    if (!committed) failures_.push_back("commit: " + committed.error().message);
  }
  listening_ = false;
}

Process DemoDriver::Wake(events::v1::WakeupRequested wakeup, uint32_t index) {
  kafka::Record record = Delivered(wakeup);
  const Deadline deadline = In(kKafkaTimeout);
  auto produced = co_await producer_->Produce(std::move(record), deadline);
  if (!produced && failures_.size() < kKeptFailures) {
    failures_.push_back("drover.wakeup-results: " + produced.error().message);
  }
  --waking_;
  Want(index, true);
}

void DemoDriver::Notify(uint32_t index, std::string_view octets) {
  const auto push = wap::DecodePush(octets);
  if (!push || push->content_type.media.code != wap::kMediaSyncmlNotification) {
    ++refused_notifications_;
    return;
  }
  ++wakeups_;
  units_[index].notification = push->data;
  Want(index, true);
}

void DemoDriver::Want(uint32_t index, bool server_initiated) {
  Unit& unit = units_[index];
  unit.server_initiated = unit.server_initiated || server_initiated;
  if (unit.in_session) {
    unit.wanted = true;
  } else if (!unit.queued) {
    unit.queued = true;
    queue_.push_back(index);
    StartSome();
  }
}

void DemoDriver::StartSome() {
  while (active_ < concurrency_ && !queue_.empty() && !stopping_) {
    const uint32_t index = queue_.front();
    queue_.pop_front();
    units_[index].queued = false;
    units_[index].in_session = true;
    ++active_;
    asio::co_spawn(loop_, Hold(index), asio::detached);
  }
}

Process DemoDriver::Hold(uint32_t index) {
  Unit& unit = units_[index];
  const auto reason = unit.server_initiated ? terminal::SessionReason::kServerInitiated
                                            : terminal::SessionReason::kClientInitiated;
  unit.server_initiated = false;
  terminal::SessionRun run(loop_, watch_, config_, traffic_, index);
  terminal::Terminal& device = fleet_[index];
  if (unit.notification.empty()) {
    auto end = co_await run.Run(device, reason);
    Ended(index, end);
    co_return;
  }
  // The terminal checks the digest; only then does it open the session that was asked for.
  const std::string notification = std::exchange(unit.notification, {});
  const Result<terminal::Request> first = device.OnNotification(notification);
  if (!first) {
    Refused(index);
    co_return;
  }
  auto end = co_await run.Run(device, *first);
  Ended(index, end);
}

// As a rule it was made before the session that has just ended, whose nonces it does not know: what
// it was sent for is done.
void DemoDriver::Refused(uint32_t index) {
  Unit& unit = units_[index];
  ++refused_notifications_;
  unit.in_session = false;
  --active_;
  // It may have been queued for reports of its own as well: those have a session all the same.
  if (std::exchange(unit.wanted, false) || fleet_[index].has_reports()) {
    Want(index, unit.server_initiated);
  }
  StartSome();
}

void DemoDriver::Ended(uint32_t index, const Result<terminal::SessionEnd>& end) {
  Unit& unit = units_[index];
  terminal::Terminal& device = fleet_[index];
  unit.in_session = false;
  --active_;
  const bool good = end && end->outcome == terminal::SessionEnd::Outcome::kCompleted;
  if (!good) {
    ++failed_sessions_;
    const std::string cause =
        end ? std::string(Name(end->outcome)) + ": " + end->cause : end.error().message;
    if (failures_.size() < kKeptFailures) failures_.push_back(device.device_id() + " " + cause);
  }
  unit.failures = good ? 0 : unit.failures + 1;
  if (device.next_due() && !unit.busy) {
    unit.busy = true;
    asio::co_spawn(loop_, LiveOn(index), asio::detached);
  }
  if (!good && unit.failures < kMaxFailures) {
    const auto pause = std::chrono::milliseconds(200) * (1 << unit.failures);
    asio::co_spawn(loop_, TryAgain(index, pause), asio::detached);
  } else if (std::exchange(unit.wanted, false)) {
    Want(index, unit.server_initiated);
  } else if (device.has_reports() && unit.failures < kMaxFailures) {
    asio::co_spawn(loop_, TryAgain(index, std::chrono::milliseconds(500)), asio::detached);
  }
  StartSome();
}

Process DemoDriver::TryAgain(uint32_t index, std::chrono::milliseconds pause) {
  co_await Sleep(loop_, pause);
  Want(index, false);
}

Process DemoDriver::LiveOn(uint32_t index) {
  terminal::Terminal& device = fleet_[index];
  while (device.next_due()) {
    const TimePoint due = *device.next_due();
    const auto left = due - fleet_.surroundings().clock();
    co_await Sleep(loop_, left);
    // A terminal installs what it has downloaded when it is not talking to the server.
    while (units_[index].in_session) co_await Sleep(loop_, std::chrono::milliseconds(20));
    device.Tick(due);
    if (device.next_due() && !std::exchange(units_[index].lost_power, true)) {
      device.PowerLoss();
      ++power_losses_;
    }
  }
  units_[index].busy = false;
  if (device.has_reports()) Want(index, false);
}

}  // namespace drover::load
