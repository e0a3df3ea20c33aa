// SyncML messages in WBXML. Spec: OMA-TS-SyncML_RepPro-V1_2, "WBXML Definition".
#include "libs/syncml/document.h"
#include "libs/syncml/message_reader.h"
#include "libs/syncml/message_writer.h"
#include "libs/syncml/wbxml_source.h"
#include "libs/wbxml/writer.h"

namespace drover::syncml {
namespace {

uint32_t PublicId(Version version) {
  switch (version) {
    case Version::k10:
      return wbxml::kSyncml10;
    case Version::k11:
      return wbxml::kSyncml11;
    case Version::k12:
      break;
  }
  return wbxml::kSyncml12;
}

Version VersionOf(const wbxml::Vocabulary* vocabulary, const Header& header) {
  if (vocabulary == nullptr) return VersionOfVerDtd(header.ver_dtd);
  switch (vocabulary->public_id) {
    case wbxml::kSyncml10:
      return Version::k10;
    case wbxml::kSyncml11:
      return Version::k11;
    default:
      return Version::k12;
  }
}

class WbxmlSink {
 public:
  static constexpr bool kOctetsAsText = false;
  static bool CanBeText(std::string_view octets) { return !wbxml::Writer::HasNul(octets); }

  explicit WbxmlSink(wbxml::Writer& writer) : writer_(writer) {}

  void Open(Tag tag) { writer_.Start(PageOf(tag), TokenOf(tag)); }
  void Close(Tag) { writer_.End(); }
  void Empty(Tag tag) { writer_.Empty(PageOf(tag), TokenOf(tag)); }
  void Leaf(Tag tag, std::string_view text) {
    if (text.empty()) return Empty(tag);
    writer_.Leaf(PageOf(tag), TokenOf(tag), text);
  }
  void Content(const Data& data) {
    if (data.form != DataForm::kOpaque) return Leaf(Tag::kData, data.octets);
    Open(Tag::kData);
    writer_.Opaque(data.octets);
    writer_.End();
  }

 private:
  wbxml::Writer& writer_;
};

}  // namespace

Decoded DecodeWbxml(std::string_view octets, const Limits& limits) {
  Decoded decoded;
  Message& message = decoded.document.message();
  if (octets.size() > limits.octets) {
    decoded.error = {DecodeError::Cause::kLimit, limits.octets, "a message too long"};
    return decoded;
  }
  WbxmlSource source(octets, limits, decoded.document);
  Tag root;
  if (source.Root(root)) {
    const size_t start = source.offset();
    if (root != Tag::kSyncMl) {
      source.Fail(DecodeError::Cause::kNotSyncml, start, "the root element is not SyncML");
    } else if (MessageReader reader(source, limits, octets.size(), message); !reader.Read()) {
      source.Fail(DecodeError::Cause::kNotSyncml, start, "a message without a SyncHdr");
    }
    message.version = VersionOf(source.vocabulary(), message.header);
    decoded.ok = !source.failed() && source.Epilog();
  }
  decoded.error = source.error();
  return decoded;
}

void EncodeWbxml(const Message& message, std::string& out) {
  wbxml::Writer writer(out);
  WbxmlSink sink(writer);
  writer.Header(PublicId(message.version));
  sink.Open(Tag::kSyncMl);
  MessageWriter(sink).Write(message);
  sink.Close(Tag::kSyncMl);
}

}  // namespace drover::syncml
