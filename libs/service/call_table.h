// Calls that wait for their reply: found by id, given up at their deadline.
//
// One coarse wheel in place of a timer a call: Add, Take and the turn of the wheel cost a few
// nanoseconds each and no system call. Who owns the table calls Expire every kTick.
#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "libs/async/task.h"

namespace drover::service {

template <typename Done>
class CallTable {
 public:
  static constexpr std::chrono::milliseconds kTick{5};

  explicit CallTable(Deadline now) : start_(now), slots_(kSlots, kNone) {}

  size_t size() const { return size_; }

  // Returns an id that is not in use and will not be soon. Never 0.
  uint64_t Add(Deadline deadline, Done done) {
    const uint32_t index = Allocate();
    Entry& entry = entries_[index];
    entry.tick = std::max(TickAtOrAfter(deadline), turned_ + 1);
    entry.done.emplace(std::move(done));
    Link(index);
    ++size_;
    return static_cast<uint64_t>(entry.generation) << 32 | index;
  }

  // Ends the wait; nullopt if there is no such call (any more).
  std::optional<Done> Take(uint64_t id) {
    const auto index = static_cast<uint32_t>(id);
    if (index >= entries_.size() || entries_[index].generation != id >> 32) return std::nullopt;
    if (!entries_[index].done) return std::nullopt;
    return Remove(index);
  }

  // Ends the waits whose deadline has passed.
  std::vector<Done> Expire(Deadline now) {
    std::vector<Done> expired;
    const int64_t tick = (now - start_) / kTick;
    // After a long sleep one round of the wheel sees every slot.
    for (turned_ = std::max(turned_, tick - kSlots); turned_ < tick;) {
      ++turned_;
      for (uint32_t index = slots_[turned_ & kMask]; index != kNone;) {
        const uint32_t next = entries_[index].next;
        if (entries_[index].tick <= tick) expired.push_back(Remove(index));
        index = next;
      }
    }
    return expired;
  }

  std::vector<Done> TakeAll() {
    std::vector<Done> all;
    all.reserve(size_);
    for (uint32_t index = 0; index < entries_.size(); ++index) {
      if (entries_[index].done) all.push_back(Remove(index));
    }
    return all;
  }

 private:
  static constexpr int64_t kSlots = 1024;
  static constexpr int64_t kMask = kSlots - 1;
  static constexpr uint32_t kNone = UINT32_MAX;
  struct Entry {
    std::optional<Done> done;
    int64_t tick = 0;
    uint32_t generation = 1;  // So that an old id does not name the next user of its place.
    uint32_t next = kNone;
    uint32_t previous = kNone;
  };

  int64_t TickAtOrAfter(Deadline deadline) const {
    return (deadline - start_ + kTick - std::chrono::nanoseconds(1)) / kTick;
  }
  uint32_t Allocate() {
    if (free_.empty()) {
      entries_.emplace_back();
      return static_cast<uint32_t>(entries_.size() - 1);
    }
    const uint32_t index = free_.back();
    free_.pop_back();
    return index;
  }
  void Link(uint32_t index) {
    uint32_t& head = slots_[entries_[index].tick & kMask];
    entries_[index].previous = kNone;
    entries_[index].next = head;
    if (head != kNone) entries_[head].previous = index;
    head = index;
  }
  Done Remove(uint32_t index) {
    Entry& entry = entries_[index];
    if (entry.next != kNone) entries_[entry.next].previous = entry.previous;
    if (entry.previous != kNone) {
      entries_[entry.previous].next = entry.next;
    } else {
      slots_[entry.tick & kMask] = entry.next;
    }
    Done done = std::move(*entry.done);
    entry.done.reset();
    if (++entry.generation == 0) entry.generation = 1;
    free_.push_back(index);
    --size_;
    return done;
  }

  const Deadline start_;
  int64_t turned_ = 0;  // The last tick whose slot was looked at.
  size_t size_ = 0;
  std::vector<Entry> entries_;
  std::vector<uint32_t> free_;
  std::vector<uint32_t> slots_;  // Heads of the lists.
};

}  // namespace drover::service
