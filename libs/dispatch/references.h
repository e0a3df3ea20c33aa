// Concatenation reference numbers: a counter for each originator and destination, begun at random.
//
// A number is reserved while an unfinished group uses it, and for a quarantine after an incomplete
// end: the terminal may hold parts of that group. A completed group frees its number at once. 8-bit
// and 16-bit numbers share one space, as they do in terminals' tables.
// Spec: 3GPP TS 23.040, "Concatenated short messages".
#pragma once
#include <cstdint>
#include <string>

#include "libs/dispatch/blob.h"
#include "libs/dispatch/slab.h"
#include "libs/dispatch/slot_index.h"

namespace drover::dispatch {

class References {
 public:
  struct Of {
    uint16_t originator = 0;
    uint64_t destination = 0;
  };
  static constexpr int64_t kInUse = INT64_MAX;

  // A number that is not reserved, and reserves it. If all are, the one whose quarantine ends
  // first. bits: 8 or 16. random: where a new counter begins. Times in microseconds.
  uint16_t Allocate(Of of, unsigned bits, int64_t now, uint64_t random);
  // The group is done with it. until: end of the quarantine; 0: none.
  void Release(Of of, uint16_t ref, int64_t until);
  // As found in a journal: the number is reserved; it was the counter's last.
  void Reserve(Of of, uint16_t ref, int64_t until, int64_t now);
  void Count(Of of, uint16_t ref);

  // A pair's state but for numbers in use, in octets; for the journal.
  struct Kept {
    Of of;
    uint16_t last = 0;
    int64_t used_at = 0;
    std::string_view reserved;
  };
  // Row `slot` of 0..end() - 1; false if it is free.
  bool Look(uint32_t slot, Kept& kept) const;
  uint32_t end() const { return pairs_.end(); }
  // Replaces what is known of that pair. False if `reserved` is not well formed.
  bool Restore(const Kept& kept);

  // Forgets pairs of whom nothing is reserved and that were not used for so long.
  void Sweep(int64_t now, int64_t idle);
  uint64_t clashes_avoided() const { return clashes_avoided_; }
  size_t size() const { return pairs_.size(); }
  size_t octets() const { return pairs_.octets() + index_.octets() + reserved_octets_; }

 private:
  struct Pair {
    Of of;
    bool taken = false;
    uint16_t last = 0;
    int64_t used_at = 0;
    Blob reserved;  // Entries of kEntry octets: number, minute until which (kForever: in use).
  };
  uint32_t Find(Of of) const;
  uint32_t FindOrAdd(Of of, int64_t now);
  void SetReserved(Pair& pair, std::string_view reserved);
  void DropExpired(Pair& pair, int64_t now);

  Slab<Pair> pairs_;
  SlotIndex index_;
  uint32_t sweep_ = 0;
  uint64_t clashes_avoided_ = 0;
  size_t reserved_octets_ = 0;
};

}  // namespace drover::dispatch
