#include "libs/wap/wsp_push.h"

#include <algorithm>

#include "libs/wap/assigned_numbers.h"
#include "libs/wap/wsp_values.h"

namespace drover::wap {
namespace {

constexpr uint8_t kPushPdu = 0x06;
constexpr uint8_t kDefaultPage = 1;
constexpr uint8_t kShiftDelimiter = 0x7F;
constexpr uint8_t kLastShortCutShift = 0x1F;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }
bool SameName(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return Lower(x) == Lower(y); });
}

template <size_t n>
std::optional<uint32_t> CodeOf(const Assigned (&table)[n], std::string_view text) {
  const auto* found = std::ranges::find_if(
      table, [&](const Assigned& entry) { return SameName(entry.text, text); });
  if (found == std::end(table)) return std::nullopt;
  return found->code;
}

template <size_t n>
std::string_view TextOf(const Assigned (&table)[n], const Name& name) {
  if (!name.code) return name.text;
  const auto* found = std::ranges::find(table, *name.code, &Assigned::code);
  return found == std::end(table) ? std::string_view() : found->text;
}

bool HasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

// A text that begins with an octet that its place would take for something else.
bool BeginsAsToken(std::string_view text) {
  return !text.empty() && text[0] > ' ' && static_cast<uint8_t>(text[0]) < 0x7F && !HasNul(text);
}

bool IsVisible(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
}

bool IsSimple(const ContentType& type) {
  const bool short_code = !type.media.code || *type.media.code <= 0x7F;
  return short_code && !type.charset && !type.sec && !type.mac && type.others.empty();
}

size_t NameOctets(const Name& name) {
  return name.code ? IntegerOctets(*name.code) : TextOctets(name.text);
}

void PutName(const Name& name, std::string& out) {
  name.code ? PutInteger(*name.code, out) : PutText(name.text, out);
}

size_t ParametersOctets(const ContentType& type) {
  size_t octets = type.others.size();
  if (type.charset) octets += 1 + IntegerOctets(*type.charset);
  if (type.sec) octets += 2;
  if (type.mac) octets += 1 + TextOctets(*type.mac);
  return octets;
}

size_t ContentTypeOctets(const ContentType& type) {
  if (IsSimple(type)) return NameOctets(type.media);
  const size_t octets = NameOctets(type.media) + ParametersOctets(type);
  return ValueLengthOctets(static_cast<uint32_t>(octets)) + octets;
}

void PutContentType(const ContentType& type, std::string& out) {
  if (IsSimple(type)) return PutName(type.media, out);
  PutValueLength(static_cast<uint32_t>(NameOctets(type.media) + ParametersOctets(type)), out);
  PutName(type.media, out);
  if (type.charset) {
    PutInteger(kParameterCharset, out);
    PutInteger(*type.charset, out);  // "Any" is 80, as the integer 0 is.
  }
  if (type.sec) {
    PutInteger(kParameterSec, out);
    PutInteger(static_cast<uint32_t>(*type.sec), out);
  }
  if (type.mac) {
    PutInteger(kParameterMac, out);
    PutText(*type.mac, out);
  }
  out.append(type.others);
}

// Octets to get from one code page to another.
size_t ShiftOctets(uint8_t from, uint8_t to) { return from == to ? 0 : 2; }

size_t HeadersOctets(const Push& push) {
  size_t octets = ContentTypeOctets(push.content_type);
  if (push.application_id) octets += 1 + NameOctets(*push.application_id);
  uint8_t page = kDefaultPage;
  for (const Header& header : push.headers) {
    if (header.name.empty()) {
      octets += ShiftOctets(page, header.page) + 1;
      page = header.page;
    } else {
      octets += header.name.size() + 1;
    }
    octets += header.value.size();
  }
  return octets;
}

void PutHeader(const Header& header, uint8_t& page, std::string& out) {
  if (!header.name.empty()) {
    PutText(header.name, out);
  } else {
    if (header.page != page) {
      out.push_back(static_cast<char>(kShiftDelimiter));
      out.push_back(static_cast<char>(header.page));
      page = header.page;
    }
    out.push_back(static_cast<char>(0x80 | header.code));
  }
  out.append(header.value);
}

