// The elements of a SyncML message by number: code page times 256 plus token, as WBXML has them.
//
// XML names are looked up to the same numbers, so that one reader and one writer of messages serve
// both encodings. Spec: OMA-TS-SyncML_RepPro-V1_2 (page 0), OMA-TS-SyncML_MetaInfo-V1_2 (page 1).
#pragma once
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>

#include "libs/syncml/message.h"
#include "libs/wbxml/syncml_tags.h"
#include "libs/wbxml/tokens.h"

namespace drover::syncml {

enum class Tag : uint16_t {
  kUnknown = 0,
  kAdd = 0x05,
  kAlert = 0x06,
  kArchive = 0x07,
  kAtomic = 0x08,
  kChal = 0x09,
  kCmd = 0x0A,
  kCmdId = 0x0B,
  kCmdRef = 0x0C,
  kCopy = 0x0D,
  kCred = 0x0E,
  kData = 0x0F,
  kDelete = 0x10,
  kExec = 0x11,
  kFinal = 0x12,
  kGet = 0x13,
  kItem = 0x14,
  kLang = 0x15,
  kLocName = 0x16,
  kLocUri = 0x17,
  kMap = 0x18,
  kMapItem = 0x19,
  kMeta = 0x1A,
  kMsgId = 0x1B,
  kMsgRef = 0x1C,
  kNoResp = 0x1D,
  kNoResults = 0x1E,
  kPut = 0x1F,
  kReplace = 0x20,
  kRespUri = 0x21,
  kResults = 0x22,
  kSearch = 0x23,
  kSequence = 0x24,
  kSessionId = 0x25,
  kSftDel = 0x26,
  kSource = 0x27,
  kSourceRef = 0x28,
  kStatus = 0x29,
  kSync = 0x2A,
  kSyncBody = 0x2B,
  kSyncHdr = 0x2C,
  kSyncMl = 0x2D,
  kTarget = 0x2E,
  kTargetRef = 0x2F,
  kVerDtd = 0x31,
  kVerProto = 0x32,
  kNumberOfChanges = 0x33,
  kMoreData = 0x34,
  kField = 0x35,
  kFilter = 0x36,
  kRecord = 0x37,
  kFilterType = 0x38,
  kSourceParent = 0x39,
  kTargetParent = 0x3A,
  kMove = 0x3B,
  kCorrelator = 0x3C,

  kAnchor = 0x105,
  kEmi = 0x106,
  kFormat = 0x107,
  kFreeId = 0x108,
  kFreeMem = 0x109,
  kLast = 0x10A,
  kMark = 0x10B,
  kMaxMsgSize = 0x10C,
  kMem = 0x10D,
  kMetInf = 0x10E,
  kNext = 0x10F,
  kNextNonce = 0x110,
  kSharedMem = 0x111,
  kSize = 0x112,
  kType = 0x113,
  kVersion = 0x114,
  kMaxObjSize = 0x115,
  kFieldLevel = 0x116,
};

constexpr uint8_t PageOf(Tag tag) { return static_cast<uint8_t>(static_cast<uint16_t>(tag) >> 8); }
constexpr uint8_t TokenOf(Tag tag) { return static_cast<uint8_t>(tag); }

// "Add"; empty for kUnknown.
constexpr std::string_view NameOf(Tag tag) {
  const size_t index = static_cast<size_t>(TokenOf(tag)) - wbxml::kFirstTag;
  if (PageOf(tag) == 0) {
    return index < std::size(wbxml::kSyncmlTags) ? wbxml::kSyncmlTags[index] : std::string_view();
  }
  return index < std::size(wbxml::kMetInfTags) ? wbxml::kMetInfTags[index] : std::string_view();
}
Tag TagOf(std::string_view name);  // Case-sensitive, without a prefix.

// Whether two names of n octets are the same; quick for the few octets that names have.
inline bool SameName(const char* a, const char* b, size_t n) {
  if (n >= 8) {
    uint64_t x, y;
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
      std::memcpy(&x, a + i, 8);
      std::memcpy(&y, b + i, 8);
      if (x != y) return false;
    }
    std::memcpy(&x, a + n - 8, 8);
    std::memcpy(&y, b + n - 8, 8);
    return x == y;
  }
  if (n >= 4) {
    uint32_t x[2], y[2];
    std::memcpy(&x[0], a, 4);
    std::memcpy(&x[1], a + n - 4, 4);
    std::memcpy(&y[0], b, 4);
    std::memcpy(&y[1], b + n - 4, 4);
    return x[0] == y[0] && x[1] == y[1];
  }
  for (size_t i = 0; i < n; ++i) {
    if (a[i] != b[i]) return false;
  }
  return true;
}

// kUnknown if it is no command, and the reverse.
constexpr CommandKind CommandKindOf(Tag tag) {
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
constexpr Tag TagOf(CommandKind kind) {
  constexpr Tag kTags[] = {
      Tag::kUnknown, Tag::kAdd,    Tag::kAlert,    Tag::kAtomic, Tag::kCopy, Tag::kDelete,
      Tag::kExec,    Tag::kGet,    Tag::kMap,      Tag::kMove,   Tag::kPut,  Tag::kReplace,
      Tag::kResults, Tag::kSearch, Tag::kSequence, Tag::kStatus, Tag::kSync};
  return kTags[static_cast<size_t>(kind)];
}

}  // namespace drover::syncml
