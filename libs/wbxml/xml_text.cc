#include "libs/wbxml/xml_text.h"

#include <vector>

#include "libs/base/bytes.h"

namespace drover::wbxml {
namespace {

constexpr uint32_t kPlentyOfElements = 1'000'000;

// Tags of code page 2 (OMA-TS-DM_TND-V1_2, 8.6.2) that say how to show an OPAQUE Value.
constexpr std::string_view kNodeTag = "Node";
constexpr std::string_view kBase64Format = "b64";
constexpr std::string_view kBinaryFormat = "bin";

class Converter {
 public:
  Converter(Reader& reader, const Vocabulary& vocabulary, const XmlOptions& options,
            uint32_t& elements, uint8_t page, std::string& out)
      : reader_(reader),
        vocabulary_(vocabulary),
        options_(options),
        elements_(elements),
        page_(page),
        out_(out) {}

  // One element, from its start tag to its END.
  bool Element() {
    uint8_t token = 0;
    do {
      if (!reader_.ReadOctet(token) || !Take(token)) return false;
    } while (!open_.empty() || !started_);
    return true;
  }
  uint8_t page() const { return page_; }

 private:
  struct Open {
    std::string name;
    std::string_view xmlns;
    bool has_children = false;
  };

  bool Take(uint8_t token) {
    const size_t at = reader_.offset() - 1;
    uint32_t code_point = 0;
    std::string_view text;
    switch (token) {
      case kSwitchPage:
        return reader_.ReadOctet(page_);
      case kEnd:
        return open_.empty() ? reader_.Fail(Error::Cause::kMalformed, at, "END of nothing") : End();
      case kEntity: {
        if (!reader_.ReadEntity(code_point)) return false;
        std::string character;
        AppendUtf8(code_point, character);
        return Text(character);
      }
      case kStrI:
        return reader_.ReadInline(text) && Text(text);
      case kStrT:
        return reader_.ReadTable(text) && Text(text);
      case kOpaque:
        return reader_.ReadOpaque(text) && Opaque(text);
      case kPi:
        return reader_.SkipPi();
      case kExtI0:
      case kExtI0 + 1:
      case kExtI0 + 2:
      case kExtT0:
      case kExtT0 + 1:
      case kExtT0 + 2:
      case kExt0:
      case kExt0 + 1:
      case kExt0 + 2:
        return reader_.SkipExtension(token);
      default:
        return Start(token, at);
    }
  }

  bool Start(uint8_t token, size_t at) {
    if (open_.size() >= options_.depth) {
      return reader_.Fail(Error::Cause::kLimit, at, "elements nested too deeply");
    }
    if (elements_ == 0) return reader_.Fail(Error::Cause::kLimit, at, "too many elements");
    --elements_;
    std::string name;
    if (!Name(token, name)) return false;
    if (name == kNodeTag) value_is_binary_ = false;
    if (name == kBase64Format || name == kBinaryFormat) value_is_binary_ = true;

    NewLine();
    if (!open_.empty()) open_.back().has_children = true;
    const std::string_view outer = open_.empty() ? std::string_view() : open_.back().xmlns;
    const std::string_view xmlns = vocabulary_.Xmlns(page_);
    started_ = true;
    out_ += '<';
    out_ += name;
    if (xmlns != outer && !xmlns.empty()) {
      out_ += " xmlns=\"";
      out_ += xmlns;
      out_ += '"';
    }
    if ((token & kHasAttributes) != 0 && !Attributes()) return false;
    if ((token & kHasContent) == 0) {
      out_ += "/>";
      return true;
    }
    out_ += '>';
    open_.push_back({std::move(name), xmlns});
    return true;
  }

  bool Name(uint8_t token, std::string& name) {
    const uint8_t tag = token & kTagMask;
    if (tag == kLiteral) {
      std::string_view literal;
      if (!reader_.ReadTable(literal)) return false;
      name = literal;
      for (const char c : literal) {
        if (static_cast<uint8_t>(c) <= ' ' || c == '<' || c == '>' || c == '&' || c == '/') {
          name.clear();  // No name that XML could carry.
        }
      }
      if (name.empty()) name = "unknown-literal";
      return true;
    }
    name = vocabulary_.TagName(page_, tag);
    if (name.empty()) {
      const char octets[] = {static_cast<char>(page_), static_cast<char>(tag)};
      const std::string hex = base::Hex({octets, 2});
      name = "unknown-" + hex.substr(0, 2) + "-" + hex.substr(2);
    }
    return true;
  }

  bool End() {
    const Open& open = open_.back();
    if (out_.back() == '>' && !open.has_children && out_.size() > open.name.size() &&
        !text_since_start_) {
      out_.back() = '/';  // Nothing came between: <a> becomes <a/>.
      out_ += '>';
      open_.pop_back();
      return true;
    }
    const std::string name = std::move(open_.back().name);
    const bool has_children = open_.back().has_children;
    open_.pop_back();
    if (has_children) NewLine();
    out_ += "</";
    out_ += name;
    out_ += '>';
    text_since_start_ = false;
    return true;
  }

  bool Text(std::string_view text) {
    if (!reader_.Spend(text.size())) return false;
    if (open_.empty()) return true;
    if (!text.empty()) text_since_start_ = true;
    AppendEscaped(text, out_);
    return true;
  }

