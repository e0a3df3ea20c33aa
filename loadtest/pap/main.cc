// pap_load: posts PAP submissions to a Push Proxy Gateway over some connections, one request at a
// time each, and says how many were accepted a second and how long that took. Ours or another's.
//
// Nothing but epoll, a read and a write a request, so that little of the machine is its own.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "libs/base/bytes.h"
#include "libs/base/check.h"
#include "libs/pap/multipart.h"
#include "libs/pap/writer.h"

namespace drover {
namespace {

using Time = std::chrono::steady_clock;

constexpr size_t kDigits = 9;

struct Plan {
  std::string host, port, target, credentials, run;
  size_t connections = 8;
  std::chrono::seconds time{10};
};

struct Tally {
  size_t accepted = 0, refused = 0, broken = 0;
  std::vector<double> milliseconds;
  std::string odd;                       // An answer that was not 1001.
  std::chrono::duration<double> took{};  // From the first request to the last answer.
};

// A notification of 32 octets for a number of its own; only digits change from one to the next.
class Requests {
 public:
  explicit Requests(const Plan& plan) {
    const std::string zeros(kDigits, '0');
    std::string control, body;
    pap::PushMessage message;
    message.push_id = plan.run + "-" + zeros + "@load";
    message.addresses = {"WAPPUSH=+8613" + zeros + "/TYPE=PLMN@ppg"};
    pap::Write({.message = std::move(message)}, control);
    pap::WriteSubmission("xyz", control,
                         {{"Content-Type", "application/vnd.syncml.notification"},
                          {"X-Wap-Application-Id", "x-wap-application:push.syncml.dm"}},
                         std::string(32, 'n'), body);
    text_ = "POST " + plan.target + " HTTP/1.1\r\nHost: " + plan.host +
            "\r\nContent-Type: multipart/related; boundary=xyz; "
            "type=\"application/xml\"\r\nContent-Length: " +
            std::to_string(body.size()) + "\r\n";
    if (!plan.credentials.empty()) {
      text_ += "Authorization: Basic " + base::Base64(plan.credentials) + "\r\n";
    }
    text_ += "\r\n" + body;
    id_ = text_.find("-" + zeros) + 1;
    number_ = text_.find("+8613" + zeros) + 5;
  }

  const std::string& Next() {
    std::array<char, kDigits + 1> digits;
    std::snprintf(digits.data(), digits.size(), "%09u", ++count_ % 1'000'000'000U);
    text_.replace(id_, kDigits, digits.data(), kDigits);
    text_.replace(number_, kDigits, digits.data(), kDigits);
    return text_;
  }

 private:
  std::string text_;
  size_t id_ = 0, number_ = 0;
  unsigned count_ = 0;
};

// Octets of the whole answer at the beginning of text; 0: it is not there yet.
size_t WholeAnswer(std::string_view text) {
  const size_t head = text.find("\r\n\r\n");
  if (head == std::string_view::npos) return 0;
  std::string lower(text.substr(0, head));
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  const size_t at = lower.find("content-length:");
  const size_t length =
      at == std::string::npos ? 0 : std::strtoul(lower.c_str() + at + 15, nullptr, 10);
  const size_t whole = head + 4 + length;
  return text.size() < whole ? 0 : whole;
}

class Generator {
 public:
  Generator(const Plan& plan, Tally& tally)
      : plan_(plan), tally_(tally), requests_(plan), epoll_(epoll_create1(0)) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    const bool resolved = getaddrinfo(plan.host.c_str(), plan.port.c_str(), &hints, &address_) == 0;
    DROVER_CHECK(resolved && epoll_ >= 0);
  }
  ~Generator() {
    for (const Peer& peer : peers_) close(peer.socket);
    freeaddrinfo(address_);
    close(epoll_);
  }
  Generator(const Generator&) = delete;

  void Run() {
    peers_.resize(plan_.connections);
    for (size_t i = 0; i < peers_.size(); ++i) Connect(i);
    begin_ = Time::now();
    end_ = begin_ + plan_.time;
    for (Peer& peer : peers_) Ask(peer);
    std::array<epoll_event, 256> events;
    while (under_way_ > 0) {
      const int count = epoll_wait(epoll_, events.data(), events.size(), kPatienceMs);
      if (count <= 0) break;  // It answers nothing any more.
      for (int i = 0; i < count; ++i) OnReadable(events[static_cast<size_t>(i)].data.u64);
    }
    tally_.broken += under_way_;
    tally_.took = Time::now() - begin_;
  }

