// Where Redis is, from its URL: one server, redis://[user@]host[:port][/db], or some nodes of a
// Redis Cluster, redis-cluster://[user@]host[:port][,host[:port]]..
#pragma once
#include <string>
#include <string_view>
#include <vector>

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

// Whether the URL names a Redis Cluster.
bool IsClusterUrl(std::string_view url);
// Its nodes to begin with, at least one; the others are learned from them. kInvalidArgument as
// above, and for a database: a Cluster has only the one.
Result<std::vector<Endpoint>> ParseSeeds(std::string_view url);

}  // namespace drover::redis
