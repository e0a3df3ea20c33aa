#include "loadtest/gateway/udp_port.h"

#include <charconv>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <sys/socket.h>

namespace drover::gwsim {
namespace {

constexpr size_t kDatagram = 8192;
constexpr int kBatchesATurn = 8;
constexpr size_t kMostWaiting = 20'000;
constexpr int kKernelOctets = 4 << 20;

}  // namespace

struct UdpPort::Inbox {
  std::array<std::array<char, kDatagram>, kBatch> octets;
  std::array<sockaddr_storage, kBatch> sources;
  std::array<iovec, kBatch> pieces;
  std::array<mmsghdr, kBatch> heads;
};

UdpPort::UdpPort(asio::io_context& loop, OnDatagram on_datagram)
    : loop_(loop),
      on_datagram_(std::move(on_datagram)),
      socket_(loop.get_executor()),
      inbox_(std::make_unique<Inbox>()) {}

UdpPort::~UdpPort() = default;

Result<UdpPort::Endpoint> ParseUdpAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return InvalidArgument("\"" + std::string(text) + "\" is no address with a port");
  }
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  boost::system::error_code wrong;
  const auto address = asio::ip::make_address(std::string(host), wrong);
  if (wrong || error != std::errc() || end != digits.data() + digits.size()) {
    return InvalidArgument("\"" + std::string(text) + "\" is no address with a port");
  }
  return UdpPort::Endpoint(address, port);
}

Result<void> UdpPort::Open(const std::string& listen) {
  DROVER_TRY(const Endpoint endpoint, ParseUdpAddress(listen));
  boost::system::error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (!error) socket_.bind(endpoint, error);
  if (error) return Unavailable("UDP " + listen + ": " + error.message());
  const int fd = socket_.native_handle();
  for (const int option : {SO_RCVBUF, SO_SNDBUF}) {
    ::setsockopt(fd, SOL_SOCKET, option, &kKernelOctets, sizeof kKernelOctets);
  }
  local_ = socket_.local_endpoint(error);
  Wait();
  return {};
}

void UdpPort::Wait() {
  socket_.async_wait(asio::socket_base::wait_read,
                     [this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
                       if (error || alive.expired()) return;
                       for (int i = 0; i < kBatchesATurn && Read(); ++i) {
                       }
                       if (!alive.expired()) Wait();
                     });
}

bool UdpPort::Read() {
  for (size_t i = 0; i < kBatch; ++i) {
    inbox_->pieces[i] = {inbox_->octets[i].data(), kDatagram};
    inbox_->heads[i] = {};
    inbox_->heads[i].msg_hdr.msg_name = &inbox_->sources[i];
    inbox_->heads[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    inbox_->heads[i].msg_hdr.msg_iov = &inbox_->pieces[i];
    inbox_->heads[i].msg_hdr.msg_iovlen = 1;
  }
  const int got =
      ::recvmmsg(socket_.native_handle(), inbox_->heads.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (got < 0) return false;
  for (size_t i = 0; i < static_cast<size_t>(got); ++i) {
    Endpoint source;
    source.resize(inbox_->heads[i].msg_hdr.msg_namelen);
    std::memcpy(source.data(), &inbox_->sources[i], source.size());
    ++in_;
    on_datagram_({inbox_->octets[i].data(), inbox_->heads[i].msg_len}, source);
  }
  return got == static_cast<int>(kBatch);
}

void UdpPort::Send(std::string_view octets, const Endpoint& to) {
  if (waiting_.size() >= kMostWaiting) return;
  waiting_.push_back({std::string(octets), to});
  if (std::exchange(posted_, true)) return;
  asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) Flush();
  });
}

void UdpPort::Flush() {
  posted_ = false;
  std::array<iovec, kBatch> pieces;
  std::array<mmsghdr, kBatch> heads;
  for (size_t first = 0; first < waiting_.size();) {
    const size_t count = std::min(kBatch, waiting_.size() - first);
    for (size_t i = 0; i < count; ++i) {
      Waiting& each = waiting_[first + i];
      pieces[i] = {each.octets.data(), each.octets.size()};
      heads[i] = {};
      heads[i].msg_hdr.msg_name = each.to.data();
      heads[i].msg_hdr.msg_namelen = static_cast<socklen_t>(each.to.size());
      heads[i].msg_hdr.msg_iov = &pieces[i];
      heads[i].msg_hdr.msg_iovlen = 1;
    }
    const int sent = ::sendmmsg(socket_.native_handle(), heads.data(), static_cast<unsigned>(count),
                                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) out_ += static_cast<uint64_t>(sent);
    // An ICMP error of an earlier datagram, or a full buffer: that one is lost.
    first += sent > 0 ? static_cast<size_t>(sent) : 1;
  }
  waiting_.clear();
}

}  // namespace drover::gwsim
