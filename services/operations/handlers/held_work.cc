#include "services/operations/handlers/held_work.h"

#include <algorithm>

#include "services/operations/core/states.h"

namespace drover::operations {
namespace {

constexpr size_t kMostOperations = 16;  // Of one terminal.
constexpr size_t kMostOctets = 16 << 10;

bool IsSmall(const std::vector<Stored>& open) {
  if (open.size() > kMostOperations) return false;
  size_t octets = 0;
  for (const Stored& operation : open) {
    octets += operation.spec.ByteSizeLong() + operation.pending.size();
  }
  return octets <= kMostOctets;
}

}  // namespace

void Apply(const Change& change, Stored* stored) {
  stored->version = change.version + change.added.history_size();
  stored->state = change.state;
  stored->uncertain = change.uncertain;
  stored->session_key = change.session_key;
  stored->taken_msg_id = change.taken_msg_id;
  stored->attempts = change.attempts;
  stored->updated_at = change.at;
  stored->ready = change.ready;
  stored->standing = change.standing;
  stored->pending = PendingAfter(change);
}

std::optional<std::vector<Stored>> HeldWork::Take(const v1::AdvanceRequest& request) {
  const auto found = held_.find(request.device_id());
  if (found == held_.end()) return std::nullopt;
  Held held = std::move(found->second);
  held_.erase(found);
  const bool same = !request.session_started() && request.session_key() == held.session_key &&
                    request.mark() == held.mark;
  if (!same) return std::nullopt;
  return std::move(held.open);
}

void HeldWork::Keep(const v1::AdvanceRequest& request, std::vector<Stored> open,
                    std::span<const Change> changes) {
  if (request.mark() <= 0) return;
  for (const Change& change : changes) {
    const auto of = std::find_if(open.begin(), open.end(),
                                 [&](const Stored& stored) { return stored.id == change.id; });
    if (of != open.end()) Apply(change, &*of);
  }
  std::erase_if(open, [](const Stored& stored) { return !IsOpen(stored.state) || !stored.ready; });
  if (open.empty() || !IsSmall(open)) return;
  Held held{request.session_key(), request.mark(), std::move(open), ++last_};
  order_.emplace_back(request.device_id(), held.number);
  held_.insert_or_assign(request.device_id(), std::move(held));
  Forget();
}

void HeldWork::Forget() {
  while (!order_.empty()) {
    const auto found = held_.find(order_.front().first);
    const bool gone = found == held_.end() || found->second.number != order_.front().second;
    if (!gone && held_.size() <= most_) return;
    if (!gone) held_.erase(found);
    order_.pop_front();
  }
}

}  // namespace drover::operations
