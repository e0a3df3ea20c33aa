#include "libs/syncml/xml_source.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "libs/base/bytes.h"
#include "libs/syncml/message_reader.h"
#include "libs/wbxml/reader.h"

namespace drover::syncml {
namespace {

enum CharacterClass : uint8_t {
  kPlain = 0,
  kEndsText = 1,  // < & CR NUL: where a run of plain text stops.
  kEndsName = 2,  // White space = / > and what cannot be in a name.
  kSpace = 4,
  kColon = 8,
};

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes{};
  for (const char c : {'<', '&', '\r', '\0'}) classes[static_cast<uint8_t>(c)] |= kEndsText;
  for (size_t c = 0; c <= ' '; ++c) classes[c] |= kEndsName;
  for (const char c : {'<', '>', '/', '=', '"', '\'', '&'}) {
    classes[static_cast<uint8_t>(c)] |= kEndsName;
  }
  for (const char c : {' ', '\t', '\r', '\n'}) classes[static_cast<uint8_t>(c)] |= kSpace;
  classes[':'] |= kColon;
  return classes;
}
constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

bool Is(char c, uint8_t classes) { return (kClasses[static_cast<uint8_t>(c)] & classes) != 0; }

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

bool IsAscii(std::string_view octets) {
  const char* at = octets.data();
  const char* const end = at + octets.size();
  uint64_t high = 0;
  for (; end - at >= 32; at += 32) {
    uint64_t words[4];
    std::memcpy(words, at, 32);
    high |= words[0] | words[1] | words[2] | words[3];
  }
  for (; at != end; ++at) high |= static_cast<uint8_t>(*at);
  return (high & 0x8080808080808080) == 0;
}

}  // namespace

XmlSource::XmlSource(std::string_view octets, const Limits& limits, Document& document)
    : begin_(octets.data()),
      at_(octets.data()),
      end_(octets.data() + octets.size()),
      start_(octets.data()),
      max_depth_(std::min<uint32_t>(limits.depth, kDeepest)),
      elements_left_(limits.elements),
      document_(document) {}

void XmlSource::Fail(Cause cause, size_t offset, std::string_view what) {
  if (failed_) return;
  failed_ = true;
  error_.cause = cause;
  error_.offset = offset;
  error_.message = what;
  if (depth_ > 0) {
    error_.message += " in ";
    error_.message.append(open_[depth_ - 1].name, open_[depth_ - 1].size);
  }
  at_ = end_;
}

bool XmlSource::FailHere(Cause cause, std::string_view what) {
  Fail(cause, OffsetOf(at_), what);
  return false;
}

bool XmlSource::Truncated(std::string_view what) {
  Fail(Cause::kTruncated, OffsetOf(end_), what);
  return false;
}

bool XmlSource::Root(Tag& tag) {
  if (!CheckEncoding()) return false;
  if (StartsWith("\xEF\xBB\xBF")) at_ += 3;
  if (StartsWith("<?xml") && end_ - at_ > 5 && Is(at_[5], kSpace) && !Declaration()) return false;
  if (!IsAscii({at_, static_cast<size_t>(end_ - at_)})) {
    const size_t rest = static_cast<size_t>(end_ - at_);
    const size_t good = base::Utf8Prefix({at_, rest});
    if (good != rest) {
      at_ += good;
      return FailHere(Cause::kMalformed, "text that is not UTF-8");
    }
  }
  if (!Misc(true)) return false;
  if (at_ == end_) return Truncated("no element");
  if (*at_ != '<') return FailHere(Cause::kMalformed, "text before the first element");
  return StartTag(tag);
}

bool XmlSource::Epilog() {
  if (!Misc(false)) return false;
  while (at_ != end_ && *at_ == '\0') ++at_;  // C strings are sent with their end.
  return at_ == end_ || FailHere(Cause::kMalformed, "something after the root element");
}

// UTF-16 and UTF-32 show in the first octets.
bool XmlSource::CheckEncoding() {
  const size_t size = static_cast<size_t>(end_ - at_);
  if (size == 0) return Truncated("no octets");
  const bool wide = StartsWith("\xFE\xFF") || StartsWith("\xFF\xFE") ||
                    (size >= 2 && (at_[0] == '\0' || (at_[0] == '<' && at_[1] == '\0')));
  return !wide || FailHere(Cause::kCharset, "a character set other than UTF-8");
}

