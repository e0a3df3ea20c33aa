// How an attempt ends: the operation's end, or its next attempt; and cancellation.
#pragma once
#include <chrono>
#include <string>

#include "libs/base/result.h"
#include "services/operations/core/results.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

// Takes the change to what the verdict says: SUCCEEDED, WAITING, FAILED; or back to PENDING, for
// another attempt, if the operation's policy has one left for this failure and it does not expire
// before. If a cancellation was asked for: no further attempt, and what would be WAITING is
// CANCELLED.
void Conclude(const Stored& operation, Verdict verdict, TimePoint now, Change* change);

// The session that had it gave it back without an outcome: PENDING, or CANCELLED if that was asked
// for. uncertain: it may have been carried out.
void GiveBack(const Stored& operation, bool uncertain, std::string why, TimePoint now,
              Change* change);

// The pause before attempt 2, 3 ..: doubles, a fifth more or less by jitter (0..1).
std::chrono::milliseconds Backoff(const v1::RetryPolicy& policy, int attempt, double jitter);

// 0..1, spread evenly over operations and their attempts.
double JitterOf(std::string_view id, int attempt);

// What an operator's wish to cancel comes to: CANCELLED (queued, WAITING) or cancel_requested
// (RUNNING). nullopt: nothing changes, it is so already. kFailedPrecondition: it has ended
// otherwise.
Result<std::optional<Change>> Cancel(const Stored& operation, const std::string& reason,
                                     TimePoint now);

}  // namespace drover::operations
