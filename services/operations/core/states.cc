#include "services/operations/core/states.h"

#include "libs/base/check.h"
#include "services/operations/core/stored.h"
#include "services/operations/core/times.h"

namespace drover::operations {

bool MayBecome(v1::State from, v1::State to) {
  switch (from) {
    case v1::PENDING:
      return to == v1::NOTIFIED || to == v1::RUNNING || to == v1::EXPIRED || to == v1::CANCELLED;
    case v1::NOTIFIED:
      return to == v1::RUNNING || to == v1::EXPIRED || to == v1::CANCELLED;
    case v1::RUNNING:
      return to == v1::PENDING || to == v1::WAITING || to == v1::SUCCEEDED || to == v1::FAILED;
    case v1::WAITING:
      return to == v1::SUCCEEDED || to == v1::FAILED;
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

void Change::Step(v1::State to, TimePoint now, std::string why) {
  DROVER_CHECK(MayBecome(state, to));
  state = to;
  at = now;
  if (!IsOpen(to)) {
    uncertain = false;
    cause = why;
  }
  v1::Transition& transition = *added.add_history();
  transition.set_state(to);
  *transition.mutable_at() = ToProto(now);
  transition.set_cause(std::move(why));
}

}  // namespace drover::operations
