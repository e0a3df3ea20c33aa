// A session on a connection: reads, writes, and minds the session's deadlines.
//
// What a turn of the loop sends leaves in one write at its end; what answers what was read leaves
// at once. While too much waits to be written nothing more is read.
// Loop thread only. It lives as long as something of its connection is under way, and the handler
// with it.
#pragma once
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include "libs/async/deadline_timer.h"
#include "libs/async/task.h"
#include "libs/smpp/session.h"

namespace drover::smpp {

using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;

class Channel : public std::enable_shared_from_this<Channel> {
 public:
  struct Wiring {
    std::shared_ptr<asio::ssl::context> tls;  // None: in the clear.
    std::string server_name;                  // As the TLS client: SNI, empty: none.
    bool check_name = false;                  // And whether the certificate has to name it.
    uint64_t epoch = 0;
  };
  // socket: connected.
  static std::shared_ptr<Channel> Make(asio::io_context& loop, Socket socket,
                                       SessionSettings settings, const Wiring& wiring);
  virtual ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Shakes hands, if there is TLS, and begins. Once.
  void Start(std::shared_ptr<SessionHandler> handler);
  // Gives the connection up. Nothing is called back afterwards.
  void Close();

  // As in Session, with the loop's time.
  template <typename T>
  Sent Send(const T& body, uint64_t token, const SendOptions& options = {}) {
    const Sent sent = session_.Send(body, token, Now(), options);
    Stir();
    return sent;
  }
  template <typename T>
  Sent Notify(const T& body) {
    const Sent sent = session_.Notify(body);
    Stir();
    return sent;
  }
  template <typename T>
  bool Respond(const RequestId& id, const T& body, CommandStatus status = CommandStatus::kRok) {
    const auto self = shared_from_this();
    const bool sent = session_.Respond(id, body, Now(), status);
    Stir();
    return sent;
  }
  bool RespondBare(const RequestId& id, CommandStatus status);
  void AcceptBind();
  void RefuseBind(CommandStatus status);
  void Unbind();
  void Abort(std::string_view why);

  Session& session() { return session_; }
  const Session& session() const { return session_; }
  bool ready(uint32_t segments) { return session_.ready(segments, Now()); }
  std::string peer() const { return peer_; }  // "127.0.0.1:40123"
  size_t unsent() const { return unsent_; }   // Octets taken from the session, and not yet written.

 protected:
  Channel(asio::io_context& loop, SessionSettings settings, uint64_t epoch);

  // What the transport does. One read and one write at a time; OnRead and OnWritten complete them.
  virtual void Handshake() = 0;  // OnHandshake completes it.
  virtual void ReadSome(asio::mutable_buffer room) = 0;
  // Returns how many octets left at once; the rest are written and OnWritten called.
  virtual size_t Write(std::string_view octets) = 0;
  virtual void SayGoodbye() = 0;  // Sends the end of the stream; reading goes on.
  virtual void CloseSocket() = 0;

  void OnHandshake(const boost::system::error_code& error);
  void OnRead(const boost::system::error_code& error, size_t octets);
  void OnWritten(const boost::system::error_code& error, size_t octets);

  std::string peer_;

 private:
  enum class Phase : uint8_t { kNew, kHandshake, kOpen, kLingering, kClosed };
  class Relay;

  static Time Now() { return std::chrono::steady_clock::now(); }
  Deadline Tick(Time now);
  // Runs what calls the session, then writes what it wants written.
  template <typename F>
  void Run(F f);
  void Stir();
  void Flush();
  void Read();
  void Lost(const std::string& why);
  void Linger();

  asio::io_context& loop_;
  std::shared_ptr<SessionHandler> handler_;
  std::unique_ptr<Relay> relay_;  // Drops what the session says once the channel is closed.
  Session session_;
  std::vector<char> in_;
  std::string out_;  // Being written.
  size_t unsent_ = 0;
  Phase phase_ = Phase::kNew;
  Time phase_until_ = Time::max();
  bool flush_posted_ = false;
  bool write_waits_ = false;
  bool read_waits_ = false;
  bool in_session_ = false;  // What is written leaves when the session has returned.
  DeadlineTimer deadlines_;
};

}  // namespace drover::smpp
