#include "loadtest/client/connection.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

namespace drover::terminal {
namespace {

constexpr std::chrono::milliseconds kSweepEvery{100};
constexpr size_t kFirstBuffer = 4096;
constexpr size_t kMaxBody = 16 * 1024 * 1024;
constexpr uint32_t kSourceAddresses = 4000;

// 127.1.0.1 and on: away from the addresses that servers listen at.
asio::ip::address_v4 SourceAddress(uint32_t index) {
  return asio::ip::address_v4(0x7F010001 + index % kSourceAddresses);
}

// From a loopback address of its own if the peer is on the loopback too. False: errno says why not.
bool BindSource(int socket, const Connection::Tcp::endpoint& peer, uint32_t source_index) {
  if (!peer.address().is_loopback() || !peer.address().is_v4()) return true;
  const int on = 1;
  ::setsockopt(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  const Connection::Tcp::endpoint source(SourceAddress(source_index), 0);
  return ::bind(socket, source.data(), static_cast<socklen_t>(source.size())) == 0;
}

}  // namespace

void DeadlineWatch::Add(Connection& connection) {
  connection.watch_index_ = watched_.size();
  watched_.push_back(&connection);
  if (!armed_) Arm();
}

void DeadlineWatch::Remove(Connection& connection) {
  Connection* const last = watched_.back();
  watched_[connection.watch_index_] = last;
  last->watch_index_ = connection.watch_index_;
  watched_.pop_back();
  if (watched_.empty()) timer_.cancel();
}

void DeadlineWatch::CloseAll() {
  for (Connection* const connection : watched_) connection->Close();
}

void DeadlineWatch::Arm() {
  armed_ = true;
  timer_.expires_after(kSweepEvery);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error == asio::error::operation_aborted && watched_.empty()) {
      armed_ = false;
      return;
    }
    Sweep();
  });
}

void DeadlineWatch::Sweep() {
  const auto now = std::chrono::steady_clock::now();
  for (Connection* const connection : watched_) {
    if (connection->deadline_ > now || !connection->socket_.is_open()) continue;
    connection->timed_out_ = true;
    boost::system::error_code ignored;
    connection->socket_.close(ignored);
  }
  armed_ = false;
  if (!watched_.empty()) Arm();
}

Connection::Connection(asio::io_context& loop, DeadlineWatch& watch)
    : socket_(loop.get_executor()), watch_(watch) {
  watch_.Add(*this);
}

Connection::~Connection() { watch_.Remove(*this); }

void Connection::Close() {
  if (tls_ != nullptr) {
    if (socket_.is_open()) SSL_shutdown(tls_.get());  // Says so, and waits for nothing.
    tls_.reset();
  }
  boost::system::error_code ignored;
  socket_.close(ignored);
}

Error Connection::Failed(const boost::system::error_code& error, const char* what) {
  Close();
  if (timed_out_) return DeadlineExceeded(std::string(what) + ": no answer in time");
  return Unavailable(std::string(what) + ": " + error.message());
}

// On the loopback a connection stands when connect returns; elsewhere the first octets wait for it.
// Asking whether it stands would cost a wake-up.
Result<void> Connection::Begin(const Peer& peer, uint32_t source_index, Deadline deadline) {
  Close();
  deadline_ = deadline;
  timed_out_ = false;
  used_ = 0;
  consumed_ = 0;
  const auto failed = [this](const char* what) {
    return Failed({errno, boost::system::system_category()}, what);
  };
  boost::system::error_code error;
  socket_.open(peer.endpoint.protocol(), error);
  if (!error) socket_.native_non_blocking(true, error);
  if (error) return Failed(error, "socket");
  const int fd = socket_.native_handle();
  if (!BindSource(fd, peer.endpoint, source_index)) return failed("bind");
  const auto size = static_cast<socklen_t>(peer.endpoint.size());
  if (::connect(fd, peer.endpoint.data(), size) != 0 && errno != EINPROGRESS) {
    return failed("connect");
  }
  connecting_ = true;
  return {};
}

Task<void> Connection::Open(const Peer& peer, uint32_t source_index, Deadline deadline) {
  DROVER_CO_TRY(Begin(peer, source_index, deadline));
  if (peer.tls != nullptr) DROVER_CO_TRY(co_await Handshake(peer));
  co_return Result<void>();
}

Task<void> Connection::Await(TlsClient::Wants wants, const char* what) {
  boost::system::error_code error;
  if (wants == TlsClient::Wants::kNothing) {
    error = asio::error::connection_aborted;
    co_return Failed(error, what);
  }
  const auto side =
      wants == TlsClient::Wants::kRead ? Tcp::socket::wait_read : Tcp::socket::wait_write;
  co_await socket_.async_wait(side, asio::redirect_error(kAwait, error));
  if (error) co_return Failed(error, what);
  co_return Result<void>();
}

Task<void> Connection::Handshake(const Peer& peer) {
  tls_ = peer.tls->Begin(socket_.native_handle(), peer.host);
  while (true) {
    const int result = SSL_do_handshake(tls_.get());
    if (result == 1) break;
    const TlsClient::Wants wants = TlsClient::WantsAfter(tls_.get(), result);
    DROVER_CO_TRY(co_await Await(wants, "handshake"));
  }
  peer.tls->Count(tls_.get());
  connecting_ = false;
  co_return Result<void>();
}

