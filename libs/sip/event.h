// Events of NOTIFY: which one a message is about, and what a peer says it takes.
//
// Spec: RFC 6665, sections 8.2.1 (event types are compared octet for octet), 8.2.2 and 8.4.
#pragma once
#include <string_view>

#include "libs/sip/message.h"

namespace drover::sip {

// Whether the value of an Event field is of that type, whatever its parameters: "resync;id=1" is
// of "resync"; "Resync" and "resync2" are not. False too if it is malformed.
bool IsEventType(std::string_view value, std::string_view type);

// Whether a request is a NOTIFY of that type: Event or its compact form "o", there once. This is
// the whole question of whether a message triggers or is ordinary voice signalling.
bool IsTrigger(const Message& message, std::string_view type);

// Of a 489 (or any response): whether Allow-Events names the type. False if there is none.
bool AllowsEvent(const Message& response, std::string_view type);

// The type in "check-sync;reboot=false".
std::string_view EventType(std::string_view event);

}  // namespace drover::sip
