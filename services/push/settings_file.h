// Reads what --push-file names.
//
//   smscs:
//     - name: home
//       host: smsc.example
//       port: 2775
//       system_id: drover
//       password_file: home.password
//       source: "10654040"
//   registration:
//     country_code: "86"
//     profiles: [{name: cmcc}]
//   accounts:
//     - {name: shop, password_file: shop.password, prefixes: ["86138"], rate: 50}
//
// Every key, its meaning and its default: docs/push.md. Unknown keys are errors.
#pragma once
#include <filesystem>
#include <string>

#include "libs/base/result.h"
#include "services/push/core/settings.h"

namespace drover::push {

// folder: what names of files in it are relative to. kInvalidArgument names line and key.
Result<Settings> ReadSettings(const std::string& yaml, const std::filesystem::path& folder);
Result<Settings> LoadSettings(const std::filesystem::path& file);

}  // namespace drover::push
