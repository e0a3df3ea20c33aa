#include "libs/dispatch/references.h"

#include <algorithm>
#include <cstring>

namespace drover::dispatch {
namespace {

constexpr size_t kEntry = 6;
constexpr uint32_t kForever = UINT32_MAX;
constexpr int64_t kMinute = 60'000'000;
constexpr int kSweptATime = 4;

struct Entry {
  uint16_t ref;
  uint32_t until;
};

Entry At(std::string_view reserved, size_t i) {
  Entry entry;
  std::memcpy(&entry.ref, reserved.data() + i * kEntry, 2);
  std::memcpy(&entry.until, reserved.data() + i * kEntry + 2, 4);
  return entry;
}

void Append(Entry entry, std::string& reserved) {
  char octets[kEntry];
  std::memcpy(octets, &entry.ref, 2);
  std::memcpy(octets + 2, &entry.until, 4);
  reserved.append(octets, kEntry);
}

uint32_t MinuteOf(int64_t time) {
  if (time == References::kInUse) return kForever;
  return static_cast<uint32_t>(std::clamp<int64_t>(time / kMinute + 1, 0, kForever - 1));
}

uint64_t HashOfPair(References::Of of) { return Mixed(of.destination * 65537 + of.originator); }

// The entries but that of `ref`.
std::string Without(std::string_view reserved, uint16_t ref) {
  std::string left;
  for (size_t i = 0; i < reserved.size() / kEntry; ++i) {
    if (At(reserved, i).ref != ref) Append(At(reserved, i), left);
  }
  return left;
}

bool Holds(std::string_view reserved, uint16_t ref) {
  for (size_t i = 0; i < reserved.size() / kEntry; ++i) {
    if (At(reserved, i).ref == ref) return true;
  }
  return false;
}

// Of those within `mask`, the one that is free soonest.
uint16_t Soonest(std::string_view reserved, uint16_t mask) {
  Entry best{0, kForever};
  for (size_t i = 0; i < reserved.size() / kEntry; ++i) {
    const Entry entry = At(reserved, i);
    if (entry.ref <= mask && entry.until <= best.until) best = entry;
  }
  return best.ref;
}

}  // namespace

uint32_t References::Find(Of of) const {
  return index_.Find(HashOfPair(of), [&](uint32_t slot) {
    const Of& other = pairs_[slot].of;
    return other.destination == of.destination && other.originator == of.originator;
  });
}

uint32_t References::FindOrAdd(Of of, int64_t now) {
  uint32_t slot = Find(of);
  if (slot != kNoSlot) return slot;
  slot = pairs_.Take();
  pairs_[slot].of = of;
  pairs_[slot].taken = true;
  pairs_[slot].used_at = now;
  index_.Insert(HashOfPair(of), slot);
  return slot;
}

void References::SetReserved(Pair& pair, std::string_view reserved) {
  reserved_octets_ -= pair.reserved.octets();
  pair.reserved.Set(reserved);
  reserved_octets_ += pair.reserved.octets();
}

void References::DropExpired(Pair& pair, int64_t now) {
  const std::string_view reserved = pair.reserved.view();
  const uint32_t minute = static_cast<uint32_t>(now / kMinute);
  std::string left;
  for (size_t i = 0; i < reserved.size() / kEntry; ++i) {
    if (At(reserved, i).until > minute) Append(At(reserved, i), left);
  }
  if (left.size() != reserved.size()) SetReserved(pair, left);
}

uint16_t References::Allocate(Of of, unsigned bits, int64_t now, uint64_t random) {
  const bool is_new = Find(of) == kNoSlot;
  Pair& pair = pairs_[FindOrAdd(of, now)];
  if (is_new) pair.last = static_cast<uint16_t>(random);
  pair.used_at = now;
  DropExpired(pair, now);
  const auto mask = static_cast<uint16_t>((1u << bits) - 1);
  const std::string_view reserved = pair.reserved.view();
  uint16_t ref = static_cast<uint16_t>(pair.last + 1) & mask;
  for (uint32_t tries = 0; Holds(reserved, ref); ref = static_cast<uint16_t>(ref + 1) & mask) {
    ++clashes_avoided_;
    if (++tries > mask) {
      ref = Soonest(reserved, mask);
      break;
    }
  }
  pair.last = ref;
  std::string left = Without(reserved, ref);
  Append({ref, kForever}, left);
  SetReserved(pair, left);
  return ref;
}

void References::Release(Of of, uint16_t ref, int64_t until) {
  const uint32_t slot = Find(of);
  if (slot == kNoSlot) return;
  std::string left = Without(pairs_[slot].reserved.view(), ref);
  if (until != 0) Append({ref, MinuteOf(until)}, left);
  SetReserved(pairs_[slot], left);
}

void References::Reserve(Of of, uint16_t ref, int64_t until, int64_t now) {
  const bool is_new = Find(of) == kNoSlot;
  Pair& pair = pairs_[FindOrAdd(of, now)];
  if (is_new) pair.last = ref;
  pair.used_at = std::max(pair.used_at, now);
  std::string left = Without(pair.reserved.view(), ref);
  Append({ref, MinuteOf(until)}, left);
  SetReserved(pair, left);
}

void References::Count(Of of, uint16_t ref) {
  const uint32_t slot = Find(of);
  if (slot != kNoSlot) pairs_[slot].last = ref;
}

bool References::Look(uint32_t slot, Kept& kept) const {
  const Pair& pair = pairs_[slot];
  if (!pair.taken) return false;
  kept = {pair.of, pair.last, pair.used_at, pair.reserved.view()};
  return true;
}

bool References::Restore(const Kept& kept) {
  if (kept.reserved.size() % kEntry != 0 || kept.reserved.size() > 65536 * kEntry) return false;
  std::string quarantined;  // Groups reserve what they use themselves.
  for (size_t i = 0; i < kept.reserved.size() / kEntry; ++i) {
    const Entry entry = At(kept.reserved, i);
    if (entry.until != kForever) Append(entry, quarantined);
  }
  Pair& pair = pairs_[FindOrAdd(kept.of, kept.used_at)];
  pair.last = kept.last;
  pair.used_at = kept.used_at;
  SetReserved(pair, quarantined);
  return true;
}

void References::Sweep(int64_t now, int64_t idle) {
  for (int i = 0; i < kSweptATime && pairs_.end() > 0; ++i) {
    sweep_ = sweep_ + 1 < pairs_.end() ? sweep_ + 1 : 0;
    Pair& pair = pairs_[sweep_];
    if (!pair.taken || now - pair.used_at < idle) continue;
    DropExpired(pair, now);
    if (!pair.reserved.empty()) continue;
    index_.Erase(HashOfPair(pair.of), sweep_);
    pairs_.Give(sweep_);
  }
}

}  // namespace drover::dispatch
