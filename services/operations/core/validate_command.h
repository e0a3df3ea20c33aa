// What one command must be, by itself and among its neighbours.
//
// Spec: OMA-TS-DM_RepPro (what an Item of each command holds; Atomic); OMA-TS-DM_TND, "Addressing";
// OMA-TS-DM_Protocol, "User interaction commands".
#pragma once
#include <string>

#include "services/operations/core/validate.h"

namespace drover::operations {

// kInvalidArgument: "<path>field: why".
Error Field(const std::string& path, std::string_view why);
// Characters, not octets, of UTF-8.
size_t Characters(std::string_view text);

// path: "operations[3].commands[0]."
Result<void> CheckCommand(const std::string& path, const v1::Command& command,
                          const Limits& limits);
// Atomic groups stand together, and hold nothing but what may be undone. path: "operations[3]."
Result<void> CheckAtomics(const std::string& path, const v1::NewOperation& operation);

}  // namespace drover::operations
