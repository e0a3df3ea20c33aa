// Message to elements in the DTD's order, once for both encodings. Internal to libs/syncml.
//
// A Sink writes:
//   void Open(Tag), void Close(Tag)      an element with elements inside
//   void Empty(Tag)                      one without content
//   void Leaf(Tag, std::string_view)     one with text
//   void Content(const Data&)            a Data element
// Sink::kOctetsAsText: octets must become base64 text, which the Meta beside them has to say.
//
// Absent is an empty view, an unset optional or false. Commands of CommandKind::kUnknown are left
// out. Spec: OMA-TS-SyncML_RepPro-V1_2 and its DTD.
#pragma once
#include <charconv>
#include <optional>

#include "libs/base/bytes.h"
#include "libs/syncml/message.h"
#include "libs/syncml/tag.h"

namespace drover::syncml {

// Whether a Data's octets go out as octets: they are, or no text could hold them.
template <class Sink>
bool GoesAsOctets(const Data& data) {
  return data.form == DataForm::kOpaque || !Sink::CanBeText(data.octets);
}

inline size_t Base64Length(size_t octets) { return (octets + 2) / 3 * 4; }

template <class Sink>
class MessageWriter {
 public:
  explicit MessageWriter(Sink& sink) : sink_(sink) {}

  // SyncML's children.
  void Write(const Message& message) {
    WriteHeader(message.header);
    sink_.Open(Tag::kSyncBody);
    for (const Command& command : message.commands) WriteCommand(command);
    Flag(Tag::kFinal, message.final);
    sink_.Close(Tag::kSyncBody);
  }

 private:
  void WriteHeader(const Header& header) {
    sink_.Open(Tag::kSyncHdr);
    Text(Tag::kVerDtd, header.ver_dtd);
    Text(Tag::kVerProto, header.ver_proto);
    Text(Tag::kSessionId, header.session_id);
    Text(Tag::kMsgId, header.msg_id);
    WriteLocation(Tag::kTarget, header.target);
    WriteLocation(Tag::kSource, header.source);
    Text(Tag::kRespUri, header.resp_uri);
    Flag(Tag::kNoResp, header.no_resp);
    if (header.cred) WriteCredentials(*header.cred);
    WriteMeta(header.meta);
    sink_.Close(Tag::kSyncHdr);
  }

  void WriteCommand(const Command& command) {
    const Tag tag = TagOf(command.kind);
    if (tag == Tag::kUnknown) return;
    sink_.Open(tag);
    Text(Tag::kCmdId, command.cmd_id);
    Flag(Tag::kNoResp, command.no_resp);
    Flag(Tag::kNoResults, command.no_results);
    Flag(Tag::kArchive, command.archive);
    Flag(Tag::kSftDel, command.sft_del);
    Text(Tag::kMsgRef, command.msg_ref);
    Text(Tag::kCmdRef, command.cmd_ref);
    Text(Tag::kCmd, command.cmd);
    // Results has its Meta before the references, Status has none.
    if (command.kind == CommandKind::kResults) WriteMeta(command.meta);
    for (const std::string_view uri : command.target_refs) sink_.Leaf(Tag::kTargetRef, uri);
    for (const std::string_view uri : command.source_refs) sink_.Leaf(Tag::kSourceRef, uri);
    Text(Tag::kLang, command.lang);
    if (command.cred) WriteCredentials(*command.cred);
    if (command.chal) WriteChallenge(*command.chal);
    if (command.kind != CommandKind::kResults) WriteMeta(command.meta);
    if (command.data) sink_.Leaf(Tag::kData, command.data->octets);
    Text(Tag::kCorrelator, command.correlator);
    const Tag item_tag = command.kind == CommandKind::kMap ? Tag::kMapItem : Tag::kItem;
    for (const Item& item : command.items) WriteItem(item_tag, item);
    for (const Command& child : command.children) WriteCommand(child);
    sink_.Close(tag);
  }

  void WriteItem(Tag tag, const Item& item) {
    sink_.Open(tag);
    if (item.target) WriteLocation(Tag::kTarget, *item.target, true);
    if (item.source) WriteLocation(Tag::kSource, *item.source, true);
    WriteLocation(Tag::kSourceParent, {item.source_parent, {}});
    WriteLocation(Tag::kTargetParent, {item.target_parent, {}});
    WriteMeta(item.meta, item.data ? &*item.data : nullptr);
    if (item.data) sink_.Content(*item.data);
    Flag(Tag::kMoreData, item.more_data);
    sink_.Close(tag);
  }

  void WriteLocation(Tag tag, const Location& location, bool always = false) {
    if (!always && location.uri.empty() && location.name.empty()) return;
    sink_.Open(tag);
    sink_.Leaf(Tag::kLocUri, location.uri);
    Text(Tag::kLocName, location.name);
    sink_.Close(tag);
  }

  void WriteCredentials(const Credentials& credentials) {
    sink_.Open(Tag::kCred);
    WriteMeta(credentials.meta, &credentials.data);
    sink_.Content(credentials.data);
    sink_.Close(Tag::kCred);
  }

  void WriteChallenge(const Meta& challenge) {
    sink_.Open(Tag::kChal);
    WriteMeta(challenge);
    sink_.Close(Tag::kChal);
  }

  // data: what the Meta describes, if it stands right behind.
  void WriteMeta(const Meta& meta, const Data* data = nullptr) {
    bool base64 = false;
    if constexpr (Sink::kOctetsAsText) base64 = data != nullptr && GoesAsOctets<Sink>(*data);
    if (meta.empty() && !base64) return;
    sink_.Open(Tag::kMeta);
    Text(Tag::kFormat, base64 ? "b64" : meta.format);
    Text(Tag::kType, meta.type);
    Text(Tag::kMark, meta.mark);
    const bool whole = base64 && meta.size == data->octets.size();
    Number(Tag::kSize, whole ? Base64Length(data->octets.size()) : meta.size);
    if (meta.next_nonce.form == DataForm::kOpaque) {
      sink_.Leaf(Tag::kNextNonce, base::Base64(meta.next_nonce.octets));
    } else {
      Text(Tag::kNextNonce, meta.next_nonce.octets);
    }
    Number(Tag::kMaxMsgSize, meta.max_msg_size);
    Number(Tag::kMaxObjSize, meta.max_obj_size);
    Text(Tag::kEmi, meta.emi);
    Text(Tag::kVersion, meta.version);
    sink_.Close(Tag::kMeta);
  }

  void Text(Tag tag, std::string_view text) {
    if (!text.empty()) sink_.Leaf(tag, text);
  }
  void Flag(Tag tag, bool set) {
    if (set) sink_.Empty(tag);
  }
  void Number(Tag tag, std::optional<uint64_t> number) {
    if (!number) return;
    char digits[20];
    const auto end = std::to_chars(digits, digits + sizeof digits, *number).ptr;
    sink_.Leaf(tag, {digits, static_cast<size_t>(end - digits)});
  }

  Sink& sink_;
};

}  // namespace drover::syncml