// <?xml version="1.0" encoding="UTF-8"?>
bool XmlSource::Declaration() {
  const char* const start = at_;
  if (!SkipPast("?>", "the XML declaration does not end")) return false;
  std::string_view text(start, static_cast<size_t>(at_ - start));
  const size_t found = text.find("encoding");
  if (found == std::string_view::npos) return true;
  text = Trim(text.substr(found + 8));
  if (!text.starts_with('=')) return true;
  text = Trim(text.substr(1));
  if (text.empty() || (text[0] != '"' && text[0] != '\'')) return true;
  const char* const value = text.data() + 1;
  text = text.substr(1, text.find(text[0], 1) - 1);
  for (const std::string_view good : {"utf-8", "utf8", "us-ascii", "ascii"}) {
    if (EqualsIgnoringCase(text, good)) return true;
  }
  at_ = value;
  return FailHere(Cause::kCharset, "a character set other than UTF-8");
}

// White space, comments, processing instructions; before the root also a DOCTYPE.
bool XmlSource::Misc(bool doctype_allowed) {
  for (;;) {
    SkipSpace();
    if (StartsWith("<!--")) {
      if (!SkipPast("-->", "a comment does not end")) return false;
    } else if (StartsWith("<?")) {
      if (!SkipPast("?>", "a processing instruction does not end")) return false;
    } else if (doctype_allowed && StartsWith("<!DOCTYPE")) {
      if (!Doctype()) return false;
    } else {
      return true;
    }
  }
}

// Its external identifier is never followed; declarations inside it are refused, since the only use
// of them would be entities.
bool XmlSource::Doctype() {
  char quote = 0;
  for (; at_ != end_; ++at_) {
    const char c = *at_;
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '[') {
      return FailHere(Cause::kEntity, "a DOCTYPE with declarations");
    } else if (c == '>') {
      ++at_;
      return true;
    }
  }
  return Truncated("the DOCTYPE does not end");
}

bool XmlSource::SkipPast(std::string_view end, std::string_view what) {
  const std::string_view rest(at_, static_cast<size_t>(end_ - at_));
  const size_t found = rest.find(end);
  if (found == std::string_view::npos) return Truncated(what);
  at_ += found + end.size();
  return true;
}

void XmlSource::SkipSpace() {
  while (at_ != end_ && Is(*at_, kSpace)) ++at_;
}

bool XmlSource::Next(Tag& tag) {
  if (closed_) {
    closed_ = false;
    Leave();
    return false;
  }
  for (;;) {
    while (at_ != end_ && *at_ != '<') {
      if (*at_ == '&') {
        scratch_.clear();
        if (!Reference(scratch_)) return false;
      } else {
        ++at_;
      }
    }
    if (end_ - at_ < 2) return !failed_ && Truncated("the element does not end");
    if (at_[1] == '/') {
      EndTag();
      return false;
    }
    std::string_view ignored;
    if (at_[1] == '!') {
      if (StartsWith("<![CDATA[") ? !CData(ignored)
          : StartsWith("<!--")    ? !SkipPast("-->", "a comment does not end")
                                  : !FailHere(Cause::kMalformed, "a declaration")) {
        return false;
      }
    } else if (at_[1] == '?') {
      if (!SkipPast("?>", "a processing instruction does not end")) return false;
    } else {
      return StartTag(tag);
    }
  }
}

bool XmlSource::StartTag(Tag& tag) {
  start_ = at_;
  if (depth_ >= max_depth_) return FailHere(Cause::kLimit, "elements nested too deeply");
  if (elements_left_ == 0) return FailHere(Cause::kLimit, "too many elements");
  --elements_left_;
  const char* const qualified = ++at_;
  const char* local = at_;
  while (at_ != end_ && !Is(*at_, kEndsName)) {
    if (*at_ == ':') local = at_ + 1;
    ++at_;
  }
  if (at_ == end_) return Truncated("a start tag does not end");
  name_ = {local, static_cast<size_t>(at_ - local)};
  if (name_.empty()) return FailHere(Cause::kMalformed, "an element without a name");
  open_[depth_++] = {qualified, static_cast<size_t>(at_ - qualified)};
  tag = TagOf(name_);
  if (*at_ == '>') {
    ++at_;
    return true;
  }
  return Attributes();
}

// Up to and with the start tag's > or />.
bool XmlSource::Attributes() {
  for (;;) {
    SkipSpace();
    if (at_ == end_) return Truncated("a start tag does not end");
    if (*at_ == '>') {
      ++at_;
      return true;
    }
    if (*at_ == '/') {
      if (end_ - at_ < 2) return Truncated("a start tag does not end");
      if (at_[1] != '>') return FailHere(Cause::kMalformed, "a / inside a start tag");
      at_ += 2;
      closed_ = true;
      return true;
    }
    if (!Attribute()) return false;
  }
}

