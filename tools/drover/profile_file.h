// profile.yaml: profiles of models. The form is in docs/cli.md; it is what `profile get -o yaml`
// prints.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "libs/base/result.h"

namespace drover::cli {

// kInvalidArgument, "<name>:<line>: ..", for the first thing that is wrong.
Result<std::vector<tree::v1::Profile>> ParseProfileFile(std::string_view text,
                                                        const std::string& name);

}  // namespace drover::cli
