#include "libs/redis/witness.h"

#include <random>

namespace drover::redis {
namespace {

const Client::Script& ReplaceScript() {
  static const Client::Script kScript(
      "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end "
      "redis.call('SET', KEYS[1], ARGV[2]) return 1");
  return kScript;
}

std::string NewNonce() {
  std::random_device random;
  return "rebuilding " + std::to_string(random()) + "-" + std::to_string(random());
}

}  // namespace

Witness::Witness(Client& client, std::string key) : client_(client), key_(std::move(key)) {}

std::string Witness::KeyOn(const Client::Server& server) const {
  return server.tag.empty() ? key_ : key_ + ":" + server.tag;
}

bool Witness::stands() const { return !checked_.empty() && checked_ == client_.run_id(); }

Task<bool> Witness::Check(Deadline deadline) {
  const std::string run_id = client_.run_id();
  const std::vector<Client::Server> servers = client_.servers();
  bool all = !servers.empty();
  for (const Client::Server& server : servers) {
    const std::string key = KeyOn(server);
    const std::string_view args[] = {"GET", key};
    const Result<Reply> reply = co_await client_.Execute(args, deadline);
    if (!reply) {
      checked_.clear();
      co_return reply.error();
    }
    all = all && reply->text == server.run_id;
  }
  checked_ = all ? run_id : "";
  co_return stands();
}

Task<void> Witness::Begin(Deadline deadline) {
  begun_ = client_.run_id();
  nonce_ = NewNonce();
  const std::vector<Client::Server> servers = client_.servers();
  if (servers.empty()) co_return Unavailable("not every Redis server was reached yet");
  for (const Client::Server& server : servers) {
    const std::string key = KeyOn(server);
    const std::string_view args[] = {"SET", key, nonce_};
    DROVER_CO_TRY(co_await client_.Execute(args, deadline));
  }
  co_return Result<void>();
}

Task<void> Witness::Complete(Deadline deadline) {
  const std::vector<Client::Server> servers = client_.servers();
  if (begun_.empty() || client_.run_id() != begun_) {
    co_return Aborted("a Redis server was restarted or replaced meanwhile");
  }
  for (const Client::Server& server : servers) {
    const std::string key = KeyOn(server);
    const std::string_view keys[] = {key};
    const std::string_view args[] = {nonce_, server.run_id};
    DROVER_CO_TRY(const Reply reply, co_await client_.Eval(ReplaceScript(), keys, args, deadline));
    if (reply.integer != 1) co_return Aborted("Redis was emptied meanwhile, or another rebuilds");
  }
  co_return Result<void>();
}

}  // namespace drover::redis