bool XmlSource::Attribute() {
  const char* const name = at_;
  while (at_ != end_ && !Is(*at_, kEndsName)) ++at_;
  const std::string_view attribute(name, static_cast<size_t>(at_ - name));
  if (attribute.empty() && at_ != end_) {
    return FailHere(Cause::kMalformed, "an attribute without a name");
  }
  SkipSpace();
  if (at_ == end_) return Truncated("a start tag does not end");
  if (*at_ != '=') return FailHere(Cause::kMalformed, "an attribute without a value");
  ++at_;
  SkipSpace();
  if (at_ == end_) return Truncated("a start tag does not end");
  if (*at_ != '"' && *at_ != '\'') {
    return FailHere(Cause::kMalformed, "an attribute value without quotes");
  }
  const char* const value = at_ + 1;
  const auto* close =
      static_cast<const char*>(std::memchr(value, *at_, static_cast<size_t>(end_ - value)));
  if (close == nullptr) return Truncated("an attribute value does not end");
  if (depth_ == 1 && attribute.starts_with("xmlns")) {
    const std::string_view uri(value, static_cast<size_t>(close - value));
    if (EqualsIgnoringCase(uri.substr(0, 13), "SYNCML:SYNCML")) xmlns_ = uri;
  }
  at_ = close + 1;
  return true;
}

// </name>, of the innermost open element.
bool XmlSource::EndTag() {
  const std::string_view expected(open_[depth_ - 1].name, open_[depth_ - 1].size);
  const size_t rest = static_cast<size_t>(end_ - at_);
  if (rest < expected.size() + 3) {
    const std::string_view there(at_ + 2, std::min(rest - 2, expected.size()));
    return expected.starts_with(there)
               ? Truncated("an end tag does not end")
               : FailHere(Cause::kMalformed, "an end tag of another element");
  }
  if (!SameName(at_ + 2, expected.data(), expected.size())) {
    return FailHere(Cause::kMalformed, "an end tag of another element");
  }
  const char* after = at_ + 2 + expected.size();
  while (after != end_ && Is(*after, kSpace)) ++after;
  if (after == end_) return Truncated("an end tag does not end");
  if (*after != '>') return FailHere(Cause::kMalformed, "an end tag of another element");
  at_ = after + 1;
  Leave();
  return true;
}

std::string_view XmlSource::Text() {
  if (failed_) return {};
  if (closed_) {
    closed_ = false;
    Leave();
    return {};
  }
  const char* const content = at_;
  const char* at = at_;
  while (at != end_ && !Is(*at, kEndsText)) ++at;
  at_ = at;
  if (end_ - at >= 2 && at[0] == '<' && at[1] == '/') [[likely]] {
    if (!EndTag()) return {};
    return Trim({content, static_cast<size_t>(at - content)});
  }
  Data data;
  if (!SlowText(false, content, data)) return {};
  return Trim(data.octets);
}

Data XmlSource::Content() {
  if (failed_) return {};
  if (closed_) {
    closed_ = false;
    Leave();
    return {};
  }
  const char* const content = at_;
  while (at_ != end_ && !Is(*at_, kEndsText)) ++at_;
  const std::string_view text(content, static_cast<size_t>(at_ - content));
  if (end_ - at_ >= 2 && at_[0] == '<' && at_[1] == '/') [[likely]] {
    return EndTag() ? Data{text} : Data{};
  }
  if (text.empty() && StartsWith("<![CDATA[")) {
    // The usual way to send a document: one section and nothing else needs no copy.
    std::string_view section;
    if (!CData(section)) return {};
    if (end_ - at_ >= 2 && at_[0] == '<' && at_[1] == '/' &&
        section.find('\r') == std::string_view::npos) {
      return EndTag() ? Data{section} : Data{};
    }
    at_ = content;
  }
  Data data;
  return SlowText(true, content, data) ? data : Data{};
}

