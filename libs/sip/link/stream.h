// A TCP or TLS connection that carries SIP messages both ways.
//
// What a turn of the loop sends leaves in one write at its end. What waits to be written is
// bounded; so is the time to connect, and the time without a whole message.
// Loop thread only. It lives as long as something of it is under way.
// Spec: RFC 3261, sections 18.1 to 18.3; RFC 5626, section 4.4.1.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include "libs/async/task.h"
#include "libs/sip/framer.h"
#include "libs/sip/transaction_hop.h"
#include "libs/sip/transaction_timers.h"

namespace drover::sip {

class Stream : public std::enable_shared_from_this<Stream> {
 public:
  using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
  class Handler {
   public:
    virtual ~Handler() = default;
    virtual void OnMessage(Stream& stream, std::string_view message) = 0;
    // What came is no SIP any more; head: of a message that can still be answered, or empty. The
    // stream is closed afterwards.
    virtual void OnBroken(Stream& stream, std::string_view head) = 0;
    virtual void OnPing() = 0;  // A keep-alive, answered.
    // Once, unless Close was called; nothing comes after it. handshaken: it had been open.
    virtual void OnClosed(Stream& stream, const std::string& why, bool was_open) = 0;
  };
  struct Wiring {
    Handler* handler = nullptr;               // Until Close or OnClosed.
    std::shared_ptr<asio::ssl::context> tls;  // None: in the clear.
    std::string domain;                       // As the TLS client: whom the certificate names.
    bool check_name = true;
    size_t queue_octets = 1024 * 1024;
    std::chrono::milliseconds connect_time{5'000};
    std::chrono::seconds idle_time{3600};
  };

  // One that peer has opened.
  Stream(asio::io_context& loop, Socket socket, const Hop& peer, Wiring wiring);
  // One to be opened to peer.
  Stream(asio::io_context& loop, const Hop& peer, Wiring wiring);

  void Start();
  // Takes it whole, to be sent when the connection is open; false: too much waits.
  bool Send(std::string_view octets);
  bool has_room(size_t octets) const {
    return queue_.size() + writing_.size() + octets <= wiring_.queue_octets;
  }
  // Drops it; nothing is called back.
  void Close();

  const Hop& hop() const { return hop_; }  // The peer, and the flow's number.
  bool opened_by_us() const { return opened_by_ == OpenedBy::kUs; }
  const std::string& domain() const { return wiring_.domain; }

 private:
  using TlsStream = asio::ssl::stream<Socket&>;
  enum class Phase : uint8_t { kNew, kConnecting, kHandshake, kOpen, kLastWords, kClosed };

  void Connect();
  void Handshake();
  bool PeerIsWhoItShouldBe();
  void OnOpen();
  void Read();
  void OnRead(const boost::system::error_code& error, size_t octets);
  bool Take(Framer::State state, std::string_view message);
  void Flush();
  void OnWritten(const boost::system::error_code& error);
  void WatchTime();
  void OnTime();
  void Lost(const std::string& why);

  asio::io_context& loop_;
  Wiring wiring_;
  Hop hop_;
  const OpenedBy opened_by_;
  Socket socket_;
  std::unique_ptr<TlsStream> tls_;
  Timer timer_;
  Framer framer_;
  std::vector<char> in_;
  std::string queue_;  // Not yet being written.
  std::string writing_;
  Time heard_;  // When a whole message came, or the phase began.
  Phase phase_ = Phase::kNew;
  bool flush_posted_ = false;
  bool write_waits_ = false;
};

}  // namespace drover::sip
