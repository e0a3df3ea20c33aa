#include "libs/redis/client.h"

#include <openssl/sha.h>

#include "libs/base/bytes.h"
#include "libs/redis/connection.h"

namespace drover::redis {

Client::Client(asio::io_context& loop, Config config)
    : connection_(std::make_shared<Connection>(loop, std::move(config))) {
  connection_->Open();
}

Client::~Client() { connection_->Close(); }

bool Client::connected() const { return connection_->connected(); }
const std::string& Client::run_id() const { return connection_->run_id(); }

Task<Reply> Client::Execute(std::span<const std::string_view> args, Deadline deadline) {
  Connection* connection = connection_.get();
  return Suspend<Reply>([connection, args, deadline](Resumer<Reply> resume) {
    connection->Submit(args, deadline, std::move(resume));
  });
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
