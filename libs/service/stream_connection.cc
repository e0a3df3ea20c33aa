#include "libs/service/stream_connection.h"

#include <utility>

#include <boost/asio/connect.hpp>

#include "libs/service/stream.h"

namespace drover::service {
namespace {

using boost::system::error_code;

constexpr std::chrono::seconds kConnectTime{2};

// "host:port", the host of IPv6 in brackets.
std::pair<std::string, std::string> SplitTarget(const std::string& target) {
  const size_t colon = target.rfind(':');
  if (colon == std::string::npos) return {target, ""};
  std::string host = target.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {std::move(host), target.substr(colon + 1)};
}

// Code and text of a kRefusal.
Error RefusalOf(std::string_view payload) {
  if (payload.empty()) return Unavailable("the server refused the stream");
  return {static_cast<Code>(payload.front()), std::string(payload.substr(1))};
}

}  // namespace

// What the link tells; of an older link: nothing.
class StreamConnection::Sink final : public FrameLink::Sink {
 public:
  explicit Sink(StreamConnection& owner)
      : owner_(owner.weak_from_this()), attempt_(owner.attempt_) {}
  void OnFrame(FrameLink::Kind kind, std::string_view payload) override {
    const std::shared_ptr<StreamConnection> owner = owner_.lock();
    if (owner && owner->attempt_ == attempt_) owner->OnFrame(kind, payload);
  }
  void OnLost(const Error& why) override {
    const std::shared_ptr<StreamConnection> owner = owner_.lock();
    if (owner && owner->attempt_ == attempt_) owner->Failed(why);
  }

 private:
  const std::weak_ptr<StreamConnection> owner_;
  const uint64_t attempt_;
};

template <typename Handler>
auto StreamConnection::OfThis(Handler handler) {
  return [weak = weak_from_this(), attempt = attempt_, handler](auto&&... args) {
    const std::shared_ptr<StreamConnection> self = weak.lock();
    if (self && self->attempt_ == attempt) handler(*self, args...);
  };
}

StreamConnection::StreamConnection(asio::io_context& loop, std::string target, std::string name,
                                   std::string token, Events events)
    : loop_(loop),
      target_(std::move(target)),
      name_(std::move(name)),
      token_(std::move(token)),
      events_(std::move(events)),
      resolver_(loop.get_executor()),
      socket_(loop.get_executor()),
      timer_(loop.get_executor()) {}

void StreamConnection::Open() { Resolve(); }

void StreamConnection::Close() {
  closed_ = true;
  connected_ = false;
  ++attempt_;
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
  timer_.cancel();
  if (link_) link_->Close();
}

void StreamConnection::Resolve() {
  ++attempt_;
  timer_.expires_after(kConnectTime);
  timer_.async_wait(OfThis([](StreamConnection& self, error_code error) {
    if (!error) self.Failed(Unavailable("no connection in time"));
  }));
  const auto [host, port] = SplitTarget(target_);
  resolver_.async_resolve(
      host, port, OfThis([](StreamConnection& self, error_code error, const auto& found) {
        if (error) return self.Failed(Unavailable("cannot resolve the name: " + error.message()));
        self.Connect(found);
      }));
}

void StreamConnection::Connect(const Resolver::results_type& found) {
  asio::async_connect(socket_, found,
                      OfThis([](StreamConnection& self, error_code error, const auto&) {
                        if (error) return self.Failed(Unavailable(error.message()));
                        self.Greet();
                      }));
}

void StreamConnection::Greet() {
  link_ = std::make_shared<FrameLink>(
      loop_, std::move(socket_), FrameLink::Limits{.frame_octets = kMaxFrameOctets, .asks = true});
  socket_ = Socket(loop_.get_executor());
  link_->Start(std::make_shared<Sink>(*this));
  std::string hello = name_;
  hello.append(1, '\0').append(token_);
  link_->SendRaw(kStreamPreamble);
  link_->Send(FrameLink::Kind::kHello, hello);
}

void StreamConnection::OnFrame(FrameLink::Kind kind, std::string_view payload) {
  switch (kind) {
    case FrameLink::Kind::kWelcome:
      timer_.cancel();
      backoff_.Reset();
      connected_ = true;
      return;
    case FrameLink::Kind::kBatch:
      if (!events_.batch(payload) && !closed_) Failed(Unavailable("what came is no batch"));
      return;
    case FrameLink::Kind::kRefusal:
      return Failed(RefusalOf(payload));
    default:
      return;  // A later version's.
  }
}

void StreamConnection::Failed(const Error& why) {
  const std::shared_ptr<StreamConnection> self = shared_from_this();
  ++attempt_;
  connected_ = false;
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
  if (link_) std::exchange(link_, nullptr)->Close();
  timer_.expires_after(backoff_.Next());
  timer_.async_wait(OfThis([](StreamConnection& again, error_code error) {
    if (!error && !again.closed_) again.Resolve();
  }));
  events_.broken(why);
}

}  // namespace drover::service
