#include "libs/xml/reader.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "libs/base/bytes.h"
#include "libs/xml/text.h"

namespace drover::xml {
namespace {

constexpr size_t kMaxInstructions = 16;

constexpr std::string_view kSpace = " \t\r\n";
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool IsNameStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' ||
         static_cast<uint8_t>(c) >= 0x80;
}
bool IsNameCharacter(char c) {
  return IsNameStart(c) || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool IsCharacter(uint32_t c) {
  if (c < 0x20) return c == '\t' || c == '\n' || c == '\r';
  return c <= 0x10FFFF && (c < 0xD800 || c > 0xDFFF) && c != 0xFFFE && c != 0xFFFF;
}

void AppendUtf8(uint32_t c, std::string& out) {
  const auto put = [&out](uint32_t octet) { out.push_back(static_cast<char>(octet)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6), put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12), put(0x80 | (c >> 6 & 0x3F)), put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18), put(0x80 | (c >> 12 & 0x3F)), put(0x80 | (c >> 6 & 0x3F)),
        put(0x80 | (c & 0x3F));
  }
}

std::string Latin1ToUtf8(std::string_view octets) {
  std::string utf8;
  utf8.reserve(octets.size() + octets.size() / 8);
  for (const char c : octets) AppendUtf8(static_cast<uint8_t>(c), utf8);
  return utf8;
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  }
  return lower;
}

struct Octets {
  size_t control = std::string_view::npos;  // The first that XML does not allow.
  bool ascii = true;
};

// Eight at a time where they are plain, as nearly all are.
Octets Scan(std::string_view text) {
  constexpr uint64_t kHigh = 0x8080808080808080;
  constexpr uint64_t kBlanks = 0x2020202020202020;
  Octets found;
  for (size_t i = 0; i < text.size();) {
    if (text.size() - i >= sizeof(uint64_t)) {
      uint64_t word = 0;
      std::memcpy(&word, text.data() + i, sizeof(word));
      const uint64_t below_blank = (word - kBlanks) & ~word;
      if (((word | below_blank) & kHigh) == 0) {
        i += sizeof(word);
        continue;
      }
    }
    const char c = text[i];
    if (static_cast<uint8_t>(c) >= 0x80) found.ascii = false;
    if (static_cast<uint8_t>(c) < 0x20 && !IsSpace(c)) {
      found.control = i;
      return found;
    }
    ++i;
  }
  return found;
}

