// Timers by the hundred thousand: to set, to set again and to stop one costs the same however many
// there are.
//
// A hierarchical wheel: 64 slots a level, each level 64 times as coarse as the one below; a timer
// lies where its time and the wheel's differ first, and moves down as its time comes near. Pure:
// the time is passed in. A timer is the number of what it is for, and costs 16 octets for each
// number up to the greatest one.
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace drover::sip {

class TimerWheel {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;
  using Id = uint32_t;

  // tick: how exactly times are kept, above 0.
  explicit TimerWheel(Time start, Duration tick = std::chrono::milliseconds(1))
      : start_(start), tick_(tick), nodes_(kHeads) {
    for (uint32_t head = 0; head < kHeads; ++head) nodes_[head] = {head, head, 0};
  }

  // Sets the timer, again if it is set: it expires in the first Advance to that time or a later
  // one, never earlier, and at most a tick late. A time that has passed: in the next tick.
  void Arm(Id id, Time when) {
    const uint32_t node = kHeads + id;
    if (node >= nodes_.size()) nodes_.resize(node + 1);
    if (nodes_[node].next == kNone) {
      ++size_;
    } else {
      Unlink(node);
    }
    nodes_[node].due = std::max(TickAtOrAfter(when), now_ + 1);
    Link(node);
  }
  void Cancel(Id id) {
    if (!armed(id)) return;
    Unlink(kHeads + id);
    --size_;
  }
  bool armed(Id id) const {
    return kHeads + size_t{id} < nodes_.size() && nodes_[kHeads + id].next != kNone;
  }
  size_t size() const { return size_; }
  size_t octets() const { return nodes_.capacity() * sizeof(Node); }

  // When Advance is wanted next, Time::max() if no timer is set: no timer expires before, though
  // perhaps none expires then.
  Time Next() const {
    const Slot slot = Earliest();
    return slot.head == kNone ? Time::max() : TimeOf(slot.start);
  }

  // Calls expire(id) for each timer whose time has come, in the order of their ticks; it may set
  // and stop any timer, but not advance the wheel. A time before the last one: nothing happens.
  template <typename F>
  void Advance(Time now, F expire) {
    const uint64_t target = TickAtOrBefore(now);
    for (Slot slot = Earliest(); slot.head != kNone && slot.start <= target; slot = Earliest()) {
      now_ = std::max(now_, slot.start);
      while (nodes_[slot.head].next != slot.head) {
        const uint32_t node = nodes_[slot.head].next;
        Unlink(node);
        if (slot.head >= kSlots) {
          Link(node);
          continue;
        }
        --size_;
        expire(node - kHeads);
      }
    }
    now_ = std::max(now_, target);
  }

 private:
  static constexpr uint32_t kBits = 6;
  static constexpr uint32_t kSlots = 1U << kBits;
  static constexpr uint32_t kLevels = 11;  // All of 64 bits.
  static constexpr uint32_t kHeads = kSlots * kLevels;
  static constexpr uint32_t kNone = UINT32_MAX;

  struct Node {  // The first kHeads are the ends of the slots' rings, level by level.
    uint32_t prev = kNone;
    uint32_t next = kNone;  // kNone: not set.
    uint64_t due = 0;       // Tick.
  };
  struct Slot {
    uint32_t head = kNone;
    uint64_t start = 0;  // Tick.
  };

  uint64_t TickAtOrBefore(Time time) const {
    return time <= start_ ? 0 : static_cast<uint64_t>((time - start_) / tick_);
  }
  uint64_t TickAtOrAfter(Time time) const {
    const uint64_t tick = TickAtOrBefore(time);
    return TimeOf(tick) < time ? tick + 1 : tick;
  }
  Time TimeOf(uint64_t tick) const {
    const auto most = static_cast<uint64_t>((Time::max() - start_) / tick_);
    return start_ + tick_ * static_cast<int64_t>(std::min(tick, most));
  }

  void Link(uint32_t node) {
    const uint64_t due = nodes_[node].due;
    const uint64_t differs = due ^ now_;
    const uint32_t level = differs == 0 ? 0 : (63U - std::countl_zero(differs)) / kBits;
    const auto slot = static_cast<uint32_t>(due >> (level * kBits)) & (kSlots - 1);
    const uint32_t head = level * kSlots + slot;
    const uint32_t last = nodes_[head].prev;
    nodes_[node].prev = last;
    nodes_[node].next = head;
    nodes_[last].next = node;
    nodes_[head].prev = node;
    occupied_[level] |= uint64_t{1} << slot;
  }
  void Unlink(uint32_t node) {
    const uint32_t prev = nodes_[node].prev;
    const uint32_t next = nodes_[node].next;
    nodes_[prev].next = next;
    nodes_[next].prev = prev;
    nodes_[node].next = kNone;
    if (prev == next && prev < kHeads) {
      occupied_[prev / kSlots] &= ~(uint64_t{1} << prev % kSlots);
    }
  }
  // What a lower level holds comes before all that a higher one holds.
  Slot Earliest() const {
    for (uint32_t level = 0; level < kLevels; ++level) {
      if (occupied_[level] == 0) continue;
      const auto slot = static_cast<uint32_t>(std::countr_zero(occupied_[level]));
      const uint32_t above = (level + 1) * kBits;
      const uint64_t prefix = above >= 64 ? 0 : now_ >> above << above;
      return {level * kSlots + slot, prefix | uint64_t{slot} << (level * kBits)};
    }
    return {};
  }

  const Time start_;
  const Duration tick_;
  uint64_t now_ = 0;  // Tick up to which all has expired.
  size_t size_ = 0;
  std::array<uint64_t, kLevels> occupied_{};  // Bit n: slot n of that level holds timers.
  std::vector<Node> nodes_;
};

}  // namespace drover::sip
