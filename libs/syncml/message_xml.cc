// SyncML messages in XML. Spec: OMA-TS-SyncML_RepPro-V1_2, "XML Usage".
#include "libs/base/bytes.h"
#include "libs/syncml/document.h"
#include "libs/syncml/message_reader.h"
#include "libs/syncml/message_writer.h"
#include "libs/syncml/xml_source.h"
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

  void Open(Tag tag) {
    out_ += '<';
    out_ += NameOf(tag);
    out_ += '>';
  }
  void Close(Tag tag) {
    out_ += "</";
    out_ += NameOf(tag);
    out_ += '>';
  }
  void Empty(Tag tag) {
    out_ += '<';
    out_ += NameOf(tag);
    out_ += "/>";
  }
  void Leaf(Tag tag, std::string_view text) {
    OpenLeaf(tag);
    wbxml::AppendEscaped(text, out_);
    Close(tag);
  }
  void Content(const Data& data) {
    Open(Tag::kData);
    if (GoesAsOctets<XmlSink>(data)) {
      out_ += base::Base64(data.octets);
    } else if (data.form == DataForm::kMarkup) {
      CData(data.octets);
    } else {
      wbxml::AppendEscaped(data.octets, out_);
    }
    Close(Tag::kData);
  }

 private:
  // Each child of Meta names its namespace: every client understands that.
  void OpenLeaf(Tag tag) {
    if (PageOf(tag) == 0) return Open(tag);
    out_ += '<';
    out_ += NameOf(tag);
    out_ += " xmlns=\"syncml:metinf\">";
  }
  void CData(std::string_view text) {
    out_ += "<![CDATA[";
    for (size_t end; (end = text.find("]]>")) != std::string_view::npos;) {
      out_ += text.substr(0, end + 2);
      out_ += "]]><![CDATA[";
      text.remove_prefix(end + 2);
    }
    out_ += text;
    out_ += "]]>";
  }

  std::string& out_;
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
  out += "<SyncML xmlns=\"";
  out += Namespace(message.version);
  out += "\">";
  MessageWriter(sink).Write(message);
  sink.Close(Tag::kSyncMl);
}

}  // namespace drover::syncml