Result<void> Check(const Push& push) {
  const ContentType& type = push.content_type;
  if (!type.media.code && !BeginsAsToken(type.media.text)) {
    return InvalidArgument("no media type: give the content's type");
  }
  if (type.mac && !IsVisible(*type.mac)) {
    return InvalidArgument("a MAC that is not hex");
  }
  if (push.application_id && !push.application_id->code &&
      !BeginsAsToken(push.application_id->text)) {
    return InvalidArgument("an application id that is no text");
  }
  for (const Header& header : push.headers) {
    if (!header.name.empty() && !BeginsAsToken(header.name)) {
      return InvalidArgument("a header's name that is no token");
    }
    if (header.name.empty() && (header.code > 0x7F || header.page == 0)) {
      return InvalidArgument("a header's number over 7F, or a code page 0");
    }
    ValueReader value(header.value);
    if (!value.Value() || !value.at_end()) {
      return InvalidArgument("a header's value that is not one of WSP");
    }
  }
  return {};
}

const Error kCutShort{Code::kInvalidArgument, "headers cut short, or not those of WSP"};

// False: it is another, or one that is there already; or the reader failed.
bool TakeKnownParameter(ValueReader& reader, ContentType& type) {
  switch (reader.Peek()) {
    case 0x80 | kParameterCharset:
      if (type.charset) return false;
      reader.Octet();
      type.charset = reader.Integer();
      return true;
    case 0x80 | kParameterSec: {
      if (type.sec) return false;
      reader.Octet();
      const auto sec = reader.Integer();
      if (!sec || *sec > static_cast<uint32_t>(Sec::kUserPinMac)) return reader.Refuse();
      type.sec = static_cast<Sec>(*sec);
      return true;
    }
    case 0x80 | kParameterMac:
      if (type.mac) return false;
      reader.Octet();
      type.mac = reader.Text();
      return type.mac && IsVisible(*type.mac) ? true : reader.Refuse();
    default:
      return false;
  }
}

// From the first parameter on that is not known, they are kept as they are.
bool TakeParameters(ValueReader& reader, ContentType& type) {
  while (!reader.at_end() && TakeKnownParameter(reader, type)) {
  }
  type.others = reader.rest();
  while (!reader.at_end()) {
    const int token = reader.Peek();
    token >= 0x80 || token <= 4 ? void(reader.Integer()) : void(reader.Text());
    reader.Value();
  }
  return !reader.failed();
}

Result<ContentType> TakeContentType(ValueReader& reader) {
  ContentType type;
  const int first = reader.Peek();
  if (first >= 0x80) {
    type.media.code = reader.Integer();
    return type;
  }
  if (first > kLengthQuote) {
    const auto text = reader.Text();
    if (!text || !BeginsAsToken(*text)) return kCutShort;
    type.media.text = *text;
    return type;
  }
  const auto general = reader.LengthAndOctets();
  if (!general || general->empty()) return kCutShort;
  ValueReader inside(*general);
  if (inside.Peek() >= 0x80 || inside.Peek() <= 4) {
    type.media.code = inside.Integer();
  } else if (const auto text = inside.Text()) {
    type.media.text = *text;
  }
  const bool named = type.media.code || BeginsAsToken(type.media.text);
  if (!named || !TakeParameters(inside, type)) return kCutShort;
  return type;
}

std::optional<Name> ApplicationIdIn(std::string_view value) {
  ValueReader reader(value);
  Name name;
  if (reader.Peek() >= 0x80 || reader.Peek() <= 4) {
    name.code = reader.Integer();
  } else if (const auto text = reader.Text()) {
    name.text = *text;
  }
  if (reader.failed() || !reader.at_end()) return std::nullopt;
  if (!name.code && !BeginsAsToken(name.text)) return std::nullopt;
  return name;
}

bool TakeHeader(ValueReader& reader, uint8_t& page, Push& push) {
  const int first = reader.Peek();
  if (first == kShiftDelimiter || (first > 0 && first <= kLastShortCutShift)) {
    reader.Octet();
    const auto to = first == kShiftDelimiter ? reader.Octet() : std::optional<uint8_t>(first);
    if (!to || *to == 0) return false;
    page = *to;
    return true;
  }
  Header header;
  if (first >= 0x80) {
    header.page = page;
    header.code = static_cast<uint8_t>(first & 0x7F);
    reader.Octet();
  } else {
    const auto name = reader.Text();
    if (!name || !BeginsAsToken(*name)) return false;
    header.name = *name;
  }
  const auto value = reader.Value();
  if (!value) return false;
  const bool is_application_id =
      header.name.empty() && page == kDefaultPage && header.code == kHeaderApplicationId;
  if (is_application_id && !push.application_id) {
    push.application_id = ApplicationIdIn(*value);
    if (push.application_id) return true;
  }
  header.value = *value;
  push.headers.push_back(std::move(header));
  return true;
}

}  // namespace

