#include "libs/sip/transaction_hop.h"

#include <arpa/inet.h>

namespace drover::sip {
namespace {

std::string_view Prefix(Transport transport) {
  switch (transport) {
    case Transport::kUdp:
      return "udp:";
    case Transport::kTcp:
      return "tcp:";
    case Transport::kTls:
      return "tls:";
    case Transport::kOther:
      break;
  }
  return "other:";
}

}  // namespace

std::string Text(const Hop& hop) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  std::string out(Prefix(hop.transport));
  if (hop.is_ipv4()) {
    inet_ntop(AF_INET, hop.address.data() + 12, text.data(), text.size());
    out.append(text.data());
  } else {
    inet_ntop(AF_INET6, hop.address.data(), text.data(), text.size());
    out.append("[").append(text.data()).append("]");
  }
  out.append(":").append(std::to_string(hop.port));
  if (hop.flow != 0) out.append("/").append(std::to_string(hop.flow));
  return out;
}

}  // namespace drover::sip
