// SessionState to octets and back: drover:session:state:{<device>}.
//
//   version    8 octets, the most significant first: a compare needs no decoding
//   format     1 octet: compressed or not; neither is what protobuf begins with, so that version
//              0.1's records count as lost here, and ours there
//   size       of the rest before it was compressed; only if it is
//   the rest   each field once, without what has its default (state_codec.cc)
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "services/session/core/state.h"

namespace drover::session {

struct StoredSession {
  SessionState session;
  // NonceState's, while its client_nonce is the one that was stored with it: every proof makes
  // another one, and a previous nonce is never older than the one before.
  std::string previous_nonce;
  std::string follower;  // The beginning of that client_nonce.
};

std::string EncodeSession(const SessionState& session, const NonceState& nonces);
// nullopt: not something that EncodeSession made; treated as no session at all.
std::optional<StoredSession> DecodeSession(std::string_view octets);
// Also of what DecodeSession does not read; 0: it has none.
uint64_t VersionOf(std::string_view octets);
// Gives nonces the previous one back if it is still theirs.
void RestorePrevious(const StoredSession& stored, NonceState& nonces);

}  // namespace drover::session
