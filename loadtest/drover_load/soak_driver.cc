#include "loadtest/drover_load/soak_driver.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "loadtest/drover_load/bearer.h"

namespace drover::load {
namespace {

using std::chrono::milliseconds;
using SteadyClock = std::chrono::steady_clock;

constexpr char kOperations[] = "drover.operations";
constexpr size_t kBatch = 500;
constexpr uint32_t kMaxWaking = 2000;
constexpr std::chrono::seconds kKafkaTimeout{10};
constexpr milliseconds kTick{20};
constexpr milliseconds kQuiescentPause{500};  // Between the sessions of a terminal that owes.
constexpr size_t kCauses = 40;

}  // namespace

SoakDriver::SoakDriver(asio::io_context& loop, Fleet& fleet, SoakBooks& books,
                       const std::string& brokers, const std::string& group, const SoakPace& pace,
                       uint64_t seed, std::function<void(uint64_t)> ended)
    : loop_(loop),
      fleet_(fleet),
      books_(books),
      pace_(pace),
      ended_(std::move(ended)),
      random_(seed),
      producer_(loop, KafkaConfig(brokers)),
      consumer_(loop, KafkaConfig(brokers), group, {kWakeups, kOperations}),
      watch_(loop),
      units_(fleet.size()) {
  config_.timeout = pace.answer_timeout;
  config_.power_cut = [this] { return DrawPowerCut(); };
}

void SoakDriver::Start() {
  listening_ = true;
  ticking_ = true;
  const auto now = SteadyClock::now();
  const auto spread = std::chrono::duration_cast<milliseconds>(pace_.poll).count();
  for (Unit& unit : units_) {
    unit.last = now - milliseconds(random_() % static_cast<uint64_t>(spread));
  }
  asio::co_spawn(loop_, Listen(), asio::detached);
  asio::co_spawn(loop_, Tick(), asio::detached);
}

void SoakDriver::Stop() {
  stopping_ = true;
  config_.attempts = 1;
  watch_.CloseAll();
}

SoakTraffic SoakDriver::traffic() const {
  SoakTraffic traffic = traffic_;
  for (size_t i = 0; i < units_.size(); ++i) {
    const Unit& unit = units_[i];
    traffic.reports += fleet_[i].alerts_acknowledged();
    traffic.protocol_faults += fleet_[i].fault_count();
    if (unit.in_session || fleet_[i].next_due() || fleet_[i].has_reports()) ++traffic.owing;
  }
  return traffic;
}

void SoakDriver::Settle(uint32_t index) {
  terminal::Terminal& device = fleet_[index];
  books_.Executed(index, device.TakeExecutions());
  Unit& unit = units_[index];
  const uint32_t acknowledged = device.alerts_acknowledged();
  if (acknowledged == unit.acknowledged) return;
  books_.Acknowledged(index, acknowledged - unit.acknowledged, SteadyClock::now());
  unit.acknowledged = acknowledged;
}

terminal::PowerCut SoakDriver::DrawPowerCut() {
  if (quiescing_) return terminal::PowerCut::kNone;
  const double drawn = std::uniform_real_distribution<double>(0, 1)(random_);
  if (drawn >= pace_.power_cuts) return terminal::PowerCut::kNone;
  return drawn < pace_.power_cuts / 2 ? terminal::PowerCut::kBeforeSend
                                      : terminal::PowerCut::kAfterSend;
}

Process SoakDriver::Listen() {
  while (!stopping_) {
    const Deadline until = In(milliseconds(500));
    auto batch = co_await consumer_.Next(kBatch, until);
    if (!batch) {
      co_await Sleep(loop_, milliseconds(500));
      continue;
    }
    for (const kafka::Consumed& record : *batch) Take(record);
    if (batch->empty()) continue;
    const Deadline deadline = In(kKafkaTimeout);
    (void)co_await consumer_.Commit(deadline);  // What was not committed only comes again.
  }
  listening_ = false;
}

void SoakDriver::Take(const kafka::Consumed& record) {
  if (record.topic == kOperations) {
    events::v1::OperationChanged event;
    if (!event.ParseFromString(record.payload) || fleet_.IndexOf(event.device_id()) < 0) return;
    if (const uint64_t serial = books_.Heard(event)) ended_(serial);
    return;
  }
  events::v1::WakeupRequested wakeup;
  if (!wakeup.ParseFromString(record.payload)) return;
  const int64_t index = fleet_.IndexOf(wakeup.device_id());
  if (index < 0) return;
  ++traffic_.wakeups;
  if (waking_ >= kMaxWaking) return;  // A bearer that is overrun; the wake-up is repeated.
  ++waking_;
  asio::co_spawn(loop_, Wake(wakeup, static_cast<uint32_t>(index)), asio::detached);
}

Process SoakDriver::Wake(events::v1::WakeupRequested wakeup, uint32_t index) {
  Want(index, true);
  kafka::Record record = Delivered(wakeup);
  const Deadline deadline = In(kKafkaTimeout);
  (void)co_await producer_.Produce(std::move(record), deadline);
  --waking_;
}

Process SoakDriver::Tick() {
  while (!stopping_) {
    co_await Sleep(loop_, kTick);
    const double rate = pace_.sessions_per_s * (quiescing_ ? 2 : 1);
    allowance_ = std::min(allowance_ + rate * std::chrono::duration<double>(kTick).count(), 10.0);
    Poll();
    StartSome();
  }
  ticking_ = false;
}

// A few terminals each time: their updates go on, and those that have been silent for long or have
// something to report want a session.
void SoakDriver::Poll() {
  const auto now = SteadyClock::now();
  for (size_t i = 0; i < std::min<size_t>(units_.size(), 50); ++i) {
    next_poll_ = (next_poll_ + 1) % units_.size();
    Unit& unit = units_[next_poll_];
    if (unit.in_session) continue;
    const auto index = static_cast<uint32_t>(next_poll_);
    terminal::Terminal& device = fleet_[index];
    const TimePoint time = fleet_.surroundings().clock();
    if (device.next_due() && *device.next_due() <= time) device.Tick(time);
    if (unit.queued) continue;
    const auto silent = now - unit.last;
    const bool report = device.has_reports() && silent > kQuiescentPause;
    if (silent > (quiescing_ ? std::chrono::seconds(4) : pace_.poll) || report) Want(index, false);
  }
}

void SoakDriver::StartSome() {
  while (traffic_.active < pace_.concurrency && !queue_.empty() && allowance_ >= 1 && !stopping_) {
    allowance_ -= 1;
    const uint32_t index = queue_.front();
    queue_.pop_front();
    units_[index].queued = false;
    units_[index].in_session = true;
    ++traffic_.active;
    asio::co_spawn(loop_, Hold(index), asio::detached);
  }
}

void SoakDriver::Want(uint32_t index, bool server_initiated, bool first) {
  Unit& unit = units_[index];
  unit.server_initiated = unit.server_initiated || server_initiated;
  if (unit.in_session) {
    unit.wanted = true;
  } else if (!unit.queued) {
    unit.queued = true;
    first ? queue_.push_front(index) : queue_.push_back(index);
  }
}

Process SoakDriver::Hold(uint32_t index) {
  Unit& unit = units_[index];
  const auto reason = unit.server_initiated ? terminal::SessionReason::kServerInitiated
                                            : terminal::SessionReason::kClientInitiated;
  unit.server_initiated = false;
  terminal::SessionRun run(loop_, watch_, config_, traffic_.traffic, index);
  terminal::Terminal& device = fleet_[index];
  auto end = co_await run.Run(device, reason);
  Ended(index, end);
}

void SoakDriver::Ended(uint32_t index, const Result<terminal::SessionEnd>& end) {
  Unit& unit = units_[index];
  unit.in_session = false;
  unit.last = SteadyClock::now();
  --traffic_.active;
  Settle(index);
  const bool good = end && end->outcome == terminal::SessionEnd::Outcome::kCompleted;
  if (!good && !end && end.error().code == Code::kCancelled) {
    ++traffic_.power_cuts;
  } else if (!good) {
    ++traffic_.broken;
    const std::string cause =
        end ? std::string(Name(end->outcome)) + ": " + end->cause : end.error().message;
    if (traffic_.breaks.size() < kCauses || traffic_.breaks.contains(cause)) {
      ++traffic_.breaks[cause];
    }
  }
  if (!good && !stopping_) {
    const auto pause = milliseconds(200 + random_() % 2000);
    asio::co_spawn(loop_, TryAgain(index, pause), asio::detached);
  } else if (std::exchange(unit.wanted, false)) {
    Want(index, unit.server_initiated);
  }
}

Process SoakDriver::TryAgain(uint32_t index, milliseconds pause) {
  co_await Sleep(loop_, pause);
  Want(index, false, /*first=*/true);
}

}  // namespace drover::load
