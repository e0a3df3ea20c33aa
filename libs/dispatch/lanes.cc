#include "libs/dispatch/lanes.h"

namespace drover::dispatch {

uint32_t Lanes::Find(uint64_t destination) const {
  return index_.Find(Mixed(destination),
                     [&](uint32_t slot) { return lanes_[slot].destination == destination; });
}

uint32_t Lanes::Join(uint64_t destination) {
  uint32_t lane = Find(destination);
  if (lane == kNoSlot) {
    lane = lanes_.Take();
    lanes_[lane].destination = destination;
    index_.Insert(Mixed(destination), lane);
  }
  ++lanes_[lane].groups;
  return lane;
}

void Lanes::Leave(uint32_t lane) {
  if (--lanes_[lane].groups > 0) return;
  index_.Erase(Mixed(lanes_[lane].destination), lane);
  lanes_.Give(lane);
}

void Lanes::Wait(uint32_t slot) {
  WaitFirst(slot);
  Group& group = groups_[slot];
  lanes_[group.lane].last[PriorityOf(group)] = slot;
}

void Lanes::WaitFirst(uint32_t slot) {
  Group& group = groups_[slot];
  uint32_t& last = lanes_[group.lane].last[PriorityOf(group)];
  if (last == kNoSlot) {
    last = group.previous = group.next = slot;
    return;
  }
  group.previous = last;
  group.next = groups_[last].next;
  groups_[group.next].previous = slot;
  groups_[last].next = slot;
}

void Lanes::StopWaiting(uint32_t slot) {
  Group& group = groups_[slot];
  uint32_t& last = lanes_[group.lane].last[PriorityOf(group)];
  if (group.next == slot) {
    last = kNoSlot;
  } else {
    groups_[group.previous].next = group.next;
    groups_[group.next].previous = group.previous;
    if (last == slot) last = group.previous;
  }
  group.previous = group.next = kNoSlot;
}

uint32_t Lanes::Next(uint32_t lane_slot) const {
  const Lane& lane = lanes_[lane_slot];
  if (lane.active != kNoSlot) return kNoSlot;
  bool singles_only = false;
  for (size_t p = 0; p < kPriorities; ++p) singles_only |= lane.suspended[p] != kNoSlot;
  for (size_t p = kPriorities; p-- > 0 && lane.suspended[p] == kNoSlot;) {
    if (lane.last[p] == kNoSlot) continue;
    const uint32_t first = groups_[lane.last[p]].next;
    if (!singles_only || groups_[first].segments == 1) return first;
  }
  return kNoSlot;
}

void Lanes::Release(uint32_t slot) {
  const Group& group = groups_[slot];
  Lane& lane = lanes_[group.lane];
  if (lane.active == slot) lane.active = kNoSlot;
  if (lane.suspended[PriorityOf(group)] == slot) lane.suspended[PriorityOf(group)] = kNoSlot;
}

bool Lanes::MaySuspend(uint32_t slot) const {
  const Group& group = groups_[slot];
  return lanes_[group.lane].suspended[PriorityOf(group)] == kNoSlot;
}

bool Lanes::Suspend(uint32_t slot) {
  if (!MaySuspend(slot)) return false;
  const Group& group = groups_[slot];
  Lane& lane = lanes_[group.lane];
  if (lane.active == slot) lane.active = kNoSlot;
  lane.suspended[PriorityOf(group)] = slot;
  return true;
}

void Lanes::Unsuspend(uint32_t slot) {
  const Group& group = groups_[slot];
  Lane& lane = lanes_[group.lane];
  lane.suspended[PriorityOf(group)] = kNoSlot;
  lane.active = slot;
}

}  // namespace drover::dispatch
