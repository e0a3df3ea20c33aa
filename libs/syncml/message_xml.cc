// SyncML messages in XML. Spec: OMA-TS-SyncML_RepPro-V1_2, "XML Usage".
#include "libs/base/bytes.h"
#include "libs/syncml/document.h"
#include "libs/syncml/message_reader.h"
#include "libs/syncml/message_writer.h"
#include "libs/syncml/xml_source.h"
#include "libs/wbxml/appender.h"
#include "libs/wbxml/xml_text.h"

namespace drover::syncml {
namespace {

std::string_view Namespace(Version version) {
  switch (version) {
    case Version::k10:
      return "SYNCML:SYNCML1.0";
    case Version::k11:
      return "SYNCML:SYNCML1.1";
    case Version::k12:
      break;
  }
  return "SYNCML:SYNCML1.2";
}

// xmlns is empty or starts with "SYNCML:SYNCML" in some case.
Version VersionOf(std::string_view xmlns, const Header& header) {
  if (xmlns.ends_with("1.0")) return Version::k10;
  if (xmlns.ends_with("1.1")) return Version::k11;
  if (xmlns.ends_with("1.2")) return Version::k12;
  return VersionOfVerDtd(header.ver_dtd);
}

class XmlSink {
 public:
  static constexpr bool kOctetsAsText = true;
  static bool CanBeText(std::string_view octets) { return wbxml::IsXmlText(octets); }

  explicit XmlSink(std::string& out) : out_(out) {}

  void Raw(std::string_view text) { out_.Put(text); }
  void Open(Tag tag) {
    out_.Put('<');
    out_.Put(NameOf(tag));
    out_.Put('>');
  }
  void Close(Tag tag) {
    out_.Put("</");
    out_.Put(NameOf(tag));
    out_.Put('>');
  }
  void Empty(Tag tag) {
    out_.Put('<');
    out_.Put(NameOf(tag));
    out_.Put("/>");
  }
  void Leaf(Tag tag, std::string_view text) {
    OpenLeaf(tag);
    Escaped(text);
    Close(tag);
  }
  void Content(const Data& data) {
    Open(Tag::kData);
    if (GoesAsOctets<XmlSink>(data)) {
      out_.Put(base::Base64(data.octets));
    } else if (data.form == DataForm::kMarkup) {
      CData(data.octets);
    } else {
      Escaped(data.octets);
    }
    Close(Tag::kData);
  }

 private:
  // Each child of Meta names its namespace: every client understands that.
  void OpenLeaf(Tag tag) {
    if (PageOf(tag) == 0) return Open(tag);
    out_.Put('<');
    out_.Put(NameOf(tag));
    out_.Put(" xmlns=\"syncml:metinf\">");
  }
  void Escaped(std::string_view text) {
    size_t plain = 0;
    while (plain < text.size() && wbxml::IsPlain(text[plain])) ++plain;
    out_.Put(text.substr(0, plain));
    if (plain == text.size()) [[likely]]
      return;
    out_.Flush();
    wbxml::AppendEscaped(text.substr(plain), out_.out());
  }
  void CData(std::string_view text) {
    out_.Put("<![CDATA[");
    for (size_t end; (end = text.find("]]>")) != std::string_view::npos;) {
      out_.Put(text.substr(0, end + 2));
      out_.Put("]]><![CDATA[");
      text.remove_prefix(end + 2);
    }
    out_.Put(text);
    out_.Put("]]>");
  }

  wbxml::Appender out_;
};

}  // namespace

Decoded DecodeXml(std::string_view octets, const Limits& limits) {
  Decoded decoded;
  Message& message = decoded.document.message();
  if (octets.size() > limits.octets) {
    decoded.error = {DecodeError::Cause::kLimit, limits.octets, "a message too long"};
    return decoded;
  }
  XmlSource source(octets, limits, decoded.document);
  Tag root;
  if (source.Root(root)) {
    const size_t start = source.offset();
    if (root != Tag::kSyncMl) {
      source.Fail(DecodeError::Cause::kNotSyncml, start, "the root element is not SyncML");
    } else if (MessageReader reader(source, limits, octets.size(), message); !reader.Read()) {
      source.Fail(DecodeError::Cause::kNotSyncml, start, "a message without a SyncHdr");
    }
    message.version = VersionOf(source.xmlns(), message.header);
    decoded.ok = !source.failed() && source.Epilog();
  }
  decoded.error = source.error();
  return decoded;
}

void EncodeXml(const Message& message, std::string& out) {
  XmlSink sink(out);
  sink.Raw("<SyncML xmlns=\"");
  sink.Raw(Namespace(message.version));
  sink.Raw("\">");
  MessageWriter(sink).Write(message);
  sink.Close(Tag::kSyncMl);
}

}  // namespace drover::syncml
