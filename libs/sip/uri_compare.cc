// RFC 3261, section 19.1.4, and what an address of record is.
#include <algorithm>

#include "libs/sip/lexer.h"
#include "libs/sip/uri.h"

namespace drover::sip {
namespace {

using namespace char_class;

constexpr std::string_view kReserved = ";/?:@&=+$,";

int HexDigit(char c) { return c <= '9' ? c - '0' : Lower(c) - 'a' + 10; }

bool IsEscape(std::string_view text) {
  return text.size() >= 3 && text[0] == '%' && Is(text[1], kHex) && Is(text[2], kHex);
}

// A character; one that is reserved means something else when it is escaped.
struct Unit {
  char c = 0;
  bool kept_apart = false;
  bool operator==(const Unit&) const = default;
};

Unit TakeUnit(std::string_view& text) {
  Unit unit{.c = text.front()};
  size_t octets = 1;
  if (IsEscape(text)) {
    unit.c = static_cast<char>(HexDigit(text[1]) * 16 + HexDigit(text[2]));
    unit.kept_apart = kReserved.find(unit.c) != std::string_view::npos;
    octets = 3;
  }
  text.remove_prefix(octets);
  return unit;
}

enum class Case : uint8_t { kCounts, kDoesNotCount };

bool SameText(std::string_view a, std::string_view b, Case letter_case) {
  while (!a.empty() && !b.empty()) {
    Unit x = TakeUnit(a);
    Unit y = TakeUnit(b);
    if (letter_case == Case::kDoesNotCount) {
      x.c = Lower(x.c);
      y.c = Lower(y.c);
    }
    if (x != y) return false;
  }
  return a.empty() && b.empty();
}

// Those that may not be in one of the URIs only: without them it may lead elsewhere.
bool MustBeInBoth(std::string_view name) {
  constexpr std::string_view kNames[] = {"user", "ttl", "method", "maddr", "transport"};
  return std::ranges::any_of(kNames, [&](auto each) { return EqualsIgnoringCase(each, name); });
}

// Whether what a has agrees with b; all: b must have all of it.
bool AgreesWith(const Parameters& a, const Parameters& b, bool all) {
  std::string_view rest = a.octets();
  Parameter mine;
  while (Parameters::Next(rest, mine)) {
    const std::optional<Parameter> theirs = b.Find(mine.name);
    if (!theirs) {
      if (all || MustBeInBoth(mine.name)) return false;
    } else if (mine.has_value != theirs->has_value ||
               !SameText(mine.value, theirs->value, Case::kDoesNotCount)) {
      return false;
    }
  }
  return true;
}

bool SameParameters(const Parameters& a, const Parameters& b, bool all) {
  return AgreesWith(a, b, all) && AgreesWith(b, a, all);
}

bool HeaderIsIn(std::string_view header, std::string_view headers) {
  const size_t equals = header.find('=');
  while (!headers.empty()) {
    const std::string_view one = headers.substr(0, headers.find('&'));
    headers.remove_prefix(std::min(one.size() + 1, headers.size()));
    const size_t its_equals = one.find('=');
    if (SameText(one.substr(0, its_equals), header.substr(0, equals), Case::kDoesNotCount) &&
        SameText(one.substr(its_equals + 1), header.substr(equals + 1), Case::kCounts)) {
      return true;
    }
  }
  return false;
}

// In any order, none in one of them only.
bool HeadersAreIn(std::string_view headers, std::string_view others) {
  while (!headers.empty()) {
    const std::string_view one = headers.substr(0, headers.find('&'));
    if (!HeaderIsIn(one, others)) return false;
    headers.remove_prefix(std::min(one.size() + 1, headers.size()));
  }
  return true;
}

// RFC 3966, section 4: visual separators do not count.
std::string PlainNumber(std::string_view number) {
  std::string plain;
  for (const char c : number) {
    if (std::string_view("-.()").find(c) == std::string_view::npos) plain.push_back(Lower(c));
  }
  return plain;
}

void AppendLower(std::string_view text, std::string& out) {
  for (const char c : text) out.push_back(Lower(c));
}

}  // namespace

bool Equivalent(const Uri& a, const Uri& b) {
  if (a.scheme != b.scheme) return false;
  if (a.scheme == Scheme::kOther) {
    return EqualsIgnoringCase(a.scheme_name, b.scheme_name) && a.opaque == b.opaque;
  }
  if (a.scheme == Scheme::kTel) {
    return PlainNumber(a.user) == PlainNumber(b.user) &&
           SameParameters(a.parameters, b.parameters, true);
  }
  return a.has_user == b.has_user && SameText(a.user, b.user, Case::kCounts) &&
         SameText(a.password, b.password, Case::kCounts) &&
         EqualsIgnoringCase(a.host_port.host, b.host_port.host) &&
         a.host_port.port == b.host_port.port &&
         SameParameters(a.parameters, b.parameters, false) && HeadersAreIn(a.headers, b.headers) &&
         HeadersAreIn(b.headers, a.headers);
}

std::string AddressOfRecord(const Uri& uri) {
  std::string aor;
  if (uri.scheme == Scheme::kOther) return aor;
  AppendLower(uri.scheme_name, aor);
  aor.push_back(':');
  if (uri.scheme == Scheme::kTel) {
    aor += PlainNumber(uri.user);
    if (const std::string_view context = uri.parameters.Value("phone-context"); !context.empty()) {
      AppendLower(context, aor.append(";phone-context="));
    }
    return aor;
  }
  if (uri.has_user) {
    const std::optional<std::string> user = Unescape(uri.user);
    AppendEscapedUser(user ? *user : uri.user, aor);
    aor.push_back('@');
  }
  AppendLower(uri.host_port.host, aor);
  if (uri.host_port.port != 0) aor.append(":").append(std::to_string(uri.host_port.port));
  return aor;
}

std::optional<std::string> Unescape(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    if (text.front() == '%' && !IsEscape(text)) return std::nullopt;
    plain.push_back(TakeUnit(text).c);
  }
  return plain;
}

void AppendEscapedUser(std::string_view text, std::string& out) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  for (const char c : text) {
    if (Is(c, kUser)) {
      out.push_back(c);
      continue;
    }
    const auto octet = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[octet >> 4]);
    out.push_back(kDigits[octet & 0xF]);
  }
}

}  // namespace drover::sip
