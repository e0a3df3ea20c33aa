#include "libs/wap/si_sl.h"

#include <algorithm>
#include <array>
#include <span>

#include "libs/wbxml/tokens.h"
#include "libs/xml/reader.h"
#include "libs/xml/text.h"

namespace drover::wap {
namespace {

constexpr uint8_t kPublicIdSi = 0x05;
constexpr uint8_t kPublicIdSl = 0x06;

enum SiTag : uint8_t { kSi = 0x05, kIndication = 0x06, kInfo = 0x07, kItem = 0x08 };
enum SlTag : uint8_t { kSl = 0x05 };

// An attribute's start, perhaps with the beginning of its value.
struct AttributeStart {
  std::string_view name;
  std::string_view value;
  uint8_t token;
  bool whole = false;  // The value is all of it, not a beginning.
};

constexpr AttributeStart kSiStarts[] = {
    {"action", "signal-none", 0x05, true},
    {"action", "signal-low", 0x06, true},
    {"action", "signal-medium", 0x07, true},
    {"action", "signal-high", 0x08, true},
    {"action", "delete", 0x09, true},
    {"created", "", 0x0A},
    {"href", "", 0x0B},
    {"href", "http://", 0x0C},
    {"href", "http://www.", 0x0D},
    {"href", "https://", 0x0E},
    {"href", "https://www.", 0x0F},
    {"si-expires", "", 0x10},
    {"si-id", "", 0x11},
    {"class", "", 0x12},
};
constexpr AttributeStart kSlStarts[] = {
    {"action", "execute-low", 0x05, true},
    {"action", "execute-high", 0x06, true},
    {"action", "cache", 0x07, true},
    {"href", "", 0x08},
    {"href", "http://", 0x09},
    {"href", "http://www.", 0x0A},
    {"href", "https://", 0x0B},
    {"href", "https://www.", 0x0C},
};

// Values within an address; the same numbers in SI and SL.
struct UrlPart {
  std::string_view text;
  uint8_t token;
};
constexpr UrlPart kUrlParts[] = {
    {".com/", 0x85}, {".edu/", 0x86}, {".net/", 0x87}, {".org/", 0x88}};

void Put(uint8_t octet, std::string& out) { out.push_back(static_cast<char>(octet)); }

void PutInline(std::string_view text, std::string& out) {
  if (text.empty()) return;
  Put(wbxml::kStrI, out);
  out.append(text);
  Put(0, out);
}

// WBXML 1.2, UTF-8, no string table.
std::string Header(uint8_t public_id) {
  return {0x02, static_cast<char>(public_id), static_cast<char>(wbxml::kCharsetUtf8), 0x00};
}

void PutUrl(std::string_view url, UrlTokens tokens, std::string& out) {
  while (tokens == UrlTokens::kAll) {
    const UrlPart* first = nullptr;
    size_t at = std::string_view::npos;
    for (const UrlPart& part : kUrlParts) {
      const size_t found = url.find(part.text);
      if (found < at) at = found, first = &part;
    }
    if (first == nullptr) break;
    PutInline(url.substr(0, at), out);
    Put(first->token, out);
    url.remove_prefix(at + first->text.size());
  }
  PutInline(url, out);
}

// The longest start that fits; nullptr: no such attribute, or not with that value.
const AttributeStart* FindStart(std::span<const AttributeStart> starts,
                                const xml::Attribute& attribute, UrlTokens tokens) {
  const AttributeStart* best = nullptr;
  for (const AttributeStart& start : starts) {
    if (start.name != attribute.name) continue;
    const bool fits =
        start.whole ? attribute.value == start.value : attribute.value.starts_with(start.value);
    const bool allowed = tokens == UrlTokens::kAll || !start.value.ends_with("www.");
    if (fits && allowed && (best == nullptr || start.value.size() > best->value.size())) {
      best = &start;
    }
  }
  return best;
}

bool IsDate(std::string_view attribute) {
  return attribute == "created" || attribute == "si-expires";
}

Result<void> PutAttribute(std::span<const AttributeStart> starts, const xml::Attribute& attribute,
                          UrlTokens tokens, std::string& out) {
  const AttributeStart* start = FindStart(starts, attribute, tokens);
  if (start == nullptr) {
    return InvalidArgument("no attribute " + xml::Quote(attribute.name) + "=\"" +
                           xml::Quote(attribute.value) + "\" may stand here");
  }
  Put(start->token, out);
  if (start->whole) return {};
  if (IsDate(attribute.name)) {
    DROVER_TRY(const std::string date, EncodeDate(attribute.value));
    Put(wbxml::kOpaque, out);
    Put(static_cast<uint8_t>(date.size()), out);
    out += date;
  } else {
    PutUrl(attribute.value.substr(start->value.size()),
           attribute.name == "href" ? tokens : UrlTokens::kScheme, out);
  }
  return {};
}

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// Walks a document and writes it; an instance for each document.
class Encoder {
 public:
  Encoder(std::string_view xml, uint8_t public_id, std::span<const AttributeStart> starts,
          UrlTokens tokens)
      : reader_(xml, {.depth = 4, .attributes = 8, .elements = 256}),
        starts_(starts),
        tokens_(tokens),
        out_(Header(public_id)) {}

