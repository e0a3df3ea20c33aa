#include "libs/sip/link/udp_socket.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <numeric>
#include <span>
#include <utility>

#include <boost/asio/post.hpp>
#include <linux/errqueue.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>

#include "libs/http/address.h"
#include "libs/sip/message.h"

namespace drover::sip {
namespace {

using boost::system::error_code;

constexpr size_t kBatch = 64;
constexpr int kBatchesATurn = 8;  // Then the loop's other work has its turn.
constexpr size_t kDatagramOctets = kMaxMessage;
constexpr size_t kMostSegments = 32;
constexpr size_t kMostSegmentOctets = 1200;  // Whatever the path, they fit.

void SetOption(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof value);
}

// Beyond the system's limit where the process may.
void SetBuffers(int fd, size_t octets) {
  const int value = static_cast<int>(octets);
  SetOption(fd, SOL_SOCKET, SO_RCVBUF, value);
  SetOption(fd, SOL_SOCKET, SO_SNDBUF, value);
  SetOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, value);
  SetOption(fd, SOL_SOCKET, SO_SNDBUFFORCE, value);
}

void PutSegmentSize(size_t octets, std::span<char> control, msghdr& header) {
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* const message = CMSG_FIRSTHDR(&header);
  message->cmsg_level = SOL_UDP;
  message->cmsg_type = UDP_SEGMENT;
  message->cmsg_len = CMSG_LEN(sizeof(uint16_t));
  const auto size = static_cast<uint16_t>(octets);
  std::memcpy(CMSG_DATA(message), &size, sizeof size);
}

// Errors that a datagram sent before has met; the one to be sent now has not.
bool IsOfAnEarlierOne(int error) { return error == ECONNREFUSED; }

bool MeansUnreachable(const sock_extended_err& error) {
  const bool icmp = error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6;
  return icmp && error.ee_errno != EMSGSIZE;
}

}  // namespace

struct UdpSocket::Inbox {
  Inbox() : octets(new char[kBatch * kDatagramOctets]) {
    for (size_t i = 0; i < kBatch; ++i) {
      parts[i] = {octets.get() + i * kDatagramOctets, kDatagramOctets};
      headers[i].msg_hdr = {};
      headers[i].msg_hdr.msg_iov = &parts[i];
      headers[i].msg_hdr.msg_iovlen = 1;
      headers[i].msg_hdr.msg_name = &from[i];
    }
  }
  std::unique_ptr<char[]> octets;
  std::array<sockaddr_storage, kBatch> from;
  std::array<iovec, kBatch> parts;
  std::array<mmsghdr, kBatch> headers;
};

UdpSocket::UdpSocket(asio::io_context& loop, Settings settings, Handler& handler)
    : loop_(loop), settings_(settings), handler_(&handler), socket_(loop.get_executor()) {}

