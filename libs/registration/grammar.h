// Reads a registration message by the grammar of its profile.
#pragma once
#include <string_view>

#include "libs/registration/profile.h"
#include "libs/registration/registration.h"

namespace drover::registration {

// octets: the whole message, without its user data header. What cannot be read is a DeadLetter,
// kept with its octets by the caller; the SMSC is told OK all the same, or it would send for ever.
Parsed Parse(const Profile& profile, std::string_view octets);

}  // namespace drover::registration