  bool Opaque(std::string_view octets) {
    if (open_.empty()) return true;
    // A node's value is what it is, even if it looks like a document.
    const bool binary = value_is_binary_ && open_.back().name == "Value";
    if (binary) return Text(base::Base64(octets));
    if (octets.size() > 4 && octets[0] >= 1 && octets[0] <= 3 && options_.documents > 1) {
      XmlOptions inner = options_;
      inner.indent = false;
      inner.documents -= 1;
      inner.depth = options_.depth - static_cast<uint32_t>(open_.size());
      const XmlText text = ToXml(octets, inner);
      if (text.ok) {
        if (!reader_.Spend(text.xml.size())) return false;
        open_.back().has_children = true;
        out_ += text.xml;
        return true;
      }
    }
    return IsXmlText(octets) ? Text(octets) : Text(base::Base64(octets));
  }

  // Attribute starts carry a name and the beginning of a value; what follows adds to the value.
  bool Attributes() {
    uint8_t token = 0;
    bool in_value = false;
    while (reader_.ReadOctet(token)) {
      if (token == kEnd) {
        if (in_value) out_ += '"';
        return true;
      }
      if (!Attribute(token, in_value)) return false;
    }
    return false;
  }

  bool Attribute(uint8_t token, bool& in_value) {
    uint32_t code_point = 0;
    std::string_view text;
    std::string character;
    if (const AttributeToken* known = FindAttribute(token, in_value)) {
      if (!known->name.empty()) OpenAttribute(known->name, in_value);
      return AttributeText(known->value);
    }
    switch (token) {
      case kSwitchPage:
        return reader_.ReadOctet(attribute_page_);
      case kEntity:
        if (!reader_.ReadEntity(code_point)) return false;
        AppendUtf8(code_point, character);
        return in_value ? AttributeText(character) : true;
      case kLiteral:
        if (!reader_.ReadTable(text)) return false;
        // One terminal sends its xmlns as a literal that names nothing.
        OpenAttribute(text.empty() || !IsXmlName(text) ? "literal" : text, in_value);
        return true;
      case kStrI:
        return reader_.ReadInline(text) && (!in_value || AttributeText(text));
      case kStrT:
        return reader_.ReadTable(text) && (!in_value || AttributeText(text));
      case kOpaque:
        if (!reader_.ReadOpaque(text)) return false;
        return !in_value || AttributeText(IsXmlText(text) ? std::string(text) : base::Base64(text));
      case kExtI0:
      case kExtI0 + 1:
      case kExtI0 + 2:
      case kExtT0:
      case kExtT0 + 1:
      case kExtT0 + 2:
        return reader_.SkipExtension(token);
      default:
        return true;  // A start or value that nobody assigned.
    }
  }

  // 83 is STR_T, but the oldest provisioning table has a value there: taken so if there is no
  // string table to point into.
  const AttributeToken* FindAttribute(uint8_t token, bool in_value) const {
    if (token == kStrT && !reader_.header().string_table.empty()) return nullptr;
    const auto& table = token < 0x80 ? vocabulary_.attribute_starts : vocabulary_.attribute_values;
    if (token >= 0x80 && !in_value) return nullptr;
    for (const AttributeToken& entry : table) {
      if (entry.page == attribute_page_ && entry.token == token) return &entry;
    }
    return nullptr;
  }

  static bool IsXmlName(std::string_view name) {
    for (const char c : name) {
      const bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == ':';
      if (!good) return false;
    }
    return true;
  }

  void OpenAttribute(std::string_view name, bool& in_value) {
    if (in_value) out_ += '"';
    in_value = true;
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
  }

  bool AttributeText(std::string_view text) {
    if (!reader_.Spend(text.size())) return false;
    AppendEscaped(text, out_);
    return true;
  }

  void NewLine() {
    text_since_start_ = false;
    if (!options_.indent || !started_) return;
    out_ += '\n';
    out_.append(2 * open_.size(), ' ');
  }

  Reader& reader_;
  const Vocabulary& vocabulary_;
  const XmlOptions& options_;
  uint32_t& elements_;
  uint8_t page_;
  uint8_t attribute_page_ = 0;
  std::string& out_;
  std::vector<Open> open_;
  bool started_ = false;
  bool text_since_start_ = false;
  bool value_is_binary_ = false;
};

}  // namespace

bool AppendElement(Reader& reader, const Vocabulary& vocabulary, uint8_t& page, uint32_t& elements,
                   const XmlOptions& options, std::string& out) {
  Converter converter(reader, vocabulary, options, elements, page, out);
  const bool ok = converter.Element();
  page = converter.page();
  return ok;
}

XmlText ToXml(std::string_view document, const XmlOptions& options) {
  XmlText result;
  Reader reader(document);
  if (reader.ReadHeader()) {
    const Vocabulary* vocabulary = FindVocabulary(reader.header());
    uint32_t elements = kPlentyOfElements;
    uint8_t page = 0;
    if (vocabulary == nullptr) {
      reader.Fail(Error::Cause::kUnknown, 1, "a public id that is not ours");
    } else {
      result.ok = AppendElement(reader, *vocabulary, page, elements, options, result.xml);
    }
  }
  result.error = reader.error();
  return result;
}

void AppendEscaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        if (static_cast<uint8_t>(c) < 0x20 && c != '\t' && c != '\n') {
          out += "\xEF\xBF\xBD";
        } else {
          out += c;
        }
    }
  }
}

bool IsXmlText(std::string_view octets) {
  uint8_t all = 0;
  for (const char c : octets) {
    all |= static_cast<uint8_t>(c);
    if (static_cast<uint8_t>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') return false;
  }
  return all < 0x80 || base::IsUtf8(octets);
}

}  // namespace drover::wbxml
