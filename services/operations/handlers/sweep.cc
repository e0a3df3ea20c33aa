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
constexpr int kPurgeSlice = 200;
constexpr std::chrono::minutes kPurgeEvery{1};

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
  Deadline purge{};
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
    if (std::chrono::steady_clock::now() >= purge) {
      const Result<int64_t> purged = co_await Purge();
      if (!purged) Complain("purge", purged.error());
      // A slice a turn as long as there is one; sessions are not to notice.
      if (!purged || *purged < kPurgeSlice) purge = In(kPurgeEvery);
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
  std::vector<Stored> blocked;
  for (Stored& operation : due) {
    const double jitter = static_cast<unsigned char>(random_(1)[0]) / 255.0;
    Due what = WhenDue(operation, now, config_.patience, jitter);
    if (what.action == Due::Action::kBlocked) {
      blocked.push_back(std::move(operation));
    } else {
      Add(std::move(what), operation, now, &changes);
    }
  }
  DROVER_CO_TRY(co_await Perform(std::move(changes), deadline));
  if (!blocked.empty()) DROVER_CO_TRY(co_await ports_.unblocker.Look(blocked, deadline));
  co_return due.size();
}

// One wake-up a terminal, however many of its operations ask for it.
void Sweeper::Add(Due due, const Stored& operation, TimePoint now, Changes* changes) {
  if (due.action == Due::Action::kWake || due.action == Due::Action::kAsk) {
    const Standing& standing = due.change.standing;
    const TimePoint until =
        standing.reading_state ? *standing.read_state_until : operation.expires_at;
    const auto same =
        std::find_if(changes->wakeups.begin(), changes->wakeups.end(),
                     [&](const Wakeup& wakeup) { return wakeup.device_id == operation.device_id; });
    if (same == changes->wakeups.end()) {
      changes->wakeups.push_back({ids_.Mint(now, random_(8)), operation.device_id,
                                  operation.spec.bearer(),
                                  static_cast<uint32_t>(due.change.attempts), now, until});
    } else {
      same->expires_at = std::min(same->expires_at, until);
    }
  }
  changes->changes.push_back(std::move(due.change));
}

Task<void> Sweeper::Perform(Changes changes, Deadline deadline) {
  if (changes.changes.empty()) co_return Result<void>();
  std::vector<std::string> devices;
  for (const Wakeup& wakeup : changes.wakeups) devices.push_back(wakeup.device_id);
  DROVER_CO_TRY(co_await ports_.writer.WriteTogetherOrEach(std::move(changes), deadline));
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

Task<int64_t> Sweeper::Purge() {
  const Deadline deadline = In(kDatabaseTimeout);
  const TimePoint before = clock_() - config_.operation_retention;
  co_return co_await ports_.purge.Purge(before, kPurgeSlice, deadline);
}

Task<void> Sweeper::Measure() {
  const Deadline deadline = In(kDatabaseTimeout);
  const TimePoint now = clock_();
  DROVER_CO_TRY(co_await ports_.purge.SumCounts(deadline));
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
