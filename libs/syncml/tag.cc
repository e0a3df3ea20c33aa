#include "libs/syncml/tag.h"

#include <array>

#include "libs/base/check.h"
#include "libs/wbxml/vocabulary.h"

namespace drover::syncml {
namespace {

// Collision-free for the 73 names of both pages; building the table checks that.
constexpr size_t Hash(std::string_view name) {
  const auto at = [name](size_t i) { return static_cast<uint8_t>(name[i]); };
  const size_t size = name.size();
  return (size * 155 + at(0) + at(size / 2) * 78u + at(size - 1) * 60u) % 256;
}

struct Entry {
  std::string_view name;
  Tag tag = Tag::kUnknown;
};

class TagTable {
 public:
  TagTable() {
    Add(wbxml::SyncmlTags(), 0);
    Add(wbxml::MetInfTags(), 1);
  }
  const Entry& At(std::string_view name) const { return entries_[Hash(name)]; }

 private:
  void Add(wbxml::TagNames names, unsigned page) {
    for (size_t i = 0; i < names.size(); ++i) {
      if (names[i].empty()) continue;
      Entry& entry = entries_[Hash(names[i])];
      DROVER_CHECK(entry.tag == Tag::kUnknown);
      entry = {names[i], static_cast<Tag>(page << 8 | (wbxml::kFirstTag + i))};
    }
  }
  std::array<Entry, 256> entries_;
};

const TagTable kTagTable;

}  // namespace

std::string_view NameOf(Tag tag) {
  const wbxml::TagNames names = PageOf(tag) == 0 ? wbxml::SyncmlTags() : wbxml::MetInfTags();
  const size_t index = static_cast<size_t>(TokenOf(tag)) - wbxml::kFirstTag;
  return index < names.size() ? names[index] : std::string_view();
}

Tag TagOf(std::string_view name) {
  if (name.empty()) return Tag::kUnknown;
  const Entry& entry = kTagTable.At(name);
  return entry.name == name ? entry.tag : Tag::kUnknown;
}

CommandKind CommandKindOf(Tag tag) {
  switch (tag) {
    case Tag::kAdd:
      return CommandKind::kAdd;
    case Tag::kAlert:
      return CommandKind::kAlert;
    case Tag::kAtomic:
      return CommandKind::kAtomic;
    case Tag::kCopy:
      return CommandKind::kCopy;
    case Tag::kDelete:
      return CommandKind::kDelete;
    case Tag::kExec:
      return CommandKind::kExec;
    case Tag::kGet:
      return CommandKind::kGet;
    case Tag::kMap:
      return CommandKind::kMap;
    case Tag::kMove:
      return CommandKind::kMove;
    case Tag::kPut:
      return CommandKind::kPut;
    case Tag::kReplace:
      return CommandKind::kReplace;
    case Tag::kResults:
      return CommandKind::kResults;
    case Tag::kSearch:
      return CommandKind::kSearch;
    case Tag::kSequence:
      return CommandKind::kSequence;
    case Tag::kStatus:
      return CommandKind::kStatus;
    case Tag::kSync:
      return CommandKind::kSync;
    default:
      return CommandKind::kUnknown;
  }
}

Tag TagOf(CommandKind kind) {
  switch (kind) {
    case CommandKind::kUnknown:
      return Tag::kUnknown;
    case CommandKind::kAdd:
      return Tag::kAdd;
    case CommandKind::kAlert:
      return Tag::kAlert;
    case CommandKind::kAtomic:
      return Tag::kAtomic;
    case CommandKind::kCopy:
      return Tag::kCopy;
    case CommandKind::kDelete:
      return Tag::kDelete;
    case CommandKind::kExec:
      return Tag::kExec;
    case CommandKind::kGet:
      return Tag::kGet;
    case CommandKind::kMap:
      return Tag::kMap;
    case CommandKind::kMove:
      return Tag::kMove;
    case CommandKind::kPut:
      return Tag::kPut;
    case CommandKind::kReplace:
      return Tag::kReplace;
    case CommandKind::kResults:
      return Tag::kResults;
    case CommandKind::kSearch:
      return Tag::kSearch;
    case CommandKind::kSequence:
      return Tag::kSequence;
    case CommandKind::kStatus:
      return Tag::kStatus;
    case CommandKind::kSync:
      return Tag::kSync;
  }
  return Tag::kUnknown;
}

}  // namespace drover::syncml
