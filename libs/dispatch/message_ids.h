// Which segment a message id belongs to. A group keeps the ids of its accepted segments in one
// blob; the index has an entry for each.
#pragma once
#include <cstdint>
#include <string_view>

#include "libs/dispatch/group.h"
#include "libs/dispatch/slab.h"
#include "libs/dispatch/slot_index.h"

namespace drover::dispatch {

class MessageIds {
 public:
  static constexpr size_t kMostOctets = 255;  // Longer ones are cut; SMPP has 64.
  struct Place {
    uint32_t slot = kNoSlot;
    uint8_t segment = 0;  // 0-based.
  };
  MessageIds(Slab<Group>& groups, uint64_t seed) : groups_(groups), seed_(seed) {}

  // Replaces the id of this segment. An id that is empty is none.
  void Add(uint32_t slot, uint8_t segment, MessageId id);
  void Forget(uint32_t slot, uint8_t segment);
  void ForgetAll(uint32_t slot);
  Place Find(SmscId smsc, std::string_view key) const;
  // As the SMSC wrote it; empty if there is none.
  std::string_view IdOf(uint32_t slot, uint8_t segment) const { return Look(slot, segment).id; }
  MessageId Look(uint32_t slot, uint8_t segment) const;

  size_t octets() const { return index_.octets() + blob_octets_; }

 private:
  uint64_t HashOfKey(SmscId smsc, std::string_view key) const { return HashOf(key, seed_ + smsc); }
  void Set(Group& group, std::string_view packed);

  Slab<Group>& groups_;
  uint64_t seed_;
  SlotIndex index_;
  size_t blob_octets_ = 0;
};

}  // namespace drover::dispatch
