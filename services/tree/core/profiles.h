// Profiles of models: what may stand in one, and the traits that a session gets from it.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "libs/base/result.h"

namespace drover::tree {

// kInvalidArgument: names the field.
Result<void> CheckProfile(const v1::Profile& profile);

// What holds for a terminal: its profile's traits, where those are unset its family's, and of large
// objects where both say nothing what the terminal reported at ./DevDetail/LrgObj ("true",
// "false"). profile: serialised v1::Profile; empty: none.
v1::Traits TraitsOf(std::string_view profile, std::optional<std::string_view> large_objects);

// The roots that the profile gives for the identifier, which may lack its version.
std::vector<std::string> ObjectsIn(const v1::Profile& profile, std::string_view identifier);

// "urn:oma:mo:oma-fumo:1.0" is "urn:oma:mo:oma-fumo" of some version; a DM account has an older
// identifier, too ("org.openmobilealliance/1.0/w7").
bool IsObject(std::string_view type, std::string_view identifier);

}  // namespace drover::tree
