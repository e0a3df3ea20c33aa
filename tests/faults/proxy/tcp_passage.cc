#include "tests/faults/proxy/tcp_passage.h"

#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/write.hpp>

namespace drover::faults {
namespace {

constexpr size_t kBuffer = 32 * 1024;

}  // namespace

TcpPassage::TcpPassage(Link& link, Socket client)
    : link_(link), client_(std::move(client)), server_(link.loop().get_executor()) {
  link_.Add(this);
}

TcpPassage::~TcpPassage() { link_.Remove(this); }

Process TcpPassage::Run(Link& link, Socket client) {
  auto self = std::make_shared<TcpPassage>(link, std::move(client));
  auto connected = co_await link.Connect(self->server_);
  if (!connected) {
    self->CutBoth(/*reset=*/true);
    co_return;
  }
  asio::co_spawn(link.loop(), Pump(self, Way::kUp), asio::detached);
  asio::co_spawn(link.loop(), Pump(self, Way::kDown), asio::detached);
}

void TcpPassage::CutBoth(bool reset) {
  Cut(client_, reset);
  Cut(server_, reset);
}

Process TcpPassage::Pump(std::shared_ptr<TcpPassage> self, Way way) {
  Socket& from = way == Way::kUp ? self->client_ : self->server_;
  Socket& to = way == Way::kUp ? self->server_ : self->client_;
  std::vector<char> buffer(kBuffer);
  while (from.is_open() && to.is_open()) {
    boost::system::error_code error;
    const auto space = asio::buffer(buffer);
    const size_t octets = co_await from.async_read_some(space, asio::redirect_error(kAwait, error));
    if (error) break;
    if (self->swallowing_) continue;
    auto pass = co_await self->Suffer(way, octets);
    if (!pass) break;
    const auto rest = asio::buffer(buffer.data(), *pass);
    co_await asio::async_write(to, rest, asio::redirect_error(kAwait, error));
    if (error) break;
    if (*pass == octets) continue;
    if (!self->swallowing_) break;
  }
  // What swallows stays open until its time is over.
  if (!self->swallowing_) self->CutBoth(/*reset=*/false);
}

Task<size_t> TcpPassage::Suffer(Way way, size_t octets) {
  const std::optional<Injection> injection = link_.Take(way);
  if (injection) {
    link_.Count(injection->kind);
    const auto part = static_cast<size_t>(injection->where * static_cast<double>(octets));
    switch (injection->kind) {
      case Kind::kDelay:
        co_await Sleep(link_.loop(), injection->time);
        break;
      case Kind::kHold:
        held_until_ = In(injection->time);
        break;
      case Kind::kHalfOpen:
        swallowing_ = true;
        asio::co_spawn(link_.loop(), Swallow(injection->time), asio::detached);
        co_return part;
      default: {
        if (part > 0 || !injection->reset) co_return part;
        CutBoth(/*reset=*/true);
        co_return Unavailable("cut");
      }
    }
  }
  while (held_until_ > std::chrono::steady_clock::now()) {
    const auto left = held_until_ - std::chrono::steady_clock::now();
    co_await Sleep(link_.loop(), left);
  }
  co_return octets;
}

Process TcpPassage::Swallow(std::chrono::milliseconds time) {
  const std::shared_ptr<TcpPassage> self = shared_from_this();
  co_await Sleep(link_.loop(), time);
  self->CutBoth(/*reset=*/true);
}

}  // namespace drover::faults
