// Many operations at once: followed in one stream, submitted by a selector.
#include <algorithm>
#include <map>
#include <random>
#include <thread>

#include "tools/drover/commands/command.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;
using Time = std::chrono::system_clock::time_point;

constexpr int kIdsAtOnce = 10'000;
constexpr std::chrono::seconds kPause{1};
constexpr int kTriesWithoutProgress = 60;

std::string RandomKey() {
  std::random_device device;
  std::string key = "drover-";
  for (int i = 0; i < 4; ++i) key.append(std::to_string(device())).append("-");
  key.pop_back();
  return key;
}

// One stream, again if the service went away, until everything that was seen has ended. Who was not
// seen yet is asked for anew each time.
Result<void> FollowStream(Cluster& cluster, Console& console,
                          const v1::WatchOperationsRequest& which, Time deadline,
                          const Cluster::Seen& seen) {
  std::map<std::string, int> steps;  // Told of each operation: its history so far.
  const auto note = [&](const v1::Operation& operation) {
    int& told = steps[operation.id()];
    if (operation.history_size() == told) return;
    told = operation.history_size();
    seen(operation);
  };
  while (true) {
    const Result<void> watched = cluster.WatchOperations(which, deadline, note);
    if (watched) return {};
    if (watched.error().code == Code::kDeadlineExceeded) {
      return DeadlineExceeded("not all operations have ended in time; they go on");
    }
    if (watched.error().code != Code::kUnavailable) return watched.error();
    if (std::chrono::system_clock::now() >= deadline) {
      return DeadlineExceeded(watched.error().message);
    }
    console.Note("drover: " + watched.error().message + "; trying again");
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace

Result<void> FollowMany(Cluster& cluster, Console& console, const v1::WatchOperationsRequest& which,
                        Time deadline, const Cluster::Seen& seen) {
  if (which.ids_size() <= kIdsAtOnce) {
    return FollowStream(cluster, console, which, deadline, seen);
  }
  for (int begin = 0; begin < which.ids_size(); begin += kIdsAtOnce) {
    v1::WatchOperationsRequest some = which;
    some.clear_ids();
    const int end = std::min(begin + kIdsAtOnce, which.ids_size());
    for (int i = begin; i < end; ++i) some.add_ids(which.ids(i));
    DROVER_TRY(FollowStream(cluster, console, some, deadline, seen));
  }
  return {};
}

Result<void> SubmitSelected(Cluster& cluster, Console& console, v1::SubmitSelectedRequest request,
                            std::vector<v1::Operation>& stored) {
  if (request.idempotency_key().empty()) request.set_idempotency_key(RandomKey());
  size_t pages = 0;  // Told already: a repeat tells of them again.
  int tries = 0;
  while (true) {
    size_t page = 0;
    const auto seen = [&](v1::SubmitProgress progress) {
      if (page++ < pages) return;
      ++pages;
      tries = 0;
      for (const auto& skipped : progress.skipped()) {
        console.Note("drover: skipped " + skipped.device_id() + ": " + skipped.reason());
      }
      for (v1::Operation& operation : *progress.mutable_operations()) {
        stored.push_back(std::move(operation));
      }
    };
    const Result<void> submitted = cluster.SubmitSelected(request, seen);
    if (submitted || submitted.error().code != Code::kUnavailable) return submitted;
    if (++tries > kTriesWithoutProgress) return submitted;
    console.Note("drover: " + submitted.error().message + "; going on where it broke");
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace drover::cli
