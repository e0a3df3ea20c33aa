// Redis on the loop: one server or a Redis Cluster, each server on one pipelined connection that
// reconnects, with a deadline on each command.
//
// hiredis parses the protocol (RESP2). Commands of all coroutines share the connection; those of
// one turn of the loop leave in one write. A lost connection fails what was in flight with
// kUnavailable (the command may or may not have run) and reconnects with back-off and jitter;
// commands wait while an attempt to connect is under way and fail at once between attempts. Loop
// thread only.
//
// On a Cluster (libs/redis/cluster.h) a command goes to the master of its first key and follows the
// slot: until its deadline it is sent again as long as it certainly did not run (MOVED, ASK,
// TRYAGAIN, CLUSTERDOWN, LOADING, a master that does not accept it). One that was written and not
// answered fails as above. Keys of one command must share a slot, as {<hash tag>} makes them.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libs/async/task.h"
#include "libs/redis/reply.h"

namespace drover::redis {

struct Config {
  // redis://[user@]host:port[/db] or redis-cluster://[user@]host:port[,host:port]..; never a
  // password.
  std::string url = "redis://127.0.0.1:6379/0";
  std::string password;           // From a file; empty: none.
  size_t max_in_flight = 20'000;  // Of all servers together. Past it: kResourceExhausted.
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

  // To the server; on a Cluster: to masters that serve most of the slots.
  bool connected() const;
  // The server's run id, changed when the server was restarted (and may have lost its data); empty
  // before the first connection. On a Cluster: those of all masters, changed when one was restarted
  // or replaced; empty while one is not known.
  const std::string& run_id() const;

  // A server that holds keys.
  struct Server {
    std::string run_id;
    std::string tag;  // A hash tag whose keys it holds, "{42}"; empty: it holds all keys.
  };
  // All of them, in an order that every process sees; none while run_id() is empty.
  std::vector<Server> servers() const;

 private:
  class Connection;
  class Cluster;
  std::shared_ptr<Connection> connection_;  // Empty on a Cluster.
  std::shared_ptr<Cluster> cluster_;
};

}  // namespace drover::redis
