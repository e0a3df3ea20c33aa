// SessionState and NonceState to octets and back (proto/drover/session/v1/state.proto).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "services/session/core/state.h"

namespace drover::session {

// Eight octets of version, then the rest.
std::string EncodeSession(const SessionState& session);
// nullopt: not something that EncodeSession made; treated as no session at all.
std::optional<SessionState> DecodeSession(std::string_view octets);

std::string EncodeNonces(const NonceState& nonces);
NonceState DecodeNonces(std::string_view octets);

}  // namespace drover::session
