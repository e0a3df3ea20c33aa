#include "services/operations/adapters/redis_marks.h"

#include <array>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/async/promise.h"

namespace drover::operations {
namespace {

const redis::Client::Script& ClearScript() {
  static const redis::Client::Script kScript(
      "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end "
      "return 0");
  return kScript;
}

std::string Key(const std::string& device) { return "drover:operations:mark:{" + device + "}"; }

}  // namespace

Task<void> RedisMarks::RaiseOne(std::string device, Deadline deadline) {
  const std::string key = Key(device);
  const std::array<std::string_view, 2> args = {"INCR", key};
  DROVER_CO_TRY(co_await redis_.Execute(args, deadline));
  co_return Result<void>();
}

Task<void> RedisMarks::Clear(std::string device, int64_t value, Deadline deadline) {
  const std::string key = Key(device);
  const std::string expected = std::to_string(value);
  const std::array<std::string_view, 1> keys = {key};
  const std::array<std::string_view, 1> args = {expected};
  DROVER_CO_TRY(co_await redis_.Eval(ClearScript(), keys, args, deadline));
  co_return Result<void>();
}

// Each in a coroutine of its own, so that they share a write; the last one to end resumes the
// caller.
struct RedisMarks::Raising {
  Raising(asio::io_context& loop, size_t n) : left(n), ended(loop) {}
  size_t left;
  Result<void> result;
  Promise<bool> ended;
};

Process RedisMarks::RaiseInto(std::shared_ptr<Raising> raising, std::string device,
                              Deadline deadline) {
  Result<void> raised = co_await RaiseOne(std::move(device), deadline);
  if (!raised && raising->result) raising->result = std::move(raised).error();
  if (--raising->left == 0) raising->ended.Set(true);
}

Task<void> RedisMarks::Raise(std::vector<std::string> devices, Deadline deadline) {
  if (devices.empty()) co_return Result<void>();
  auto raising = std::make_shared<Raising>(loop_, devices.size());
  for (std::string& device : devices) {
    asio::co_spawn(loop_.get_executor(), RaiseInto(raising, std::move(device), deadline),
                   asio::detached);
  }
  DROVER_CO_TRY(co_await raising->ended.Wait(deadline + std::chrono::seconds(1), "Redis marks"));
  co_return raising->result;
}

}  // namespace drover::operations
