#include "libs/dmtree/mgmt_tree.h"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

#include "libs/base/bytes.h"
#include "libs/wbxml/vocabulary.h"
#include "libs/wbxml/xml_text.h"

namespace drover::dmtree {
namespace {

constexpr uint8_t kPage = 2;
constexpr uint32_t kElementDepth = 200;  // Nodes are bounded by their own limit.
constexpr std::array<std::string_view, 11> kFormats = {
    "b64", "bin", "bool", "chr", "int", "node", "null", "xml", "date", "time", "float"};

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\0'; }

std::string_view Trim(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

Error BadAt(size_t offset, std::string_view what) {
  return InvalidArgument("octet " + std::to_string(offset) + ": " + std::string(what));
}

Result<std::string> FromWbxml(std::string_view octets) {
  wbxml::XmlOptions options;
  options.depth = kElementDepth;
  wbxml::XmlText text = wbxml::ToXml(octets, options);
  if (!text.ok) return BadAt(text.error.offset, text.error.what);
  return std::move(text.xml);
}

Result<std::string> FromInline(std::string_view octets) {
  wbxml::Reader reader(octets);
  wbxml::XmlOptions options;
  options.depth = kElementDepth;
  std::string xml;
  uint8_t page = 0;
  uint32_t elements = kMaxElements;
  const wbxml::Vocabulary& vocabulary = *wbxml::FindVocabulary(wbxml::kSyncml12);
  if (!wbxml::AppendElement(reader, vocabulary, page, elements, options, xml)) {
    return BadAt(reader.error().offset, reader.error().what);
  }
  return xml;
}

Result<std::string> ToXmlText(std::string_view octets) {
  if (octets.empty()) return InvalidArgument("nothing there; expected a MgmtTree in XML or WBXML");
  if (octets[0] == '\0') return FromInline(octets);
  if (octets[0] <= 3 && octets[0] > 0) return FromWbxml(octets);
  return std::string(Trim(octets));
}

uint8_t TokenOf(std::string_view name) {
  static const std::map<std::string_view, uint8_t> kTokens = [] {
    std::map<std::string_view, uint8_t> tokens;
    const wbxml::TagNames names = wbxml::FindVocabulary(wbxml::kSyncml12)->pages[kPage].tags;
    for (size_t i = 0; i < names.size(); ++i) {
      tokens[names[i]] = static_cast<uint8_t>(wbxml::kFirstTag + i);
    }
    return tokens;
  }();
  const auto token = kTokens.find(name);
  DROVER_CHECK(token != kTokens.end());
  return token->second;
}

// WBXML 1.3, the public id as text, which is all the id that it has.
std::string& PutHeader(TndsForm form, std::string& out) {
  if (form != TndsForm::kWbxml) return out;
  const std::string_view id = wbxml::kDmddfPublicText;
  out += std::string_view("\x03\x00\x00\x6A", 4);
  out += static_cast<char>(id.size() + 1);
  out += id;
  out += '\0';
  return out;
}

}  // namespace

Result<MgmtTreeDocument> MgmtTreeDocument::Parse(std::string_view octets, size_t most) {
  if (octets.size() > most) {
    return OutOfRange("longer than " + std::to_string(most) + " octets");
  }
  DROVER_TRY(const std::string xml, ToXmlText(octets));
  if (const size_t good = base::Utf8Prefix(xml); good != xml.size()) {
    return BadAt(good, "not UTF-8");
  }
  if (const size_t nul = xml.find('\0'); nul != std::string::npos) return BadAt(nul, "a NUL");
  MgmtTreeDocument parsed;
  parsed.document_ = std::make_unique<pugi::xml_document>();
  const pugi::xml_parse_result result = parsed.document_->load_buffer(
      xml.data(), xml.size(), pugi::parse_default | pugi::parse_ws_pcdata, pugi::encoding_utf8);
  if (!result) return BadAt(static_cast<size_t>(result.offset), result.description());
  if (LocalName(parsed.root()) != "MgmtTree") {
    return InvalidArgument("the root element is not MgmtTree");
  }
  return parsed;
}

std::string_view LocalName(const pugi::xml_node& element) {
  const std::string_view name = element.name();
  const size_t colon = name.find(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}

pugi::xml_node Child(const pugi::xml_node& element, std::string_view name) {
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_element && LocalName(child) == name) return child;
  }
  return {};
}

pugi::xml_node FirstElement(const pugi::xml_node& element) {
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_element) return child;
  }
  return {};
}

std::string Content(const pugi::xml_node& element) {
  std::string content;
  const bool markup = !FirstElement(element).empty();
  for (const pugi::xml_node& child : element.children()) {
    if (markup) {
      std::ostringstream text;
      child.print(text, "", pugi::format_raw);
      content += text.str();
    } else if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      content += child.value();
    }
  }
  return content;
}

std::string Text(const pugi::xml_node& element) {
  std::string text;
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) {
      text += child.value();
    }
  }
  return std::string(Trim(text));
}

std::string ChildText(const pugi::xml_node& element, std::string_view name) {
  return Text(Child(element, name));
}

std::optional<std::string> OptionalText(const pugi::xml_node& element, std::string_view name) {
  const pugi::xml_node child = Child(element, name);
  if (child.empty()) return std::nullopt;
  return Text(child);
}

