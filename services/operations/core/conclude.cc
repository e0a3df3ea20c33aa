#include "services/operations/core/conclude.h"

#include <algorithm>

#include "services/operations/core/due.h"
#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kInitialBackoff{30'000};
constexpr milliseconds kMaxBackoff{3'600'000};
constexpr char kMayFinish[] = "; the terminal has it and may still finish it";
constexpr char kMayBeDone[] = "; a session broke after it was sent, it may have been done";

milliseconds ToMillis(const google::protobuf::Duration& duration) {
  return std::chrono::seconds(duration.seconds()) + milliseconds(duration.nanos() / 1'000'000);
}

v1::RetryPolicy::Cause CauseOf(Failure failure) {
  switch (failure) {
    case Failure::kNotAnswered:
      return v1::RetryPolicy::NOT_ANSWERED;
    case Failure::kBusy:
      return v1::RetryPolicy::BUSY;
    case Failure::kUserNotNow:
      return v1::RetryPolicy::USER_NOT_NOW;
    case Failure::kAlertFailed:
      return v1::RetryPolicy::ALERT_FAILED;
    default:
      return v1::RetryPolicy::ANY;
  }
}

bool Covers(const v1::RetryPolicy& policy, Failure failure) {
  if (failure == Failure::kNone) return false;
  if (policy.on().empty()) {
    return failure == Failure::kNotAnswered || failure == Failure::kBusy;
  }
  return std::any_of(policy.on().begin(), policy.on().end(),
                     [&](int on) { return on == v1::RetryPolicy::ANY || on == CauseOf(failure); });
}

std::string InWords(milliseconds span) {
  const int64_t seconds = std::chrono::ceil<std::chrono::seconds>(span).count();
  return seconds < 120 ? std::to_string(seconds) + " s" : std::to_string(seconds / 60) + " min";
}

// The next attempt if there is one; else why there is none, to be added to the cause.
bool TryAgain(const Stored& operation, const Verdict& verdict, TimePoint now, Change* change,
              std::string* why_not) {
  const v1::RetryPolicy& policy = operation.spec.retry();
  const auto most = static_cast<int32_t>(policy.max_attempts());
  Standing& standing = change->standing;
  if (most <= 1 || !Covers(policy, verdict.failure)) return false;
  const std::string count =
      "attempt " + std::to_string(standing.attempt) + " of " + std::to_string(most);
  if (standing.attempt >= most) {
    *why_not = "; " + count;
    return false;
  }
  if (standing.cancel_requested) {
    *why_not = "; not tried again: it was cancelled";
    return false;
  }
  const milliseconds pause =
      Backoff(policy, standing.attempt + 1, JitterOf(operation.id, standing.attempt));
  if (now + pause >= operation.expires_at) {
    *why_not = "; " + count + ", it expires before the next";
    return false;
  }
  change->Step(v1::PENDING, now, count + ": " + verdict.cause + "; again in " + InWords(pause));
  ++standing.attempt;
  standing.not_before = now + pause;
  standing.reading_state = false;
  change->ready = false;
  change->uncertain = false;
  change->attempts = 0;
  change->due_at = standing.not_before;
  return true;
}

std::string ReasonOf(const Standing& standing) {
  return standing.cancel_reason.empty() ? "cancelled by the operator" : standing.cancel_reason;
}

}  // namespace

double JitterOf(std::string_view id, int attempt) {
  uint64_t hash = 14695981039346656037ull;  // FNV-1a
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  hash = (hash ^ static_cast<uint64_t>(attempt)) * 1099511628211ull;
  return static_cast<double>((hash >> 32) & 0xffff) / 65535.0;
}

milliseconds Backoff(const v1::RetryPolicy& policy, int attempt, double jitter) {
  const milliseconds first =
      policy.has_initial_backoff() ? ToMillis(policy.initial_backoff()) : kInitialBackoff;
  const milliseconds most = policy.has_max_backoff() ? ToMillis(policy.max_backoff()) : kMaxBackoff;
  milliseconds pause = std::max(first, milliseconds(1));
  for (int i = 2; i < attempt && pause < most; ++i) pause *= 2;
  pause = std::min(pause, std::max(most, milliseconds(1)));
  const double factor = 0.8 + 0.4 * std::clamp(jitter, 0.0, 1.0);
  return milliseconds(static_cast<int64_t>(static_cast<double>(pause.count()) * factor));
}

void Conclude(const Stored& operation, Verdict verdict, TimePoint now, Change* change) {
  const bool cancelled = change->standing.cancel_requested;
  change->standing.reading_state = false;
  if (verdict.state == v1::FAILED) {
    std::string why_not;
    if (TryAgain(operation, verdict, now, change, &why_not)) return;
    const bool late = cancelled && why_not.find("cancelled") == std::string::npos;
    change->Step(v1::FAILED, now,
                 verdict.cause + why_not + (late ? "; it could not be cancelled any more" : ""));
    return;
  }
  change->uncertain = false;
  if (verdict.state == v1::SUCCEEDED && cancelled && verdict.cause.empty()) {
    verdict.cause = "it was to be cancelled, but the terminal had carried it out";
  }
  change->Step(verdict.state, now, std::move(verdict.cause));
  if (verdict.state == v1::WAITING && cancelled) {
    change->Step(v1::CANCELLED, now, ReasonOf(change->standing) + kMayFinish);
  }
}

void GiveBack(const Stored& operation, bool uncertain, std::string why, TimePoint now,
              Change* change) {
  const bool unsure = uncertain || change->uncertain;
  if (change->standing.cancel_requested) {
    std::string cause = ReasonOf(change->standing);
    if (change->standing.reading_state) {
      cause += kMayFinish;
    } else if (unsure) {
      cause += kMayBeDone;
    }
    change->standing.reading_state = false;
    change->Step(v1::CANCELLED, now, std::move(cause));
    return;
  }
  change->Step(v1::PENDING, now, std::move(why));
  // Reading how far the terminal is does no harm twice.
  change->uncertain = unsure && !change->standing.reading_state;
  change->due_at = std::min(now + WakeAfter(1, 0.5), GivenUpAt(operation));
}

Result<std::optional<Change>> Cancel(const Stored& operation, const std::string& reason,
                                     TimePoint now) {
  if (operation.state == v1::CANCELLED) return std::optional<Change>();
  if (!IsOpen(operation.state)) {
    return FailedPrecondition("the operation is " + std::string(Name(operation.state)) +
                              " already");
  }
  Change change(operation);
  Standing& standing = change.standing;
  if (operation.state == v1::RUNNING) {
    if (standing.cancel_requested) return std::optional<Change>();
    standing.cancel_requested = true;
    standing.cancel_reason = reason;
    // It stays RUNNING; that it was asked for is part of its course.
    change.Note(now, "to be cancelled, but it is with the terminal" +
                         (reason.empty() ? "" : ": " + reason));
    return std::optional<Change>(std::move(change));
  }
  standing.cancel_reason = reason;
  std::string cause = ReasonOf(standing);
  const bool had = operation.state == v1::WAITING || standing.reading_state;
  if (had) {
    cause += kMayFinish;
  } else if (operation.uncertain) {
    cause += kMayBeDone;
  }
  standing.reading_state = false;
  change.Step(v1::CANCELLED, now, std::move(cause));
  return std::optional<Change>(std::move(change));
}

}  // namespace drover::operations
