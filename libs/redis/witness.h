// Says whether what was written to Redis is all there still, on every server that holds a part.
//
// A key on each server (on a Cluster: on each master, by a hash tag of its own) whose value is the
// server's run id. It is gone from a server that was emptied. It names another run on a server that
// was restarted from a file, or that took over from a failed master: either may lack the last
// writes, replication and files being behind. Then what was written is written again:
// Begin, the writes, Complete; of several that do so at once the last to begin completes.
#pragma once
#include <string>
#include <string_view>

#include "libs/redis/client.h"

namespace drover::redis {

class Witness {
 public:
  // On a single server the key is used as it is; on a Cluster "<key>:{<tag>}".
  Witness(Client& client, std::string key);

  // Whether every server's witness stands.
  Task<bool> Check(Deadline deadline);
  // What the last Check found; false from the moment on that a server was restarted or replaced.
  // No round trip: replies that came before a call were given by servers that it speaks of.
  bool stands() const;

  Task<void> Begin(Deadline deadline);
  // kAborted if a server was emptied, restarted or replaced, or another has begun, since Begin.
  Task<void> Complete(Deadline deadline);

 private:
  std::string KeyOn(const Client::Server& server) const;
  Client& client_;
  const std::string key_;
  std::string checked_;  // The servers' run_id() when the witness last stood; else empty.
  std::string begun_;    // Likewise, at Begin.
  std::string nonce_;    // What Begin wrote.
};

}  // namespace drover::redis
