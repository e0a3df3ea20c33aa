#include "libs/gateway/fields.h"

#include <algorithm>

#include "libs/gateway/words.h"

namespace drover::gateway {
namespace {

constexpr std::string_view kOk;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHexDigit(char c) { return IsDigit(c) || (LowerOf(c) >= 'a' && LowerOf(c) <= 'f'); }
bool IsVisible(char c) { return c > ' ' && c < 0x7F; }
bool IsControl(char c) { return static_cast<uint8_t>(c) < 0x20 || c == 0x7F; }

bool IsDecimal(std::string_view text) {
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  if (text.size() > 16 || whole.empty() || !std::ranges::all_of(whole, IsDigit)) return false;
  if (point == std::string_view::npos) return true;
  const std::string_view rest = text.substr(point + 1);
  return !rest.empty() && std::ranges::all_of(rest, IsDigit);
}

bool IsIpV4(std::string_view text) {
  int parts = 0;
  for (;;) {
    const size_t point = text.find('.');
    const std::string_view part = text.substr(0, point);
    if (part.empty() || part.size() > 3 || !std::ranges::all_of(part, IsDigit)) return false;
    int value = 0;
    for (const char c : part) value = value * 10 + (c - '0');
    if (value > 255 || ++parts > 4) return false;
    if (point == std::string_view::npos) return parts == 4;
    text.remove_prefix(point + 1);
  }
}

// Groups of a half of an address; -1: it is none. An IPv4 address may be the last two.
int IpV6Groups(std::string_view text, bool may_end_in_v4) {
  if (text.empty()) return 0;
  for (int groups = 0;;) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_in_v4 && IsIpV4(group)) return groups + 2;
    if (group.empty() || group.size() > 4 || !std::ranges::all_of(group, IsHexDigit)) return -1;
    ++groups;
    if (colon == std::string_view::npos) return groups;
    text.remove_prefix(colon + 1);
  }
}

// RFC 4291, 2.2; RFC 3261 writes it in brackets.
bool IsIpV6(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  if (text.size() > 45) return false;
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) return IpV6Groups(text, true) == 8;
  const int before = IpV6Groups(text.substr(0, gap), false);
  const int after = IpV6Groups(text.substr(gap + 2), true);
  return before >= 0 && after >= 0 && before + after < 8;
}

// Enough to know that it is one; libs/sip reads it before anything is sent there.
bool IsSipUri(std::string_view text) {
  const size_t colon = text.find(':');
  if (text.size() > 255 || colon == std::string_view::npos) return false;
  const std::string_view scheme = text.substr(0, colon);
  if (!SameWord(scheme, "sip") && !SameWord(scheme, "sips")) return false;
  std::string_view host = text.substr(colon + 1);
  if (!std::ranges::all_of(host, IsVisible)) return false;
  host = host.substr(0, host.find_first_of(";?"));
  const size_t at = host.rfind('@');
  if (at != std::string_view::npos) host.remove_prefix(at + 1);
  return !host.empty() && host.front() != ':' && host.find_first_of("<>\"") == host.npos;
}

std::string_view FaultOfFileName(std::string_view name) {
  if (name.size() > 255) return "longer than 255 octets";
  if (name.find_first_of("/\\") != std::string_view::npos) return "a path, not a file name";
  if (name.find("..") != std::string_view::npos || name == ".") return "\"..\" in a file name";
  if (std::ranges::any_of(name, IsControl)) return "a control character in a file name";
  return kOk;
}

std::string_view FaultOfVisible(std::string_view text, size_t most, std::string_view too_long) {
  if (text.size() > most) return too_long;
  if (!std::ranges::all_of(text, IsVisible)) return "not visible ASCII without blanks";
  return kOk;
}

}  // namespace

std::string_view Fault(Form form, std::string_view value) {
  switch (form) {
    case Form::kDecimal:
      return IsDecimal(value) ? kOk : "not a decimal number";
    case Form::kText64:
      return value.size() <= 64 ? kOk : "longer than 64 octets";
    case Form::kToken64:
      return FaultOfVisible(value, 64, "longer than 64 octets");
    case Form::kIpLiteral:
      return IsIpV4(value) || IsIpV6(value) ? kOk : "not an IPv4 or IPv6 address";
    case Form::kSipUri:
      return IsSipUri(value) ? kOk : "not a SIP URI of at most 255 octets";
    case Form::kFileName:
      return FaultOfFileName(value);
    case Form::kAuthority:
      return FaultOfVisible(value, 255, "longer than 255 octets");
    case Form::kPath:
      return FaultOfVisible(value, 2048, "longer than 2048 octets");
    case Form::kSha256:
      return value.size() == 64 && std::ranges::all_of(value, IsHexDigit) ? kOk
                                                                          : "not 64 hex digits";
    case Form::kDetail:
      return value.size() <= 1024 ? kOk : "longer than 1024 octets";
    case Form::kParamName:
      if (value.empty()) return "a parameter without a name";
      return value.size() <= 255 ? kOk : "a parameter's name longer than 255 octets";
    case Form::kParamValue:
      return value.size() <= 8192 ? kOk : "a parameter's value longer than 8192 octets";
  }
  return kOk;
}

}  // namespace drover::gateway
