// Groups that may start, by where they may go. A route is a set of SMSCs; in each, groups wait by
// priority, then in the order of their admission. Singles stand apart, because a bind may be open
// to them alone. What has changed its mind meanwhile is left out when its turn comes.
#pragma once
#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "libs/dispatch/group.h"

namespace drover::dispatch {

class Routes {
 public:
  static constexpr size_t kMost = 10'000;
  // The route of this set; kMost if there are too many.
  size_t Find(uint64_t smscs) {
    const auto known = by_set_.find(smscs);
    if (known != by_set_.end()) return known->second;
    if (routes_.size() == kMost) return kMost;
    routes_.push_back({.smscs = smscs});
    for (unsigned s = 0; s < kMostSmscs; ++s) {
      if ((smscs & Bit(s)) != 0) of_smsc_[s].push_back(static_cast<uint16_t>(routes_.size() - 1));
    }
    return by_set_[smscs] = static_cast<uint16_t>(routes_.size() - 1);
  }
  uint64_t SmscsOf(uint16_t route) const { return routes_[route].smscs; }

  void Push(const Group& group, uint32_t slot) {
    Heap& heap = routes_[group.route].heaps[group.segments > 1];
    heap.push_back({KeyOf(group), slot});
    std::push_heap(heap.begin(), heap.end(), std::greater<>());
  }
  // The group that comes first on this SMSC, or kNoSlot. may(slot, id): whether that one may start
  // still; one that may not is thrown out.
  template <typename May>
  uint32_t Best(SmscId smsc, bool singles_only, May may) {
    uint32_t best = kNoSlot;
    uint64_t best_key = UINT64_MAX;
    for (const uint16_t route : of_smsc_[smsc]) {
      for (size_t kind = 0; kind < (singles_only ? 1 : 2); ++kind) {
        Heap& heap = routes_[route].heaps[kind];
        while (!heap.empty() && !may(heap.front().slot, heap.front().key & kIds)) Pop(heap);
        if (heap.empty() || heap.front().key >= best_key) continue;
        best = heap.front().slot;
        best_key = heap.front().key;
      }
    }
    return best;
  }
  // Removes what Best named.
  void PopBest(const Group& group) { Pop(routes_[group.route].heaps[group.segments > 1]); }

  size_t octets() const {
    size_t octets = 0;
    for (const Route& route : routes_) {
      for (const Heap& heap : route.heaps) octets += heap.capacity() * sizeof(Entry);
    }
    return octets;
  }

 private:
  struct Entry {
    uint64_t key;
    uint32_t slot;
    bool operator>(const Entry& other) const { return key > other.key; }
  };
  using Heap = std::vector<Entry>;
  struct Route {
    uint64_t smscs = 0;
    Heap heaps[2];  // Of one segment; of more.
  };
  static constexpr uint64_t kIds = (uint64_t{1} << 62) - 1;
  static uint64_t KeyOf(const Group& group) {
    return (uint64_t{2} - static_cast<uint64_t>(group.priority)) << 62 | group.id;
  }
  static void Pop(Heap& heap) {
    std::pop_heap(heap.begin(), heap.end(), std::greater<>());
    heap.pop_back();
  }

  std::vector<Route> routes_;
  std::unordered_map<uint64_t, uint16_t> by_set_;
  std::vector<uint16_t> of_smsc_[kMostSmscs];
};

}  // namespace drover::dispatch
