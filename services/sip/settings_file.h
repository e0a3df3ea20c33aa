// Reads what --profiles-file names.
//
//   profiles:
//     acme-box:
//       base: yealink
//       match: {model: [acme]}
//       events: ["check-sync;reboot=false"]
//       trigger: {policy: after_n, n: 3}
//   busy_hours:
//     - {from: "18:00", to: "23:00", rate: 50}
//
// Every key, its meaning and its default: docs/sip.md. Unknown keys are errors.
#pragma once
#include <string>
#include <vector>

#include "libs/base/result.h"
#include "libs/gateway/pacing.h"
#include "libs/gateway/profile.h"

namespace drover::gateways {

struct FileSettings {
  std::vector<gateway::Profile> profiles = gateway::BuiltInProfiles();
  std::vector<gateway::BusyHours> busy;
};
// kInvalidArgument names the key.
Result<FileSettings> ReadSettings(const std::string& yaml);
Result<FileSettings> LoadSettings(const std::string& path);

}  // namespace drover::gateways
