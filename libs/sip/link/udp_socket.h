// One UDP socket, read and written in batches, that tells of addresses that cannot be reached.
//
// What is sent leaves when a batch is full, and at the end of the loop's turn; datagrams of one
// size to one address go through the kernel as one (UDP_SEGMENT) where it can. What the kernel does
// not take waits in a bounded queue. ICMP errors are read from the socket's error queue
// (IP_RECVERR).
// Loop thread only.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/udp.hpp>
#include <sys/socket.h>

#include "libs/async/task.h"
#include "libs/sip/link/address.h"

namespace drover::sip {

class UdpSocket : public std::enable_shared_from_this<UdpSocket> {
 public:
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void OnDatagram(std::string_view octets, const Hop& source) = 0;
    virtual void OnUnreachable(const Hop& hop) = 0;  // Never from inside Send or Flush.
  };
  struct Settings {
    size_t socket_octets = 4 * 1024 * 1024;
    size_t queue = 8192;  // Datagrams.
  };
  struct Counters {
    uint64_t in = 0;
    uint64_t out = 0;
    uint64_t lost = 0;
    uint64_t unreachable = 0;
  };

  // handler: until Close.
  UdpSocket(asio::io_context& loop, Settings settings, Handler& handler);
  ~UdpSocket();

  // "127.0.0.1:5060"; port 0: any. Begins to read.
  Result<void> Open(const std::string& listen);
  void Close();
  const Hop& local() const { return local_; }

  void Send(const Hop& hop, std::string_view octets);
  void Flush();

  const Counters& counters() const { return counters_; }

 private:
  using Socket = asio::basic_datagram_socket<asio::ip::udp, Executor>;
  struct Inbox;
  struct Waiting {  // To be sent: octets of outbox_.
    Hop hop;
    size_t octets;
  };

  void WaitToRead();
  void Read();
  bool ReadBatch();  // Whether there may be more.
  void WaitToWrite();
  size_t WriteBatch(int& error);  // How many datagrams left; 0: none, and why.
  size_t RunLength(size_t index) const;
  bool GoOn(int error, int& tries);
  void DropFirst(size_t datagrams);
  size_t DrainErrors();
  void ToldUnreachable(const Hop& hop);

  asio::io_context& loop_;
  const Settings settings_;
  Handler* handler_;
  Socket socket_;
  int family_ = AF_INET;
  Hop local_;
  std::unique_ptr<Inbox> inbox_;
  std::vector<Waiting> waiting_;
  size_t first_ = 0;  // Of waiting_ that is not sent.
  std::string outbox_;
  size_t first_octet_ = 0;  // Of outbox_ likewise.
  std::vector<Hop> unreachable_;
  bool flush_posted_ = false;
  bool blocked_ = false;  // Until the kernel takes more.
  bool segments_ = true;  // Whether the kernel cuts what it is given into datagrams (UDP_SEGMENT).
  Counters counters_;
};

}  // namespace drover::sip
