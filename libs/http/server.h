// An HTTP/1.1 server on the loop: keep-alive, pipelining, bodies by length or in chunks, TLS.
//
// Lean on purpose: one buffer a connection, reused from request to request; one gathered write a
// response; no timer a connection, but one coarse tick that looks at them all. Every wait has a
// limit, and every refusal its status: 400, 408, 413, 414, 417, 431, 501, 503, 505.
// Spec: RFC 9112; RFC 9110, section 10.1.1 (Expect).
#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "libs/async/task.h"
#include "libs/http/message.h"

namespace drover::http {

struct Limits {
  size_t head_octets = 8 * 1024;                  // Request line and headers: 414, 431.
  size_t headers = 64;                            // 431
  size_t body_octets = 1024 * 1024;               // 413
  size_t connections = 10'000;                    // Past it a new one is answered 503 and closed.
  std::chrono::milliseconds idle_time{60'000};    // Between requests; then closed.
  std::chrono::milliseconds head_time{10'000};    // From first octet (or TLS hello) to last: 408.
  std::chrono::milliseconds body_time{30'000};    // 408
  std::chrono::milliseconds handle_time{60'000};  // A handler that has not answered by then: 503.
  std::chrono::milliseconds write_time{30'000};   // A client that does not read: closed.
  std::chrono::milliseconds tick{250};            // How exact these times are.
};

struct TlsConfig {               // TLS 1.2 and up, resumption by tickets.
  std::string certificate_file;  // PEM, leaf first.
  std::string key_file;          // PEM
  std::string ticket_key_file;   // libs/http/ticket_keys.h; empty: keys of this server's own.
  std::string client_ca_file;    // PEM: clients may show a certificate of these; empty: not asked.
};

class Connection;

// Answers one request, once, on the loop, from the handler or later. A copy is the same answer. If
// the last copy goes unused the connection is closed.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Connection> connection);
  Responder(const Responder&);
  Responder(Responder&&) noexcept;
  Responder& operator=(const Responder&);
  Responder& operator=(Responder&&) noexcept;
  ~Responder();
  // Does nothing if the connection is gone. The Request is gone afterwards.
  void Send(Response response) const;

 private:
  std::shared_ptr<Connection> connection_;
  uint64_t request_ = 0;  // Which request of the connection.
};

// Called on the loop with every whole request.
using Handler = std::function<void(const Request& request, Responder responder)>;

class Server {
 public:
  struct Config {
    std::string listen;  // "127.0.0.1:8080", "[::]:8080", ":8080"; port 0: any that is free.
    Limits limits;
    std::optional<TlsConfig> tls;
    // What the server refuses by itself: the status, and why in a few words.
    std::function<void(int status, std::string_view cause)> on_refusal;
  };

  Server(asio::io_context& loop, Config config, Handler handler);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to accept. kUnavailable: the address is taken; kInvalidArgument: it is none,
  // or a file of tls cannot be used.
  Result<void> Listen();
  std::string address() const;  // As bound: "127.0.0.1:41234".

  // Closes the listener and what is idle; what is in flight is answered with "Connection: close".
  // Returns when the last connection is closed, or at the deadline, when the rest is cut off.
  Task<void> Drain(Deadline deadline);

  size_t connections() const;
  uint64_t accepted() const;

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace drover::http
