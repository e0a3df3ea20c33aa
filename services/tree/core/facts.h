// Which nodes of a terminal's tree are facts that a fleet is queried for.
//
// Spec: OMA-TS-DM_StdObj-V1_2, DevInfo and DevDetail.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "services/tree/core/model.h"

namespace drover::tree {

std::optional<Fact> FactAt(std::string_view uri);
std::string_view UriOf(Fact fact);
// As selectors and the command line call it: "firmware_version".
std::string_view NameOf(Fact fact);

// A node's value as it is kept in the fact's column: cut to kMaxFactOctets. nullopt: not text.
std::optional<std::string> FactText(std::string_view value);

}  // namespace drover::tree
