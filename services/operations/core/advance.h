// One step of one session, decided: what it reported is applied to the terminal's open operations,
// and more work is handed out.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "libs/base/clock.h"
#include "libs/base/result.h"
#include "services/operations/core/stored.h"

namespace drover::operations {

struct Advanced {
  std::vector<Change> changes;
  v1::AdvanceReply reply;  // Without id.
  bool work_left = false;  // Something is queued or with the terminal: the work mark stays.
  // Operations whose course the request's messages are part of.
  std::vector<std::string> travelled;
  std::vector<Stored> open;  // As they were given; the changes are not applied to them.
};

// An operation that is not open any more, with the alerts that are kept with it.
struct Ended {
  Stored stored;
  v1::Operation course;  // alerts
};
using EndedOperations = std::map<std::string, Ended>;  // By id.

// open: the open operations of request.device_id, most urgent first (priority, then oldest); some
// may be missing at the end if !all_read, but none that is RUNNING or WAITING. ended:
// operations of this terminal that are not open, as far as alerts of the request name them: such an
// alert has matched and must not end another operation; one that is not a repeat is kept there.
//
// In this order: operations RUNNING for an older session come back when a session starts; reports
// on operations that are RUNNING for this very session are applied, others ignored (repeats);
// alerts end what waits for them; then up to request.take operations become RUNNING, or those that
// were handed out on this very message are handed out again. One whose alert is overdue is handed
// out as the reading of how far it is (progress.h). Errors: kInvalidArgument (names the field).
Result<Advanced> Advance(const v1::AdvanceRequest& request, std::vector<Stored> open, bool all_read,
                         const EndedOperations& ended, TimePoint now);

// Whether the session `other` began after `mine` (keys: SessionID "@" start in microseconds).
bool BeganAfter(std::string_view other, std::string_view mine);

}  // namespace drover::operations
