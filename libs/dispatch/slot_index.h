// A hash index from keys to slots of a table that knows the keys: 8 octets an entry, load at most
// 3/4. Entries of the same key may be many. Open addressing, linear probing.
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace drover::dispatch {

// The finaliser of SplitMix64.
constexpr uint64_t Mixed(uint64_t number) {
  number += 0x9e3779b97f4a7c15;
  number = (number ^ (number >> 30)) * 0xbf58476d1ce4e5b9;
  number = (number ^ (number >> 27)) * 0x94d049bb133111eb;
  return number ^ (number >> 31);
}
uint64_t HashOf(std::string_view octets, uint64_t seed);

inline constexpr uint32_t kNoSlot = UINT32_MAX;

class SlotIndex {
 public:
  // The first slot of this hash for which is_it(slot); kNoSlot if none.
  template <typename IsIt>
  uint32_t Find(uint64_t hash, IsIt is_it) const {
    if (size_ == 0) return kNoSlot;
    for (size_t i = Home(Short(hash)); entries_[i].slot != kNoSlot; i = Next(i)) {
      if (entries_[i].hash == Short(hash) && is_it(entries_[i].slot)) return entries_[i].slot;
    }
    return kNoSlot;
  }

  void Insert(uint64_t hash, uint32_t slot) {
    if ((size_ + 1) * 4 > entries_.size() * 3) Grow();
    Place({Short(hash), slot});
    ++size_;
  }

  // Removes one entry of this hash and slot, if there is one.
  void Erase(uint64_t hash, uint32_t slot) {
    if (size_ == 0) return;
    size_t i = Home(Short(hash));
    while (entries_[i].slot != slot || entries_[i].hash != Short(hash)) {
      if (entries_[i].slot == kNoSlot) return;
      i = Next(i);
    }
    CloseGap(i);
    --size_;
  }

  size_t size() const { return size_; }
  size_t octets() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    uint32_t hash = 0;
    uint32_t slot = kNoSlot;
  };
  static uint32_t Short(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  size_t Home(uint32_t hash) const { return hash & (entries_.size() - 1); }
  size_t Next(size_t i) const { return (i + 1) & (entries_.size() - 1); }

  void Place(Entry entry) {
    size_t i = Home(entry.hash);
    while (entries_[i].slot != kNoSlot) i = Next(i);
    entries_[i] = entry;
  }
  void Grow() {
    std::vector<Entry> old(entries_.empty() ? 16 : entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.slot != kNoSlot) Place(entry);
    }
  }
  // Moves entries back into the hole, as long as that brings them nearer to their home.
  void CloseGap(size_t hole) {
    for (size_t i = Next(hole); entries_[i].slot != kNoSlot; i = Next(i)) {
      const size_t mask = entries_.size() - 1;
      if (((i - Home(entries_[i].hash)) & mask) < ((i - hole) & mask)) continue;
      entries_[hole] = entries_[i];
      hole = i;
    }
    entries_[hole] = {};
  }

  std::vector<Entry> entries_;  // A power of two of them.
  size_t size_ = 0;
};

}  // namespace drover::dispatch