 private:
  static constexpr int kPatienceMs = 10'000;
  struct Peer {
    int socket = -1;
    Time::time_point asked;
    std::string buffer;
  };

  // Waits for it: a short queue of whoever listens costs nothing once all are there.
  void Connect(size_t index) {
    Peer& peer = peers_[index];
    peer.buffer.clear();
    peer.socket = socket(address_->ai_family, SOCK_STREAM, 0);
    if (connect(peer.socket, address_->ai_addr, address_->ai_addrlen) != 0) ++tally_.broken;
    const int on = 1;
    setsockopt(peer.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, peer.socket, &event);
  }

  // Far less than a socket's buffer.
  void Ask(Peer& peer) {
    const std::string& request = requests_.Next();
    peer.asked = Time::now();
    const ssize_t sent = send(peer.socket, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent == static_cast<ssize_t>(request.size())) ++under_way_;
  }

  void OnReadable(size_t index) {
    Peer& peer = peers_[index];
    std::array<char, 8192> room;
    const ssize_t got = recv(peer.socket, room.data(), room.size(), 0);
    if (got <= 0) {
      ++tally_.broken;
      --under_way_;
      close(peer.socket);
      if (Time::now() >= end_) return;
      Connect(index);
      return Ask(peer);
    }
    peer.buffer.append(room.data(), static_cast<size_t>(got));
    const size_t whole = WholeAnswer(peer.buffer);
    if (whole == 0) return;
    const auto now = Time::now();
    --under_way_;
    Count(std::string_view(peer.buffer).substr(0, whole), now - peer.asked);
    peer.buffer.erase(0, whole);
    if (now < end_) Ask(peer);
  }

  void Count(std::string_view answer, std::chrono::duration<double, std::milli> took) {
    if (answer.find("\"1001\"") == std::string_view::npos) {
      ++tally_.refused;
      tally_.odd = answer;
      return;
    }
    ++tally_.accepted;
    tally_.milliseconds.push_back(took.count());
  }

  const Plan& plan_;
  Tally& tally_;
  Requests requests_;
  const int epoll_;
  addrinfo* address_ = nullptr;
  std::vector<Peer> peers_;
  size_t under_way_ = 0;
  Time::time_point begin_, end_;
};

double Quantile(std::vector<double>& sorted, double q) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1,
                         static_cast<size_t>(q * static_cast<double>(sorted.size())))];
}

int Run(const Plan& plan) {
  Tally tally;
  Generator(plan, tally).Run();
  const double cpu_us = static_cast<double>(std::clock()) * 1e6 / CLOCKS_PER_SEC;
  std::ranges::sort(tally.milliseconds);
  std::printf(
      "{\"accepted_per_second\": %.0f, \"accepted\": %zu, \"refused\": %zu, \"broken\": %zu, "
      "\"p50_ms\": %.2f, \"p99_ms\": %.2f, \"cpu_us\": %.1f}\n",
      static_cast<double>(tally.accepted) / tally.took.count(), tally.accepted, tally.refused,
      tally.broken, Quantile(tally.milliseconds, 0.5), Quantile(tally.milliseconds, 0.99),
      cpu_us / static_cast<double>(std::max<size_t>(tally.accepted, 1)));
  if (!tally.odd.empty()) std::fprintf(stderr, "one refusal:\n%s\n", tally.odd.c_str());
  return tally.accepted > 0 ? 0 : 1;
}

}  // namespace
}  // namespace drover

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: pap_load HOST PORT TARGET [CONNECTIONS SECONDS NAME:PASSWORD]\n");
    return 2;
  }
  drover::Plan plan;
  plan.host = argv[1];
  plan.port = argv[2];
  plan.target = argv[3];
  if (argc > 4) plan.connections = std::strtoul(argv[4], nullptr, 10);
  if (argc > 5) plan.time = std::chrono::seconds(std::atoi(argv[5]));
  if (argc > 6) plan.credentials = argv[6];
  plan.run = std::to_string(std::chrono::system_clock::now().time_since_epoch().count());
  return drover::Run(plan);
}
