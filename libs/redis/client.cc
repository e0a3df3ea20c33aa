#include "libs/redis/client.h"

#include <openssl/sha.h>

#include "libs/base/bytes.h"
#include "libs/redis/cluster.h"
#include "libs/redis/connection.h"

namespace drover::redis {

Client::Client(asio::io_context& loop, Config config) {
  if (IsClusterUrl(config.url)) {
    cluster_ = std::make_shared<Cluster>(loop, std::move(config));
    cluster_->Open();
    return;
  }
  Result<Endpoint> endpoint = ParseEndpoint(config.url);
  connection_ = std::make_shared<Connection>(loop, std::move(config), std::move(endpoint),
                                             Connection::Hooks());
  connection_->Open();
}

Client::~Client() {
  if (connection_) connection_->Close();
  if (cluster_) cluster_->Close();
}

bool Client::connected() const {
  return cluster_ ? cluster_->connected() : connection_->connected();
}

const std::string& Client::run_id() const {
  return cluster_ ? cluster_->run_id() : connection_->run_id();
}

std::vector<Client::Server> Client::servers() const {
  if (cluster_) return cluster_->servers();
  if (connection_->run_id().empty()) return {};
  return {{.run_id = connection_->run_id(), .tag = {}}};
}

Task<Reply> Client::Execute(std::span<const std::string_view> args, Deadline deadline) {
  if (cluster_) return cluster_->Execute(args, deadline);
  return connection_->Execute(args, deadline, false);
}

Client::Script::Script(std::string_view source) : text(source) {
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  sha1 = base::Hex({reinterpret_cast<const char*>(digest), sizeof(digest)});
}

Task<Reply> Client::Eval(const Script& script, std::span<const std::string_view> keys,
                         std::span<const std::string_view> args, Deadline deadline) {
  const std::string key_count = std::to_string(keys.size());
  std::vector<std::string_view> command = {"EVALSHA", script.sha1, key_count};
  command.insert(command.end(), keys.begin(), keys.end());
  command.insert(command.end(), args.begin(), args.end());
  Result<Reply> reply = co_await Execute(command, deadline);
  if (reply || reply.error().code != Code::kNotFound) co_return reply;
  command[0] = "EVAL";  // Runs it and keeps it for the next EVALSHA.
  command[1] = script.text;
  Result<Reply> loaded = co_await Execute(command, deadline);
  co_return loaded;
}

}  // namespace drover::redis
