// SessionStore on Redis: one MGET to load, one script to save.
//
// Keys, all with the hash tag {<device>}: drover:session:state, drover:session:nonce (ours);
// drover:tree:account, drover:operations:mark (read only). Without: drover:operations:marks, the
// witness of the marks (libs/redis/witness.h), read only.
#pragma once
#include "libs/dmauth/seal.h"
#include "libs/redis/client.h"
#include "libs/redis/witness.h"
#include "services/session/codec/state_codec.h"
#include "services/session/ports.h"

namespace drover::session {

struct StoreConfig {
  std::chrono::seconds session_ttl{600};  // After the last message; a repeat is answered so long.
  std::chrono::seconds nonce_ttl{90 * 24 * 3600};
  // Of a challenge to a terminal that has never proved itself, and of its wrong credentials: no
  // shorter than a throttle's pause, nor than a nonce resynchronisation is valid.
  std::chrono::seconds stranger_ttl{900};
};

class RedisSessionStore final : public SessionStore {
 public:
  RedisSessionStore(redis::Client& redis, dmauth::SealKeys keys, StoreConfig config);

  Task<Loaded> Load(const DeviceId& device, const syncml::Message* message,
                    Deadline deadline) override;
  Task<void> Save(const DeviceId& device, const SessionState& session, uint64_t expected_version,
                  Nonces nonces, Deadline deadline) override;
  Task<void> SaveNonces(const DeviceId& device, Nonces nonces, Deadline deadline) override;
  bool marks_complete() const override { return marks_witness_.stands(); }

  // Asks each second whether operations' marks are complete; ends with the loop.
  Process WatchMarks(asio::io_context& loop);

 private:
  std::string LifeOf(const NonceState& nonces) const;
  std::string Sealed(const std::string& key, const SessionState& session,
                     const NonceState& nonces) const;
  std::optional<StoredSession> Opened(const std::string& key, std::string_view octets) const;

  redis::Client& redis_;
  dmauth::SealKeys keys_;
  StoreConfig config_;
  redis::Witness marks_witness_;
};

}  // namespace drover::session
