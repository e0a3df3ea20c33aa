// One HTTP/1.1 connection of a terminal, with or without TLS, and the watch over many of them. Loop
// thread only.
//
// Lean because the generator shares the machine with what it measures: one write a request, no
// timer a request (a watch sweeps), no library in between.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "libs/async/task.h"
#include "loadtest/client/http_head.h"
#include "loadtest/client/tls_client.h"

namespace drover::terminal {

class Connection;

// Closes connections that are past their deadline, within 100 ms.
class DeadlineWatch {
 public:
  explicit DeadlineWatch(asio::io_context& loop) : timer_(loop.get_executor()) {}
  void Add(Connection& connection);
  void Remove(Connection& connection);
  // Closes all that are open: what waits on them fails.
  void CloseAll();

 private:
  void Arm();
  void Sweep();
  Timer timer_;
  bool armed_ = false;
  std::vector<Connection*> watched_;
};

class Connection {
 public:
  Connection(asio::io_context& loop, DeadlineWatch& watch);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  using Tcp = asio::ip::tcp;
  // Where to, and how.
  struct Peer {
    Tcp::endpoint endpoint;
    TlsClient* tls = nullptr;  // nullptr: plain.
    std::string host;          // For SNI.
  };
  // source_index: picks one of the loopback's addresses to come from when the peer is on the
  // loopback too, so that the ports of one address do not run out.
  Task<void> Open(const Peer& peer, uint32_t source_index, Deadline deadline);
  // The same without TLS, which waits for nothing: whether the server takes the connection shows
  // when the first octets are sent.
  Result<void> Begin(const Peer& peer, uint32_t source_index, Deadline deadline);
  bool is_open() const { return socket_.is_open(); }
  void Close();
  // Nobody waits for anything on it: no deadline closes it until the next call.
  void Rest() { deadline_ = Deadline::max(); }

  Task<void> Send(std::string_view octets, Deadline deadline);
  // How many of them went without waiting; Send takes the rest. None with TLS.
  Result<size_t> SendSome(std::string_view octets, Deadline deadline);
  // The head of the answer; its body is in body() until the next call.
  Task<ResponseHead> Receive(Deadline deadline);
  std::string_view body() const { return body_; }
  // That head as it came, for fields that ResponseHead has not; as long as body().
  std::string_view head() const { return head_; }

 private:
  friend class DeadlineWatch;
  Error Failed(const boost::system::error_code& error, const char* what);
  Task<void> Fill(size_t octets);  // Until the buffer holds that many.
  Task<void> Handshake(const Peer& peer);
  Task<void> SendTls(std::string_view octets);
  Task<void> FillTls(size_t octets);
  // Until the socket can do what TLS wants, or failed.
  Task<void> Await(TlsClient::Wants wants, const char* what);

  asio::basic_stream_socket<Tcp, Executor> socket_;
  TlsClient::Ssl tls_;  // nullptr: plain.
  DeadlineWatch& watch_;
  size_t watch_index_ = SIZE_MAX;
  Deadline deadline_{};
  bool timed_out_ = false;
  bool connecting_ = false;  // Nothing has been sent yet.
  std::string buffer_;
  size_t used_ = 0;      // Octets of the buffer that are filled.
  size_t consumed_ = 0;  // By the answer handed out last.
  std::string_view body_;
  std::string_view head_;
};

}  // namespace drover::terminal
