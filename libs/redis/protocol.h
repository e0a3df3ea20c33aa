// RESP2: commands out, replies in. Values only, no IO.
#pragma once
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "libs/redis/reply.h"

namespace drover::redis {

// Appends one command, an array of bulk strings.
void AppendCommand(std::span<const std::string_view> args, std::string& out);

// What the server said of an error that Take returned, without its '-': "MOVED 3999 host:6379".
// Empty for an error that is not from a server.
std::string_view ServersWords(const Error& error);

// Takes octets as they arrive and builds each reply in place (hiredis does the parsing).
class ReplyReader {
 public:
  ReplyReader();
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;

  void Feed(std::string_view octets);

  enum class State : uint8_t { kReply, kNeedMore, kBroken };
  // kReply: take it before the next call. kBroken: no RESP, or more
  // than 65536 values in one reply; the connection is of no more use.
  State Next();
  // The reply, or the server's error with the Code that client.h promises.
  Result<Reply> Take();

 private:
  struct Building;
  std::unique_ptr<Building> building_;
};

}  // namespace drover::redis
