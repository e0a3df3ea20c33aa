// Where a message goes next or has come from: a transport, an address, and perhaps one connection.
#pragma once
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

#include "libs/sip/headers.h"

namespace drover::sip {

struct Hop {
  std::array<uint8_t, 16>
      address{};  // IPv6, or IPv4 as ::ffff:a.b.c.d (RFC 4291, section 2.5.5.2).
  uint16_t port = 0;
  Transport transport = Transport::kUdp;
  uint32_t flow = 0;  // That connection and no other; 0: any that leads there. UDP: always 0.

  bool operator==(const Hop&) const = default;
  // Whether both lead to the same address by the same transport, over whatever connection.
  bool SamePeer(const Hop& other) const {
    return address == other.address && port == other.port && transport == other.transport;
  }
  bool is_ipv4() const {
    static constexpr std::array<uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    return std::memcmp(address.data(), kMapped.data(), kMapped.size()) == 0;
  }
};

// "udp:192.0.2.1:5060", "tls:[2001:db8::1]:5061"; with a flow: "tcp:192.0.2.1:40123/7".
std::string Text(const Hop& hop);

}  // namespace drover::sip