Result<std::string> FormatIn(const pugi::xml_node& element) {
  const pugi::xml_node choice = FirstElement(element);
  // Some peers write the word itself.
  const std::string name = choice.empty() ? Text(element) : std::string(LocalName(choice));
  if (std::ranges::find(kFormats, name) == kFormats.end()) {
    return InvalidArgument("Format \"" + name + "\" is none that there is");
  }
  return name;
}

NodeType TypeIn(const pugi::xml_node& element) {
  const pugi::xml_node choice = FirstElement(element);
  if (choice.empty()) return {Text(element), false};
  return {Text(choice), LocalName(choice) == "DDFName"};
}

Result<NodeProperties> PropertiesIn(const pugi::xml_node& rt_properties) {
  NodeProperties properties;
  properties.acl = OptionalText(rt_properties, "ACL");
  if (const pugi::xml_node format = Child(rt_properties, "Format"); !format.empty()) {
    DROVER_TRY(properties.format, FormatIn(format));
  }
  if (const pugi::xml_node type = Child(rt_properties, "Type"); !type.empty()) {
    properties.type = TypeIn(type);
  }
  properties.title = OptionalText(rt_properties, "Title");
  properties.size = OptionalText(rt_properties, "Size");
  properties.tstamp = OptionalText(rt_properties, "TStamp");
  properties.ver_no = OptionalText(rt_properties, "VerNo");
  return properties;
}

Result<std::string> ValueIn(const pugi::xml_node& value, std::string_view format) {
  std::string content = Content(value);
  if (!IsBinary(format)) return content;
  Result<std::string> octets = base::FromBase64(content);
  if (octets) return octets;
  if (format == "bin") return content;  // Some peers write text as it is.
  return InvalidArgument("a Value of Format b64 that is not base64");
}

MgmtTreeWriter::MgmtTreeWriter(TndsForm form, std::string& out)
    : form_(form), out_(PutHeader(form, out)), writer_(out) {}

void MgmtTreeWriter::Begin(std::string_view manufacturer, std::string_view model) {
  if (form_ == TndsForm::kXml) {
    out_ += "<MgmtTree xmlns=\"syncml:dmddf1.2\">";
  } else {
    Open("MgmtTree");
  }
  Leaf("VerDTD", "1.2");
  if (!manufacturer.empty()) Leaf("Man", manufacturer);
  if (!model.empty()) Leaf("Mod", model);
}

void MgmtTreeWriter::Finish() {
  Close("MgmtTree");
  writer_.Flush();
}

void MgmtTreeWriter::Open(std::string_view name) {
  if (form_ != TndsForm::kXml) return writer_.Start(kPage, TokenOf(name));
  out_ += '<';
  out_ += name;
  out_ += '>';
}

void MgmtTreeWriter::Close(std::string_view name) {
  if (form_ != TndsForm::kXml) return writer_.End();
  out_ += "</";
  out_ += name;
  out_ += '>';
}

void MgmtTreeWriter::Empty(std::string_view name) {
  if (form_ != TndsForm::kXml) return writer_.Empty(kPage, TokenOf(name));
  out_ += '<';
  out_ += name;
  out_ += "/>";
}

void MgmtTreeWriter::Leaf(std::string_view name, std::string_view text) {
  if (text.empty()) return Empty(name);
  if (form_ != TndsForm::kXml) return writer_.Leaf(kPage, TokenOf(name), text);
  Open(name);
  wbxml::AppendEscaped(text, out_);
  Close(name);
}

void MgmtTreeWriter::OptionalLeaf(std::string_view name, const std::optional<std::string>& text) {
  if (text) Leaf(name, *text);
}

void MgmtTreeWriter::Choice(std::string_view name, std::string_view choice) {
  Open(name);
  Empty(choice);
  Close(name);
}

void MgmtTreeWriter::TypeLeaf(const NodeType& type) {
  Open("Type");
  Leaf(type.ddf_name ? "DDFName" : "MIME", type.text);
  Close("Type");
}

void MgmtTreeWriter::Properties(const NodeProperties& properties) {
  if (properties == NodeProperties{}) return Empty("RTProperties");
  Open("RTProperties");
  OptionalLeaf("ACL", properties.acl);
  if (properties.format) Choice("Format", *properties.format);
  OptionalLeaf("Size", properties.size);
  OptionalLeaf("Title", properties.title);
  OptionalLeaf("TStamp", properties.tstamp);
  if (properties.type) TypeLeaf(*properties.type);
  OptionalLeaf("VerNo", properties.ver_no);
  Close("RTProperties");
}

void MgmtTreeWriter::Value(std::string_view octets, std::string_view format) {
  if (octets.empty()) return Empty("Value");
  if (!IsBinary(format)) return Leaf("Value", octets);
  if (form_ == TndsForm::kXml || format == "b64") return Leaf("Value", base::Base64(octets));
  Open("Value");
  writer_.Opaque(octets);
  Close("Value");
}

std::string_view FormatToWrite(std::string_view octets, std::string_view format) {
  return IsBinary(format) || wbxml::IsXmlText(octets) ? format : "bin";
}

}  // namespace drover::dmtree
