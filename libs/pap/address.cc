#include "libs/pap/address.h"

#include <algorithm>
#include <optional>

#include "libs/base/bytes.h"
#include "libs/xml/text.h"

namespace drover::pap {
namespace {

constexpr size_t kMaxAddress = 1024;
constexpr std::string_view kPrefix = "WAPPUSH=";
constexpr std::string_view kTypeMark = "/TYPE=";
constexpr size_t kLeastDigits = 3;
constexpr size_t kMostDigits = 15;  // E.164

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - ('a' - 'A')) : c; }

std::string UpperCase(std::string_view text) {
  std::string upper(text);
  std::ranges::transform(upper, upper.begin(), Upper);
  return upper;
}

bool IsAt(std::string_view text, size_t at, std::string_view upper) {
  return at <= text.size() && std::ranges::equal(text.substr(at, upper.size()), upper, {}, Upper);
}

int HexValue(char c) {
  if (IsDigit(c)) return c - '0';
  c = Upper(c);
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  return out;
}

// Digits without "+" and separators; nullopt: not a number.
std::optional<std::string> TelephoneNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::string digits;
  for (const char c : text) {
    if (IsDigit(c)) {
      digits.push_back(c);
    } else if (c != '-' && c != '.' && c != ' ') {
      return std::nullopt;
    }
  }
  if (digits.size() < kLeastDigits || digits.size() > kMostDigits) return std::nullopt;
  return digits;
}

bool IsIpv4(std::string_view text) {
  int parts = 0;
  for (;;) {
    const std::string_view part = text.substr(0, text.find('.'));
    if (part.empty() || part.size() > 3 || !std::ranges::all_of(part, IsDigit)) return false;
    int value = 0;
    for (const char c : part) value = 10 * value + (c - '0');
    if (value > 255) return false;
    ++parts;
    if (part.size() == text.size()) return parts == 4;
    text.remove_prefix(part.size() + 1);
  }
}

bool IsIpv6(std::string_view text) {
  return text.size() >= 2 && text.size() <= 45 && std::ranges::count(text, ':') >= 2 &&
         std::ranges::all_of(text, [](char c) { return HexValue(c) >= 0 || c == ':' || c == '.'; });
}

bool IsHost(std::string_view text) {
  return !text.empty() && text.size() <= 255 && std::ranges::all_of(text, [](char c) {
    return IsDigit(c) || IsLetter(c) || c == '-' || c == '.' || c == '_' || c == ':' || c == '[' ||
           c == ']';
  });
}

bool IsTypeName(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::ranges::all_of(text, [](char c) {
    return IsDigit(c) || IsLetter(c) || c == '-' || c == '_' || c == '/' || c == ' ';
  });
}

AddressType TypeOf(std::string_view upper) {
  if (upper == "PLMN") return AddressType::kPlmn;
  if (upper == "USER") return AddressType::kUser;
  if (upper == "IPV4") return AddressType::kIpv4;
  if (upper == "IPV6") return AddressType::kIpv6;
  return AddressType::kOther;
}

// Puts a number into its form; says what is wrong with it.
Result<void> CheckSpecifier(Address& address) {
  switch (address.type) {
    case AddressType::kPlmn: {
      auto digits = TelephoneNumber(address.specifier);
      if (!digits)
        return InvalidArgument("\"" + xml::Quote(address.specifier) + "\" is no telephone number");
      address.specifier = std::move(*digits);
      return {};
    }
    case AddressType::kIpv4:
      if (IsIpv4(address.specifier)) return {};
      return InvalidArgument("\"" + xml::Quote(address.specifier) + "\" is no IPv4 address");
    case AddressType::kIpv6:
      if (IsIpv6(address.specifier)) return {};
      return InvalidArgument("\"" + xml::Quote(address.specifier) + "\" is no IPv6 address");
    default:
      if (!address.specifier.empty()) return {};
      return InvalidArgument("an address without a client");
  }
}

// The last place of the mark in any case of letters.
size_t FindTypeMark(std::string_view text) {
  for (size_t at = text.size(); at-- > 0;) {
    if (IsAt(text, at, kTypeMark)) return at;
  }
  return std::string_view::npos;
}

constexpr char kNoAddress[] = "not an address; write WAPPUSH=+8613800138000/TYPE=PLMN@ppg.example";

Result<Address> Bare(std::string_view value, bool lenient) {
  auto digits = lenient ? TelephoneNumber(value) : std::nullopt;
  if (!digits) return InvalidArgument(kNoAddress);
  return Address{
      .type = AddressType::kPlmn, .type_name = "PLMN", .specifier = std::move(*digits), .ppg = {}};
}

}  // namespace

Result<Address> ParseAddress(std::string_view value, bool lenient) {
  if (value.size() > kMaxAddress) return InvalidArgument("an address over 1024 octets");
  if (value.starts_with('/')) value.remove_prefix(1);
  if (!IsAt(value, 0, kPrefix)) return Bare(value, lenient);
  value.remove_prefix(kPrefix.size());
  const size_t mark = FindTypeMark(value);
  if (mark == std::string_view::npos) return InvalidArgument(kNoAddress);
  const std::string_view behind = value.substr(mark + kTypeMark.size());
  const size_t at = behind.find('@');
  const std::string_view type = behind.substr(0, at);
  Address address;
  if (at != std::string_view::npos) address.ppg = behind.substr(at + 1);
  if (!IsHost(address.ppg) && !(lenient && at == std::string_view::npos)) {
    return InvalidArgument("an address without the gateway's host name behind \"@\"");
  }
  if (!IsTypeName(type)) return InvalidArgument("an address without a TYPE");
  address.type_name = UpperCase(type);
  address.type = TypeOf(address.type_name);
  auto specifier = Unescape(value.substr(0, mark));
  if (!specifier || !base::IsUtf8(*specifier) || specifier->find('\0') != std::string::npos) {
    return InvalidArgument("an address with an escape that is none");
  }
  address.specifier = std::move(*specifier);
  DROVER_TRY(CheckSpecifier(address));
  return address;
}

std::string FormatAddress(const Address& address) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::string out(kPrefix);
  if (address.type == AddressType::kPlmn) out.push_back('+');
  const bool ipv6 = address.type == AddressType::kIpv6;
  for (const char c : address.specifier) {
    if (IsDigit(c) || IsLetter(c) || c == '-' || c == '.' || c == '_' || (ipv6 && c == ':')) {
      out.push_back(c);
    } else {
      out.push_back('%');
      out.push_back(kDigits[static_cast<uint8_t>(c) >> 4]);
      out.push_back(kDigits[static_cast<uint8_t>(c) & 15]);
    }
  }
  out.append(kTypeMark).append(address.type_name);
  if (!address.ppg.empty()) out.append("@").append(address.ppg);
  return out;
}

}  // namespace drover::pap
