#include "libs/sip/link/address.h"

#include <algorithm>

#include <arpa/inet.h>

namespace drover::sip {
namespace {

constexpr Address kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0};
constexpr size_t kMappedOctets = 12;

bool IsIpv4Mapped(const Address& address) {
  return std::equal(kMapped.begin(), kMapped.begin() + kMappedOctets, address.begin());
}

}  // namespace

std::optional<Address> ParseAddress(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  std::array<char, INET6_ADDRSTRLEN> copy{};
  if (text.empty() || text.size() >= copy.size()) return std::nullopt;
  std::copy(text.begin(), text.end(), copy.begin());
  Address address = kMapped;
  if (inet_pton(AF_INET, copy.data(), address.data() + kMappedOctets) == 1) return address;
  if (inet_pton(AF_INET6, copy.data(), address.data()) == 1) return address;
  return std::nullopt;
}

std::string AddressText(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = IsIpv4Mapped(address);
  inet_ntop(v4 ? AF_INET : AF_INET6, address.data() + (v4 ? kMappedOctets : 0), text.data(),
            text.size());
  return text.data();
}

std::string HostPortText(const Address& address, uint16_t port) {
  const std::string host = AddressText(address);
  return (IsIpv4Mapped(address) ? host : "[" + host + "]") + ":" + std::to_string(port);
}

bool IsWildcard(const Address& address) { return address == Address{} || address == kMapped; }

Hop HopOf(const boost::asio::ip::tcp::endpoint& endpoint, Transport transport) {
  Hop hop{.address = kMapped, .port = endpoint.port(), .transport = transport};
  if (endpoint.address().is_v6()) {
    const auto octets = endpoint.address().to_v6().to_bytes();
    std::copy(octets.begin(), octets.end(), hop.address.begin());
  } else {
    const auto octets = endpoint.address().to_v4().to_bytes();
    std::copy(octets.begin(), octets.end(), hop.address.begin() + kMappedOctets);
  }
  return hop;
}

boost::asio::ip::tcp::endpoint EndpointOf(const Hop& hop) {
  namespace ip = boost::asio::ip;
  if (hop.is_ipv4()) {
    ip::address_v4::bytes_type octets;
    std::copy(hop.address.begin() + kMappedOctets, hop.address.end(), octets.begin());
    return {ip::address_v4(octets), hop.port};
  }
  ip::address_v6::bytes_type octets;
  std::copy(hop.address.begin(), hop.address.end(), octets.begin());
  return {ip::address_v6(octets), hop.port};
}

bool ToSockaddr(const Hop& hop, int family, sockaddr_storage& out, socklen_t& size) {
  if (family == AF_INET6) {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(hop.port);
    std::memcpy(&v6.sin6_addr, hop.address.data(), hop.address.size());
    std::memcpy(&out, &v6, size = sizeof v6);
    return true;
  }
  if (!hop.is_ipv4()) return false;
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(hop.port);
  std::memcpy(&v4.sin_addr, hop.address.data() + kMappedOctets, sizeof v4.sin_addr);
  std::memcpy(&out, &v4, size = sizeof v4);
  return true;
}

Hop UdpHopOf(const sockaddr_storage& from) {
  Hop hop{.address = kMapped};
  if (from.ss_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &from, sizeof v6);
    std::memcpy(hop.address.data(), &v6.sin6_addr, hop.address.size());
    hop.port = ntohs(v6.sin6_port);
  } else {
    sockaddr_in v4{};
    std::memcpy(&v4, &from, sizeof v4);
    std::memcpy(hop.address.data() + kMappedOctets, &v4.sin_addr, sizeof v4.sin_addr);
    hop.port = ntohs(v4.sin_port);
  }
  return hop;
}

}  // namespace drover::sip
