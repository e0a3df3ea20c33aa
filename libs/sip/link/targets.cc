#include "libs/sip/link/targets.h"

#include <algorithm>

#include "libs/sip/link/address.h"

namespace drover::sip {
namespace {

// kOther: the URI names none.
Result<Transport> TransportAsked(const Uri& uri) {
  const std::string_view name = uri.transport();
  if (uri.scheme == Scheme::kSips) {
    if (name.empty() || EqualsIgnoringCase(name, "tcp") || EqualsIgnoringCase(name, "tls")) {
      return Transport::kTls;
    }
    return InvalidArgument("sips goes over TLS and not over " + std::string(name));
  }
  if (name.empty()) return Transport::kOther;
  const Transport transport = TransportOf(name);
  if (transport != Transport::kOther) return transport;
  return InvalidArgument("no transport " + std::string(name) + ": udp, tcp or tls");
}

std::string ServiceName(Transport transport, const std::string& domain) {
  switch (transport) {
    case Transport::kTls:
      return "_sips._tcp." + domain;
    case Transport::kTcp:
      return "_sip._tcp." + domain;
    default:
      return "_sip._udp." + domain;
  }
}

}  // namespace

Result<LookupPlan> PlanLookup(const Uri& uri) {
  if (uri.scheme != Scheme::kSip && uri.scheme != Scheme::kSips) {
    return InvalidArgument("no SIP URI: " + std::string(uri.scheme_name));
  }
  DROVER_TRY(const Transport asked, TransportAsked(uri));
  const Transport transport = asked == Transport::kOther ? Transport::kUdp : asked;
  HostPort host_port = uri.host_port;
  if (!uri.maddr().empty()) host_port.host = uri.maddr();
  LookupPlan plan{.services = {},
                  .host = std::string(host_port.address()),
                  .port = host_port.port != 0 ? host_port.port : DefaultPort(transport),
                  .transport = transport};
  if (host_port.port != 0 || ParseAddress(plan.host)) return plan;
  plan.services.push_back({ServiceName(transport, plan.host), transport});
  if (asked == Transport::kOther) {
    plan.services.push_back({ServiceName(Transport::kTcp, plan.host), Transport::kTcp});
  }
  return plan;
}

void OrderRecords(std::vector<SrvRecord>& records,
                  const std::function<uint32_t(uint32_t)>& random) {
  std::stable_sort(records.begin(), records.end(), [](const SrvRecord& a, const SrvRecord& b) {
    return a.priority != b.priority ? a.priority < b.priority : (a.weight == 0) > (b.weight == 0);
  });
  for (auto first = records.begin(); first != records.end(); ++first) {
    const auto last = std::find_if(first, records.end(), [&](const SrvRecord& record) {
      return record.priority != first->priority;
    });
    uint32_t sum = 0;
    for (auto each = first; each != last; ++each) sum += each->weight;
    uint32_t drawn = random(sum + 1);
    auto chosen = first;
    while (chosen->weight < drawn) drawn -= (chosen++)->weight;
    std::rotate(first, chosen, chosen + 1);
  }
}

}  // namespace drover::sip
