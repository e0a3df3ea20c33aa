// Terminals that are known to be registered and to have been seen a short while ago: a report of
// theirs needs no look at their row. Never wrong, because terminals are not removed; only
// forgetful.
#pragma once
#include <optional>
#include <unordered_map>

#include "services/tree/core/model.h"

namespace drover::tree {

class SeenDevices {
 public:
  // Keeps between half of and all of `capacity` devices, those used last.
  explicit SeenDevices(size_t capacity) : half_(capacity / 2) {}

  // Whether the device is registered and its seen_at is younger than `interval`.
  bool Recently(const DeviceId& device, TimePoint now, std::chrono::microseconds interval) {
    const std::optional<TimePoint> seen = Find(device);
    return seen && *seen + interval > now;
  }
  // After its row was read or written.
  void Saw(const DeviceId& device, TimePoint seen_at) {
    if (young_.size() >= half_) {
      old_ = std::move(young_);
      young_.clear();
    }
    young_[device] = seen_at;
  }

 private:
  std::optional<TimePoint> Find(const DeviceId& device) {
    if (const auto found = young_.find(device); found != young_.end()) return found->second;
    const auto found = old_.find(device);
    if (found == old_.end()) return std::nullopt;
    return found->second;
  }

  size_t half_;
  std::unordered_map<DeviceId, TimePoint> young_;
  std::unordered_map<DeviceId, TimePoint> old_;
};

}  // namespace drover::tree
