// devices.yaml or devices.ndjson: terminals to enrol. The form is in docs/cli.md.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "libs/base/result.h"

namespace drover::cli {

// kInvalidArgument, "<name>:<line>: ..", for the first thing that is wrong; never a secret.
Result<std::vector<tree::v1::NewDevice>> ParseDeviceFile(std::string_view text,
                                                         const std::string& name);

// "basic", "md5" or "mac".
Result<tree::v1::AuthScheme> ParseScheme(std::string_view name);

}  // namespace drover::cli
