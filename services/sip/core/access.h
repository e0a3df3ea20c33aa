// Who asks: the credentials of an HTTP request, and whether they are a gateway's.
#pragma once
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "libs/base/clock.h"
#include "libs/sip/digest_server.h"

namespace drover::gateways {

struct Basic {
  std::string user, password;
};
// What an Authorization field holds; monostate: nothing that can be used.
using Presented = std::variant<std::monostate, Basic, sip::Credentials>;
Presented ReadAuthorization(std::string_view value);
// Of whom it speaks; empty: of nobody.
std::string UserOf(const Presented& presented);

struct Question {
  std::string_view method, uri, body;
  std::string_view realm;
  bool basic_allowed = false;
};
// kStale: right, but with a nonce that is too old or was used.
sip::DigestVerdict Judge(const Presented& presented, const Question& question,
                         std::string_view user, std::string_view password,
                         const sip::NonceMint& mint, sip::ReplayGuard& guard, TimePoint now);

// WWW-Authenticate fields of a 401: SHA-256, MD5 and, where it is allowed, Basic.
std::vector<std::string> Challenges(std::string_view realm, std::string_view nonce, bool stale,
                                    bool basic_allowed);

}  // namespace drover::gateways
