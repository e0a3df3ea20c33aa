// SIP, SIPS and tel URIs: read, written, compared.
//
// A Uri views the octets it was read from; nothing is copied or unescaped.
// Spec: RFC 3261, sections 19.1 and 25.1; RFC 3966, section 3; RFC 5954 (IPv6).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/sip/parameters.h"

namespace drover::sip {

constexpr size_t kMaxUri = 4096;  // Octets.
constexpr size_t kMaxUriParameters = 32;

enum class Scheme : uint8_t { kSip, kSips, kTel, kOther };

// Where a message goes, or where it says that it came from.
struct HostPort {
  std::string_view host;  // A name, an IPv4 address, or an IPv6 address in brackets, as written.
  uint16_t port = 0;      // 0: not given.

  bool is_ipv6() const { return host.starts_with('['); }
  // Without the brackets of an IPv6 address.
  std::string_view address() const;
};

struct Uri {
  Scheme scheme = Scheme::kOther;
  std::string_view scheme_name;  // As written.
  std::string_view user;         // Escaped as written; of a tel URI the number.
  bool has_user = false;         // "sip:host" has none.
  std::string_view password;     // Escaped as written.
  HostPort host_port;            // None in a tel URI and in one of an unknown scheme.
  Parameters parameters;         // ";transport=udp;lr"
  std::string_view headers;      // What follows '?'.
  std::string_view opaque;       // All behind the colon, of whatever scheme.

  // The parameters that routing asks for; empty or false: absent.
  std::string_view transport() const { return parameters.Value("transport"); }
  std::string_view maddr() const { return parameters.Value("maddr"); }
  bool loose_route() const { return parameters.Has("lr"); }
};

// Blanks behind the colon of the scheme, as in "sip: 69600@10.40.41.36": no grammar has them, some
// gateways do.
enum class UriBlanks : uint8_t { kRefuse, kPassOver };

// False: not a URI. One of another scheme is a URI (Scheme::kOther) if its scheme is well-formed
// and all characters are such as a URI may have. Blanks around ';' and '=' are passed over.
bool ParseUri(std::string_view text, Uri& uri, UriBlanks blanks = UriBlanks::kRefuse);

// "host", "host:port", "[v6]:port". False: anything else; also a port of 0 or above 65535.
bool ParseHostPort(std::string_view text, HostPort& out);
bool IsHostName(std::string_view text);
bool IsIpv4(std::string_view text);
bool IsIpv6(std::string_view text);  // Without brackets.
// Whether both are the same host: the same text in any case, or the same IPv6 address written in
// two ways. Without brackets.
bool SameAddress(std::string_view a, std::string_view b);

// Section 19.1.4. kOther: equal octet for octet, the scheme in any case.
bool Equivalent(const Uri& a, const Uri& b);

// The address of record: scheme, user, host and port, without parameters, headers and password,
// scheme and host in lower case, needless escapes undone (section 10.3, step 5). Empty: of another
// scheme than sip, sips and tel.
std::string AddressOfRecord(const Uri& uri);

// Unescapes %HH. nullopt: a '%' without two hex digits.
std::optional<std::string> Unescape(std::string_view text);
// Appends text, escaping what the user part of a URI may not hold.
void AppendEscapedUser(std::string_view text, std::string& out);
// Appends the URI as it was read.
void AppendUri(const Uri& uri, std::string& out);

}  // namespace drover::sip
