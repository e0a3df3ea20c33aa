#include "services/operations/core/states.h"

#include "libs/base/check.h"
#include "services/operations/core/stored.h"
#include "services/operations/core/times.h"

namespace drover::operations {

bool MayBecome(v1::State from, v1::State to) {
  switch (from) {
    case v1::PENDING:
      if (to == v1::NOTIFIED) return true;
      [[fallthrough]];
    case v1::NOTIFIED:
      return to == v1::RUNNING || to == v1::WAITING || to == v1::FAILED || to == v1::EXPIRED ||
             to == v1::CANCELLED;
    case v1::RUNNING:
      return to == v1::PENDING || to == v1::WAITING || to == v1::SUCCEEDED || to == v1::FAILED ||
             to == v1::CANCELLED;
    case v1::WAITING:
      return to == v1::PENDING || to == v1::SUCCEEDED || to == v1::FAILED || to == v1::CANCELLED;
    default:
      return false;
  }
}

bool IsOpen(v1::State state) {
  return IsQueued(state) || state == v1::RUNNING || state == v1::WAITING;
}

bool IsQueued(v1::State state) { return state == v1::PENDING || state == v1::NOTIFIED; }

std::string_view Name(v1::State state) {
  switch (state) {
    case v1::PENDING:
      return "PENDING";
    case v1::NOTIFIED:
      return "NOTIFIED";
    case v1::RUNNING:
      return "RUNNING";
    case v1::WAITING:
      return "WAITING";
    case v1::SUCCEEDED:
      return "SUCCEEDED";
    case v1::FAILED:
      return "FAILED";
    case v1::EXPIRED:
      return "EXPIRED";
    case v1::CANCELLED:
      return "CANCELLED";
    default:
      return "STATE_UNSPECIFIED";
  }
}

std::string EncodeStanding(const Standing& standing) {
  if (standing == Standing{}) return {};
  v1::Operation piece;
  if (standing.attempt > 1) piece.set_attempt(static_cast<uint32_t>(standing.attempt));
  if (standing.not_before) *piece.mutable_not_before() = ToProto(*standing.not_before);
  piece.set_cancel_requested(standing.cancel_requested);
  piece.set_cancel_reason(standing.cancel_reason);
  piece.set_reading_state(standing.reading_state);
  if (standing.read_state_until) {
    *piece.mutable_read_state_until() = ToProto(*standing.read_state_until);
  }
  return piece.SerializeAsString();
}

bool DecodeStanding(std::string_view octets, Standing* standing) {
  v1::Operation piece;
  if (!piece.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return false;
  if (piece.attempt() > 1) standing->attempt = static_cast<int32_t>(piece.attempt());
  if (piece.has_not_before()) standing->not_before = FromProto(piece.not_before());
  standing->cancel_requested = piece.cancel_requested();
  standing->cancel_reason = piece.cancel_reason();
  standing->reading_state = piece.reading_state();
  if (piece.has_read_state_until()) {
    standing->read_state_until = FromProto(piece.read_state_until());
  }
  return true;
}

void Change::Step(v1::State to, TimePoint now, std::string why) {
  DROVER_CHECK(MayBecome(state, to));
  state = to;
  if (!IsOpen(to)) {
    uncertain = false;
    ready = true;
    cause = why;
  }
  Note(now, std::move(why));
}

bool KeepsCourseApart(const Change& change) {
  return IsOpen(change.state) && change.added.results().empty() && change.added.alerts().empty();
}

std::string PendingAfter(const Change& change) {
  if (!KeepsCourseApart(change)) return {};
  std::string out = change.pending;
  change.added.AppendToString(&out);
  return out;
}

void Change::Note(TimePoint now, std::string why) {
  at = now;
  v1::Transition& transition = *added.add_history();
  transition.set_state(state);
  *transition.mutable_at() = ToProto(now);
  transition.set_cause(std::move(why));
}

}  // namespace drover::operations
