// The SMSC's side: accepts connections of ESMEs and runs a session on each.
//
// Loop thread only.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "libs/smpp/link/channel.h"
#include "libs/smpp/link/tls.h"

namespace drover::smpp {

class Server {
 public:
  struct Config {
    std::string listen;  // "127.0.0.1:2775", "[::]:2775"; port 0: any that is free.
    std::optional<TlsServer> tls;
    SessionSettings session;    // role is kSmsc whatever it says.
    size_t connections = 1000;  // More are closed at once.
  };
  // Called for each connection that is accepted; the handler lives as long as its channel needs
  // it. The channel may be kept weakly; after OnEnd it is of no more use. nullptr: not this one.
  using Accept = std::function<std::shared_ptr<SessionHandler>(const std::shared_ptr<Channel>&)>;

  Server(asio::io_context& loop, Config config, Accept accept);
  // Closes everything; nothing is called back.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to accept. kUnavailable: the address is taken; kInvalidArgument: it is none,
  // or a file cannot be used.
  Result<void> Listen();
  std::string address() const;  // "127.0.0.1:40123"
  // Accepts no more, unbinds every session in order; done when all are gone, or at the deadline.
  Task<void> Drain(Deadline deadline);

  size_t connections() const;
  uint64_t accepted() const;
  uint64_t turned_away() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace drover::smpp
