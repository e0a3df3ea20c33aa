#include "services/tree/adapters/redis_account_cache.h"

#include <array>

namespace drover::tree {

std::string AccountCacheKey(const DeviceId& device) {
  return "drover:tree:account:{" + device.value() + "}";
}

RedisAccountCache::RedisAccountCache(redis::Client& redis, std::chrono::milliseconds ttl)
    : redis_(redis), ttl_ms_(std::to_string(ttl.count())) {}

Task<void> RedisAccountCache::PutIfAbsent(const DeviceId& device, std::string sealed,
                                          Deadline deadline) {
  const std::string key = AccountCacheKey(device);
  const std::array<std::string_view, 6> args = {"SET", key, sealed, "PX", ttl_ms_, "NX"};
  DROVER_CO_TRY(co_await redis_.Execute(args, deadline));
  co_return Result<void>();
}

Task<void> RedisAccountCache::Put(const DeviceId& device, std::string sealed, Deadline deadline) {
  const std::string key = AccountCacheKey(device);
  const std::array<std::string_view, 5> args = {"SET", key, sealed, "PX", ttl_ms_};
  DROVER_CO_TRY(co_await redis_.Execute(args, deadline));
  co_return Result<void>();
}

Task<void> RedisAccountCache::Remove(const DeviceId& device, Deadline deadline) {
  const std::string key = AccountCacheKey(device);
  const std::array<std::string_view, 2> args = {"DEL", key};
  DROVER_CO_TRY(co_await redis_.Execute(args, deadline));
  co_return Result<void>();
}

}  // namespace drover::tree
