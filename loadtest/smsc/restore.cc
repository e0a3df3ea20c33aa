// Center::Restore: the centre as its journal left it.
#include <algorithm>

#include "loadtest/smsc/center.h"

namespace drover::smsc {

struct Center::Restored {
  std::unordered_map<uint64_t, SubmittedRecord> messages;  // Without the end of their receipt.
  std::unordered_map<uint64_t, size_t> next_part;
  std::unordered_map<uint64_t, FinalRecord> ends;  // Of these messages.
  uint64_t highest_bind = 0;
  TimePoint last;
};

void Center::Replay(Restored& restored, const Record& record) {
  if (const auto* submitted = std::get_if<SubmittedRecord>(&record)) {
    next_id_ = std::max(next_id_, submitted->id + 1);
    restored.last = std::max(restored.last, submitted->submitted);
    restored.messages.emplace(submitted->id, *submitted);
  } else if (const auto* segment = std::get_if<SegmentRecord>(&record)) {
    restored.highest_bind = std::max(restored.highest_bind, segment->bind);
    restored.last = std::max(restored.last, segment->at);
    if (segment->heard) ++restored.next_part[segment->id];
    ledger_.Add(segment->terminal, segment->source, segment->data_coding, segment->part,
                segment->bind, segment->at);
  } else if (const auto* end = std::get_if<FinalRecord>(&record)) {
    next_id_ = std::max(next_id_, end->id + 1);
    Remember(end->id, {end->state, end->at, end->failure});
    restored.last = std::max(restored.last, end->at);
    restored.next_part.erase(end->id);
    if (restored.messages.contains(end->id)) restored.ends.emplace(end->id, *end);
  } else if (const auto* receipted = std::get_if<ReceiptedRecord>(&record)) {
    restored.messages.erase(receipted->id);
    restored.ends.erase(receipted->id);
  }
}

// It goes on where it was.
void Center::GoOn(SubmittedRecord&& record, size_t next_part, TimePoint now) {
  const uint64_t id = record.id;
  Pending& pending = pending_[id];
  pending.submission = std::move(record.submission);
  pending.terminal = &TerminalOf(pending.submission.destination.digits);
  ++pending.terminal->pending;
  pending.submitted = record.submitted;
  pending.expires = record.expires;
  pending.next_part = std::min(next_part, pending.submission.parts.size() - 1);
  Arrive(id, pending, now);
}

Center::RestoredTo Center::Restore(std::string_view journal, TimePoint now) {
  Restored restored;
  while (const auto record = NextRecord(journal)) Replay(restored, *record);
  now = std::max(now, restored.last);
  for (auto& [id, message] : restored.messages) {
    const auto end = restored.ends.find(id);
    if (end == restored.ends.end()) {
      const size_t next_part = restored.next_part.contains(id) ? restored.next_part[id] : 0;
      if (!message.submission.parts.empty()) GoOn(std::move(message), next_part, now);
      continue;
    }
    Pending told;
    told.submission = std::move(message.submission);
    told.submitted = message.submitted;
    Tell(id, told, {end->second.state, end->second.at, end->second.failure}, false, now);
  }
  return {now, restored.highest_bind};
}

}  // namespace drover::smsc
