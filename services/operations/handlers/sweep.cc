#include "services/operations/handlers/sweep.h"

#include <algorithm>

#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"
#include "services/operations/adapters/pg_schema.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kDatabaseTimeout{30};
constexpr std::chrono::seconds kRedisTimeout{1};
constexpr std::chrono::seconds kLease{60};  // How long a claimed slice is nobody else's.
constexpr std::chrono::minutes kTidyEvery{10};
constexpr std::chrono::seconds kMeasureEvery{15};
constexpr int kKeySlice = 5000;

}  // namespace

Sweeper::Sweeper(asio::io_context& loop, SweepPorts ports, Clock clock, RandomOctets random,
                 Metrics& metrics, SweepConfig config)
    : timer_(loop.get_executor()),
      ports_(ports),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics),
      config_(config) {}

Process Sweeper::Run() {
  Deadline tidy{};
  Deadline measure{};
  while (!stopping_) {
    const Result<size_t> due = co_await Sweep();
    if (!due) Complain("sweep", due.error());
    if (std::chrono::steady_clock::now() >= measure) {
      const Result<void> measured = co_await Measure();
      if (!measured) Complain("measure", measured.error());
      measure = In(kMeasureEvery);
    }
    if (std::chrono::steady_clock::now() >= tidy) {
      const Result<void> tidied = co_await Tidy();
      if (!tidied) Complain("tidy", tidied.error());
      tidy = In(kTidyEvery);
    }
    const bool more = due && *due >= static_cast<size_t>(config_.slice);
    if (stopping_ || more) continue;
    timer_.expires_after(config_.interval);
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void Sweeper::Stop() {
  stopping_ = true;
  timer_.cancel();
}

Task<size_t> Sweeper::Sweep() {
  const Deadline deadline = In(kDatabaseTimeout);
  const TimePoint now = clock_();
  DROVER_CO_TRY(std::vector<Stored> due,
                co_await ports_.store.ClaimDue(now, now + kLease, config_.slice, deadline));
  if (due.empty()) co_return size_t{0};
  Changes changes;
  for (const Stored& operation : due) {
    const double jitter = static_cast<unsigned char>(random_(1)[0]) / 255.0;
    Add(WhenDue(operation, now, config_.patience, jitter), operation, now, &changes);
  }
  DROVER_CO_TRY(co_await Perform(std::move(changes), deadline));
  co_return due.size();
}

// One wake-up a terminal, however many of its operations ask for it.
void Sweeper::Add(Due due, const Stored& operation, TimePoint now, Changes* changes) {
  if (due.action == Due::Action::kWake) {
    const auto same =
        std::find_if(changes->wakeups.begin(), changes->wakeups.end(),
                     [&](const Wakeup& wakeup) { return wakeup.device_id == operation.device_id; });
    if (same == changes->wakeups.end()) {
      changes->wakeups.push_back({ids_.Mint(now, random_(8)), operation.device_id,
                                  static_cast<uint32_t>(due.change.attempts), now,
                                  operation.expires_at});
    } else {
      same->expires_at = std::min(same->expires_at, operation.expires_at);
    }
  }
  changes->changes.push_back(std::move(due.change));
}

// Together if possible; if a session or an operator was quicker with one of them, each alone: what
// has changed is left as it is, until its lease is over.
Task<void> Sweeper::Perform(Changes changes, Deadline deadline) {
  std::vector<std::string> devices;
  for (const Wakeup& wakeup : changes.wakeups) devices.push_back(wakeup.device_id);
  Result<void> written = co_await ports_.writer.Write(changes, deadline);
  if (!written && written.error().code == Code::kAborted) {
    Changes wakeups;
    wakeups.wakeups = std::move(changes.wakeups);
    written = co_await ports_.writer.Write(wakeups, deadline);
    for (Change& change : changes.changes) {
      Changes one;
      one.changes.push_back(std::move(change));
      const Result<void> alone = co_await ports_.writer.Write(one, deadline);
      if (!alone && alone.error().code != Code::kAborted) co_return alone.error();
    }
  }
  if (!written) co_return written.error();
  const Deadline redis = In(kRedisTimeout);
  co_return co_await ports_.marks.Raise(std::move(devices), redis);
}

Task<void> Sweeper::Tidy() {
  const Deadline deadline = In(kDatabaseTimeout);
  const TimePoint now = clock_();
  DROVER_CO_TRY(
      co_await KeepMessagePartitions(ports_.pool, now, config_.message_retention, deadline));
  const TimePoint oldest = now - config_.key_retention;
  int64_t forgotten = kKeySlice;
  while (forgotten == kKeySlice && !stopping_) {
    DROVER_CO_TRY(forgotten, co_await ports_.submissions.Forget(oldest, kKeySlice, deadline));
  }
  co_return Result<void>();
}

Task<void> Sweeper::Measure() {
  const Deadline deadline = In(kDatabaseTimeout);
  const TimePoint now = clock_();
  DROVER_CO_TRY(const PgQueries::Gauges gauges, co_await ports_.queries.Measure(deadline));
  for (const v1::State state : {v1::PENDING, v1::NOTIFIED, v1::RUNNING, v1::WAITING}) {
    int64_t count = 0;
    for (const auto& [there, n] : gauges.open) count += there == state ? n : 0;
    metrics_.Open(state, count);
  }
  const std::chrono::duration<double> age =
      gauges.outbox_oldest ? now - *gauges.outbox_oldest : std::chrono::microseconds(0);
  metrics_.Outbox(gauges.outbox, std::max(age.count(), 0.0));
  co_return Result<void>();
}

void Sweeper::Complain(const char* what, const Error& error) {
  metrics_.Failed(what);
  service::Log(service::Level::kWarn, "operations.background_failed",
               "background work failed; it is tried again by itself",
               {{"work", what}, {"code", Name(error.code)}, {"cause", error.message}});
}

}  // namespace drover::operations
