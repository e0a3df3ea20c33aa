// Who is speaking? The decision table for credentials of a terminal's message.
//
// Spec: OMA-TS-DM_Security-V1_2 "Authentication"; OMA-TS-DM_Protocol-V1_2 "Authentication" (status
// of SyncHdr).
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "libs/syncml/message.h"
#include "services/session/core/state.h"

namespace drover::session {

struct Verdict {
  enum class Kind : uint8_t {
    kAccepted,   // 212 (200 with MAC): go on.
    kMissing,    // 407: no credentials at all.
    kWrong,      // 401: credentials that do not hold, or of a scheme too weak.
    kThrottled,  // Too many wrong ones: not even looked at.
  };
  Kind kind = Kind::kMissing;
  dmauth::Scheme scheme = dmauth::Scheme::kMd5;  // Used, or wanted by the challenge.
  bool next_secret = false;                      // Proved with the secret of a pending rotation.
  bool resynchronised = false;                   // Proved with the zero nonce.
};

struct Throttle {
  uint32_t failures = 5;           // Wrong credentials in a row; then
  std::chrono::seconds pause{30};  // nothing is looked at for so long.
};

// account: nullptr for an unknown or disabled terminal; it is challenged like any other. Updates
// the nonces as the verdict demands: a nonce is used up by success, counted by failure. The zero
// nonce holds once, in the session that a notification made with it named, while it is valid (NOT,
// "Nonce resynchronisation").
Verdict Authenticate(const syncml::Header& header, std::string_view mac_header,
                     std::string_view body, const Account* account, const Throttle& throttle,
                     TimePoint now, const RandomOctets& random, NonceState& nonces);

// The nonce to put into a challenge; made once and kept until it was used.
const std::string& ChallengeNonce(NonceState& nonces, const RandomOctets& random);

}  // namespace drover::session
