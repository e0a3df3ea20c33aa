#include "services/operations/handlers/watch.h"

#include <algorithm>
#include <map>

#include "libs/dmtree/device_id.h"
#include "services/operations/core/states.h"
#include "services/operations/core/uuid7.h"

namespace drover::operations {
namespace {

constexpr std::chrono::seconds kPoll{1};  // For changes that other replicas made.
constexpr std::chrono::seconds kDatabaseTimeout{30};
constexpr size_t kSlice = 1000;  // Read at once; of those that nobody said have changed, a poll.
constexpr int kPage = 5000;
constexpr int kMostIds = 10'000;
constexpr int kMostDevices = 1'000;
// A label alone is looked for among the operations of this time.
constexpr std::chrono::hours kLabelAge{24 * 31};

}  // namespace

Task<std::vector<PgQueries::Known>> WatchHandler::Select(
    const v1::WatchOperationsRequest& request) {
  PgQueries::Selection selection;
  selection.label = request.label();
  selection.limit = kPage;
  for (const std::string& id : request.ids()) {
    if (!IsUuid(id)) co_return NotFound("no operation " + id.substr(0, 64));
    selection.ids.push_back(id);
  }
  for (const std::string& id : request.device_ids()) {
    DROVER_CO_TRY(const DeviceId device, dmtree::NormaliseDeviceId(id));
    selection.device_ids.push_back(device.value());
  }
  const bool bounded = !selection.ids.empty() || !selection.device_ids.empty();
  if (!bounded) selection.after = FirstUuid7(clock_() - kLabelAge);
  std::vector<Known> out;
  while (true) {
    PgQueries::Selection page = selection;
    if (!out.empty()) page.after = out.back().id;
    const Deadline deadline = In(kDatabaseTimeout);
    DROVER_CO_TRY(std::vector<Known> some, co_await queries_.Select(std::move(page), deadline));
    const bool last = some.size() < static_cast<size_t>(kPage);
    std::move(some.begin(), some.end(), std::back_inserter(out));
    if (last) break;
  }
  for (const std::string& id : selection.ids) {
    const auto same = [&](const Known& one) {
      return std::equal(one.id.begin(), one.id.end(), id.begin(), id.end(),
                        [](unsigned char a, unsigned char b) { return a == std::tolower(b); });
    };
    const bool whole = request.label().empty() && request.device_ids().empty();
    if (whole && selection.ids.size() <= 100 && std::none_of(out.begin(), out.end(), same)) {
      co_return NotFound("no operation " + id);
    }
  }
  co_return out;
}

// Reads which of the open ones and tells those that have changed; those that ended leave `open`.
Task<void> WatchHandler::Tell(std::vector<Known>* open, const std::set<std::string>& which,
                              const WatchSink& sink) {
  std::vector<Known> asked;
  for (const Known& one : *open) {
    if (which.count(one.id) > 0) asked.push_back(one);
  }
  std::map<std::string, std::pair<int32_t, bool>> told;  // Version, ended.
  while (!asked.empty() && !sink.cancelled()) {
    const size_t count = std::min(kSlice, asked.size());
    std::vector<Known> slice(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(count));
    asked.erase(asked.begin(), asked.begin() + static_cast<std::ptrdiff_t>(count));
    const Deadline deadline = In(kDatabaseTimeout);
    DROVER_CO_TRY(std::vector<Found> changed,
                  co_await queries_.ReadChanged(std::move(slice), deadline));
    for (Found& found : changed) {
      told[found.stored.id] = {found.stored.version, !IsOpen(found.stored.state)};
      DROVER_CO_TRY(co_await sink.tell(std::move(found.operation)));
    }
  }
  for (Known& one : *open) {
    const auto entry = told.find(one.id);
    if (entry != told.end()) one.version = entry->second.first;
  }
  std::erase_if(*open, [&](const Known& one) {
    const auto entry = told.find(one.id);
    return entry != told.end() && entry->second.second;
  });
  co_return Result<void>();
}

Task<void> WatchHandler::Watch(v1::WatchOperationsRequest request, const WatchSink& sink,
                               Deadline deadline) {
  if (request.ids().empty() && request.label().empty() && request.device_ids().empty()) {
    co_return InvalidArgument("give ids, a label or device_ids");
  }
  if (request.ids_size() > kMostIds) co_return InvalidArgument("ids: are more than 10000");
  if (request.device_ids_size() > kMostDevices) {
    co_return InvalidArgument("device_ids: are more than 1000");
  }
  DROVER_CO_TRY(std::vector<Known> open, co_await Select(request));
  std::vector<std::string> ids;
  for (const Known& one : open) ids.push_back(one.id);
  std::set<std::string> all(ids.begin(), ids.end());
  Watchers::Watch watch(watchers_, std::move(ids));
  DROVER_CO_TRY(co_await Tell(&open, all, sink));
  size_t next = 0;
  while (!open.empty() && !sink.cancelled() && Left(deadline).count() > 0) {
    const Deadline poll = In(kPoll);
    DROVER_CO_TRY(std::set<std::string> which, co_await watch.Wait(poll));
    // By turns all of them, in case that another replica changed them.
    const bool quiet = which.empty();
    for (size_t i = 0; quiet && i < std::min(kSlice, open.size()); ++i) {
      which.insert(open[next++ % open.size()].id);
    }
    DROVER_CO_TRY(co_await Tell(&open, which, sink));
  }
  co_return Result<void>();
}

}  // namespace drover::operations
