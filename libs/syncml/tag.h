// The elements of a SyncML message by number: code page times 256 plus token, as WBXML has them.
//
// XML names are looked up to the same numbers, so that one reader and one writer of messages serve
// both encodings. Spec: OMA-TS-SyncML_RepPro-V1_2 (page 0), OMA-TS-SyncML_MetaInfo-V1_2 (page 1).
#pragma once
#include <cstdint>
#include <string_view>

#include "libs/syncml/message.h"

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

std::string_view NameOf(Tag tag);    // "Add"; empty for kUnknown.
Tag TagOf(std::string_view name);    // Case-sensitive, without a prefix.
CommandKind CommandKindOf(Tag tag);  // kUnknown if it is no command.
Tag TagOf(CommandKind kind);         // kUnknown for CommandKind::kUnknown.

}  // namespace drover::syncml
