#include "libs/redis/endpoint.h"

#include <charconv>

namespace drover::redis {
namespace {

constexpr std::string_view kScheme = "redis://";
constexpr std::string_view kClusterScheme = "redis-cluster://";

Result<int> Number(std::string_view text, int most, const char* what) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > most) {
    return InvalidArgument(std::string("Redis URL: ") + what + " must be 0.." +
                           std::to_string(most));
  }
  return value;
}

// Splits "[::1]:6379" and "host:6379"; the port may be missing.
Result<void> SplitAuthority(std::string_view authority, Endpoint& endpoint) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == authority.npos) return InvalidArgument("Redis URL: '[' of the host is not closed");
    endpoint.host = authority.substr(1, close - 1);
    port = authority.substr(close + 1);
    if (!port.empty() && port[0] != ':')
      return InvalidArgument("Redis URL: ':' expected after ']'");
  } else {
    const size_t colon = authority.find(':');
    endpoint.host = authority.substr(0, colon);
    if (colon != authority.npos) port = authority.substr(colon);
  }
  if (endpoint.host.empty()) return InvalidArgument("Redis URL: the host is missing");
  if (port.empty()) return {};
  DROVER_TRY(const int number, Number(port.substr(1), 65535, "the port"));
  endpoint.port = std::to_string(number);
  return {};
}

// Takes "user@" off.
Result<std::string> TakeUser(std::string_view& url) {
  const size_t at = url.rfind('@');
  if (at == url.npos) return std::string();
  std::string user(url.substr(0, at));
  url.remove_prefix(at + 1);
  if (user.find(':') != std::string::npos) {
    return InvalidArgument("Redis URL: must not hold a password; give it as a file");
  }
  return user;
}

}  // namespace

Result<Endpoint> ParseEndpoint(std::string_view url) {
  if (!url.starts_with(kScheme)) {
    return InvalidArgument(
        "Redis URL: must be redis://[user@]host[:port][/db] or redis-cluster://..");
  }
  url.remove_prefix(kScheme.size());
  Endpoint endpoint;
  if (const size_t slash = url.find('/'); slash != url.npos) {
    const std::string_view database = url.substr(slash + 1);
    url = url.substr(0, slash);
    if (!database.empty()) {
      DROVER_TRY(endpoint.database, Number(database, 1 << 20, "the database"));
    }
  }
  DROVER_TRY(endpoint.user, TakeUser(url));
  DROVER_TRY(SplitAuthority(url, endpoint));
  return endpoint;
}

bool IsClusterUrl(std::string_view url) { return url.starts_with(kClusterScheme); }

Result<std::vector<Endpoint>> ParseSeeds(std::string_view url) {
  if (!IsClusterUrl(url)) {
    return InvalidArgument("Redis URL: must be redis-cluster://[user@]host[:port][,host[:port]]..");
  }
  url.remove_prefix(kClusterScheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  if (url.find('/') != url.npos) {
    return InvalidArgument("Redis URL: a Redis Cluster has no databases; leave /db out");
  }
  Endpoint seed;
  DROVER_TRY(seed.user, TakeUser(url));
  std::vector<Endpoint> seeds;
  for (size_t end = 0; end != url.npos; url.remove_prefix(end == url.npos ? 0 : end + 1)) {
    end = url.find(',');
    Endpoint next{.user = seed.user};
    DROVER_TRY(SplitAuthority(url.substr(0, end), next));
    seeds.push_back(std::move(next));
  }
  return seeds;
}

}  // namespace drover::redis
