// Lanes: the queue of each destination. One group is active in a lane at a time; those that wait
// stand by priority, then in order.
//
// A group that waits out a backoff is suspended: it leaves the lane to groups of one segment and a
// higher priority, and to nothing else. So at most one group of each priority is suspended.
#pragma once
#include <cstdint>

#include "libs/dispatch/group.h"
#include "libs/dispatch/slab.h"
#include "libs/dispatch/slot_index.h"

namespace drover::dispatch {

class Lanes {
 public:
  explicit Lanes(Slab<Group>& groups) : groups_(groups) {}

  // Counts one more group to the lane of this destination; Leave counts one less.
  uint32_t Join(uint64_t destination);
  void Leave(uint32_t lane);
  uint32_t Find(uint64_t destination) const;
  uint64_t DestinationOf(uint32_t lane) const { return lanes_[lane].destination; }

  // The group waits behind (before) those of its priority.
  void Wait(uint32_t slot);
  void WaitFirst(uint32_t slot);
  void StopWaiting(uint32_t slot);
  // The group that may start now, or kNoSlot.
  uint32_t Next(uint32_t lane) const;

  uint32_t Active(uint32_t lane) const { return lanes_[lane].active; }
  void Activate(uint32_t slot) { lanes_[groups_[slot].lane].active = slot; }
  void Release(uint32_t slot);
  // From active to suspended and back; back only if nobody is active. Suspend: false if another
  // one of its priority is suspended, which no history of ours brings about.
  bool Suspend(uint32_t slot);
  void Unsuspend(uint32_t slot);
  bool MaySuspend(uint32_t slot) const;
  // The most urgent suspended group for which is_it(slot), or kNoSlot.
  template <typename IsIt>
  uint32_t FindSuspended(uint32_t lane, IsIt is_it) const {
    for (size_t p = kPriorities; p-- > 0;) {
      const uint32_t slot = lanes_[lane].suspended[p];
      if (slot != kNoSlot && is_it(slot)) return slot;
    }
    return kNoSlot;
  }

  template <typename F>
  void ForEachSuspended(uint32_t lane, F f) const {
    for (const uint32_t slot : lanes_[lane].suspended) {
      if (slot != kNoSlot) f(slot);
    }
  }

  size_t size() const { return lanes_.size(); }
  size_t octets() const { return lanes_.octets() + index_.octets(); }

 private:
  struct Lane {
    uint64_t destination = 0;
    uint32_t groups = 0;
    uint32_t active = kNoSlot;
    uint32_t suspended[kPriorities] = {kNoSlot, kNoSlot, kNoSlot};
    uint32_t last[kPriorities] = {kNoSlot, kNoSlot, kNoSlot};  // Rings: last.next is the first.
  };
  static size_t PriorityOf(const Group& group) { return static_cast<size_t>(group.priority); }

  Slab<Group>& groups_;
  Slab<Lane> lanes_;
  SlotIndex index_;
};

}  // namespace drover::dispatch
