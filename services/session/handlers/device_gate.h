// One message of a device at a time: the others wait their turn, a few at most.
#pragma once
#include <unordered_map>
#include <vector>

#include "libs/async/promise.h"
#include "libs/base/ids.h"

namespace drover::session {

class DeviceGate {
 public:
  explicit DeviceGate(asio::io_context& loop) : loop_(loop) {}

  // True if no other message of the device is being served; as a success of Enter.
  bool TryEnter(const DeviceId& device) { return busy_.try_emplace(device).second; }
  // Returns when no other message of the device is being served. kResourceExhausted: too many wait.
  // kDeadlineExceeded. After success the caller owes a Leave.
  Task<void> Enter(const DeviceId& device, Deadline deadline);
  void Leave(const DeviceId& device);

 private:
  static constexpr size_t kMaxWaiting = 4;
  struct Waiting {
    std::vector<Promise<bool>> turns;
  };
  asio::io_context& loop_;
  std::unordered_map<DeviceId, Waiting> busy_;
};

}  // namespace drover::session
