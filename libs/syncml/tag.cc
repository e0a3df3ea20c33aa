#include "libs/syncml/tag.h"

#include <array>
#include <span>

namespace drover::syncml {
namespace {

// Collision-free for the names of both pages; Table::Add does not compile otherwise.
constexpr size_t Hash(std::string_view name) {
  const auto at = [name](size_t i) { return static_cast<uint8_t>(name[i]); };
  const size_t size = name.size();
  return (size * 155 + at(0) + at(size / 2) * 78u + at(size - 1) * 60u) % 256;
}

struct Entry {
  std::string_view name;
  Tag tag = Tag::kUnknown;
};

using Entries = std::array<Entry, 256>;

template <size_t kCount>
constexpr void Add(const std::string_view (&names)[kCount], unsigned page, Entries& entries) {
  for (size_t i = 0; i < kCount; ++i) {
    if (names[i].empty()) continue;
    Entry& entry = entries[Hash(names[i])];
    if (entry.tag != Tag::kUnknown) throw "two names with one hash";
    entry = {names[i], static_cast<Tag>(page << 8 | (wbxml::kFirstTag + i))};
  }
}

class Table {
 public:
  constexpr Table() {
    Add(wbxml::kSyncmlTags, 0, entries_);
    Add(wbxml::kMetInfTags, 1, entries_);
  }
  constexpr const Entry& At(std::string_view name) const { return entries_[Hash(name)]; }

 private:
  Entries entries_{};
};

constexpr Table kTable;

}  // namespace

Tag TagOf(std::string_view name) {
  if (name.empty()) return Tag::kUnknown;
  const Entry& entry = kTable.At(name);
  const bool same =
      entry.name.size() == name.size() && SameName(entry.name.data(), name.data(), name.size());
  return same ? entry.tag : Tag::kUnknown;
}

}  // namespace drover::syncml
