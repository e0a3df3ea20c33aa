#include "services/session/handlers/device_gate.h"

namespace drover::session {

Task<void> DeviceGate::Enter(const DeviceId& device, Deadline deadline) {
  const auto [entry, entered] = busy_.try_emplace(device);
  if (entered) co_return Result<void>{};
  if (entry->second.turns.size() >= kMaxWaiting) {
    co_return ResourceExhausted("this terminal sent several messages at once");
  }
  const Promise<bool> turn(loop_);
  entry->second.turns.push_back(turn);
  DROVER_CO_TRY(co_await turn.Wait(deadline, "its turn"));
  co_return Result<void>{};
}

void DeviceGate::Leave(const DeviceId& device) {
  const auto entry = busy_.find(device);
  if (entry == busy_.end()) return;
  std::vector<Promise<bool>>& turns = entry->second.turns;
  while (!turns.empty()) {
    const Promise<bool> next = turns.front();
    turns.erase(turns.begin());
    if (next.Set(true)) return;  // False: it gave up waiting.
  }
  busy_.erase(entry);
}

}  // namespace drover::session
