// NonceState to octets and back: drover:session:nonce:{<device>}.
//
// A terminal at rest takes 44 octets at most, if its own nonces have 16: Redis keeps so many
// together with the value's header in one allocation.
//
//   flags      1 octet; the three lowest bits are set, which no protobuf begins with
//   if known   client_nonce, server_nonce (length, octets)
//   if told    8 octets of the digest of DevInfo
//   if challenged, failed, resynchronised: their fields
//
// previous_nonce is not in it: it lives with the session's state, and as long.
#pragma once
#include <string>
#include <string_view>

#include "services/session/core/state.h"

namespace drover::session {

std::string EncodeNonces(const NonceState& nonces);
// What is no such record counts as none. Reads the records of version 0.1 too
// (proto/drover/session/v1/state.proto): else an upgrade would bring the enrolment's nonces back.
NonceState DecodeNonces(std::string_view octets);

}  // namespace drover::session
