#include "libs/dispatch/message_ids.h"

#include <optional>
#include <string>

#include "libs/base/packed.h"

namespace drover::dispatch {
namespace {

struct Entry {
  uint8_t segment;
  std::string_view id, key;  // key empty: as the id.
  std::string_view KeyOrId() const { return key.empty() ? id : key; }
};

// Each entry of a group's blob.
class Entries {
 public:
  explicit Entries(const Group& group) : in_(group.ids.view()) {}
  std::optional<Entry> Next() {
    if (in_.at_end()) return std::nullopt;
    Entry entry;
    entry.segment = static_cast<uint8_t>(in_.Number());
    entry.id = in_.View();
    entry.key = in_.View();
    return entry;
  }

 private:
  base::Unpacker in_;
};

}  // namespace

void MessageIds::Set(Group& group, std::string_view packed) {
  blob_octets_ -= group.ids.octets();
  group.ids.Set(packed);
  blob_octets_ += group.ids.octets();
}

void MessageIds::Add(uint32_t slot, uint8_t segment, MessageId id) {
  Forget(slot, segment);
  if (id.id.empty()) return;
  if (id.key == id.id) id.key = {};
  Group& group = groups_[slot];
  base::Packer out{std::string(group.ids.view())};
  out.Number(segment);
  out.Text(id.id.substr(0, kMostOctets));
  out.Text(id.key.substr(0, kMostOctets));
  Set(group, out.out());
  const std::string_view key = id.key.empty() ? id.id : id.key;
  index_.Insert(HashOfKey(group.smsc, key.substr(0, kMostOctets)), slot);
}

void MessageIds::Forget(uint32_t slot, uint8_t segment) {
  Group& group = groups_[slot];
  if (group.ids.empty()) return;
  base::Packer left;
  Entries entries(group);
  while (const std::optional<Entry> entry = entries.Next()) {
    if (entry->segment == segment) {
      index_.Erase(HashOfKey(group.smsc, entry->KeyOrId()), slot);
      continue;
    }
    left.Number(entry->segment);
    left.Text(entry->id);
    left.Text(entry->key);
  }
  Set(group, left.out());
}

void MessageIds::ForgetAll(uint32_t slot) {
  Group& group = groups_[slot];
  Entries entries(group);
  while (const std::optional<Entry> entry = entries.Next()) {
    index_.Erase(HashOfKey(group.smsc, entry->KeyOrId()), slot);
  }
  Set(group, {});
}

MessageIds::Place MessageIds::Find(SmscId smsc, std::string_view key) const {
  Place place;
  key = key.substr(0, kMostOctets);
  place.slot = index_.Find(HashOfKey(smsc, key), [&](uint32_t slot) {
    if (groups_[slot].smsc != smsc) return false;
    Entries entries(groups_[slot]);
    while (const std::optional<Entry> entry = entries.Next()) {
      if (entry->KeyOrId() != key) continue;
      place.segment = entry->segment;
      return true;
    }
    return false;
  });
  return place;
}

MessageId MessageIds::Look(uint32_t slot, uint8_t segment) const {
  Entries entries(groups_[slot]);
  while (const std::optional<Entry> entry = entries.Next()) {
    if (entry->segment == segment) return {entry->id, entry->key};
  }
  return {};
}

}  // namespace drover::dispatch