  Result<std::string> Si() {
    DROVER_TRY(Begin("si"));
    DROVER_TRY(Start(kSi, true, {}));
    DROVER_TRY(Begin("indication"));
    DROVER_TRY(Indication());
    xml::Event event = NextTag();
    if (event == xml::Event::kStart && reader_.name() == "info") {
      DROVER_TRY(Info());
      event = NextTag();
    }
    if (event != xml::Event::kEnd) return Unexpected();
    Put(wbxml::kEnd, out_);
    return Finish();
  }

  Result<std::string> Sl() {
    DROVER_TRY(Begin("sl"));
    if (!reader_.Find("href")) return InvalidArgument("an sl without href");
    DROVER_TRY(Start(kSl, false, {"href", "action"}));
    if (NextTag() != xml::Event::kEnd) return Unexpected();
    return Finish();
  }

 private:
  // The next start or end; kText if text stands where none may.
  xml::Event NextTag() {
    for (;;) {
      const xml::Event event = reader_.Next();
      if (event != xml::Event::kText || !Trim(reader_.text()).empty()) return event;
    }
  }

  Error Unexpected() const {
    if (!reader_.error().message.empty()) return reader_.error();
    return InvalidArgument("an element or text where none may stand, near <" +
                           xml::Quote(reader_.name()) + ">");
  }

  Result<void> Begin(std::string_view name) {
    if (NextTag() == xml::Event::kStart && reader_.name() == name) return {};
    return Unexpected();
  }

  Result<void> Start(uint8_t tag, bool content, std::initializer_list<std::string_view> allowed) {
    const auto attributes = reader_.attributes();
    const size_t at = out_.size();
    Put(static_cast<uint8_t>(tag | (content ? wbxml::kHasContent : 0)), out_);
    for (const xml::Attribute& attribute : attributes) {
      if (attribute.name == "xmlns") continue;
      if (std::ranges::find(allowed, attribute.name) == allowed.end()) {
        return InvalidArgument("<" + xml::Quote(reader_.name()) + "> has no attribute " +
                               xml::Quote(attribute.name));
      }
      DROVER_TRY(PutAttribute(starts_, attribute, tokens_, out_));
    }
    if (out_.size() > at + 1) {
      out_[at] = static_cast<char>(out_[at] | static_cast<char>(wbxml::kHasAttributes));
      Put(wbxml::kEnd, out_);
    }
    return {};
  }

  Result<void> Indication() {
    if (reader_.Find("action") == "delete" && !reader_.Find("si-id")) {
      return InvalidArgument("action delete needs the si-id of what it deletes");
    }
    DROVER_TRY(Start(kIndication, true, {"href", "si-id", "created", "si-expires", "action"}));
    return TextAndEnd();
  }

