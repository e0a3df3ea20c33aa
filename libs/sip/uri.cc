#include "libs/sip/uri.h"

#include <array>
#include <cstring>

#include <arpa/inet.h>

#include "libs/sip/lexer.h"
#include "libs/sip/parameter_lexer.h"

namespace drover::sip {
namespace {

using namespace char_class;

// All of that class, or escaped.
bool AllAreOrEscaped(std::string_view text, uint16_t bits) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (text.size() - i < 3 || !Is(text[i + 1], kHex) || !Is(text[i + 2], kHex)) return false;
      i += 2;
    } else if (!Is(text[i], bits)) {
      return false;
    }
  }
  return true;
}

Scheme SchemeOf(std::string_view name) {
  if (EqualsIgnoringCase(name, "sip")) return Scheme::kSip;
  if (EqualsIgnoringCase(name, "sips")) return Scheme::kSips;
  if (EqualsIgnoringCase(name, "tel")) return Scheme::kTel;
  return Scheme::kOther;
}

bool IsSchemeName(std::string_view name) {
  if (name.empty() || !Is(name.front(), kAlpha)) return false;
  for (const char c : name) {
    if (!Is(c, kAlpha | kDigit) && c != '+' && c != '-' && c != '.') return false;
  }
  return true;
}

bool ParsePort(std::string_view text, uint16_t& port) {
  if (text.empty() || text.size() > 5 || !AllAre(text, kDigit)) return false;
  uint32_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<uint32_t>(c - '0');
  port = static_cast<uint16_t>(value);
  return value > 0 && value <= 65'535;
}

bool ParseUserInfo(std::string_view text, Uri& uri) {
  const size_t colon = text.find(':');
  uri.has_user = true;
  uri.user = text.substr(0, colon);
  if (colon != std::string_view::npos) uri.password = text.substr(colon + 1);
  return !uri.user.empty() && AllAreOrEscaped(uri.user, kUser) &&
         AllAreOrEscaped(uri.password, kPassword);
}

bool EachIsOnce(const Parameters& parameters) {
  std::string_view rest = parameters.octets();
  Parameter parameter;
  for (size_t count = 0; Parameters::Next(rest, parameter); ++count) {
    if (count == kMaxUriParameters || Parameters(rest).Has(parameter.name)) return false;
  }
  return true;
}

bool ParseUriParameters(std::string_view text, Uri& uri) {
  if (text.empty()) return true;
  Lexer lexer(text);
  const auto take = [](const Parameter& parameter) {
    return AllAreOrEscaped(parameter.name, kUriParam) &&
           AllAreOrEscaped(parameter.value, kUriParam);
  };
  return TakeParameters(lexer, ParameterPlace::kUri, uri.parameters, take) && lexer.done() &&
         !uri.parameters.empty() && EachIsOnce(uri.parameters);
}

