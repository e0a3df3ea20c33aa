// The two transports of a Channel: plain TCP and TLS.
#include <utility>

#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/write.hpp>

#include "libs/http/address.h"
#include "libs/smpp/link/channel.h"

namespace drover::smpp {
namespace {

using boost::system::error_code;
using TlsStream = asio::ssl::stream<Socket>;

std::string PeerOf(const Socket& socket) {
  error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  return error ? std::string("gone") : http::Text(endpoint);
}

class PlainChannel final : public Channel {
 public:
  PlainChannel(asio::io_context& loop, Socket socket, SessionSettings settings, uint64_t epoch)
      : Channel(loop, std::move(settings), epoch), socket_(std::move(socket)) {
    peer_ = PeerOf(socket_);
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  }

 private:
  std::shared_ptr<PlainChannel> Self() {
    return std::static_pointer_cast<PlainChannel>(shared_from_this());
  }
  void Handshake() override { OnHandshake({}); }
  void ReadSome(asio::mutable_buffer room) override {
    socket_.async_read_some(
        room, [self = Self()](error_code error, size_t octets) { self->OnRead(error, octets); });
  }
  // A write that fits into the socket's buffer, as nearly all do, needs no turn of the loop.
  size_t Write(std::string_view octets) override {
    error_code error;
    const size_t done = socket_.write_some(asio::buffer(octets), error);
    if (done == octets.size()) return done;
    asio::async_write(
        socket_, asio::buffer(octets.substr(done)),
        [self = Self()](error_code failed, size_t written) { self->OnWritten(failed, written); });
    return done;
  }
  void SayGoodbye() override {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }
  void CloseSocket() override {
    error_code ignored;
    socket_.close(ignored);
  }

  Socket socket_;
};

class TlsChannel final : public Channel {
 public:
  TlsChannel(asio::io_context& loop, Socket socket, SessionSettings settings, const Wiring& wiring)
      : Channel(loop, std::move(settings), wiring.epoch),
        context_(wiring.tls),
        stream_(std::move(socket), *context_) {
    peer_ = PeerOf(stream_.next_layer());
    error_code ignored;
    stream_.next_layer().set_option(asio::ip::tcp::no_delay(true), ignored);
    const std::string& name = wiring.server_name;
    if (name.empty()) return;
    asio::ip::make_address(name, ignored);
    const bool is_name = ignored.failed();  // SNI takes no addresses: RFC 6066, section 3.
    if (is_name) SSL_set_tlsext_host_name(stream_.native_handle(), name.c_str());
    if (wiring.check_name) {
      stream_.set_verify_callback(asio::ssl::host_name_verification(name), ignored);
    }
  }

 private:
  std::shared_ptr<TlsChannel> Self() {
    return std::static_pointer_cast<TlsChannel>(shared_from_this());
  }
  void Handshake() override {
    const bool client = session().settings().role == Role::kEsme;
    stream_.async_handshake(client ? TlsStream::client : TlsStream::server,
                            [self = Self()](error_code error) { self->OnHandshake(error); });
  }
  void ReadSome(asio::mutable_buffer room) override {
    reading_ = true;
    stream_.async_read_some(room, [self = Self()](error_code error, size_t octets) {
      self->reading_ = false;
      if (self->leaving_) return self->ShutDown();
      self->OnRead(error, octets);
    });
  }
  size_t Write(std::string_view octets) override {
    asio::async_write(
        stream_, asio::buffer(octets),
        [self = Self()](error_code error, size_t written) { self->OnWritten(error, written); });
    return 0;
  }
  // A stream of TLS is ended by a message that no read may be in the way of.
  void SayGoodbye() override {
    leaving_ = true;
    if (!reading_) return ShutDown();
    error_code ignored;
    stream_.next_layer().cancel(ignored);
  }
  void ShutDown() {
    stream_.async_shutdown([self = Self()](error_code) { self->OnRead(asio::error::eof, 0); });
  }
  void CloseSocket() override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

  const std::shared_ptr<asio::ssl::context> context_;
  TlsStream stream_;
  bool reading_ = false;
  bool leaving_ = false;
};

}  // namespace

std::shared_ptr<Channel> Channel::Make(asio::io_context& loop, Socket socket,
                                       SessionSettings settings, const Wiring& wiring) {
  if (wiring.tls) {
    return std::make_shared<TlsChannel>(loop, std::move(socket), std::move(settings), wiring);
  }
  return std::make_shared<PlainChannel>(loop, std::move(socket), std::move(settings), wiring.epoch);
}

}  // namespace drover::smpp
