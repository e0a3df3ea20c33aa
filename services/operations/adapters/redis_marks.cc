#include "services/operations/adapters/redis_marks.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "libs/async/promise.h"

namespace drover::operations {
namespace {

constexpr size_t kSlice = 500;  // Keys in one script; it keeps the server some 0.3 ms.

const redis::Client::Script& ClearScript() {
  static const redis::Client::Script kScript(
      "for i, key in ipairs(KEYS) do "
      "if redis.call('GET', key) == ARGV[i] then redis.call('DEL', key) end end return 0");
  return kScript;
}

const redis::Client::Script& RaiseScript() {
  static const redis::Client::Script kScript(
      "for i, key in ipairs(KEYS) do redis.call('INCR', key) end return 0");
  return kScript;
}

std::string Key(const std::string& device) { return "drover:operations:mark:{" + device + "}"; }

}  // namespace

// Each slice in a coroutine of its own, so that they share a write; the last one to end resumes the
// caller.
struct RedisMarks::Running {
  Running(asio::io_context& loop, size_t n) : left(n), ended(loop) {}
  size_t left;
  Result<void> result;
  Promise<bool> ended;
};

Process RedisMarks::RunInto(std::shared_ptr<Running> running, const redis::Client::Script& script,
                            Slice slice, Deadline deadline) {
  const std::vector<std::string_view> keys(slice.keys.begin(), slice.keys.end());
  const std::vector<std::string_view> values(slice.values.begin(), slice.values.end());
  Result<redis::Reply> ran = co_await redis_.Eval(script, keys, values, deadline);
  if (!ran && running->result) running->result = std::move(ran).error();
  if (--running->left == 0) running->ended.Set(true);
}

Task<void> RedisMarks::ForEach(const redis::Client::Script& script, Slice all, Deadline deadline) {
  if (all.keys.empty()) co_return Result<void>();
  const auto servers = redis_.servers();
  const bool together = servers.size() == 1 && servers.front().tag.empty();
  const size_t step = together ? kSlice : 1;
  const size_t slices = (all.keys.size() + step - 1) / step;
  auto running = std::make_shared<Running>(loop_, slices);
  for (size_t i = 0; i < all.keys.size(); i += step) {
    const auto from = static_cast<std::ptrdiff_t>(i);
    const auto to = static_cast<std::ptrdiff_t>(std::min(i + step, all.keys.size()));
    Slice slice;
    slice.keys.assign(all.keys.begin() + from, all.keys.begin() + to);
    if (!all.values.empty()) {
      slice.values.assign(all.values.begin() + from, all.values.begin() + to);
    }
    asio::co_spawn(loop_.get_executor(), RunInto(running, script, std::move(slice), deadline),
                   asio::detached);
  }
  DROVER_CO_TRY(co_await running->ended.Wait(deadline + std::chrono::seconds(1), "Redis marks"));
  co_return running->result;
}

Task<void> RedisMarks::Clear(std::vector<Seen> marks, Deadline deadline) {
  Slice all;
  for (const Seen& mark : marks) {
    all.keys.push_back(Key(mark.device));
    all.values.push_back(std::to_string(mark.value));
  }
  co_return co_await ForEach(ClearScript(), std::move(all), deadline);
}

Task<void> RedisMarks::Raise(std::vector<std::string> devices, Deadline deadline) {
  Slice all;
  for (const std::string& device : devices) all.keys.push_back(Key(device));
  co_return co_await ForEach(RaiseScript(), std::move(all), deadline);
}

}  // namespace drover::operations
