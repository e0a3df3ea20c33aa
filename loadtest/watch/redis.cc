#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

#include <hiredis/hiredis.h>

#include "loadtest/watch/stores.h"

namespace drover::watch {
namespace {

struct ContextDeleter {
  void operator()(redisContext* context) const { redisFree(context); }
};
struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};
using Reply = std::unique_ptr<redisReply, ReplyDeleter>;

timeval Left(Deadline deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
      deadline - std::chrono::steady_clock::now());
  const int64_t us = std::max<int64_t>(left.count(), 1000);
  return {us / 1'000'000, us % 1'000'000};
}

// "name:123\r\n" in what INFO says.
std::optional<double> Field(std::string_view info, std::string_view name) {
  const size_t at = info.find(name);
  if (at == std::string_view::npos) return std::nullopt;
  double value = 0;
  std::from_chars(info.data() + at + name.size(), info.data() + info.size(), value);
  return value;
}

class Redis : public Sampler {
 public:
  explicit Redis(RedisTarget target) : target_(std::move(target)) {}

  std::vector<Reading> Sample(Deadline deadline) override {
    if (!Connected(deadline)) return {};
    redisSetTimeout(context_.get(), Left(deadline));
    const std::string memory = Ask("INFO memory");
    const std::string keyspace = Ask("INFO keyspace");
    std::vector<Reading> readings;
    if (const auto used = Field(memory, "used_memory:")) readings.push_back(Of("bytes", *used));
    if (context_ != nullptr) readings.push_back(Of("keys", KeysIn(keyspace)));
    return readings;
  }

 private:
  // "db0:keys=12,expires=3,avg_ttl=0": one line for each database.
  static double KeysIn(std::string_view keyspace) {
    double keys = 0;
    constexpr std::string_view kName = ":keys=";
    for (size_t at = 0; (at = keyspace.find(kName, at)) != std::string_view::npos;
         at += kName.size()) {
      keys += Field(keyspace.substr(at), kName).value_or(0);
    }
    return keys;
  }

  Reading Of(const char* metric, double value) const {
    return {report::Watched::kStore, target_.name, metric, target_.url, value};
  }

  bool Connected(Deadline deadline) {
    if (context_ != nullptr) return true;
    constexpr std::string_view kScheme = "redis://";
    if (!target_.url.starts_with(kScheme)) return false;
    std::string host = target_.url.substr(kScheme.size());
    host = host.substr(0, host.find('/'));
    const size_t colon = host.rfind(':');
    const int port = colon == std::string::npos ? 6379 : std::atoi(host.c_str() + colon + 1);
    context_.reset(redisConnectWithTimeout(host.substr(0, colon).c_str(), port, Left(deadline)));
    if (context_ == nullptr || context_->err != 0) {
      context_.reset();
      return false;
    }
    redisSetTimeout(context_.get(), Left(deadline));
    return target_.password.empty() || SignOn();
  }

  bool SignOn() {
    const Reply reply(static_cast<redisReply*>(
        redisCommand(context_.get(), "AUTH %b", target_.password.data(), target_.password.size())));
    if (reply != nullptr && reply->type == REDIS_REPLY_STATUS) return true;
    context_.reset();
    return false;
  }

  // Empty, and the connection is given up, if no answer came in time.
  std::string Ask(const char* command) {
    if (context_ == nullptr) return {};
    const Reply reply(static_cast<redisReply*>(redisCommand(context_.get(), command)));
    if (reply == nullptr || reply->str == nullptr || reply->type == REDIS_REPLY_ERROR) {
      context_.reset();
      return {};
    }
    return {reply->str, reply->len};
  }

  RedisTarget target_;
  std::unique_ptr<redisContext, ContextDeleter> context_;
};

}  // namespace

std::unique_ptr<Sampler> SampleRedis(RedisTarget target) {
  return std::make_unique<Redis>(std::move(target));
}

}  // namespace drover::watch
