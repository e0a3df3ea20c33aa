// A process that answers 200 to every SIP request over UDP, with as little thought as that takes;
// or one that hears everything and says nothing. For benchmarks.
#pragma once
#include <array>
#include <csignal>
#include <cstring>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "libs/base/check.h"

namespace drover::sip::testing {

class Responder {
 public:
  Responder() : socket_(::socket(AF_INET, SOCK_DGRAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    DROVER_CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    DROVER_CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
  }
  ~Responder() {
    if (child_ > 0) {
      ::kill(child_, SIGKILL);
      ::waitpid(child_, nullptr, 0);
    }
    ::close(socket_);
  }
  Responder(const Responder&) = delete;
  Responder& operator=(const Responder&) = delete;

  // Begins to answer, in a process of its own. Without it nobody reads, and nobody answers.
  void Start() {
    const int octets = 4 * 1024 * 1024;
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof octets);
    child_ = ::fork();
    DROVER_CHECK(child_ >= 0);
    if (child_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (;;) AnswerBatch();
  }
  int port() const { return port_; }

 private:
  static constexpr size_t kBatch = 64;
  static constexpr useconds_t kNapUs = 100;

  static void AppendAnswer(std::string_view request, std::string& out) {
    out.append("SIP/2.0 200 OK\r\n");
    size_t at = request.find("\r\n") + 2;
    while (at < request.size()) {
      const size_t end = request.find("\r\n", at);
      if (end == std::string_view::npos || end == at) break;
      const std::string_view line = request.substr(at, end - at);
      const bool to = line.starts_with("To:");
      const bool copied = to || line.starts_with("Via:") || line.starts_with("From:") ||
                          line.starts_with("Call-ID:") || line.starts_with("CSeq:");
      if (copied) out.append(line).append(to ? ";tag=peer\r\n" : "\r\n");
      at = end + 2;
    }
    out.append("Content-Length: 0\r\n\r\n");
  }
  void AnswerBatch() {
    static std::array<std::array<char, 2048>, kBatch> in;
    static std::array<sockaddr_in, kBatch> from;
    static std::array<std::string, kBatch> out;
    std::array<iovec, kBatch> parts;
    std::array<mmsghdr, kBatch> headers{};
    for (size_t i = 0; i < kBatch; ++i) {
      parts[i] = {in[i].data(), in[i].size()};
      headers[i].msg_hdr = {&from[i], sizeof from[i], &parts[i], 1, nullptr, 0, 0};
    }
    ::usleep(kNapUs);  // Or each datagram wakes it, at its sender's cost.
    const int got = ::recvmmsg(socket_, headers.data(), kBatch, MSG_WAITFORONE, nullptr);
    if (got <= 0) return;
    for (size_t i = 0; i < static_cast<size_t>(got); ++i) {
      out[i].clear();
      AppendAnswer({in[i].data(), headers[i].msg_len}, out[i]);
      parts[i] = {out[i].data(), out[i].size()};
    }
    ::sendmmsg(socket_, headers.data(), static_cast<unsigned>(got), 0);
  }

  int socket_;
  int port_ = 0;
  pid_t child_ = 0;
};

}  // namespace drover::sip::testing