struct Predefined {
  std::string_view name;
  char character;
};
constexpr Predefined kPredefined[] = {
    {"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};

// The character of "#65" or "#x41"; 0: it is none.
uint32_t NumericReference(std::string_view name) {
  name.remove_prefix(1);
  const bool hex = name.starts_with('x');
  if (hex) name.remove_prefix(1);
  uint32_t value = 0;
  for (const char c : name) {
    const uint32_t lower = static_cast<uint8_t>(c) | 0x20;
    uint32_t digit = 99;
    if (c >= '0' && c <= '9') digit = static_cast<uint32_t>(c - '0');
    if (lower >= 'a' && lower <= 'f') digit = lower - 'a' + 10;
    if (digit >= (hex ? 16U : 10U)) return 0;
    value = value * (hex ? 16 : 10) + digit;
    if (value > 0x10FFFF) return 0;
  }
  return IsCharacter(value) ? value : 0;
}

}  // namespace

Reader::Reader(std::string_view document, const Limits& limits)
    : limits_(limits), document_(document), rest_(document) {
  if (Looking("\xEF\xBB\xBF")) rest_.remove_prefix(3);
  if (Looking("\xFE\xFF") || Looking("\xFF\xFE")) {
    Fail("UTF-16; send UTF-8");
    return;
  }
  if (Looking("<?xml") && rest_.size() > 5 && IsSpace(rest_[5])) Declaration();
  if (Failed()) return;
  CheckCharacters();
}

void Reader::CheckCharacters() {
  const Octets octets = Scan(rest_);
  if (octets.control != std::string_view::npos) {
    rest_.remove_prefix(octets.control);
    Fail("a control character in the document");
    return;
  }
  const size_t good = octets.ascii ? rest_.size() : base::Utf8Prefix(rest_);
  if (good == rest_.size()) return;
  rest_.remove_prefix(good);
  Fail("not UTF-8");
}

Event Reader::Fail(std::string_view what) {
  if (!Failed()) {
    error_ = InvalidArgument("octet " + std::to_string(offset()) + ": " + std::string(what));
    state_ = State::kFailed;
  }
  return Event::kError;
}

void Reader::Declaration() {
  const auto declaration = TakeUntil("?>");
  if (!declaration) {
    Fail("an XML declaration without end");
    return;
  }
  size_t at = declaration->find("encoding");
  if (at == std::string_view::npos) return;
  at = declaration->find_first_not_of(kSpace, at + 8);
  if (at == std::string_view::npos || (*declaration)[at] != '=') return;
  at = declaration->find_first_of("\"'", at);
  if (at == std::string_view::npos) return;
  const size_t end = declaration->find((*declaration)[at], at + 1);
  if (end == std::string_view::npos) return;
  Encoding(declaration->substr(at + 1, end - at - 1));
}

void Reader::Encoding(std::string_view encoding) {
  const std::string lower = Lower(encoding);
  if (lower == "utf-8" || lower == "utf8" || lower == "us-ascii" || lower == "ascii") return;
  if (lower != "iso-8859-1" && lower != "latin1") {
    Fail("encoding \"" + Quote(encoding) + "\"; send UTF-8");
    return;
  }
  document_ = rest_ = kept_.emplace_back(Latin1ToUtf8(rest_));
}

Event Reader::Next() {
  switch (state_) {
    case State::kProlog:
      return Prolog();
    case State::kContent:
      return Content();
    case State::kEmptyElement:
      open_.pop_back();
      state_ = open_.empty() ? State::kEpilog : State::kContent;
      return Event::kEnd;
    case State::kEpilog:
      return Epilog();
    default:
      return Event::kError;
  }
}

Event Reader::Prolog() {
  for (;;) {
    SkipSpace();
    if (Looking("<!--")) {
      if (!SkipComment()) return Event::kError;
    } else if (Looking("<?")) {
      if (!TakeInstruction()) return Event::kError;
    } else if (Looking("<!DOCTYPE")) {
      if (!TakeDoctype()) return Event::kError;
    } else if (Looking("<")) {
      state_ = State::kContent;
      return TakeStart();
    } else {
      return Fail(rest_.empty() ? "the document ends before its root element" : "not XML");
    }
  }
}

Event Reader::Epilog() {
  for (;;) {
    SkipSpace();
    if (rest_.empty()) return Event::kDone;
    if (Looking("<!--")) {
      if (!SkipComment()) return Event::kError;
    } else if (Looking("<?")) {
      if (!TakeInstruction()) return Event::kError;
    } else {
      return Fail("content behind the root element");
    }
  }
}

Event Reader::Content() {
  for (;;) {
    if (rest_.empty()) return Fail("the document ends inside an element");
    if (rest_.front() != '<') return TakeText();
    if (Looking("</")) return TakeEnd();
    if (Looking("<!--")) {
      if (!SkipComment()) return Event::kError;
    } else if (Looking("<![CDATA[")) {
      return TakeCdata();
    } else if (Looking("<?")) {
      if (!TakeInstruction()) return Event::kError;
    } else {
      return TakeStart();
    }
  }
}

bool Reader::SkipComment() {
  rest_.remove_prefix(4);
  if (TakeUntil("-->")) return true;
  Fail("a comment without end");
  return false;
}

bool Reader::TakeInstruction() {
  rest_.remove_prefix(2);
  const std::string_view target = TakeName();
  const auto data = TakeUntil("?>");
  if (target.empty() || !data || Lower(target) == "xml") {
    Fail("a processing instruction that is none");
    return false;
  }
  if (state_ == State::kProlog && instructions_.size() < kMaxInstructions) {
    const size_t begin = data->find_first_not_of(kSpace);
    instructions_.push_back(
        {target, begin == std::string_view::npos ? std::string_view() : data->substr(begin)});
  }
  return true;
}

bool Reader::TakeDoctype() {
  const auto fail = [this](std::string_view what) { return Fail(what), false; };
  if (doctype_seen_) return fail("a second DOCTYPE");
  doctype_seen_ = true;
  rest_.remove_prefix(9);
  SkipSpace();
  if (TakeName().empty()) return fail("a DOCTYPE without the root's name");
  SkipSpace();
  const bool is_public = Take("PUBLIC");
  if (is_public || Take("SYSTEM")) {
    SkipSpace();
    const auto literal = TakeQuoted();
    if (!literal) return fail("a DOCTYPE without its identifier");
    if (is_public) public_id_ = *literal;
    SkipSpace();
    if (is_public && (Looking("\"") || Looking("'")) && !TakeQuoted()) {
      return fail("a DOCTYPE cut short");
    }
  }
  SkipSpace();
  if (Take("[") && !TakeSubset()) return false;
  SkipSpace();
  return Take(">") ? true : fail("a DOCTYPE cut short");
}

bool Reader::TakeSubset() {
  for (;;) {
    SkipSpace();
    if (Take("]")) return true;
    if (Looking("<!--")) {
      if (!SkipComment()) return false;
    } else if (Looking("<?")) {
      if (!TakeInstruction()) return false;
    } else {
      Fail("a DTD with declarations, which are not taken");
      return false;
    }
  }
}

Event Reader::TakeStart() {
  rest_.remove_prefix(1);
  name_ = TakeName();
  if (name_.empty()) return Fail("\"<\" that begins nothing; write &lt;");
  if (open_.size() >= limits_.depth) return Fail("elements nested too deeply");
  if (++elements_ > limits_.elements) return Fail("too many elements");
  attributes_.clear();
  for (;;) {
    const size_t before = rest_.size();
    SkipSpace();
    if (Take("/>")) {
      state_ = State::kEmptyElement;
      break;
    }
    if (Take(">")) break;
    if (rest_.size() == before) return Fail("a start tag that is not well-formed");
    if (!TakeAttribute()) return Event::kError;
  }
  open_.push_back(name_);
  return Event::kStart;
}

bool Reader::TakeAttribute() {
  const auto fail = [this](std::string_view what) { return Fail(what), false; };
  const std::string_view name = TakeName();
  if (name.empty()) return fail("a start tag that is not well-formed");
  SkipSpace();
  if (!Take("=")) return fail("an attribute without \"=\"");
  SkipSpace();
  const auto raw = TakeQuoted();
  if (!raw) return fail("an attribute without its quotes");
  if (raw->find('<') != std::string_view::npos) return fail("\"<\" in an attribute; write &lt;");
  if (attributes_.size() >= limits_.attributes) return fail("too many attributes");
  if (Find(name)) return fail("an attribute that is there twice");
  const auto value = Resolve(*raw, true);
  if (!value) return false;
  attributes_.push_back({name, *value});
  return true;
}

Event Reader::TakeEnd() {
  rest_.remove_prefix(2);
  name_ = TakeName();
  SkipSpace();
  if (name_ != open_.back() || !Take(">")) {
    return Fail("an end tag that is not that of \"" + Quote(open_.back()) + "\"");
  }
  open_.pop_back();
  if (open_.empty()) state_ = State::kEpilog;
  return Event::kEnd;
}

Event Reader::TakeText() {
  const std::string_view raw = rest_.substr(0, rest_.find('<'));
  const auto text = Resolve(raw, false);
  if (!text) return Event::kError;
  rest_.remove_prefix(raw.size());
  text_ = *text;
  return Event::kText;
}

Event Reader::TakeCdata() {
  rest_.remove_prefix(9);
  const auto text = TakeUntil("]]>");
  if (!text) return Fail("a CDATA section without end");
  text_ = *text;
  return Event::kText;
}

void Reader::SkipSpace() {
  while (!rest_.empty() && IsSpace(rest_.front())) rest_.remove_prefix(1);
}

bool Reader::Take(std::string_view expected) {
  if (!Looking(expected)) return false;
  rest_.remove_prefix(expected.size());
  return true;
}

std::string_view Reader::TakeName() {
  if (rest_.empty() || !IsNameStart(rest_.front())) return {};
  size_t length = 1;
  while (length < rest_.size() && IsNameCharacter(rest_[length])) ++length;
  const std::string_view name = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return name;
}

std::optional<std::string_view> Reader::TakeQuoted() {
  if (rest_.empty() || (rest_.front() != '"' && rest_.front() != '\'')) return std::nullopt;
  const size_t end = rest_.find(rest_.front(), 1);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = rest_.substr(1, end - 1);
  rest_.remove_prefix(end + 1);
  return inside;
}

std::optional<std::string_view> Reader::TakeUntil(std::string_view end) {
  const size_t at = rest_.find(end);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view before = rest_.substr(0, at);
  rest_.remove_prefix(at + end.size());
  return before;
}

std::optional<std::string_view> Reader::Find(std::string_view attribute) const {
  const auto found = std::ranges::find(attributes_, attribute, &Attribute::name);
  if (found == attributes_.end()) return std::nullopt;
  return found->value;
}

std::optional<std::string_view> Reader::Resolve(std::string_view raw, bool attribute) {
  const auto is_special = [attribute](char c) {
    return c == '&' || c == '\r' || (attribute && (c == '\n' || c == '\t'));
  };
  if (std::ranges::none_of(raw, is_special)) return raw;
  std::string& out = kept_.emplace_back();
  out.reserve(raw.size());
  while (!raw.empty()) {
    const char c = raw.front();
    if (c == '&') {
      if (!AppendReference(raw, out)) return std::nullopt;
      continue;
    }
    raw.remove_prefix(1);
    if (c == '\r') {
      if (raw.starts_with('\n')) raw.remove_prefix(1);
      out.push_back(attribute ? ' ' : '\n');
    } else {
      out.push_back(attribute && IsSpace(c) ? ' ' : c);
    }
  }
  return out;
}

bool Reader::AppendReference(std::string_view& raw, std::string& out) {
  const size_t end = raw.substr(0, 16).find(';');
  if (end == std::string_view::npos) {
    Fail("\"&\" that begins no reference; write &amp;");
    return false;
  }
  const std::string_view name = raw.substr(1, end - 1);
  raw.remove_prefix(end + 1);
  if (name.starts_with('#')) {
    const uint32_t character = NumericReference(name);
    if (character != 0) return AppendUtf8(character, out), true;
    Fail("a reference to what is no character");
    return false;
  }
  const auto* found = std::ranges::find(kPredefined, name, &Predefined::name);
  if (found == std::end(kPredefined)) {
    Fail("an entity that is not one of the five of XML");
    return false;
  }
  out.push_back(found->character);
  return true;
}

}  // namespace drover::xml
