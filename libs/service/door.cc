#include "libs/service/door.h"

#include <utility>

#include <sys/socket.h>

#include "libs/http/address.h"
#include "libs/service/stream.h"

namespace drover::service {
namespace {

using boost::system::error_code;
using Socket = FrameLink::Socket;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;

constexpr std::chrono::milliseconds kAcceptPause{50};
constexpr size_t kHelloOctets = 16 * 1024;

Result<void> Admit(const Calls& calls, std::string_view token) {
  if (!calls.Authentic("Bearer " + std::string(token))) {
    return Unauthenticated(
        "wrong token: it differs from the content of the server's --grpc-token-file");
  }
  if (calls.draining()) return Unavailable("draining: try another replica");
  return {};
}

}  // namespace

struct Door::State : public std::enable_shared_from_this<State> {
  State(Calls& c, std::function<void(int)> g, std::chrono::milliseconds p)
      : calls(c),
        grpc(std::move(g)),
        patience(p),
        acceptor(calls.loop().get_executor()),
        pause(calls.loop().get_executor()) {}

  void Accept();
  void Welcome(Socket socket);

  Calls& calls;
  const std::function<void(int)> grpc;
  const std::chrono::milliseconds patience;
  std::map<std::string, StreamService*, std::less<>> services;
  Acceptor acceptor;
  Timer pause;
  bool closed = false;
};

namespace {

// A connection of which nothing was read yet.
struct Visitor {
  explicit Visitor(Socket s) : socket(std::move(s)), patience(socket.get_executor()) {}
  Socket socket;
  Timer patience;
};

// Waits for a stream to say who it is.
template <typename State>
class Greeter final : public FrameLink::Sink {
 public:
  Greeter(const std::shared_ptr<State>& door, const std::shared_ptr<FrameLink>& link,
          Timer patience)
      : door_(door), link_(link), patience_(std::move(patience)) {
    patience_.expires_after(door->patience);
    patience_.async_wait([weak = link_](error_code cancelled) {
      const std::shared_ptr<FrameLink> held = weak.lock();
      if (!cancelled && held) held->Close();
    });
  }

  void OnFrame(FrameLink::Kind kind, std::string_view payload) override {
    const std::shared_ptr<State> door = door_.lock();
    const std::shared_ptr<FrameLink> link = link_.lock();
    if (!link || std::exchange(greeted_, true)) return;
    if (!door || kind != FrameLink::Kind::kHello) return link->Close();
    const size_t zero = payload.find('\0');
    if (zero == std::string_view::npos) return link->Close();
    const Result<void> admitted = Admit(door->calls, payload.substr(zero + 1));
    if (!admitted) return Refuse(*link, admitted.error());
    const auto service = door->services.find(payload.substr(0, zero));
    if (service == door->services.end()) {
      return Refuse(*link, Error{Code::kUnimplemented,
                                 "no stream " + std::string(payload.substr(0, zero)) + " here"});
    }
    service->second->Open(link);
  }
  void OnLost(const Error&) override {}

 private:
  static void Refuse(FrameLink& link, const Error& why) {
    link.Send(FrameLink::Kind::kRefusal, std::string(1, static_cast<char>(why.code)) + why.message);
    link.CloseWhenSent();
  }
  const std::weak_ptr<State> door_;
  const std::weak_ptr<FrameLink> link_;
  Timer patience_;  // Ends with the greeter: when the stream was taken over.
  bool greeted_ = false;
};

}  // namespace

void Door::State::Accept() {
  acceptor.async_accept([weak = weak_from_this()](error_code error, Socket socket) {
    const std::shared_ptr<State> self = weak.lock();
    if (!self || self->closed || error == asio::error::operation_aborted) return;
    if (!error) self->Welcome(std::move(socket));
    if (error != asio::error::no_descriptors && error != asio::error::no_buffer_space) {
      return self->Accept();
    }
    self->pause.expires_after(kAcceptPause);
    self->pause.async_wait([weak](error_code stopped) {
      const std::shared_ptr<State> again = weak.lock();
      if (!stopped && again && !again->closed) again->Accept();
    });
  });
}

void Door::State::Welcome(Socket socket) {
  const auto visitor = std::make_shared<Visitor>(std::move(socket));
  error_code ignored;
  visitor->socket.non_blocking(true, ignored);
  visitor->patience.expires_after(patience);
  visitor->patience.async_wait([visitor](error_code cancelled) {
    error_code closing;
    if (!cancelled) visitor->socket.close(closing);
  });
  visitor->socket.async_wait(Socket::wait_read, [weak = weak_from_this(),
                                                 visitor](error_code error) {
    visitor->patience.cancel();
    const std::shared_ptr<State> self = weak.lock();
    if (error || !self || self->closed) return;
    char first = 0;
    if (recv(visitor->socket.native_handle(), &first, 1, MSG_PEEK) != 1) return;
    if (first != kStreamPreamble.front()) {
      error_code failed;
      const int fd = visitor->socket.release(failed);
      if (!failed) self->grpc(fd);
      return;
    }
    const auto link = std::make_shared<FrameLink>(self->calls.loop(), std::move(visitor->socket),
                                                  FrameLink::Limits{.frame_octets = kHelloOctets});
    auto greeter = std::make_shared<Greeter<State>>(self, link, std::move(visitor->patience));
    link->Start(std::move(greeter), kStreamPreamble);
  });
}

Door::Door(Calls& calls, std::function<void(int fd)> grpc, std::chrono::milliseconds patience)
    : state_(std::make_shared<State>(calls, std::move(grpc), patience)) {}
Door::~Door() { Close(); }

void Door::Add(StreamService& service) { state_->services[service.stream_name()] = &service; }

Result<void> Door::Listen(const std::string& address) {
  DROVER_TRY(const asio::ip::tcp::endpoint endpoint, http::ParseEndpoint(address));
  Acceptor& acceptor = state_->acceptor;
  error_code error;
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.set_option(asio::ip::tcp::no_delay(true), error);  // Inherited by accept.
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(1024, error);
  if (error) {
    return Unavailable("cannot listen on " + address + " for gRPC: " + error.message() +
                       "; the address is taken, or is no address of this machine");
  }
  address_ = address.substr(0, address.rfind(':')) + ":" +
             std::to_string(acceptor.local_endpoint().port());
  state_->Accept();
  return {};
}

void Door::Close() {
  state_->closed = true;
  error_code ignored;
  state_->acceptor.close(ignored);
  state_->pause.cancel();
}

}  // namespace drover::service
