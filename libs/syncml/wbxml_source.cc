#include "libs/syncml/wbxml_source.h"

#include <algorithm>

#include "libs/base/bytes.h"
#include "libs/wbxml/xml_text.h"

namespace drover::syncml {
namespace {

constexpr uint32_t kDeepest = 256;  // Whatever Limits say.

bool IsSyncml(uint32_t public_id) {
  return public_id == wbxml::kSyncml10 || public_id == wbxml::kSyncml11 ||
         public_id == wbxml::kSyncml12;
}

// Documents that terminals put whole into a Data element.
bool IsSubDocument(const wbxml::Vocabulary& vocabulary) {
  return vocabulary.public_text == wbxml::kDmddfPublicText ||
         vocabulary.public_id == wbxml::kDevInf10 || vocabulary.public_id == wbxml::kDevInf11 ||
         vocabulary.public_id == wbxml::kDevInf12;
}

}  // namespace

WbxmlSource::WbxmlSource(std::string_view octets, const Limits& limits, Document& document)
    : reader_(octets),
      names_(*wbxml::FindVocabulary(wbxml::kSyncml12)),
      max_depth_(std::min(limits.depth, kDeepest)),
      elements_left_(limits.elements),
      document_(document) {}

void WbxmlSource::Fail(Cause cause, size_t offset, std::string_view what) {
  if (reader_.failed()) return;
  own_cause_ = true;
  cause_ = cause;
  reader_.Fail(wbxml::Error::Cause::kMalformed, offset, what);
}

DecodeError WbxmlSource::error() const {
  const wbxml::Error& error = reader_.error();
  DecodeError result{cause_, error.offset, std::string(error.what)};
  if (own_cause_) return result;
  switch (error.cause) {
    case wbxml::Error::Cause::kTruncated:
      result.cause = Cause::kTruncated;
      break;
    case wbxml::Error::Cause::kMalformed:
      result.cause = Cause::kMalformed;
      break;
    case wbxml::Error::Cause::kLimit:
      result.cause = Cause::kLimit;
      break;
    case wbxml::Error::Cause::kCharset:
      result.cause = Cause::kCharset;
      break;
    case wbxml::Error::Cause::kUnknown:
      result.cause = Cause::kNotSyncml;
      break;
  }
  return result;
}

bool WbxmlSource::Root(Tag& tag) {
  if (!reader_.ReadHeader()) return false;
  vocabulary_ = wbxml::FindVocabulary(reader_.header());
  if (vocabulary_ != nullptr && !IsSyncml(vocabulary_->public_id)) {
    Fail(Cause::kNotSyncml, 1, "a public id of another vocabulary");
    return false;
  }
  uint8_t token = 0;
  while (reader_.ReadOctet(token)) {
    if ((token & wbxml::kTagMask) >= wbxml::kFirstTag ||
        (token & wbxml::kTagMask) == wbxml::kLiteral) {
      return Start(token, tag);
    }
    if (token != wbxml::kPi && token != wbxml::kSwitchPage) {
      Fail(Cause::kMalformed, reader_.offset() - 1, "something before the first element");
      return false;
    }
    if (!Other(token)) return false;
  }
  return false;
}

bool WbxmlSource::Epilog() {
  uint8_t token = 0;
  while (!reader_.at_end()) {
    if (!reader_.ReadOctet(token)) return false;
    if (token == 0) continue;  // Padding.
    if (token == wbxml::kPi) {
      if (!reader_.SkipPi()) return false;
    } else {
      Fail(Cause::kMalformed, reader_.offset() - 1, "something after the root element");
      return false;
    }
  }
  return !failed();
}

// Whatever may stand between elements.
bool WbxmlSource::SlowNext(Tag& tag) {
  uint8_t token = 0;
  while (reader_.ReadOctet(token)) {
    const uint8_t low = token & wbxml::kTagMask;
    if (low >= wbxml::kLiteral) return Start(token, tag);  // A literal or any other tag.
    if (token == wbxml::kEnd) {
      Leave();
      return false;
    }
    if (!Other(token)) return false;
  }
  return false;
}

bool WbxmlSource::TooMuch() {
  Fail(Cause::kLimit, start_,
       depth_ >= max_depth_ ? "elements nested too deeply" : "too many elements");
  return false;
}

bool WbxmlSource::FinishStart(uint8_t token, Tag& tag) {
  if (tag_ == wbxml::kLiteral) {
    if (!reader_.ReadTable(literal_)) return false;
    tag = TagOf(literal_);
  }
  return (token & wbxml::kHasAttributes) == 0 || reader_.SkipAttributes();
}

std::string_view WbxmlSource::name() {
  if (tag_ == wbxml::kLiteral) return literal_;
  const std::string_view name = names_.TagName(tag_page_, tag_);
  if (!name.empty()) return name;
  const char octets[] = {static_cast<char>(tag_page_), static_cast<char>(tag_)};
  const std::string hex = base::Hex({octets, 2});
  return document_.Keep("unknown-" + hex.substr(0, 2) + "-" + hex.substr(2));
}

// A token between elements that is no start tag, LITERAL or END.
bool WbxmlSource::Other(uint8_t token) {
  uint32_t number = 0;
  std::string_view text;
  switch (token) {
    case wbxml::kSwitchPage:
      return reader_.ReadOctet(page_);
    case wbxml::kEntity:
      return reader_.ReadEntity(number);
    case wbxml::kStrI:
      return reader_.ReadInline(text);
    case wbxml::kStrT:
      return reader_.ReadTable(text);
    case wbxml::kOpaque:
      return reader_.ReadOpaque(text);
    case wbxml::kPi:
      return reader_.SkipPi();
    default:
      return reader_.SkipExtension(token);
  }
}

std::string_view WbxmlSource::SlowText() {
  if (!content_) {
    Leave();
    return {};
  }
  Data data;
  if (!Gather(false, data)) return {};
  // What came as octets is held to be text all the same, if it can be.
  if (const size_t good = base::Utf8Prefix(data.octets); good != data.octets.size()) {
    Fail(Cause::kMalformed, start_, "text that is not UTF-8");
    return {};
  }
  return Trim(data.octets);
}

Data WbxmlSource::Content() {
  if (!content_) {
    Leave();
    return {};
  }
  const char* const before = reader_.position();
  const int token = reader_.Peek();
  std::string_view text;
  if (token == wbxml::kStrI || token == wbxml::kOpaque) {
    reader_.Take(1);
    if (token == wbxml::kStrI ? !reader_.ReadInline(text) : !reader_.ReadOpaque(text)) return {};
    if (reader_.Peek() == wbxml::kEnd) [[likely]] {
      reader_.Take(1);
      Leave();
      Data data{text, token == wbxml::kStrI ? DataForm::kText : DataForm::kOpaque};
      if (token == wbxml::kOpaque) SubDocument(text, data);
      return data;
    }
    reader_.Return(before);
  }
  Data data;
  return Gather(true, data) ? data : Data{};
}

// Content that stands beside elements: octets that are no text become base64, as in wbxml::ToXml.
void WbxmlSource::AppendToMarkup(std::string_view content, bool octets, std::string& out) {
  if (octets && !wbxml::IsXmlText(content)) {
    out += base::Base64(content);
  } else {
    wbxml::AppendEscaped(content, out);
  }
}

// Content of several tokens, up to and with the END.
bool WbxmlSource::Gather(bool markup_allowed, Data& data) {
  std::string text;
  DataForm form = DataForm::kText;
  uint8_t token = 0;
  while (reader_.ReadOctet(token)) {
    if (token == wbxml::kEnd) {
      Leave();
      data = {document_.Keep(text), form};
      return true;
    }
    const uint8_t low = token & wbxml::kTagMask;
    if (low >= wbxml::kFirstTag || low == wbxml::kLiteral) {
      if (markup_allowed) {
        reader_.Return(reader_.position() - 1);
        if (form != DataForm::kMarkup) {
          std::string escaped;
          AppendToMarkup(text, form == DataForm::kOpaque, escaped);
          text = std::move(escaped);
        }
        form = DataForm::kMarkup;
        if (!Markup(text)) return false;
      } else {
        Tag ignored;
        if (!Start(token, ignored)) return false;
        Skip();
        if (failed()) return false;
      }
    } else if (token == wbxml::kStrI || token == wbxml::kStrT || token == wbxml::kEntity ||
               token == wbxml::kOpaque) {
      if (form == DataForm::kMarkup) {
        std::string plain;
        if (!AppendText(token, plain)) return false;
        AppendToMarkup(plain, token == wbxml::kOpaque, text);
      } else {
        if (token == wbxml::kOpaque) form = DataForm::kOpaque;
        if (!AppendText(token, text)) return false;
      }
    } else if (!Other(token)) {
      return false;
    }
  }
  return false;
}

bool WbxmlSource::AppendText(uint8_t token, std::string& out) {
  uint32_t code_point = 0;
  std::string_view text;
  switch (token) {
    case wbxml::kEntity:
      if (!reader_.ReadEntity(code_point)) return false;
      wbxml::AppendUtf8(code_point, out);
      return true;
    case wbxml::kStrI:
      if (!reader_.ReadInline(text)) return false;
      break;
    case wbxml::kStrT:
      if (!reader_.ReadTable(text)) return false;
      break;
    default:
      if (!reader_.ReadOpaque(text)) return false;
  }
  out += text;
  return true;
}

// The element that stands at the reader's position, as XML text.
bool WbxmlSource::Markup(std::string& out) {
  wbxml::XmlOptions options;
  options.depth = max_depth_ - depth_;
  return wbxml::AppendElement(reader_, names_, page_, elements_left_, options, out);
}

// An OPAQUE that is a WBXML document of a vocabulary that terminals embed. What only looks like one
// stays what it is.
bool WbxmlSource::SubDocument(std::string_view octets, Data& data) {
  if (octets.size() < 6 || octets[0] < 1 || octets[0] > 3) return false;
  wbxml::Reader header(octets);
  if (!header.ReadHeader()) return false;
  const wbxml::Vocabulary* vocabulary = wbxml::FindVocabulary(header.header());
  if (vocabulary == nullptr || !IsSubDocument(*vocabulary)) return false;
  wbxml::XmlOptions options;
  options.depth = max_depth_ - depth_;
  const wbxml::XmlText text = wbxml::ToXml(octets, options);
  if (!text.ok) return false;
  data = {document_.Keep(text.xml), DataForm::kMarkup};
  return true;
}

void WbxmlSource::Skip() {
  const uint32_t outside = depth_ - 1;
  Tag ignored;
  while (depth_ > outside && !failed()) Next(ignored);
}

}  // namespace drover::syncml
