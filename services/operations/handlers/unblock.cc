#include "services/operations/handlers/unblock.h"

#include <algorithm>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/service/log.h"
#include "services/operations/core/dependencies.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kTimeout{10};
constexpr std::chrono::seconds kRedisTimeout{1};

std::vector<std::string> DependenciesOfAll(const std::vector<Stored>& blocked) {
  std::set<std::string> ids;
  for (const Stored& operation : blocked) {
    if (operation.standing.attempt > 1) continue;  // They have succeeded before.
    ids.insert(operation.spec.depends_on().begin(), operation.spec.depends_on().end());
  }
  return {ids.begin(), ids.end()};
}

std::vector<Dependency> DependenciesOf(const Stored& operation,
                                       const std::map<std::string, v1::State>& states) {
  std::vector<Dependency> out;
  for (const std::string& id : operation.spec.depends_on()) {
    const auto found = states.find(id);
    out.push_back({id, found == states.end() ? std::nullopt : std::optional(found->second)});
  }
  return out;
}

}  // namespace

Unblocker::Unblocker(asio::io_context& loop, PgOperations& store, ChangeWriter& writer,
                     RedisMarks& marks, Clock clock, RandomOctets random, Metrics& metrics)
    : loop_(loop),
      store_(store),
      writer_(writer),
      marks_(marks),
      clock_(std::move(clock)),
      random_(std::move(random)),
      metrics_(metrics) {
  writer_.WhenDependedEnds([this](std::vector<std::string> ids) { Ended(std::move(ids)); });
}

void Unblocker::Ended(std::vector<std::string> ids) {
  asio::co_spawn(loop_.get_executor(), LookAtDependents(std::move(ids)), asio::detached);
}

Process Unblocker::LookAtDependents(std::vector<std::string> ids) {
  const Deadline deadline = In(kTimeout);
  const Result<void> looked = co_await LookAtDependentsOf(std::move(ids), deadline);
  if (looked) co_return;
  metrics_.Failed("dependencies");
  service::Log(service::Level::kWarn, "operations.dependents_wait",
               "operations that waited for others were not looked at; they are within two minutes",
               {{"cause", looked.error().message}});
}

Task<void> Unblocker::LookAtDependentsOf(std::vector<std::string> ids, Deadline deadline) {
  DROVER_CO_TRY(std::vector<std::string> waiting,
                co_await store_.DependentsOf(std::move(ids), deadline));
  co_return co_await Look(std::move(waiting), deadline);
}

Task<void> Unblocker::Look(std::vector<std::string> ids, Deadline deadline) {
  if (ids.empty()) co_return Result<void>();
  DROVER_CO_TRY(const std::vector<Stored> blocked,
                co_await store_.ReadBlocked(std::move(ids), deadline));
  co_return co_await Look(blocked, deadline);
}

Task<void> Unblocker::Look(const std::vector<Stored>& blocked, Deadline deadline) {
  std::vector<std::string> ids = DependenciesOfAll(blocked);
  std::map<std::string, v1::State> states;
  if (!ids.empty()) {
    DROVER_CO_TRY(states, co_await store_.States(std::move(ids), deadline));
  }
  const TimePoint now = clock_();
  Changes changes;
  std::set<std::string> marked;
  std::set<std::string> woken;
  for (const Stored& operation : blocked) {
    const double jitter = static_cast<unsigned char>(random_(1)[0]) / 255.0;
    Unblocked unblocked = Unblock(operation, DependenciesOf(operation, states), now, jitter);
    if (unblocked.change.ready && IsOpen(unblocked.change.state)) {
      marked.insert(operation.device_id);
    }
    if (unblocked.wake && woken.insert(operation.device_id).second) {
      changes.wakeups.push_back({ids_.Mint(now, random_(8)), operation.device_id,
                                 operation.spec.bearer(), 1, now, operation.expires_at});
    }
    changes.changes.push_back(std::move(unblocked.change));
  }
  if (changes.changes.empty()) co_return Result<void>();
  DROVER_CO_TRY(co_await writer_.WriteTogetherOrEach(std::move(changes), deadline));
  std::vector<std::string> devices(marked.begin(), marked.end());
  const Deadline redis = In(kRedisTimeout);
  const Result<void> raised = co_await marks_.Raise(std::move(devices), redis);
  if (!raised) metrics_.Failed("marks");  // It is raised again with the next wake-up.
  co_return Result<void>();
}

}  // namespace drover::operations