Name MediaTypeName(std::string_view media_type) {
  media_type = media_type.substr(0, media_type.find(';'));
  while (media_type.ends_with(' ')) media_type.remove_suffix(1);
  return {.code = CodeOf(kMediaTypes, media_type), .text = media_type};
}
std::string_view MediaTypeText(const Name& name) { return TextOf(kMediaTypes, name); }

Name ApplicationIdName(std::string_view value) {
  const bool number = !value.empty() && value.size() <= 8 &&
                      std::ranges::all_of(value, [](char c) { return c >= '0' && c <= '9'; });
  if (number) return {.code = static_cast<uint32_t>(std::stoul(std::string(value))), .text = {}};
  if (const auto code = CodeOf(kApplicationIds, value)) return {.code = code, .text = value};
  return {.code = CodeOf(kApplicationIds, std::string(kApplicationPrefix).append(value)),
          .text = value};
}
std::string_view ApplicationIdText(const Name& name) { return TextOf(kApplicationIds, name); }

Result<Header> TextHeader(std::string_view name, std::string_view value) {
  struct Known {
    std::string_view name;
    uint8_t code;
  };
  static constexpr Known kKnown[] = {{"Content-Location", kHeaderContentLocation},
                                     {"X-Wap-Content-URI", kHeaderContentUri},
                                     {"X-Wap-Initiator-URI", kHeaderInitiatorUri},
                                     {"Push-Flag", kHeaderPushFlag}};
  const auto is_token = [](char c) { return c > ' ' && c < 0x7F && c != ':'; };
  if (name.empty() || !std::ranges::all_of(name, is_token)) {
    return InvalidArgument("a header's name that is no token");
  }
  if (!std::ranges::all_of(value, [](char c) { return static_cast<uint8_t>(c) >= ' '; })) {
    return InvalidArgument("header " + std::string(name) + " holds control characters");
  }
  Header header;
  const auto* known =
      std::ranges::find_if(kKnown, [&](const Known& k) { return SameName(k.name, name); });
  if (known == std::end(kKnown)) {
    header.name = name;
  } else {
    header.code = known->code;
  }
  if (header.code != kHeaderPushFlag) {
    PutText(value, header.value);
    return header;
  }
  if (value.size() != 1 || value[0] < '0' || value[0] > '7') {
    return InvalidArgument("a Push-Flag is a number from 0 to 7");
  }
  PutInteger(static_cast<uint32_t>(value[0] - '0'), header.value);
  return header;
}

Result<void> AppendPush(const Push& push, std::string& out) {
  DROVER_TRY(Check(push));
  const size_t headers = HeadersOctets(push);
  out.reserve(out.size() + 8 + headers + push.data.size());
  out.push_back(static_cast<char>(push.tid));
  out.push_back(static_cast<char>(kPushPdu));
  PutUintvar(static_cast<uint32_t>(headers), out);
  PutContentType(push.content_type, out);
  if (push.application_id) {
    PutInteger(kHeaderApplicationId, out);
    PutName(*push.application_id, out);
  }
  uint8_t page = kDefaultPage;
  for (const Header& header : push.headers) PutHeader(header, page, out);
  out.append(push.data);
  return {};
}

Result<Push> DecodePush(std::string_view octets) {
  if (octets.size() < 3) return InvalidArgument("a push PDU cut short");
  if (octets[1] != kPushPdu) return InvalidArgument("not a push PDU: its type is not 06");
  ValueReader reader(octets.substr(2));
  const auto length = reader.Uintvar();
  const auto headers = length ? reader.Octets(*length) : std::nullopt;
  if (!headers) return InvalidArgument("headers longer than the PDU");
  Push push{.tid = static_cast<uint8_t>(octets[0])};
  push.data = reader.rest();
  ValueReader in_headers(*headers);
  DROVER_TRY(push.content_type, TakeContentType(in_headers));
  uint8_t page = kDefaultPage;
  while (!in_headers.at_end()) {
    if (!TakeHeader(in_headers, page, push)) return kCutShort;
  }
  return push;
}

}  // namespace drover::wap
