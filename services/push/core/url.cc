#include "services/push/core/url.h"

#include <algorithm>
#include <charconv>

namespace drover::push {
namespace {

constexpr size_t kMostOctets = 1024;

bool IsHost(std::string_view host, bool bracketed) {
  return !host.empty() && std::ranges::all_of(host, [bracketed](char c) {
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return word || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
  });
}

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65'535;
}

}  // namespace

Result<Url> ParseUrl(std::string_view text) {
  const bool printable = std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
  if (text.size() > kMostOctets || !printable) {
    return InvalidArgument("an address: at most 1024 characters of ASCII, no blanks");
  }
  Url url;
  url.secure = text.starts_with("https://");
  if (!url.secure && !text.starts_with("http://")) {
    return InvalidArgument("an address that is neither http:// nor https://");
  }
  text.remove_prefix(url.secure ? 8 : 7);
  const size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  std::string_view target = text.substr(end);
  target = target.substr(0, target.find('#'));
  url.authority = authority;
  url.target = target.starts_with('/') ? std::string(target) : "/" + std::string(target);
  const bool bracketed = authority.starts_with('[');
  const size_t host_end = bracketed ? authority.find(']') : authority.find(':');
  const std::string_view host =
      bracketed ? authority.substr(1, host_end - 1) : authority.substr(0, host_end);
  if ((bracketed && host_end == std::string_view::npos) || !IsHost(host, bracketed)) {
    return InvalidArgument("an address without a host");
  }
  url.host = host;
  std::string_view rest;
  if (host_end != std::string_view::npos) rest = authority.substr(host_end + (bracketed ? 1 : 0));
  if (!rest.empty() && (rest[0] != ':' || !IsPort(rest.substr(1)))) {
    return InvalidArgument("an address with a port that is none");
  }
  url.port = rest.empty() ? (url.secure ? "443" : "80") : std::string(rest.substr(1));
  return url;
}

}  // namespace drover::push
