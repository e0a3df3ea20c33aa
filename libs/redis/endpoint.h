// Where a Redis server is, from its URL: redis://[user@]host[:port][/db].
#pragma once
#include <string>
#include <string_view>

#include "libs/base/result.h"

namespace drover::redis {

struct Endpoint {
  std::string user;  // Empty: the default user.
  std::string host;  // A name or an address; IPv6 without its brackets.
  std::string port = "6379";
  int database = 0;
};

// kInvalidArgument: another scheme, no host, a password (it comes from a file), a port or database
// that is no number.
Result<Endpoint> ParseEndpoint(std::string_view url);

}  // namespace drover::redis
