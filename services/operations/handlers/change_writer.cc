#include "services/operations/handlers/change_writer.h"

namespace drover::operations {

Task<void> ChangeWriter::Write(const Changes& changes, Deadline deadline) {
  events::v1::OutboxBatch outbox;
  for (const Change& change : changes.changes) TellChange(change, &outbox);
  for (const Wakeup& wakeup : changes.wakeups) TellWakeup(wakeup, random_(2), &outbox);
  DROVER_CO_TRY(co_await store_.Write(changes.changes, changes.travelled, outbox, deadline));
  if (outbox.records_size() > 0) relay_.Wake();
  for (const Change& change : changes.changes) {
    if (change.added.history().empty()) continue;
    watchers_.Changed(change.id);
    for (const v1::Transition& step : change.added.history()) {
      metrics_.Changed(step.state(), change.uncertain);
    }
  }
  for (const Wakeup& wakeup : changes.wakeups) metrics_.WakeupAsked(wakeup.attempt > 1);
  co_return Result<void>();
}

}  // namespace drover::operations