// hname=hvalue, one or more, with '&' between them.
bool AreUriHeaders(std::string_view text) {
  while (true) {
    const size_t end = text.find('&');
    const std::string_view one = text.substr(0, end);
    const size_t equals = one.find('=');
    if (equals == 0 || equals == std::string_view::npos) return false;
    if (!AllAreOrEscaped(one.substr(0, equals), kUriHeader)) return false;
    if (!AllAreOrEscaped(one.substr(equals + 1), kUriHeader)) return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

bool ParseSipUri(std::string_view text, Uri& uri) {
  const size_t at = text.find('@');
  if (at != std::string_view::npos) {
    if (!ParseUserInfo(text.substr(0, at), uri)) return false;
    text.remove_prefix(at + 1);
  }
  if (const size_t question = text.find('?'); question != std::string_view::npos) {
    uri.headers = text.substr(question + 1);
    if (!AreUriHeaders(uri.headers)) return false;
    text = text.substr(0, question);
  }
  const size_t semicolon = text.find(';');
  if (!ParseHostPort(TrimLws(text.substr(0, semicolon)), uri.host_port)) return false;
  return semicolon == std::string_view::npos || ParseUriParameters(text.substr(semicolon), uri);
}

// RFC 3966: "+1-201-555-0123", or a local number, which has a phone-context.
bool ParseTelUri(std::string_view text, Uri& uri) {
  const size_t semicolon = text.find(';');
  uri.user = text.substr(0, semicolon);
  uri.has_user = true;
  bool has_digit = false;
  for (size_t i = 0; i < uri.user.size(); ++i) {
    if (!Is(uri.user[i], kPhone) || (uri.user[i] == '+' && i > 0)) return false;
    has_digit |= Is(uri.user[i], kHex) || uri.user[i] == '*' || uri.user[i] == '#';
  }
  return has_digit &&
         (semicolon == std::string_view::npos || ParseUriParameters(text.substr(semicolon), uri));
}

bool IsHostLabel(std::string_view label) {
  return !label.empty() && label.front() != '-' && label.back() != '-' && AllAre(label, kHost) &&
         label.size() <= 63;
}

bool ReadIpv6(std::string_view text, in6_addr& address) {
  std::array<char, INET6_ADDRSTRLEN> terminated{};
  if (text.size() >= terminated.size() || text.find('\0') != std::string_view::npos) return false;
  text.copy(terminated.data(), text.size());
  return inet_pton(AF_INET6, terminated.data(), &address) == 1;
}

}  // namespace

std::string_view HostPort::address() const {
  return is_ipv6() && host.size() >= 2 ? host.substr(1, host.size() - 2) : host;
}

bool IsIpv4(std::string_view text) {
  int parts = 0;
  while (true) {
    const std::string_view part = text.substr(0, text.find('.'));
    if (part.empty() || part.size() > 3 || !AllAre(part, kDigit)) return false;
    int value = 0;
    for (const char c : part) value = value * 10 + (c - '0');
    if (value > 255 || ++parts > 4) return false;
    if (part.size() == text.size()) return parts == 4;
    text.remove_prefix(part.size() + 1);
  }
}

bool IsIpv6(std::string_view text) {
  in6_addr address{};
  return ReadIpv6(text, address);
}

bool SameAddress(std::string_view a, std::string_view b) {
  if (EqualsIgnoringCase(a, b)) return true;
  in6_addr x{};
  in6_addr y{};
  return ReadIpv6(a, x) && ReadIpv6(b, y) && std::memcmp(&x, &y, sizeof(x)) == 0;
}

bool IsHostName(std::string_view text) {
  if (text.ends_with('.')) text.remove_suffix(1);
  if (text.empty() || text.size() > 253) return false;
  while (true) {
    const std::string_view label = text.substr(0, text.find('.'));
    if (!IsHostLabel(label)) return false;
    if (label.size() == text.size()) return !Is(label.front(), kDigit);  // toplabel
    text.remove_prefix(label.size() + 1);
  }
}

namespace {

// The last label of a name does not begin with a digit.
bool IsHost(std::string_view text) {
  const bool may_be_ipv4 = !text.empty() && Is(text.front(), kDigit) && Is(text.back(), kDigit);
  return (may_be_ipv4 && IsIpv4(text)) || IsHostName(text);
}

}  // namespace

bool ParseHostPort(std::string_view text, HostPort& out) {
  out = HostPort();
  size_t end = text.find(':');
  if (text.starts_with('[')) {
    end = text.find(']');
    if (end == std::string_view::npos || !IsIpv6(text.substr(1, end - 1))) return false;
    ++end;
  } else if (!IsHost(text.substr(0, end))) {
    return false;
  }
  out.host = text.substr(0, end);
  if (out.host.size() == text.size()) return true;
  return text[out.host.size()] == ':' && ParsePort(text.substr(out.host.size() + 1), out.port);
}

bool ParseUri(std::string_view text, Uri& uri, UriBlanks blanks) {
  uri = Uri();
  const size_t colon = text.find(':');
  if (text.size() > kMaxUri || colon == std::string_view::npos) return false;
  uri.scheme_name = text.substr(0, colon);
  if (!IsSchemeName(uri.scheme_name)) return false;
  uri.scheme = SchemeOf(uri.scheme_name);
  uri.opaque = text.substr(colon + 1);
  if (blanks == UriBlanks::kPassOver) uri.opaque = TrimLws(uri.opaque);
  switch (uri.scheme) {
    case Scheme::kSip:
    case Scheme::kSips:
      return ParseSipUri(uri.opaque, uri);
    case Scheme::kTel:
      return ParseTelUri(uri.opaque, uri);
    case Scheme::kOther:
      break;
  }
  return !uri.opaque.empty() && AllAreOrEscaped(uri.opaque, kOpaque);
}

void AppendUri(const Uri& uri, std::string& out) {
  out.append(uri.scheme_name).append(":").append(uri.opaque);
}

}  // namespace drover::sip