// Text that must be put together: references, sections, line ends. content: where it began; at_ is
// where the run of plain text from there stopped.
bool XmlSource::SlowText(bool markup_allowed, const char* content, Data& data) {
  scratch_.assign(content, static_cast<size_t>(at_ - content));
  for (;;) {
    const char* const run = at_;
    while (at_ != end_ && !Is(*at_, kEndsText)) ++at_;
    scratch_.append(run, static_cast<size_t>(at_ - run));
    if (at_ == end_) return Truncated("the element does not end");
    if (*at_ == '&') {
      if (!Reference(scratch_)) return false;
    } else if (*at_ == '\r') {
      scratch_ += '\n';
      at_ += end_ - at_ >= 2 && at_[1] == '\n' ? 2 : 1;
    } else if (*at_ == '\0') {
      return FailHere(Cause::kMalformed, "a NUL");
    } else if (end_ - at_ < 2) {
      return Truncated("the element does not end");
    } else if (at_[1] == '/') {
      if (!EndTag()) return false;
      data = {document_.Keep(scratch_), DataForm::kText};
      return true;
    } else if (StartsWith("<![CDATA[")) {
      std::string_view section;
      if (!CData(section)) return false;
      AppendLines(section, scratch_);
    } else if (StartsWith("<!--")) {
      if (!SkipPast("-->", "a comment does not end")) return false;
    } else if (at_[1] == '?') {
      if (!SkipPast("?>", "a processing instruction does not end")) return false;
    } else if (at_[1] == '!') {
      return FailHere(Cause::kMalformed, "a declaration");
    } else if (markup_allowed) {
      return Markup(content, data);
    } else {
      Tag ignored;
      std::string text = std::move(scratch_);
      if (!StartTag(ignored)) return false;
      Skip();
      scratch_ = std::move(text);
      if (failed_) return false;
    }
  }
}

// A sub-document: its XML text as it stands, up to the end of the element around it.
bool XmlSource::Markup(const char* content, Data& data) {
  const uint32_t around = depth_;
  const char* last = at_;
  Tag ignored;
  while (depth_ >= around && !failed_) {
    last = at_;
    if (depth_ == around) {
      // Where the closing tag of the element around will stand.
      while (at_ != end_ && *at_ != '<') ++at_;
      last = at_;
    }
    Next(ignored);
  }
  if (failed_) return false;
  const std::string_view text(content, static_cast<size_t>(last - content));
  data = {Trim(text), DataForm::kMarkup};
  return true;
}

void XmlSource::Skip() {
  if (failed_) return;
  const uint32_t outside = depth_ - 1;
  Tag ignored;
  while (depth_ > outside && !failed_) Next(ignored);
}

bool XmlSource::CData(std::string_view& text) {
  constexpr size_t kOpening = 9;  // <![CDATA[
  const char* const start = at_ + kOpening;
  if (!SkipPast("]]>", "a CDATA section does not end")) return false;
  text = {start, static_cast<size_t>(at_ - 3 - start)};
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    at_ = start + nul;
    return FailHere(Cause::kMalformed, "a NUL");
  }
  return true;
}

// &name; or &#number;
bool XmlSource::Reference(std::string& out) {
  constexpr ptrdiff_t kLongest = 12;
  const char* const limit = at_ + std::min<ptrdiff_t>(end_ - at_, kLongest);
  const char* const semicolon = std::find(at_, limit, ';');
  if (semicolon == limit) {
    if (limit == end_) return Truncated("a reference does not end");
    return FailHere(Cause::kEntity, "an & that begins no known reference");
  }
  const std::string_view name(at_ + 1, static_cast<size_t>(semicolon - at_ - 1));
  if (name.starts_with('#')) return Character(at_ + 2, semicolon, out);
  constexpr struct {
    std::string_view name;
    char character;
  } kPredefined[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& entity : kPredefined) {
    if (entity.name == name) {
      out += entity.character;
      at_ = semicolon + 1;
      return true;
    }
  }
  return FailHere(Cause::kEntity, "an entity that nobody declared");
}

bool XmlSource::Character(const char* digits, const char* semicolon, std::string& out) {
  uint32_t base = 10;
  if (*digits == 'x') {
    base = 16;
    ++digits;
  }
  uint32_t value = 0;
  bool good = digits != semicolon;
  for (const char* at = digits; at != semicolon && good; ++at) {
    const char c = Lower(*at);
    const uint32_t digit = c >= '0' && c <= '9'   ? static_cast<uint32_t>(c - '0')
                           : c >= 'a' && c <= 'f' ? static_cast<uint32_t>(c - 'a' + 10)
                                                  : 99;
    value = value * base + digit;
    good = digit < base && value <= 0x10FFFF;
  }
  if (!good || value == 0 || (value >= 0xD800 && value <= 0xDFFF)) {
    return FailHere(Cause::kMalformed, "a reference to no character");
  }
  wbxml::AppendUtf8(value, out);
  at_ = semicolon + 1;
  return true;
}

// XML 1.0, 2.11: CR LF and CR alone are line feeds.
void XmlSource::AppendLines(std::string_view text, std::string& out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\r') {
      out += text[i];
    } else {
      out += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    }
  }
}

}  // namespace drover::syncml
