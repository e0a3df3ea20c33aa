// Header fields of SIP: their names, and the values of those that Drover reads, as views.
//
// Every parser here takes the value of one field, or one element of a list (Elements, or
// Message::Values), folded lines and all, and says false where the grammar says no.
// Spec: RFC 3261, sections 7.3, 20 and 25.1; RFC 3327, 3581, 5626, 6665.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "libs/sip/parameters.h"
#include "libs/sip/uri.h"

namespace drover::sip {

enum class HeaderId : uint8_t {
  kOther,
  kVia,
  kFrom,
  kTo,
  kCallId,
  kCSeq,
  kMaxForwards,
  kContact,
  kContentLength,
  kContentType,
  kContentEncoding,
  kRoute,
  kRecordRoute,
  kPath,
  kServiceRoute,
  kEvent,
  kAllowEvents,
  kSubscriptionState,
  kExpires,
  kMinExpires,
  kRetryAfter,
  kWwwAuthenticate,
  kAuthorization,
  kProxyAuthenticate,
  kProxyAuthorization,
  kAuthenticationInfo,
  kUserAgent,
  kServer,
  kAllow,
  kAccept,
  kSupported,
  kUnsupported,
  kRequire,
  kProxyRequire,
  kDate,
  kWarning,
  kReason,
  kFlowTimer,
  kSubject,
  kReferTo,
  kReferredBy,
  kSessionExpires,
  kAcceptContact,
  kRejectContact,
  kRequestDisposition,
  kIdentity,
  kIdentityInfo,
};
constexpr size_t kHeaderIds = static_cast<size_t>(HeaderId::kIdentityInfo) + 1;

// By full or compact name, in any case; kOther: another.
HeaderId HeaderIdOf(std::string_view name);
// The full name as the RFCs write it; empty for kOther.
std::string_view Name(HeaderId id);

enum class Method : uint8_t {
  kOther,
  kInvite,
  kAck,
  kBye,
  kCancel,
  kRegister,
  kOptions,
  kSubscribe,
  kNotify,
  kMessage,
  kInfo,
  kPublish,
  kRefer,
  kPrack,
  kUpdate,
};
Method MethodOf(std::string_view name);  // Case counts (RFC 3261, section 7.1).
std::string_view Name(Method method);    // Empty for kOther.

enum class Transport : uint8_t { kUdp, kTcp, kTls, kOther };
Transport TransportOf(std::string_view name);  // In any case.
std::string_view Name(Transport transport);    // "UDP", "TCP", "TLS"; empty for kOther.
constexpr bool IsReliable(Transport transport) { return transport != Transport::kUdp; }
constexpr uint16_t DefaultPort(Transport t) { return t == Transport::kTls ? 5061 : 5060; }

// Takes one element of a comma-separated list from rest; commas in quoted strings and in <> do not
// count. False: none is left. Empty elements come as such; parsers of elements refuse them.
bool NextElement(std::string_view& rest, std::string_view& element);

constexpr std::string_view kBranchCookie = "z9hG4bK";  // RFC 3261, section 8.1.1.7

struct Via {
  Transport transport = Transport::kOther;
  std::string_view transport_name;
  HostPort sent_by;
  std::string_view branch;  // Empty: none.
  std::string_view received;
  std::string_view maddr;
  bool has_rport = false;
  uint16_t rport = 0;  // 0: without a value.
  Parameters parameters;
  std::string_view text;  // All of it, as it came.

  // Whether the branch identifies the transaction (section 17.2.3): the cookie and more behind it.
  bool has_rfc3261_branch() const {
    return branch.size() > kBranchCookie.size() &&
           EqualsIgnoringCase(branch.substr(0, kBranchCookie.size()), kBranchCookie);
  }
};
// value: may go on behind a comma; rest: what follows that comma, or empty.
bool ParseVia(std::string_view value, Via& via, std::string_view& rest);

// A name-addr or an addr-spec with parameters: From, To, Contact, Route, Path, Refer-To ..
struct NameAddr {
  std::string_view display_name;  // As written, quotes and all; empty: none.
  std::string_view uri;           // Without the angle brackets.
  bool in_brackets = false;
  Parameters parameters;
  std::string_view text;       // All of it, as it came.
  std::string_view tag_value;  // Of its parameters; empty: none.

  std::string_view tag() const { return tag_value; }
};
// One element. Does not parse the URI: ParseUri does. A tag is a token, and there once.
bool ParseNameAddr(std::string_view element, NameAddr& out);

struct CSeq {
  uint32_t number = 0;  // Below 2^31.
  Method method = Method::kOther;
  std::string_view method_name;
};
bool ParseCSeq(std::string_view value, CSeq& out);

bool ParseCallId(std::string_view value);

struct Contact {
  bool all = false;  // '*'; then there is nothing else.
  NameAddr address;
  Uri uri;
  std::optional<uint32_t> expires;
  uint16_t q_thousandths = 1000;
  std::string instance;  // +sip.instance without quotes and angle brackets; empty: none.
  uint32_t reg_id = 0;   // 1 up; 0: none.
};
bool ParseContact(std::string_view element, Contact& out);

struct Event {
  std::string_view type;  // "resync": compared octet for octet (RFC 6665, section 8.2.1).
  Parameters parameters;
  std::string_view id() const { return parameters.Value("id"); }
};
bool ParseEvent(std::string_view value, Event& out);

struct SubscriptionState {
  std::string_view state;  // active, pending, terminated, or an extension.
  std::optional<uint32_t> expires;
  std::optional<uint32_t> retry_after;
  std::string_view reason;
};
bool ParseSubscriptionState(std::string_view value, SubscriptionState& out);

struct RetryAfter {
  uint32_t seconds = 0;
  uint32_t duration = 0;  // 0: not told.
};
bool ParseRetryAfter(std::string_view value, RetryAfter& out);

struct MediaType {
  std::string_view type;
  std::string_view subtype;
  Parameters parameters;
  bool Is(std::string_view a_type, std::string_view a_subtype) const {
    return EqualsIgnoringCase(type, a_type) && EqualsIgnoringCase(subtype, a_subtype);
  }
};
bool ParseMediaType(std::string_view value, MediaType& out);

}  // namespace drover::sip
