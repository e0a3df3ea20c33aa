// Where a SIP URI leads: what has to be asked of DNS, and in which order its answers are tried.
//
// Pure. NAPTR is not asked for: the transport is the URI's, else the first for which the domain has
// SRV records, UDP before TCP; sips and transport=tls: TLS.
// Spec: RFC 3263, sections 4.1 and 4.2; RFC 2782 (the order of SRV records).
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/base/result.h"
#include "libs/sip/headers.h"
#include "libs/sip/uri.h"

namespace drover::sip {

struct LookupPlan {
  struct Service {
    std::string name;  // "_sip._udp.example.com"
    Transport transport = Transport::kUdp;
  };
  std::vector<Service> services;  // The first that has records counts; none: straight to the host.
  std::string host;               // Without brackets.
  uint16_t port = 0;              // Of the host.
  Transport transport = Transport::kUdp;  // To the host, with that port.
};
// kInvalidArgument: no SIP URI, or a transport that is none of ours.
Result<LookupPlan> PlanLookup(const Uri& uri);

struct SrvRecord {
  uint16_t priority = 0;
  uint16_t weight = 0;
  uint16_t port = 0;
  std::string target;
};
// In the order to be tried; random(n): 0..n-1.
void OrderRecords(std::vector<SrvRecord>& records, const std::function<uint32_t(uint32_t)>& random);

}  // namespace drover::sip
