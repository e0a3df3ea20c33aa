// One timer a slot: a heap with four children a node, whose rows know where they stand.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "libs/dispatch/slot_index.h"

namespace drover::dispatch {

// Positions: uint32_t& operator()(uint32_t slot) names where the slot's row keeps its place in the
// heap; kNoSlot there means no timer.
template <typename Positions>
class TimerHeap {
 public:
  explicit TimerHeap(Positions positions) : place_(positions) {}

  void Set(uint32_t slot, int64_t due) {
    uint32_t& place = place_(slot);
    if (place == kNoSlot) {
      place = static_cast<uint32_t>(heap_.size());
      heap_.push_back({due, slot});
      Up(place);
      return;
    }
    const int64_t before = heap_[place].due;
    heap_[place].due = due;
    due < before ? Up(place) : Down(place);
  }
  void Remove(uint32_t slot) {
    const uint32_t at = place_(slot);
    if (at == kNoSlot) return;
    place_(slot) = kNoSlot;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (at == heap_.size()) return;
    Put(at, last);
    Up(at);
    Down(place_(last.slot));
  }

  bool empty() const { return heap_.empty(); }
  int64_t due() const { return heap_.front().due; }
  uint32_t slot() const { return heap_.front().slot; }
  int64_t DueOf(uint32_t slot) const {
    const uint32_t at = place_(slot);
    return at == kNoSlot ? INT64_MAX : heap_[at].due;
  }
  size_t octets() const { return heap_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    int64_t due;
    uint32_t slot;
  };
  static constexpr size_t kChildren = 4;

  void Put(size_t at, Entry entry) {
    heap_[at] = entry;
    place_(entry.slot) = static_cast<uint32_t>(at);
  }
  void Up(size_t at) {
    const Entry entry = heap_[at];
    while (at > 0 && entry.due < heap_[(at - 1) / kChildren].due) {
      Put(at, heap_[(at - 1) / kChildren]);
      at = (at - 1) / kChildren;
    }
    Put(at, entry);
  }
  void Down(size_t at) {
    const Entry entry = heap_[at];
    for (;;) {
      const size_t first = at * kChildren + 1;
      if (first >= heap_.size()) break;
      size_t least = first;
      const size_t end = std::min(first + kChildren, heap_.size());
      for (size_t child = first + 1; child < end; ++child) {
        if (heap_[child].due < heap_[least].due) least = child;
      }
      if (heap_[least].due >= entry.due) break;
      Put(at, heap_[least]);
      at = least;
    }
    Put(at, entry);
  }

  Positions place_;
  std::vector<Entry> heap_;
};

}  // namespace drover::dispatch
