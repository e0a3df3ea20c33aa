// A UDP socket read and written in batches. Loop thread only.
//
// Its own, and not that of libs/sip, which is under test.
#pragma once
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/udp.hpp>

#include "libs/async/task.h"

namespace drover::gwsim {

class UdpPort {
 public:
  using Endpoint = asio::ip::udp::endpoint;
  using OnDatagram = std::function<void(std::string_view octets, const Endpoint& source)>;

  UdpPort(asio::io_context& loop, OnDatagram on_datagram);
  ~UdpPort();
  UdpPort(const UdpPort&) = delete;
  UdpPort& operator=(const UdpPort&) = delete;

  // "127.0.0.1:0". kUnavailable: taken; kInvalidArgument: no address.
  Result<void> Open(const std::string& listen);
  const Endpoint& local() const { return local_; }
  // Leaves at the end of the turn; what the kernel does not take is lost, as datagrams may be.
  void Send(std::string_view octets, const Endpoint& to);
  uint64_t datagrams_in() const { return in_; }
  uint64_t datagrams_out() const { return out_; }

 private:
  static constexpr size_t kBatch = 32;
  struct Inbox;
  struct Waiting {
    std::string octets;
    Endpoint to;
  };
  void Wait();
  bool Read();
  void Flush();

  asio::io_context& loop_;
  OnDatagram on_datagram_;
  asio::basic_datagram_socket<asio::ip::udp, Executor> socket_;
  Endpoint local_;
  std::unique_ptr<Inbox> inbox_;
  std::vector<Waiting> waiting_;
  bool posted_ = false;
  uint64_t in_ = 0, out_ = 0;
  const std::shared_ptr<int> alive_ = std::make_shared<int>();
};

// "127.0.0.1:5060", "[::1]:5060". kInvalidArgument: a name, or nothing like that.
Result<UdpPort::Endpoint> ParseUdpAddress(std::string_view text);

}  // namespace drover::gwsim
