#include "libs/smpp/link/server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "libs/http/address.h"

namespace drover::smpp {
namespace {

using boost::system::error_code;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

constexpr std::chrono::milliseconds kAcceptPause{50};  // After a lack of file descriptors.
constexpr std::chrono::milliseconds kDrainPoll{10};

}  // namespace

class Server::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& loop, Config config, Accept accept)
      : loop_(loop),
        config_(std::move(config)),
        accept_(std::move(accept)),
        acceptor_(loop.get_executor()),
        pause_(loop.get_executor()) {
    config_.session.role = Role::kSmsc;
  }

  Result<void> Listen();
  Task<void> Drain(Deadline deadline);
  void Stop();
  std::string address() const { return address_; }
  size_t connections() {
    Forget();
    return channels_.size();
  }
  uint64_t accepted() const { return accepted_; }
  uint64_t turned_away() const { return turned_away_; }

 private:
  void AcceptNext();
  void Admit(Socket socket);
  void Forget();
  std::vector<std::shared_ptr<Channel>> Alive() const;

  asio::io_context& loop_;
  Config config_;
  Accept accept_;
  std::shared_ptr<asio::ssl::context> tls_;
  Acceptor acceptor_;
  Timer pause_;
  std::string address_;
  std::vector<std::weak_ptr<Channel>> channels_;
  uint64_t accepted_ = 0;
  uint64_t turned_away_ = 0;
};

Result<void> Server::Core::Listen() {
  DROVER_TRY(Validate(config_.session));
  if (config_.tls) {
    DROVER_TRY(tls_, MakeTlsContext(*config_.tls));
  }
  DROVER_TRY(const asio::ip::tcp::endpoint endpoint, http::ParseEndpoint(config_.listen));
  error_code error;
  acceptor_.open(endpoint.protocol(), error);
  if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor_.bind(endpoint, error);
  if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
  if (error) return Unavailable("cannot listen on " + config_.listen + ": " + error.message());
  address_ = http::Text(acceptor_.local_endpoint());
  AcceptNext();
  return {};
}

void Server::Core::AcceptNext() {
  acceptor_.async_accept([weak = weak_from_this()](error_code error, Socket socket) {
    const std::shared_ptr<Core> core = weak.lock();
    if (!core || error == asio::error::operation_aborted || !core->acceptor_.is_open()) return;
    if (!error) core->Admit(std::move(socket));
    if (error != asio::error::no_descriptors && error != asio::error::no_buffer_space) {
      return core->AcceptNext();
    }
    core->pause_.expires_after(kAcceptPause);
    core->pause_.async_wait([weak](error_code stopped) {
      const std::shared_ptr<Core> again = weak.lock();
      if (!stopped && again) again->AcceptNext();
    });
  });
}

void Server::Core::Admit(Socket socket) {
  if (connections() >= config_.connections) {
    ++turned_away_;
    return;  // Closed here.
  }
  ++accepted_;
  const auto channel =
      Channel::Make(loop_, std::move(socket), config_.session, {.tls = tls_, .epoch = accepted_});
  std::shared_ptr<SessionHandler> handler = accept_(channel);
  if (!handler) {
    ++turned_away_;
    return channel->Close();
  }
  channels_.push_back(channel);
  channel->Start(std::move(handler));
}

void Server::Core::Forget() {
  std::erase_if(channels_, [](const std::weak_ptr<Channel>& weak) { return weak.expired(); });
}

std::vector<std::shared_ptr<Channel>> Server::Core::Alive() const {
  std::vector<std::shared_ptr<Channel>> alive;
  for (const auto& weak : channels_) {
    if (std::shared_ptr<Channel> channel = weak.lock()) alive.push_back(std::move(channel));
  }
  return alive;
}

Task<void> Server::Core::Drain(Deadline deadline) {
  const std::shared_ptr<Core> self = shared_from_this();
  error_code ignored;
  acceptor_.close(ignored);
  for (const auto& channel : Alive()) channel->Unbind();
  Timer poll(loop_.get_executor());
  while (connections() != 0 && std::chrono::steady_clock::now() < deadline) {
    poll.expires_at(std::min(deadline, In(kDrainPoll)));
    co_await poll.async_wait(kAwait);
  }
  for (const auto& channel : Alive()) channel->Abort("drained");
  co_return Result<void>();
}

void Server::Core::Stop() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& channel : Alive()) channel->Close();
  accept_ = nullptr;
}

Server::Server(asio::io_context& loop, Config config, Accept accept)
    : core_(std::make_shared<Core>(loop, std::move(config), std::move(accept))) {}
Server::~Server() { core_->Stop(); }
Result<void> Server::Listen() { return core_->Listen(); }
std::string Server::address() const { return core_->address(); }
Task<void> Server::Drain(Deadline deadline) { return core_->Drain(deadline); }
size_t Server::connections() const { return core_->connections(); }
uint64_t Server::accepted() const { return core_->accepted(); }
uint64_t Server::turned_away() const { return core_->turned_away(); }

}  // namespace drover::smpp
