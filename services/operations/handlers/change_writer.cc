#include "services/operations/handlers/change_writer.h"

namespace drover::operations {

Task<void> ChangeWriter::Write(const Changes& changes, Deadline deadline) {
  events::v1::OutboxBatch outbox;
  for (const Change& change : changes.changes) TellChange(change, &outbox);
  for (const Wakeup& wakeup : changes.wakeups) TellWakeup(wakeup, random_(2), &outbox);
  DROVER_CO_TRY(std::vector<std::string> ended,
                co_await store_.Write(changes.changes, changes.travelled, outbox, deadline));
  if (!ended.empty() && ended_) ended_(std::move(ended));
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

Task<void> ChangeWriter::WriteTogetherOrEach(Changes changes, Deadline deadline) {
  Result<void> written = co_await Write(changes, deadline);
  if (written || written.error().code != Code::kAborted) co_return written;
  Changes wakeups;
  wakeups.wakeups = std::move(changes.wakeups);
  written = co_await Write(wakeups, deadline);
  for (Change& change : changes.changes) {
    Changes one;
    one.changes.push_back(std::move(change));
    const Result<void> alone = co_await Write(one, deadline);
    if (!alone && alone.error().code != Code::kAborted) co_return alone.error();
  }
  co_return written;
}

}  // namespace drover::operations
