#include "libs/sip/link/stream.h"

#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "libs/sip/link/address.h"
#include "libs/sip/link/tls.h"

namespace drover::sip {
namespace {

using boost::system::error_code;

constexpr size_t kReadOctets = 8 * 1024;
constexpr size_t kKeptOctets = 64 * 1024;  // A bigger buffer's memory is given back.
constexpr std::chrono::seconds kLastWordsTime{1};

Time Now() { return std::chrono::steady_clock::now(); }

}  // namespace

Stream::Stream(asio::io_context& loop, Socket socket, const Hop& peer, Wiring wiring)
    : loop_(loop),
      wiring_(std::move(wiring)),
      hop_(peer),
      opened_by_(OpenedBy::kPeer),
      socket_(std::move(socket)),
      timer_(loop.get_executor()),
      framer_(opened_by_),
      in_(kReadOctets) {}

Stream::Stream(asio::io_context& loop, const Hop& peer, Wiring wiring)
    : loop_(loop),
      wiring_(std::move(wiring)),
      hop_(peer),
      opened_by_(OpenedBy::kUs),
      socket_(loop.get_executor()),
      timer_(loop.get_executor()),
      framer_(opened_by_),
      in_(kReadOctets) {}

// --- Beginning.

void Stream::Start() {
  heard_ = Now();
  phase_ = Phase::kConnecting;
  WatchTime();
  if (opened_by_us()) return Connect();
  Handshake();
}

void Stream::Connect() {
  socket_.async_connect(EndpointOf(hop_), [self = shared_from_this()](error_code error) {
    if (self->phase_ != Phase::kConnecting) return;
    if (error) return self->Lost("cannot connect: " + error.message());
    self->Handshake();
  });
}

void Stream::Handshake() {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  if (!wiring_.tls) return OnOpen();
  phase_ = Phase::kHandshake;
  tls_ = std::make_unique<TlsStream>(socket_, *wiring_.tls);
  if (opened_by_us() && !ParseAddress(wiring_.domain)) {  // SNI takes no addresses: RFC 6066, 3.
    SSL_set_tlsext_host_name(tls_->native_handle(), wiring_.domain.c_str());
  }
  tls_->async_handshake(
      opened_by_us() ? TlsStream::client : TlsStream::server,
      [self = shared_from_this()](error_code error) {
        if (self->phase_ != Phase::kHandshake) return;
        if (error) return self->Lost("the TLS handshake failed: " + error.message());
        if (!self->PeerIsWhoItShouldBe()) {
          return self->Lost("the TLS certificate does not name " + self->wiring_.domain);
        }
        self->OnOpen();
      });
}

bool Stream::PeerIsWhoItShouldBe() {
  if (!opened_by_us() || !wiring_.check_name) return true;
  X509* const certificate = SSL_get1_peer_certificate(tls_->native_handle());
  const bool named = certificate != nullptr && CertificateNames(certificate, wiring_.domain);
  X509_free(certificate);
  return named;
}

void Stream::OnOpen() {
  phase_ = Phase::kOpen;
  heard_ = Now();
  WatchTime();
  Flush();
  Read();
}

// --- Reading.

void Stream::Read() {
  if (phase_ != Phase::kOpen) return;
  const auto done = [self = shared_from_this()](error_code error, size_t octets) {
    self->OnRead(error, octets);
  };
  if (tls_) return tls_->async_read_some(asio::buffer(in_), done);
  socket_.async_read_some(asio::buffer(in_), done);
}

void Stream::OnRead(const error_code& error, size_t octets) {
  if (phase_ != Phase::kOpen) return;
  if (error) {
    const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    return Lost(ended ? "the peer closed the connection" : error.message());
  }
  framer_.Feed({in_.data(), octets});
  std::string_view message;
  while (phase_ == Phase::kOpen) {
    const Framer::State state = framer_.Next(message);
    if (!Take(state, message)) break;
  }
  Read();
}

bool Stream::Take(Framer::State state, std::string_view message) {
  switch (state) {
    case Framer::State::kMessage:
      heard_ = Now();
      wiring_.handler->OnMessage(*this, message);
      return true;
    case Framer::State::kPing:
      heard_ = Now();
      Send("\r\n");
      wiring_.handler->OnPing();
      return true;
    case Framer::State::kPong:
      return true;
    case Framer::State::kNeedMore:
      return false;
    case Framer::State::kBroken:
      break;
  }
  wiring_.handler->OnBroken(*this, message);
  if (phase_ != Phase::kOpen) return false;
  phase_ = Phase::kLastWords;
  heard_ = Now();
  WatchTime();
  Flush();
  return false;
}

// --- Writing.

bool Stream::Send(std::string_view octets) {
  if (!has_room(octets.size()) || phase_ == Phase::kClosed) return false;
  queue_.append(octets);
  if (phase_ != Phase::kOpen || write_waits_ || std::exchange(flush_posted_, true)) return true;
  asio::post(loop_, [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->Flush();
  });
  return true;
}

void Stream::Flush() {
  if ((phase_ != Phase::kOpen && phase_ != Phase::kLastWords) || write_waits_) return;
  if (queue_.empty()) {
    if (phase_ == Phase::kLastWords) Lost("what it said was no SIP");
    return;
  }
  writing_.swap(queue_);
  write_waits_ = true;
  const auto done = [self = shared_from_this()](error_code error, size_t) {
    self->OnWritten(error);
  };
  if (tls_) return asio::async_write(*tls_, asio::buffer(writing_), done);
  asio::async_write(socket_, asio::buffer(writing_), done);
}

void Stream::OnWritten(const error_code& error) {
  write_waits_ = false;
  if (phase_ == Phase::kClosed) return;
  if (error) return Lost(error.message());
  writing_.clear();
  if (writing_.capacity() > kKeptOctets) writing_.shrink_to_fit();
  Flush();
}

// --- The end.

void Stream::WatchTime() {
  const bool open = phase_ == Phase::kOpen;
  const std::chrono::milliseconds opening = wiring_.connect_time;
  const std::chrono::milliseconds last = kLastWordsTime;
  const std::chrono::milliseconds idle = wiring_.idle_time;
  timer_.expires_at(heard_ + (open ? idle : phase_ == Phase::kLastWords ? last : opening));
  timer_.async_wait([weak = weak_from_this()](error_code cancelled) {
    const std::shared_ptr<Stream> self = weak.lock();
    if (!cancelled && self) self->OnTime();
  });
}

void Stream::OnTime() {
  if (phase_ == Phase::kClosed) return;
  if (phase_ == Phase::kOpen && Now() < heard_ + wiring_.idle_time) return WatchTime();
  Lost(phase_ == Phase::kOpen        ? "nothing was said for long"
       : phase_ == Phase::kLastWords ? "what it said was no SIP"
                                     : "no connection in time");
}

void Stream::Lost(const std::string& why) {
  const bool was_open = phase_ == Phase::kOpen || phase_ == Phase::kLastWords;
  Handler* const handler = wiring_.handler;
  const std::shared_ptr<Stream> self = shared_from_this();
  Close();
  if (handler != nullptr) handler->OnClosed(*this, why, was_open);
}

void Stream::Close() {
  if (std::exchange(phase_, Phase::kClosed) == Phase::kClosed) return;
  wiring_.handler = nullptr;
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
}

}  // namespace drover::sip
