// Elements to Message: the grammar of SyncML, once for both encodings. Internal to libs/syncml.
//
// A Source walks the elements of one document in order:
//   bool Next(Tag&)          enters the next child of the innermost open element; false: there is
//   none
//                            and the element was left, or the document is at fault.
//   std::string_view name()  of the element just entered; for an unknown one its tag as written.
//   size_t offset()          of its start in the input.
//   std::string_view Text()  its character data without white space around; leaves it.
//   Data Content()           its content as it stands; leaves it.
//   void Skip()              leaves it.
//   bool failed()            something was wrong; from then on Next is false and texts are empty.
//   void Fail(Cause, offset, what)
// Every element entered is left by exactly one of Text, Content, Skip or a Next that returned
// false.
//
// Elements may come in any order; what is not known here is skipped. Depth is bounded by the
// Source.
#pragma once
#include <algorithm>
#include <charconv>
#include <optional>

#include "libs/syncml/document.h"
#include "libs/syncml/message.h"
#include "libs/syncml/tag.h"

namespace drover::syncml {

// NUL counts as white space: clients written in C send it at the end of an OPAQUE.
inline bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\0'; }
inline std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}
// Strict RFC 4648, padded, not empty: what a NextNonce sent as OPAQUE must look like to be text.
bool IsBase64Text(std::string_view octets);

template <class Source>
class MessageReader {
 public:
  // octets: of the input. Its size bounds commands and items too, for they take hundreds of octets
  // in the model and may take but one in the input.
  MessageReader(Source& source, const Limits& limits, size_t octets, Message& message)
      : source_(source),
        message_(message),
        commands_left_(Bounded(limits.commands, octets)),
        items_left_(Bounded(limits.items, octets)) {}

  // The children of SyncML, which was entered. False: no SyncHdr among them.
  bool Read() {
    bool has_header = false;
    Tag tag;
    while (source_.Next(tag)) {
      if (tag == Tag::kSyncHdr && !has_header) {
        has_header = true;
        ReadHeader(message_.header);
      } else if (tag == Tag::kSyncBody) {
        ReadBody();
      } else {
        source_.Skip();
      }
    }
    return has_header;
  }

 private:
  using Cause = DecodeError::Cause;

  static uint32_t Bounded(uint32_t limit, size_t octets) {
    constexpr size_t kAlways = 64;
    constexpr size_t kLeastOctets = 6;  // <Get/>, or a WBXML Item with a Data of one character.
    return static_cast<uint32_t>(std::min<size_t>(limit, kAlways + octets / kLeastOctets));
  }

  void ReadHeader(Header& header) {
    Tag tag;
    while (source_.Next(tag)) {
      switch (tag) {
        case Tag::kVerDtd:
          header.ver_dtd = source_.Text();
          break;
        case Tag::kVerProto:
          header.ver_proto = source_.Text();
          break;
        case Tag::kSessionId:
          header.session_id = source_.Text();
          break;
        case Tag::kMsgId:
          header.msg_id = source_.Text();
          break;
        case Tag::kTarget:
          ReadLocation(header.target);
          break;
        case Tag::kSource:
          ReadLocation(header.source);
          break;
        case Tag::kRespUri:
          header.resp_uri = source_.Text();
          break;
        case Tag::kNoResp:
          ReadFlag(header.no_resp);
          break;
        case Tag::kCred:
          ReadCredentials(header.cred.emplace());
          break;
        case Tag::kMeta:
          ReadMeta(header.meta);
          break;
        default:
          source_.Skip();
      }
    }
  }

  void ReadBody() {
    Tag tag;
    while (source_.Next(tag)) {
      if (tag == Tag::kFinal) {
        ReadFlag(message_.final);
      } else {
        ReadCommand(tag, message_.commands);
      }
    }
  }

  void ReadCommand(Tag command_tag, std::pmr::vector<Command>& into) {
    if (commands_left_-- == 0) {
      return source_.Fail(Cause::kLimit, source_.offset(), "too many commands");
    }
    Command& command = Append(into, 8);
    command.kind = CommandKindOf(command_tag);
    command.name = command.kind == CommandKind::kUnknown ? source_.name() : NameOf(command_tag);
    command.offset = static_cast<uint32_t>(source_.offset());
    Tag tag;
    while (source_.Next(tag)) ReadCommandElement(tag, command);
  }

