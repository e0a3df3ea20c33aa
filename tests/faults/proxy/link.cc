#include "tests/faults/proxy/link.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "tests/faults/proxy/http_passage.h"
#include "tests/faults/proxy/tcp_passage.h"

namespace drover::faults {
namespace {

std::optional<Injection> Pop(std::deque<Injection>& queue) {
  if (queue.empty()) return std::nullopt;
  Injection injection = queue.front();
  queue.pop_front();
  return injection;
}

}  // namespace

void Cut(Socket& socket, bool reset) {
  boost::system::error_code ignored;
  if (!socket.is_open()) return;
  if (reset) socket.set_option(asio::socket_base::linger(true, 0), ignored);
  socket.close(ignored);
}

Process Sleep(asio::io_context& loop, std::chrono::steady_clock::duration time) {
  Timer timer(loop.get_executor());
  timer.expires_after(time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(kAwait, ignored));
}

Link::Link(asio::io_context& loop, LinkConfig config)
    : loop_(loop),
      config_(std::move(config)),
      acceptor_(loop.get_executor(),
                Tcp::endpoint(asio::ip::address_v4::loopback(), config_.port)) {}

void Link::Start() { asio::co_spawn(loop_, Accept(), asio::detached); }

void Link::Arm(const Injection& injection) {
  if (IsHttp(injection.kind)) {
    requests_.push_back(injection);
  } else {
    (injection.way == Way::kUp ? ups_ : downs_).push_back(injection);
  }
}

void Link::Disarm() {
  ups_.clear();
  downs_.clear();
  requests_.clear();
}

size_t Link::CutAll(bool reset) {
  const std::set<Passage*> passages = passages_;
  for (Passage* const passage : passages) passage->CutBoth(reset);
  counts_[Kind::kCut] += passages.size();
  return passages.size();
}

std::optional<Injection> Link::Take(Way way) { return Pop(way == Way::kUp ? ups_ : downs_); }
std::optional<Injection> Link::TakeRequest() { return Pop(requests_); }

Task<void> Link::Connect(Socket& socket) {
  for (size_t i = 0; i < config_.servers.size(); ++i) {
    const uint16_t port = config_.servers[next_server_++ % config_.servers.size()];
    const Tcp::endpoint server(asio::ip::address_v4::loopback(), port);
    boost::system::error_code error;
    socket.close(error);
    co_await socket.async_connect(server, asio::redirect_error(kAwait, error));
    if (error) continue;
    socket.set_option(Tcp::no_delay(true), error);
    co_return Result<void>();
  }
  co_return Unavailable("no server takes the connection");
}

Process Link::Accept() {
  while (true) {
    boost::system::error_code error;
    Socket client(loop_.get_executor());
    co_await acceptor_.async_accept(client, asio::redirect_error(kAwait, error));
    if (error) {
      co_await Sleep(loop_, std::chrono::milliseconds(50));
      continue;
    }
    ++connections_;
    client.set_option(Tcp::no_delay(true), error);
    if (config_.http) {
      asio::co_spawn(loop_, HttpPassage::Run(*this, std::move(client)), asio::detached);
    } else {
      asio::co_spawn(loop_, TcpPassage::Run(*this, std::move(client)), asio::detached);
    }
  }
}

}  // namespace drover::faults
