// REGISTER, answered: who may, what it asks, and which bindings are there afterwards.
//
// Pure, in steps, because an account and the bindings must be fetched in between:
//   ReadRegister -> (no credentials: Challenge) -> fetch the account -> Authorize
//   -> fetch the bindings -> ApplyRegister -> store RegisterResult::bindings -> AppendReply.
// Bindings go in and come out as values. Two REGISTERs for one address of record must not be
// applied at the same time to the same bindings (store with a check that they did not change).
// Spec: RFC 3261, section 10.3; RFC 3327 (Path); RFC 5626, section 6 (instance, reg-id); RFC 8760.
#pragma once
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "libs/base/clock.h"
#include "libs/sip/builder.h"
#include "libs/sip/digest_server.h"
#include "libs/sip/message.h"

namespace drover::sip {

struct Binding {
  std::string contact;  // The URI, as registered: the Request-URI of what is sent to it.
  std::string call_id;
  uint32_t cseq = 0;
  TimePoint registered;
  TimePoint expires;
  uint16_t q_thousandths = 1000;
  std::string instance;           // +sip.instance; empty: none.
  uint32_t reg_id = 0;            // 0: none.
  std::vector<std::string> path;  // Route values, in the order to send them.
  std::string user_agent;
  Transport transport = Transport::kUdp;  // Of the REGISTER, and of its source.
  std::string source_address;             // Without brackets.
  uint16_t source_port = 0;
  std::string flow_owner;  // Whose socket it came to, in words of whoever calls.
  bool operator==(const Binding&) const = default;
};

struct RegistrarSettings {
  std::string realm;
  std::vector<std::string> domains;  // Lower case; hosts of addresses of record. Empty: any.
  std::chrono::seconds default_expires{3600};
  std::chrono::seconds min_expires{60};  // At most an hour (RFC 3261, section 10.3).
  std::chrono::seconds max_expires{86'400};
  size_t max_contacts = 10;  // Of one address of record; past it 403.
  size_t max_changes = 32;   // Contacts in one REGISTER; past it 400.
  size_t max_path = 8;       // Likewise.
};

// An answer without what is copied from the request.
struct RegisterReply {
  uint16_t status = 200;
  std::vector<std::pair<std::string, std::string>> fields;  // Name, value; in order.
};
bool AppendReply(const Message& request, const Source& source, const RegisterReply& reply,
                 std::string_view to_tag, std::string& out);

// A REGISTER as it was understood. Holds no views.
struct RegisterRequest {
  std::string aor;  // AddressOfRecord of To.
  std::string request_uri;
  std::string call_id;
  uint32_t cseq = 0;
  struct Change {
    std::string contact;
    std::optional<uint32_t> expires;  // Of this contact, else of the request; none: the default.
    uint16_t q_thousandths = 1000;
    std::string instance;
    uint32_t reg_id = 0;
  };
  std::vector<Change> changes;  // None, and not removes_all: a query.
  bool removes_all = false;     // Contact: *
  std::vector<std::string> path;
  bool supports_path = false;
  bool uses_outbound = false;  // RFC 5626: the flow can be reached again.
  std::string user_agent;
  std::string body;
  std::optional<Credentials> credentials;  // Those for our realm.
};

// The request, or the refusal: 400 (Contact, Expires, '*' with anything else), 404 (not our
// domain), 405, 416 (scheme of the Request-URI), 420 (Require).
std::variant<RegisterRequest, RegisterReply> ReadRegister(const Message& message,
                                                          const RegistrarSettings& settings);

// 401 with two challenges of one nonce: SHA-256 first, MD5 second. random: as NonceMint::Mint.
RegisterReply ChallengeRegister(const RegistrarSettings& settings, const NonceMint& mint,
                                TimePoint now, uint64_t random, bool stale);

// What is known of credentials->username; nothing of it is told to who is refused.
struct Account {
  std::string ha1;            // DigestHa1 for credentials->algorithm; empty: no such user.
  bool may_register = false;  // The address of record.
};
// nullopt: welcome. Else 401 (no credentials, or stale: challenged again) or 403.
std::optional<RegisterReply> Authorize(const RegisterRequest& request, const Account& account,
                                       const RegistrarSettings& settings, const NonceMint& mint,
                                       ReplayGuard& guard, TimePoint now, uint64_t random);

// Where a REGISTER came from and to.
struct Flow {
  Transport transport = Transport::kUdp;
  Source source;
  std::string_view flow_owner;
};

struct RegisterResult {
  RegisterReply
      reply;  // 200 with all bindings; 403 (too many), 423, 500 (CSeq went back): nothing changed.
  std::vector<Binding> bindings;  // Afterwards, without those that have expired.
  bool changed = false;           // Beyond the expired: store them.
};
// random: spreads expiry by -10..0 %, so that gateways which came back together do not come
// together again.
RegisterResult ApplyRegister(const RegisterRequest& request, std::vector<Binding> bindings,
                             const Flow& flow, const RegistrarSettings& settings, TimePoint now,
                             uint64_t random);

// 503 with a Retry-After of 30 to 300 s: more than can be served.
RegisterReply OverloadedReply(uint64_t random);

// Where to send what is for a binding: to the first of its Path if it has one; where it came from
// if its contact names another address (NAT), address and port both; else where its contact says.
struct BindingTarget {
  bool by_route = false;  // By path[0]; host and port are not set.
  std::string host;       // Without brackets.
  uint16_t port = 0;      // 0: the default, or SRV.
  Transport transport = Transport::kUdp;
  bool operator==(const BindingTarget&) const = default;
};
// nullopt: a contact that is no SIP URI.
std::optional<BindingTarget> TargetOf(const Binding& binding);

}  // namespace drover::sip