  void ReadCommandElement(Tag tag, Command& command) {
    if (tag == Tag::kCmdId) {
      command.cmd_id = source_.Text();
      return;
    }
    if (command.kind == CommandKind::kUnknown) return source_.Skip();
    switch (tag) {
      case Tag::kNoResp:
        return ReadFlag(command.no_resp);
      case Tag::kNoResults:
        return ReadFlag(command.no_results);
      case Tag::kArchive:
        return ReadFlag(command.archive);
      case Tag::kSftDel:
        return ReadFlag(command.sft_del);
      case Tag::kMsgRef:
        command.msg_ref = source_.Text();
        return;
      case Tag::kCmdRef:
        command.cmd_ref = source_.Text();
        return;
      case Tag::kCmd:
        command.cmd = source_.Text();
        return;
      case Tag::kTargetRef:
        Append(command.target_refs, 2) = source_.Text();
        return;
      case Tag::kSourceRef:
        Append(command.source_refs, 2) = source_.Text();
        return;
      case Tag::kLang:
        command.lang = source_.Text();
        return;
      case Tag::kCred:
        return ReadCredentials(command.cred.emplace());
      case Tag::kChal:
        return ReadChallenge(command.chal.emplace());
      case Tag::kMeta:
        return ReadMeta(command.meta);
      case Tag::kData:
        command.data.emplace().octets = source_.Text();
        return;
      case Tag::kCorrelator:
        command.correlator = source_.Text();
        return;
      case Tag::kItem:
      case Tag::kMapItem:
        return ReadItem(command.items);
      case Tag::kTarget:  // Of Map, Search and Sync, which device management does not use.
      case Tag::kSource:
      case Tag::kNumberOfChanges:
        return source_.Skip();
      default:
        return IsContainer(command.kind) ? ReadCommand(tag, command.children) : source_.Skip();
    }
  }

  static bool IsContainer(CommandKind kind) {
    return kind == CommandKind::kAtomic || kind == CommandKind::kSequence ||
           kind == CommandKind::kSync;
  }

  void ReadItem(std::pmr::vector<Item>& into) {
    if (items_left_-- == 0) {
      return source_.Fail(Cause::kLimit, source_.offset(), "too many items");
    }
    Item& item = Append(into, 1);
    Location parent;
    Tag tag;
    while (source_.Next(tag)) {
      switch (tag) {
        case Tag::kTarget:
          ReadLocation(item.target.emplace());
          break;
        case Tag::kSource:
          ReadLocation(item.source.emplace());
          break;
        case Tag::kSourceParent:
          ReadLocation(parent);
          item.source_parent = parent.uri;
          break;
        case Tag::kTargetParent:
          ReadLocation(parent);
          item.target_parent = parent.uri;
          break;
        case Tag::kMeta:
          ReadMeta(item.meta);
          break;
        case Tag::kData:
          item.data = source_.Content();
          break;
        case Tag::kMoreData:
          ReadFlag(item.more_data);
          break;
        default:
          source_.Skip();
      }
    }
  }

  void ReadLocation(Location& location) {
    Tag tag;
    while (source_.Next(tag)) {
      if (tag == Tag::kLocUri) {
        location.uri = source_.Text();
      } else if (tag == Tag::kLocName) {
        location.name = source_.Text();
      } else {
        source_.Skip();
      }
    }
  }

  void ReadCredentials(Credentials& credentials) {
    Tag tag;
    while (source_.Next(tag)) {
      if (tag == Tag::kMeta) {
        ReadMeta(credentials.meta);
      } else if (tag == Tag::kData) {
        credentials.data = source_.Content();
        if (credentials.data.form == DataForm::kText) {
          credentials.data.octets = Trim(credentials.data.octets);
        }
      } else {
        source_.Skip();
      }
    }
  }

  void ReadChallenge(Meta& challenge) {
    Tag tag;
    while (source_.Next(tag)) {
      if (tag == Tag::kMeta) {
        ReadMeta(challenge);
      } else {
        source_.Skip();
      }
    }
  }

  // Children of Meta, or of a MetInf inside it.
  void ReadMeta(Meta& meta) {
    Tag tag;
    while (source_.Next(tag)) {
      switch (tag) {
        case Tag::kMetInf:
          ReadMeta(meta);
          break;
        case Tag::kFormat:
          meta.format = source_.Text();
          break;
        case Tag::kType:
          meta.type = source_.Text();
          break;
        case Tag::kMark:
          meta.mark = source_.Text();
          break;
        case Tag::kSize:
          ReadNumber(meta.size);
          break;
        case Tag::kNextNonce:
          ReadNonce(meta.next_nonce);
          break;
        case Tag::kMaxMsgSize:
          ReadNumber(meta.max_msg_size);
          break;
        case Tag::kMaxObjSize:
          ReadNumber(meta.max_obj_size);
          break;
        case Tag::kEmi:
          meta.emi = source_.Text();
          break;
        case Tag::kVersion:
          meta.version = source_.Text();
          break;
        default:
          source_.Skip();
      }
    }
  }

  void ReadNonce(Data& nonce) {
    nonce = source_.Content();
    if (nonce.form == DataForm::kOpaque && !IsBase64Text(nonce.octets)) return;
    nonce = {Trim(nonce.octets), DataForm::kText};
  }

  // What is no number is as good as absent.
  void ReadNumber(std::optional<uint64_t>& number) {
    const std::string_view text = source_.Text();
    uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) {
      number = value;
    } else {
      number.reset();
    }
  }

  void ReadFlag(bool& flag) {
    flag = true;
    source_.Skip();
  }

  // The arena takes nothing back, so growth is by doubling from a likely size.
  template <class T>
  static T& Append(std::pmr::vector<T>& list, size_t first) {
    if (list.size() == list.capacity()) list.reserve(list.empty() ? first : 2 * list.size());
    return list.emplace_back();
  }

  Source& source_;
  Message& message_;
  uint32_t commands_left_;
  uint32_t items_left_;
};

// When neither namespace nor public id told: the header's VerDTD.
Version VersionOfVerDtd(std::string_view ver_dtd);

}  // namespace drover::syncml
