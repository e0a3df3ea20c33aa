// Names of header fields and methods to numbers and back.
#include <array>

#include "libs/sip/headers.h"
#include "libs/sip/lexer.h"

namespace drover::sip {
namespace {

struct HeaderName {
  std::string_view name;
  HeaderId id;
};
// Full names first: Name takes the first of an id. One letter: RFC 3261, section 20, and the IANA
// registry of header fields.
constexpr HeaderName kHeaderNames[] = {
    {"Via", HeaderId::kVia},
    {"From", HeaderId::kFrom},
    {"To", HeaderId::kTo},
    {"Call-ID", HeaderId::kCallId},
    {"CSeq", HeaderId::kCSeq},
    {"Max-Forwards", HeaderId::kMaxForwards},
    {"Contact", HeaderId::kContact},
    {"Content-Length", HeaderId::kContentLength},
    {"Content-Type", HeaderId::kContentType},
    {"Content-Encoding", HeaderId::kContentEncoding},
    {"Route", HeaderId::kRoute},
    {"Record-Route", HeaderId::kRecordRoute},
    {"Path", HeaderId::kPath},
    {"Service-Route", HeaderId::kServiceRoute},
    {"Event", HeaderId::kEvent},
    {"Allow-Events", HeaderId::kAllowEvents},
    {"Subscription-State", HeaderId::kSubscriptionState},
    {"Expires", HeaderId::kExpires},
    {"Min-Expires", HeaderId::kMinExpires},
    {"Retry-After", HeaderId::kRetryAfter},
    {"WWW-Authenticate", HeaderId::kWwwAuthenticate},
    {"Authorization", HeaderId::kAuthorization},
    {"Proxy-Authenticate", HeaderId::kProxyAuthenticate},
    {"Proxy-Authorization", HeaderId::kProxyAuthorization},
    {"Authentication-Info", HeaderId::kAuthenticationInfo},
    {"User-Agent", HeaderId::kUserAgent},
    {"Server", HeaderId::kServer},
    {"Allow", HeaderId::kAllow},
    {"Accept", HeaderId::kAccept},
    {"Supported", HeaderId::kSupported},
    {"Unsupported", HeaderId::kUnsupported},
    {"Require", HeaderId::kRequire},
    {"Proxy-Require", HeaderId::kProxyRequire},
    {"Date", HeaderId::kDate},
    {"Warning", HeaderId::kWarning},
    {"Reason", HeaderId::kReason},
    {"Flow-Timer", HeaderId::kFlowTimer},
    {"Subject", HeaderId::kSubject},
    {"Refer-To", HeaderId::kReferTo},
    {"Referred-By", HeaderId::kReferredBy},
    {"Session-Expires", HeaderId::kSessionExpires},
    {"Accept-Contact", HeaderId::kAcceptContact},
    {"Reject-Contact", HeaderId::kRejectContact},
    {"Request-Disposition", HeaderId::kRequestDisposition},
    {"Identity", HeaderId::kIdentity},
    {"Identity-Info", HeaderId::kIdentityInfo},
    {"v", HeaderId::kVia},
    {"f", HeaderId::kFrom},
    {"t", HeaderId::kTo},
    {"i", HeaderId::kCallId},
    {"m", HeaderId::kContact},
    {"l", HeaderId::kContentLength},
    {"c", HeaderId::kContentType},
    {"e", HeaderId::kContentEncoding},
    {"o", HeaderId::kEvent},
    {"u", HeaderId::kAllowEvents},
    {"k", HeaderId::kSupported},
    {"s", HeaderId::kSubject},
    {"r", HeaderId::kReferTo},
    {"b", HeaderId::kReferredBy},
    {"x", HeaderId::kSessionExpires},
    {"a", HeaderId::kAcceptContact},
    {"j", HeaderId::kRejectContact},
    {"d", HeaderId::kRequestDisposition},
    {"y", HeaderId::kIdentity},
    {"n", HeaderId::kIdentityInfo},
};

constexpr size_t kSlots = 256;  // Open addressing: a name is at its hash or in the slots behind it.

constexpr size_t HashOf(std::string_view name) {
  const auto at = [&](size_t i) { return static_cast<size_t>(Lower(name[i])); };
  return (name.size() * 41 + at(0) * 7 + at(name.size() - 1) * 29 + at(name.size() / 2) * 3) %
         kSlots;
}

constexpr std::array<uint8_t, kSlots> MakeSlots() {
  std::array<uint8_t, kSlots> slots{};  // Index + 1; 0: free.
  for (size_t i = 0; i < std::size(kHeaderNames); ++i) {
    size_t slot = HashOf(kHeaderNames[i].name);
    while (slots[slot] != 0) slot = (slot + 1) % kSlots;
    slots[slot] = static_cast<uint8_t>(i + 1);
  }
  return slots;
}
constexpr std::array<uint8_t, kSlots> kSlotOf = MakeSlots();

constexpr std::array<std::string_view, kHeaderIds> MakeNames() {
  std::array<std::string_view, kHeaderIds> names{};
  for (const HeaderName& each : kHeaderNames) {
    std::string_view& name = names[static_cast<size_t>(each.id)];
    if (name.empty()) name = each.name;
  }
  return names;
}
constexpr std::array<std::string_view, kHeaderIds> kNames = MakeNames();

constexpr std::string_view kMethods[] = {
    "",       "INVITE",  "ACK",  "BYE",     "CANCEL", "REGISTER", "OPTIONS", "SUBSCRIBE",
    "NOTIFY", "MESSAGE", "INFO", "PUBLISH", "REFER",  "PRACK",    "UPDATE",
};

constexpr std::string_view kTransports[] = {"UDP", "TCP", "TLS"};

}  // namespace

HeaderId HeaderIdOf(std::string_view name) {
  if (name.empty()) return HeaderId::kOther;
  for (size_t slot = HashOf(name); kSlotOf[slot] != 0; slot = (slot + 1) % kSlots) {
    const HeaderName& each = kHeaderNames[kSlotOf[slot] - 1];
    if (EqualsIgnoringCase(each.name, name)) return each.id;
  }
  return HeaderId::kOther;
}

std::string_view Name(HeaderId id) { return kNames[static_cast<size_t>(id)]; }

Method MethodOf(std::string_view name) {
  for (size_t i = 1; i < std::size(kMethods); ++i) {
    if (kMethods[i] == name) return static_cast<Method>(i);
  }
  return Method::kOther;
}

std::string_view Name(Method method) { return kMethods[static_cast<size_t>(method)]; }

Transport TransportOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kTransports); ++i) {
    if (EqualsIgnoringCase(kTransports[i], name)) return static_cast<Transport>(i);
  }
  return Transport::kOther;
}

std::string_view Name(Transport transport) {
  return transport == Transport::kOther ? std::string_view()
                                        : kTransports[static_cast<size_t>(transport)];
}

}  // namespace drover::sip
