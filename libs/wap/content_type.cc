#include "libs/wap/content_type.h"

#include <algorithm>

#include "libs/wap/wsp_values.h"

namespace drover::wap {
namespace {

constexpr char kQuote = '"';  // Before a value that is no token (WSP, 8.4.2.1 "Quoted-string").

char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }
bool Is(std::string_view text, std::string_view upper) {
  return std::ranges::equal(text, upper, {}, Upper);
}

struct Charset {
  std::string_view name;
  uint32_t mib_enum;
};
constexpr Charset kCharsets[] = {
    {"UTF-8", kCharsetUtf8},   {"UTF8", kCharsetUtf8}, {"US-ASCII", 3},    {"ASCII", 3},
    {"ISO-8859-1", 4},         {"LATIN1", 4},          {"ISO-8859-2", 5},  {"ISO-8859-5", 8},
    {"ISO-8859-6", 9},         {"ISO-8859-7", 10},     {"ISO-8859-8", 11}, {"ISO-8859-9", 12},
    {"SHIFT_JIS", 17},         {"EUC-JP", 18},         {"EUC-KR", 38},     {"GBK", 113},
    {"GB18030", 114},          {"UTF-16BE", 1013},     {"UTF-16LE", 1014}, {"UTF-16", 1015},
    {"ISO-10646-UCS-2", 1000}, {"GB2312", 2025},       {"BIG5", 2026},     {"KOI8-R", 2084},
    {"WINDOWS-1251", 2251},    {"WINDOWS-1252", 2252},
};

struct SecName {
  std::string_view name;
  Sec sec;
};
constexpr SecName kSecNames[] = {
    {"0", Sec::kNetwPin},
    {"NETWPIN", Sec::kNetwPin},
    {"NETWORKID", Sec::kNetwPin},
    {"1", Sec::kUserPin},
    {"USERPIN", Sec::kUserPin},
    {"2", Sec::kUserNetwPin},
    {"USERNETWPIN", Sec::kUserNetwPin},
    {"USERPIN_NETWORKID", Sec::kUserNetwPin},
    {"3", Sec::kUserPinMac},
    {"USERPINMAC", Sec::kUserPinMac},
};

bool IsHex(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (Upper(c) >= 'A' && Upper(c) <= 'F');
  });
}

bool IsToken(std::string_view text) {
  static constexpr std::string_view kSpecials = "()<>@,;:\\\"/[]?={}";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return c > ' ' && static_cast<uint8_t>(c) < 0x7F && kSpecials.find(c) == std::string_view::npos;
  });
}

Result<void> PutUntyped(const pap::Field& parameter, std::string& out) {
  const auto is_text = [](char c) { return static_cast<uint8_t>(c) >= ' ' && c != 0x7F; };
  if (!std::ranges::all_of(parameter.value, is_text)) {
    return InvalidArgument("parameter " + parameter.name + " holds control characters");
  }
  PutText(parameter.name, out);
  if (!IsToken(parameter.value)) out.push_back(kQuote);
  out.append(parameter.value).push_back('\0');
  return {};
}

}  // namespace

std::optional<uint32_t> CharsetOf(std::string_view name) {
  const auto* found = std::ranges::find_if(
      kCharsets, [&](const Charset& charset) { return Is(name, charset.name); });
  if (found == std::end(kCharsets)) return std::nullopt;
  return found->mib_enum;
}

std::optional<Sec> SecOf(std::string_view text) {
  const auto* found =
      std::ranges::find_if(kSecNames, [&](const SecName& sec) { return Is(text, sec.name); });
  if (found == std::end(kSecNames)) return std::nullopt;
  return found->sec;
}

Result<ContentType> ContentTypeOf(const pap::MediaType& media, std::string& others) {
  ContentType type{.media = MediaTypeName(media.type)};
  others.clear();
  for (const pap::Field& parameter : media.parameters) {
    if (Is(parameter.name, "CHARSET") && !type.charset && CharsetOf(parameter.value)) {
      type.charset = CharsetOf(parameter.value);
    } else if (Is(parameter.name, "SEC")) {
      type.sec = SecOf(parameter.value);
      if (!type.sec) return InvalidArgument("SEC is a number from 0 to 3, or its name");
    } else if (Is(parameter.name, "MAC")) {
      if (!IsHex(parameter.value)) return InvalidArgument("MAC is not hex");
      type.mac = parameter.value;
    } else {
      DROVER_TRY(PutUntyped(parameter, others));
    }
  }
  type.others = others;
  return type;
}

}  // namespace drover::wap
