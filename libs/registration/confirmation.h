// The answer that a registering terminal waits for.
//
// A terminal takes its SIM for registered once it has read it, and trusts only the address that it
// registered with; the text is compared whole. A terminal without it registers again when it is
// next switched on, so a lost confirmation needs no repeat.
#pragma once
#include <optional>
#include <string>

#include "libs/registration/message.h"
#include "libs/registration/profile.h"
#include "libs/registration/registration.h"

namespace drover::registration {

// What answers `message`, which held `registration`. accepted: whether the registry took it.
// nullopt: the profile has no answer to that.
std::optional<ShortMessage> Confirmation(const Profile& profile, const MobileOriginated& message,
                                         const Registration& registration, bool accepted);

// "06 05 04" and both ports: the user data header of a port-addressed message.
std::string PortHeader(uint16_t destination_port, uint16_t source_port);

}  // namespace drover::registration
