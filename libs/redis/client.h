// Redis on the loop: one pipelined connection, reconnecting, with a deadline on each command.
//
// hiredis does the protocol. Commands of all coroutines share the connection; a lost one fails what
// was in flight with kUnavailable (the command may or may not have run) and reconnects with
// back-off and jitter. Loop thread only.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/async/task.h"

namespace drover::redis {

struct Config {
  std::string url = "redis://127.0.0.1:6379/0";  // redis://[user@]host:port[/db]; never a password.
  std::string password;                          // From a file; empty: none.
  size_t max_in_flight = 20'000;                 // Past it: kResourceExhausted.
  std::chrono::milliseconds connect_timeout{2000};
};

struct Reply {
  enum class Kind : uint8_t { kNil, kString, kInteger, kArray };
  Kind kind = Kind::kNil;
  std::string text;          // kString (status replies too)
  int64_t integer = 0;       // kInteger
  std::vector<Reply> items;  // kArray
  bool nil() const { return kind == Kind::kNil; }
};

class Client {
 public:
  Client(asio::io_context& loop, Config config);
  ~Client();
  Client(const Client&) = delete;

  // kUnavailable, kDeadlineExceeded, kResourceExhausted; a Redis error (-ERR ..) is
  // kFailedPrecondition with its text, kNotFound for -NOSCRIPT, kUnavailable for -LOADING and
  // -READONLY.
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
  std::unique_ptr<Connection> connection_;
};

}  // namespace drover::redis
