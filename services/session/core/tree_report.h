// What a command that was carried out says of the terminal's tree.
//
// Spec: OMA-TS-DM_TND-V1_2, "Properties of nodes", "Requesting a part of a management tree".
#pragma once
#include <string>
#include <vector>

#include "services/session/core/model.h"

namespace drover::session {

// values: of a Get's Results. Secrets are left out.
void ReportToTree(const CommandSpec& command, const std::vector<Value>& values,
                  std::vector<NodeReport>& nodes, std::vector<std::string>& deleted);

}  // namespace drover::session
