// One place where clients connect, and the servers behind it: a load balancer that can do harm.
//
// A connection goes to the next server in turn that takes it. Injections wait in a queue until
// traffic comes that they fit: the next octets in their direction, or the next HTTP request. Loop
// thread only.
#pragma once
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "libs/async/task.h"
#include "tests/faults/proxy/injection.h"

namespace drover::faults {

using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;

// Closes; with a reset the peer sees RST instead of FIN.
void Cut(Socket& socket, bool reset);
Process Sleep(asio::io_context& loop, std::chrono::steady_clock::duration time);

// A connection on its way through; the link can cut it.
class Passage {
 public:
  virtual ~Passage() = default;
  virtual void CutBoth(bool reset) = 0;
};

struct LinkConfig {
  std::string name;
  uint16_t port = 0;  // Where it listens, on the loopback.
  bool http = false;
  std::vector<uint16_t> servers;  // Ports on the loopback.
};

class Link {
 public:
  // Throws boost::system::system_error if the port is taken.
  Link(asio::io_context& loop, LinkConfig config);
  Link(const Link&) = delete;

  void Start();
  void Arm(const Injection& injection);
  void Disarm();
  size_t armed() const { return ups_.size() + downs_.size() + requests_.size(); }
  // Cuts every connection that is open now; returns how many.
  size_t CutAll(bool reset);

  // For passages: what is to be done to these octets, or to this request.
  std::optional<Injection> Take(Way way);
  std::optional<Injection> TakeRequest();
  void Count(Kind kind) { ++counts_[kind]; }
  // Errors: kUnavailable: no server takes the connection.
  Task<void> Connect(Socket& socket);
  void Add(Passage* passage) { passages_.insert(passage); }
  void Remove(Passage* passage) { passages_.erase(passage); }

  asio::io_context& loop() { return loop_; }
  const LinkConfig& config() const { return config_; }
  const std::map<Kind, uint64_t>& counts() const { return counts_; }
  uint64_t connections() const { return connections_; }

 private:
  Process Accept();

  asio::io_context& loop_;
  const LinkConfig config_;
  asio::basic_socket_acceptor<Tcp, Executor> acceptor_;
  std::deque<Injection> ups_, downs_, requests_;
  std::set<Passage*> passages_;
  std::map<Kind, uint64_t> counts_;
  size_t next_server_ = 0;
  uint64_t connections_ = 0;
};

}  // namespace drover::faults
