// What a session holds of work, packed (packed.h): operations, commands that are out, objects on
// their way, and the traits that it began with.
#pragma once
#include <string>
#include <string_view>

#include "libs/base/packed.h"
#include "services/session/core/state.h"

namespace drover::session {

using base::Packer;
using base::Unpacker;

// Operations with their results, and what was sent of them.
void PackWork(const SessionState& session, Packer& out);
// False if an index points outside: then the record is not ours.
bool UnpackWork(Unpacker& in, SessionState& session);

void Pack(const Incoming& incoming, Packer& out);
Incoming UnpackIncoming(Unpacker& in);
void Pack(const Traits& traits, Packer& out);
Traits UnpackTraits(Unpacker& in);
Support UnpackSupport(Unpacker& in);

// An operation's id; a UUID, as operations makes them, takes its 16 octets and one.
void PackId(std::string_view id, Packer& out);
std::string UnpackId(Unpacker& in);

}  // namespace drover::session
