// A gateway in the tree of devices: what it told of itself, and the parameters that it was given.
#pragma once
#include <string>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "services/sip/core/gateway.h"

namespace drover::gateways {

// What tree should know of what the gateway told. Deterministic: its octets tell whether tree knows
// it already.
tree::v1::ApplyReport ReportOf(const Gateway& gateway, TimePoint now);
void AddParams(const std::vector<gateway::Param>& params, TimePoint now,
               tree::v1::ApplyReport& report);
// Digest of what the report would tell, times apart.
std::string DigestOf(const Gateway& gateway);

}  // namespace drover::gateways