Task<void> Connection::SendTls(std::string_view octets) {
  while (!octets.empty()) {
    const int sent = SSL_write(tls_.get(), octets.data(), static_cast<int>(octets.size()));
    if (sent > 0) {
      octets.remove_prefix(static_cast<size_t>(sent));
      continue;
    }
    const TlsClient::Wants wants = TlsClient::WantsAfter(tls_.get(), sent);
    DROVER_CO_TRY(co_await Await(wants, "send"));
  }
  co_return Result<void>();
}

Task<void> Connection::FillTls(size_t octets) {
  while (used_ < octets) {
    const int got =
        SSL_read(tls_.get(), buffer_.data() + used_, static_cast<int>(buffer_.size() - used_));
    if (got > 0) {
      used_ += static_cast<size_t>(got);
      continue;
    }
    const TlsClient::Wants wants = TlsClient::WantsAfter(tls_.get(), got);
    DROVER_CO_TRY(co_await Await(wants, "receive"));
  }
  co_return Result<void>();
}

Result<size_t> Connection::SendSome(std::string_view octets, Deadline deadline) {
  deadline_ = deadline;
  if (tls_ != nullptr) return size_t{0};
  const char* const what = std::exchange(connecting_, false) ? "connect" : "send";
  const ssize_t sent =
      ::send(socket_.native_handle(), octets.data(), octets.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0) return static_cast<size_t>(sent);
  if (errno == EAGAIN) return size_t{0};
  return Failed({errno, boost::system::system_category()}, what);
}

Task<void> Connection::Send(std::string_view octets, Deadline deadline) {
  const char* const what = connecting_ ? "connect" : "send";
  DROVER_CO_TRY(const size_t sent, SendSome(octets, deadline));
  octets.remove_prefix(sent);
  if (octets.empty()) co_return Result<void>();
  if (tls_ != nullptr) {
    auto encrypted = co_await SendTls(octets);
    co_return encrypted;
  }
  boost::system::error_code error;
  const asio::const_buffer rest(octets.data(), octets.size());
  co_await asio::async_write(socket_, rest, asio::redirect_error(kAwait, error));
  if (error) co_return Failed(error, what);
  co_return Result<void>();
}

Task<void> Connection::Fill(size_t octets) {
  if (used_ >= octets) co_return Result<void>();
  if (buffer_.size() < octets) buffer_.resize(std::max(octets, kFirstBuffer));
  if (tls_ != nullptr) {
    auto decrypted = co_await FillTls(octets);
    co_return decrypted;
  }
  boost::system::error_code error;
  while (used_ < octets) {
    const ssize_t got = ::recv(socket_.native_handle(), buffer_.data() + used_,
                               buffer_.size() - used_, MSG_DONTWAIT);
    if (got > 0) {
      used_ += static_cast<size_t>(got);
      continue;
    }
    if (got == 0) co_return Failed(asio::error::eof, "receive");
    if (errno != EAGAIN) {
      error.assign(errno, boost::system::system_category());
      co_return Failed(error, "receive");
    }
    co_await socket_.async_wait(Tcp::socket::wait_read, asio::redirect_error(kAwait, error));
    if (error) co_return Failed(error, "receive");
  }
  co_return Result<void>();
}

Task<ResponseHead> Connection::Receive(Deadline deadline) {
  deadline_ = deadline;
  std::memmove(buffer_.data(), buffer_.data() + consumed_, used_ - consumed_);
  used_ -= consumed_;
  consumed_ = 0;
  boost::system::error_code error;
  // Asking the kernel before there is anything to read costs a system call for nothing.
  if (used_ == 0 && tls_ == nullptr) {
    co_await socket_.async_wait(Tcp::socket::wait_read, asio::redirect_error(kAwait, error));
    if (error) co_return Failed(error, "receive");
  }
  while (true) {
    const size_t more = used_ + 1;
    DROVER_CO_TRY(co_await Fill(more));
    const std::string_view filled(buffer_.data(), used_);
    auto parsed = ParseResponseHead(filled);
    if (!parsed) {
      Close();
      co_return std::move(parsed).error();
    }
    if (!*parsed) continue;
    ResponseHead head = **parsed;
    // Fill may move the buffer: keep where they stand, not views.
    const auto place = [this](std::string_view text) {
      return text.empty() ? 0 : static_cast<size_t>(text.data() - buffer_.data());
    };
    const size_t type_at = place(head.media_type);
    const size_t mac_at = place(head.mac_header);
    const size_t whole = head.head_octets + head.content_length;
    if (head.content_length > kMaxBody) co_return InvalidArgument("the answer is too large");
    if (used_ < whole) DROVER_CO_TRY(co_await Fill(whole));
    const std::string_view answer(buffer_.data(), used_);
    head.media_type = answer.substr(type_at, head.media_type.size());
    head.mac_header = answer.substr(mac_at, head.mac_header.size());
    body_ = answer.substr(head.head_octets, head.content_length);
    head_ = answer.substr(0, head.head_octets);
    consumed_ = whole;
    if (!head.keep_alive && head.status >= 200) Close();
    co_return head;
  }
}

}  // namespace drover::terminal