Result<void> UdpSocket::Open(const std::string& listen) {
  DROVER_TRY(const asio::ip::tcp::endpoint where, http::ParseEndpoint(listen));
  const asio::ip::udp::endpoint endpoint(where.address(), where.port());
  error_code error;
  socket_.open(endpoint.protocol(), error);
  if (!error) socket_.non_blocking(true, error);
  if (error) return Unavailable("no UDP socket: " + error.message());
  const int fd = socket_.native_handle();
  family_ = endpoint.protocol().family();
  SetBuffers(fd, settings_.socket_octets);
  SetOption(fd, IPPROTO_IP, IP_RECVERR, 1);
  if (family_ == AF_INET6) {
    SetOption(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
    SetOption(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
  socket_.bind(endpoint, error);
  if (error) return Unavailable("cannot listen on udp " + listen + ": " + error.message());
  const auto bound = socket_.local_endpoint(error);
  local_ = HopOf({bound.address(), bound.port()}, Transport::kUdp);
  inbox_ = std::make_unique<Inbox>();
  WaitToRead();
  return {};
}

void UdpSocket::Close() {
  if (handler_ != nullptr) Flush();
  handler_ = nullptr;
  error_code ignored;
  socket_.close(ignored);
}

UdpSocket::~UdpSocket() = default;

// --- Reading.

void UdpSocket::WaitToRead() {
  socket_.async_wait(Socket::wait_read, [self = shared_from_this()](error_code error) {
    if (!error && self->handler_ != nullptr) self->Read();
  });
}

void UdpSocket::Read() {
  int batches = 0;
  while (batches < kBatchesATurn && ReadBatch()) ++batches;
  if (handler_ == nullptr) return;
  if (batches == 0) DrainErrors();
  Flush();
  WaitToRead();
}

bool UdpSocket::ReadBatch() {
  if (handler_ == nullptr) return false;
  for (mmsghdr& header : inbox_->headers) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int got =
      recvmmsg(socket_.native_handle(), inbox_->headers.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (got < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) return false;
    DrainErrors();  // An ICMP error, reported once in place of a datagram.
    return true;
  }
  counters_.in += static_cast<uint64_t>(got);
  for (int i = 0; i < got && handler_ != nullptr; ++i) {
    handler_->OnDatagram({inbox_->octets.get() + i * kDatagramOctets, inbox_->headers[i].msg_len},
                         UdpHopOf(inbox_->from[i]));
  }
  Flush();
  return got == static_cast<int>(kBatch);
}

// --- Writing.

void UdpSocket::Send(const Hop& hop, std::string_view octets) {
  if (waiting_.size() - first_ >= settings_.queue) {
    ++counters_.lost;
    return;
  }
  waiting_.push_back({hop, octets.size()});
  outbox_.append(octets);
  if (blocked_) return;
  if (waiting_.size() - first_ >= kBatch) return Flush();
  if (std::exchange(flush_posted_, true)) return;
  asio::post(loop_, [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->Flush();
  });
}

void UdpSocket::Flush() {
  int tries = 0;
  while (first_ < waiting_.size() && !blocked_ && socket_.is_open()) {
    int error = 0;
    const size_t sent = WriteBatch(error);
    counters_.out += sent;
    DropFirst(sent);
    if (sent != 0) {
      tries = 0;
    } else if (!GoOn(error, tries)) {
      break;
    }
  }
  if (first_ == waiting_.size()) {
    waiting_.clear();
    outbox_.clear();
    first_ = first_octet_ = 0;
  }
}

// How many from that one on go as one: to the same address, and of the same size but for the last,
// which may be smaller.
size_t UdpSocket::RunLength(size_t index) const {
  const Waiting& first = waiting_[index];
  if (!segments_ || first.octets > kMostSegmentOctets) return 1;
  const size_t most = std::min(kMostSegments, waiting_.size() - index);
  size_t length = 1;
  while (length < most && waiting_[index + length].hop == first.hop &&
         waiting_[index + length].octets <= first.octets) {
    if (waiting_[index + length++].octets < first.octets) break;
  }
  return length;
}

size_t UdpSocket::WriteBatch(int& error) {
  struct Segment {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(uint16_t))> control;
  };
  std::array<mmsghdr, kBatch> headers;
  std::array<iovec, kBatch> parts;
  std::array<sockaddr_storage, kBatch> to;
  std::array<Segment, kBatch> segments;
  std::array<size_t, kBatch> datagrams;
  size_t count = 0;
  size_t at = first_octet_;
  for (size_t next = first_; count < kBatch && next < waiting_.size(); ++count) {
    const Waiting& first = waiting_[next];
    const size_t run = datagrams[count] = RunLength(next);
    parts[count] = {outbox_.data() + at, 0};
    for (size_t i = 0; i < run; ++i) parts[count].iov_len += waiting_[next++].octets;
    at += parts[count].iov_len;
    headers[count] = {};
    msghdr& header = headers[count].msg_hdr;
    header.msg_iov = &parts[count];
    header.msg_iovlen = 1;
    header.msg_name = &to[count];
    if (!ToSockaddr(first.hop, family_, to[count], header.msg_namelen)) header.msg_namelen = 0;
    if (run > 1) PutSegmentSize(first.octets, segments[count].control, header);
  }
  const int sent =
      sendmmsg(socket_.native_handle(), headers.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
  error = sent < 0 ? errno : 0;
  if (sent < 0 && datagrams[0] > 1 && (error == EIO || error == EINVAL)) {
    segments_ = false;  // It cannot, here.
    error = EINTR;
  }
  return std::accumulate(datagrams.begin(), datagrams.begin() + std::max(sent, 0), size_t{0});
}

// After an error. False: not now.
bool UdpSocket::GoOn(int error, int& tries) {
  if (error == EINTR) return true;
  if (error == EAGAIN || error == EWOULDBLOCK || error == ENOBUFS) {
    WaitToWrite();
    return false;
  }
  const bool drained = DrainErrors() > 0;
  if ((drained || IsOfAnEarlierOne(error)) && ++tries < 100) return true;
  tries = 0;
  ++counters_.lost;
  if (error != EMSGSIZE) ToldUnreachable(waiting_[first_].hop);
  DropFirst(1);
  return true;
}

void UdpSocket::DropFirst(size_t datagrams) {
  for (size_t i = 0; i < datagrams; ++i) first_octet_ += waiting_[first_++].octets;
  if (first_ < settings_.queue) return;
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(first_));
  outbox_.erase(0, first_octet_);
  first_ = first_octet_ = 0;
}

void UdpSocket::WaitToWrite() {
  blocked_ = true;
  socket_.async_wait(Socket::wait_write, [self = shared_from_this()](error_code error) {
    if (error) return;
    self->blocked_ = false;
    self->Flush();
  });
}

// --- Errors.

// How many there were.
size_t UdpSocket::DrainErrors() {
  size_t count = 0;
  for (;; ++count) {
    std::array<char, 512> control;
    sockaddr_storage to{};
    char octet = 0;
    iovec part{&octet, 1};
    msghdr header{};
    header.msg_name = &to;
    header.msg_namelen = sizeof to;
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (recvmsg(socket_.native_handle(), &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return count;
    for (cmsghdr* each = CMSG_FIRSTHDR(&header); each != nullptr;
         each = CMSG_NXTHDR(&header, each)) {
      const bool v4 = each->cmsg_level == IPPROTO_IP && each->cmsg_type == IP_RECVERR;
      const bool v6 = each->cmsg_level == IPPROTO_IPV6 && each->cmsg_type == IPV6_RECVERR;
      if (!v4 && !v6) continue;
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(each), sizeof error);
      if (MeansUnreachable(error)) ToldUnreachable(UdpHopOf(to));
    }
  }
}

void UdpSocket::ToldUnreachable(const Hop& hop) {
  ++counters_.unreachable;
  unreachable_.push_back(hop);
  if (unreachable_.size() > 1) return;
  asio::post(loop_, [self = shared_from_this()] {
    const std::vector<Hop> hops = std::exchange(self->unreachable_, {});
    for (const Hop& each : hops) {
      if (self->handler_ != nullptr) self->handler_->OnUnreachable(each);
    }
  });
}

}  // namespace drover::sip
