// One item of "commands:" in ops.yaml (operation_file.h).
#pragma once
#include <string>

#include "drover/operations/v1/operations.pb.h"
#include "libs/base/result.h"
#include "tools/drover/yaml.h"

namespace drover::cli {

// Adds the commands of the list; an item "atomic: [..]" stands for those in it, as one Atomic.
// name: of the file, for what value_file names. kInvalidArgument, with the place in front.
Result<void> AddCommands(const YamlValue& list, const std::string& name,
                         operations::v1::NewOperation& operation);

// "busy" -> BUSY. kInvalidArgument, naming those known.
Result<operations::v1::RetryPolicy::Cause> RetryCauseOf(std::string_view name);

}  // namespace drover::cli
