// Redis on the loop: one pipelined connection, reconnecting, with a deadline on each command.
//
// hiredis parses the protocol (RESP2). Commands of all coroutines share the connection; those of
// one turn of the loop leave in one write. A lost connection fails what was in flight with
// kUnavailable (the command may or may not have run) and reconnects with back-off and jitter;
// commands wait while an attempt to connect is under way and fail at once between attempts. Loop
// thread only.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "libs/async/task.h"
#include "libs/redis/reply.h"

namespace drover::redis {

struct Config {
  std::string url = "redis://127.0.0.1:6379/0";  // redis://[user@]host:port[/db]; never a password.
  std::string password;                          // From a file; empty: none.
  size_t max_in_flight = 20'000;                 // Past it: kResourceExhausted.
  std::chrono::milliseconds connect_timeout{2000};
};

class Client {
 public:
  Client(asio::io_context& loop, Config config);
  ~Client();
  Client(const Client&) = delete;

  // kUnavailable, kDeadlineExceeded, kResourceExhausted; a Redis error (-ERR ..) is
  // kFailedPrecondition with its text, kNotFound for -NOSCRIPT, kUnavailable for -LOADING and
  // -READONLY. An error inside an array (EXEC) is the error of the whole. kInvalidArgument when the
  // configured URL is not one. args must stay until the Task is awaited.
  Task<Reply> Execute(std::span<const std::string_view> args, Deadline deadline);

  // EVALSHA with its script loaded when the server does not have it.
  struct Script {
    explicit Script(std::string_view text);
    std::string text;
    std::string sha1;
  };
  Task<Reply> Eval(const Script& script, std::span<const std::string_view> keys,
                   std::span<const std::string_view> args, Deadline deadline);

  bool connected() const;
  // The server's run id, changed when the server was restarted (and may have lost its data); empty
  // before the first connection.
  const std::string& run_id() const;

 private:
  class Connection;
  std::shared_ptr<Connection> connection_;
};

}  // namespace drover::redis
