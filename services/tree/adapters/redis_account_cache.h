// drover:tree:account:{<device>}: the account as session reads it in its one round trip.
//
// A lookup only puts what is not there (SET NX); a change deletes before it is committed and writes
// after, whatever is there. So a lookup that read the row before a change cannot leave the old
// account behind. Should Redis fail between commit and write, the entry's time to live bounds how
// long an old account may be served.
#pragma once
#include <chrono>
#include <string>

#include "libs/redis/client.h"
#include "services/tree/core/model.h"

namespace drover::tree {

std::string AccountCacheKey(const DeviceId& device);

class RedisAccountCache {
 public:
  RedisAccountCache(redis::Client& redis, std::chrono::milliseconds ttl);

  // sealed: AccountSeal::SealForCache.
  Task<void> PutIfAbsent(const DeviceId& device, std::string sealed, Deadline deadline);
  Task<void> Put(const DeviceId& device, std::string sealed, Deadline deadline);
  Task<void> Remove(const DeviceId& device, Deadline deadline);

 private:
  redis::Client& redis_;
  const std::string ttl_ms_;
};

}  // namespace drover::tree
