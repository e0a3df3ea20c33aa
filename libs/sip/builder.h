// Messages into octets, appended to a string.
//
// Values are written as they are given. One that holds a CR, LF, NUL or other control character
// (a tab is none) is refused, so that no value can add a field: then nothing is appended.
// Spec: RFC 3261, sections 8.1.1, 8.2.6, 18.1.1 and 18.2; RFC 3581; RFC 6665, section 8.1.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "libs/sip/headers.h"
#include "libs/sip/message.h"

namespace drover::sip {

struct ViaOut {
  Transport transport = Transport::kUdp;
  std::string_view sent_by;  // Ours: "host" or "host:port", IPv6 in brackets.
  std::string_view branch;   // With the cookie.
  bool alias = false;        // RFC 5923
};

struct FieldOut {
  std::string_view name;  // A token.
  std::string_view value;
};

// A request out of a dialog, or REGISTER, OPTIONS ..: fields that are empty are left out, but for
// Content-Length, which is always there.
struct RequestOut {
  std::string_view method = "NOTIFY";
  std::string_view uri;                      // The registered contact.
  ViaOut via;                                // ";rport" is added.
  std::span<const std::string_view> routes;  // In order: "<sip:proxy.example.com;lr>".
  uint8_t max_forwards = 70;
  std::string_view from;  // name-addr: "<sip:dm@example.com>"
  std::string_view from_tag;
  std::string_view to;      // name-addr.
  std::string_view to_tag;  // Empty out of a dialog.
  std::string_view call_id;
  uint32_t cseq = 1;
  std::string_view contact;             // name-addr.
  std::string_view event;               // "check-sync;reboot=false"
  std::string_view subscription_state;  // "active;expires=1000"
  std::string_view user_agent;
  std::span<const FieldOut> more;  // Authorization, Supported ..
  std::string_view content_type;
  std::string_view body;
};
// False: a value that may not be written; nothing was appended.
bool AppendRequest(const RequestOut& request, std::string& out);

// Where a request came from, as the socket says.
struct Source {
  std::string_view address;  // Without brackets.
  uint16_t port = 0;
};

struct ResponseOut {
  uint16_t status = 200;
  std::string_view reason;           // Empty: that of the status.
  std::string_view to_tag;           // Used where the request has none and status is above 100.
  std::span<const FieldOut> fields;  // Contact, WWW-Authenticate ..: as they are, in order.
  std::string_view content_type;
  std::string_view body;
};
// Via of the request copied, received and rport filled in the topmost; From, To, Call-ID, CSeq
// likewise; Record-Route for a status below 300. request: Parse took it, or CanBeAnswered.
bool AppendResponse(const Message& request, const Source& source, const ResponseOut& response,
                    std::string& out);

// Where a response goes (RFC 3261, section 18.2.2; RFC 3581, section 4): for unreliable transports;
// for reliable ones the connection first, and this if it is gone.
HostPort ResponseTarget(const Via& via, const Source& source);

// The phrase of RFC 3261, section 21 and its extensions; of an unknown status that of its class.
std::string_view ReasonPhrase(uint16_t status);

// "z9hG4bK" and random in hex; random: 8 octets or more, never twice the same.
void AppendBranch(std::string_view random, std::string& out);

// RFC 3261, section 18.1.1: past 1300 octets a request must go over a congestion-controlled
// transport.
constexpr size_t kMaxDatagramRequest = 1300;
constexpr bool NeedsStream(size_t request_octets) { return request_octets > kMaxDatagramRequest; }

}  // namespace drover::sip
