// Hops as the sockets' addresses, and back.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include <boost/asio/ip/tcp.hpp>
#include <netinet/in.h>
#include <sys/socket.h>

#include "libs/sip/transaction_hop.h"

namespace drover::sip {

using Address = decltype(Hop::address);

// "192.0.2.1", "2001:db8::1", "[2001:db8::1]". nullopt: a name, or nonsense.
std::optional<Address> ParseAddress(std::string_view text);
// "192.0.2.1", "2001:db8::1"
std::string AddressText(const Address& address);
// "192.0.2.1:5060", "[2001:db8::1]:5060"
std::string HostPortText(const Address& address, uint16_t port);
bool IsWildcard(const Address& address);

Hop HopOf(const boost::asio::ip::tcp::endpoint& endpoint, Transport transport);
boost::asio::ip::tcp::endpoint EndpointOf(const Hop& hop);

// For a socket of that family; false: it cannot reach such an address.
bool ToSockaddr(const Hop& hop, int family, sockaddr_storage& out, socklen_t& size);
Hop UdpHopOf(const sockaddr_storage& from);

}  // namespace drover::sip
