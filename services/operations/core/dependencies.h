// Operations that wait for others: what may depend on what, and what becomes of them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "libs/base/result.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

inline constexpr int kMaxDependencies = 16;

// kInvalidArgument: "operations[3].depends_on[0]: ..": neither a UUID nor the index ("#3") of
// another operation of the request, a cycle, too many.
Result<void> CheckDependencies(const v1::SubmitOperationsRequest& request);

// Ids in place of indices. ids: of the request's operations. After CheckDependencies.
std::vector<std::string> DependenciesOf(const v1::NewOperation& wanted,
                                        const std::vector<std::string>& ids);

// What an operation depends on, as it is now.
struct Dependency {
  std::string id;
  std::optional<v1::State> state;  // nullopt: it is not there any more.
};

struct Unblocked {
  bool wake = false;  // A wake-up is to be asked for now.
  Change change;      // If it is ready now the work mark is to be raised.
};

// operation: queued and not ready. All of its dependencies are given. Becomes ready, or FAILED, or
// is only put off (its due_at moves) until its time, or to look again in case that nobody says.
Unblocked Unblock(const Stored& operation, const std::vector<Dependency>& dependencies,
                  TimePoint now, double jitter);

}  // namespace drover::operations
