// Any octets as the stored state of a session: none, or one that comes back as it was from what is
// made of it.
#include "libs/base/check.h"
#include "services/session/codec/state_codec.h"
#include "tests/fuzz/fuzz.h"

using namespace drover::session;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view octets = View(data, size);
  (void)VersionOf(octets);
  const std::optional<StoredSession> stored = DecodeSession(octets);
  if (!stored) return 0;
  NonceState nonces;
  nonces.known = true;
  nonces.client_nonce = stored->follower;
  RestorePrevious(*stored, nonces);
  const std::string kept = EncodeSession(stored->session, nonces);
  const std::optional<StoredSession> again = DecodeSession(kept);
  DROVER_CHECK(again.has_value());
  DROVER_CHECK(EncodeSession(again->session, nonces) == kept);
  return 0;
}