  Result<void> Info() {
    DROVER_TRY(Start(kInfo, true, {}));
    xml::Event event = NextTag();
    for (; event == xml::Event::kStart && reader_.name() == "item"; event = NextTag()) {
      DROVER_TRY(Start(kItem, true, {"class"}));
      DROVER_TRY(TextAndEnd());
    }
    if (event != xml::Event::kEnd) return Unexpected();
    Put(wbxml::kEnd, out_);
    return {};
  }

  Result<void> TextAndEnd() {
    std::string text;
    xml::Event event = reader_.Next();
    for (; event == xml::Event::kText; event = reader_.Next()) text += reader_.text();
    if (event != xml::Event::kEnd) return Unexpected();
    PutInline(Trim(text), out_);
    Put(wbxml::kEnd, out_);
    return {};
  }

  Result<std::string> Finish() {
    if (NextTag() != xml::Event::kDone) return Unexpected();
    return std::move(out_);
  }

  xml::Reader reader_;
  std::span<const AttributeStart> starts_;
  UrlTokens tokens_;
  std::string out_;
};

Result<void> CheckSize(std::string_view xml) {
  if (xml.size() <= kMaxPushXmlOctets) return {};
  return InvalidArgument("longer than " + std::to_string(kMaxPushXmlOctets) + " octets");
}

// The number that the digits at the given place make.
int Digits(std::string_view text, size_t at, size_t count) {
  int value = 0;
  for (const char c : text.substr(at, count)) {
    if (c < '0' || c > '9') return -1;
    value = 10 * value + (c - '0');
  }
  return value;
}

bool IsTime(std::string_view date) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00Z";
  if (date.size() != kForm.size()) return false;
  for (size_t i = 0; i < date.size(); ++i) {
    const bool digit = date[i] >= '0' && date[i] <= '9';
    if (kForm[i] == '0' ? !digit : date[i] != kForm[i]) return false;
  }
  static constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const int year = Digits(date, 0, 4);
  const int month = Digits(date, 5, 2);
  const int day = Digits(date, 8, 2);
  if (month < 1 || month > 12) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int days = kDays[static_cast<size_t>(month - 1)] + (month == 2 && leap ? 1 : 0);
  return day >= 1 && day <= days && Digits(date, 11, 2) < 24 && Digits(date, 14, 2) < 60 &&
         Digits(date, 17, 2) < 60;
}

bool IsWbxml(std::string_view content) {
  return !content.empty() && content[0] > 0 && content[0] <= 3;
}

}  // namespace

Result<std::string> EncodeDate(std::string_view date) {
  if (!IsTime(date)) {
    return InvalidArgument("\"" + xml::Quote(date) + "\" is no time; write 1999-06-25T15:23:15Z");
  }
  std::string digits;
  for (const char c : date) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  std::string bcd;
  for (size_t i = 0; i < digits.size(); i += 2) {
    bcd.push_back(static_cast<char>((digits[i] - '0') << 4 | (digits[i + 1] - '0')));
  }
  while (!bcd.empty() && bcd.back() == 0) bcd.pop_back();
  return bcd;
}

Result<std::string> EncodeSi(std::string_view xml, UrlTokens tokens) {
  DROVER_TRY(CheckSize(xml));
  return Encoder(xml, kPublicIdSi, kSiStarts, tokens).Si();
}

Result<std::string> EncodeSl(std::string_view xml, UrlTokens tokens) {
  DROVER_TRY(CheckSize(xml));
  return Encoder(xml, kPublicIdSl, kSlStarts, tokens).Sl();
}

Result<std::optional<BinaryContent>> ToBinary(std::string_view media_type, std::string_view content,
                                              UrlTokens tokens) {
  const std::string_view media = MediaTypeText(MediaTypeName(media_type));
  const bool si = media == "text/vnd.wap.si";
  if (!si && media != "text/vnd.wap.sl") return std::optional<BinaryContent>();
  BinaryContent binary{.media = {.code = si ? kMediaSic : kMediaSlc, .text = {}}, .octets = {}};
  if (IsWbxml(content)) {
    binary.octets = content;
  } else {
    DROVER_TRY(binary.octets, si ? EncodeSi(content, tokens) : EncodeSl(content, tokens));
  }
  return std::optional(std::move(binary));
}

}  // namespace drover::wap
