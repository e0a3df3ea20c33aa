#include "libs/smpp/link/link.h"

#include <array>
#include <random>
#include <utility>

#include <boost/asio/connect.hpp>

#include "libs/async/promise.h"

namespace drover::smpp {
namespace {

using boost::system::error_code;
using Resolver = asio::ip::basic_resolver<asio::ip::tcp, Executor>;

}  // namespace

class Link::Core final : public SessionHandler, public std::enable_shared_from_this<Core> {
 public:
  Core(asio::io_context& loop, Config config, LinkHandler& handler)
      : loop_(loop),
        config_(std::move(config)),
        handler_(&handler),
        redial_(config_.redial, std::random_device{}()),
        resolver_(loop.get_executor()),
        socket_(loop.get_executor()),
        timer_(loop.get_executor()) {}

  Result<void> Open();
  void Close();
  Task<void> Drain(Deadline deadline);
  Counters counters() const;
  State state() const { return state_; }
  uint64_t epoch() const { return epoch_; }
  const std::shared_ptr<Channel>& channel() const { return channel_; }

  void OnBound(const Bound& bound) override;
  void OnAnswer(uint64_t token, const Answer& answer) override {
    if (handler_ != nullptr) handler_->OnAnswer(token, answer);
  }
  void OnRequest(const RequestId& id, const Pdu& pdu) override {
    if (handler_ != nullptr) handler_->OnRequest(id, pdu);
  }
  void OnNotice(const Pdu& pdu) override {
    if (handler_ != nullptr) handler_->OnNotice(pdu);
  }
  void OnReady() override {
    if (handler_ != nullptr) handler_->OnReady();
  }
  void OnEnd(const End& end) override;

 private:
  // Wraps a handler so that it is dropped when the attempt that it was for is over.
  template <typename Handler>
  auto OfThis(Handler handler);

  void Resolve();
  void Connect(const Resolver::results_type& found);
  void Begin();
  void Failed(const std::string& why);
  void Wait(const End& end);

  asio::io_context& loop_;
  const Config config_;
  LinkHandler* handler_;  // nullptr: closed.
  Redial redial_;
  std::shared_ptr<asio::ssl::context> tls_;
  Resolver resolver_;
  Socket socket_;
  Timer timer_;  // Bounds an attempt to connect, or waits between two.
  std::shared_ptr<Channel> channel_;
  std::optional<Promise<void>> drained_;
  State state_ = State::kClosed;
  uint64_t epoch_ = 0;
  Time bound_at_{};
  Counters counters_;
};

template <typename Handler>
auto Link::Core::OfThis(Handler handler) {
  return [weak = weak_from_this(), epoch = epoch_, handler](auto&&... args) {
    const std::shared_ptr<Core> self = weak.lock();
    if (self && self->epoch_ == epoch && self->handler_ != nullptr) handler(*self, args...);
  };
}

Result<void> Link::Core::Open() {
  DROVER_TRY(Validate(config_.session));
  if (config_.session.role != Role::kEsme) return InvalidArgument("a link is an ESME's");
  if (config_.tls) {
    DROVER_TRY(tls_, MakeTlsContext(*config_.tls));
  }
  Resolve();
  return {};
}

void Link::Core::Close() {
  handler_ = nullptr;
  state_ = State::kClosed;
  ++epoch_;
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
  timer_.cancel();
  if (channel_) std::exchange(channel_, nullptr)->Close();
}

// --- Connecting.

void Link::Core::Resolve() {
  ++epoch_;
  ++counters_.attempts;
  state_ = State::kConnecting;
  timer_.expires_after(config_.connect_time);
  timer_.async_wait(OfThis([](Core& self, error_code error) {
    if (!error) self.Failed("no connection in time");
  }));
  resolver_.async_resolve(config_.host, config_.port,
                          OfThis([](Core& self, error_code error, const auto& found) {
                            if (error)
                              return self.Failed("cannot resolve the name: " + error.message());
                            self.Connect(found);
                          }));
}

void Link::Core::Connect(const Resolver::results_type& found) {
  asio::async_connect(socket_, found, OfThis([](Core& self, error_code error, const auto&) {
                        if (error) return self.Failed(error.message());
                        self.Begin();
                      }));
}

void Link::Core::Begin() {
  timer_.cancel();
  ++counters_.connected;
  state_ = State::kBinding;
  Channel::Wiring wiring{.tls = tls_, .epoch = epoch_};
  if (config_.tls) {
    const bool named = !config_.tls->server_name.empty();
    wiring.server_name = named ? config_.tls->server_name : config_.host;
    wiring.check_name = config_.tls->check_name;
  }
  channel_ = Channel::Make(loop_, std::exchange(socket_, Socket(loop_.get_executor())),
                           config_.session, wiring);
  channel_->Start(shared_from_this());
}

// --- What the session tells.

void Link::Core::OnBound(const Bound& bound) {
  state_ = State::kBound;
  bound_at_ = std::chrono::steady_clock::now();
  ++counters_.bound;
  if (handler_ != nullptr) handler_->OnBound(bound);
}

void Link::Core::OnEnd(const End& end) {
  const std::shared_ptr<Core> self = shared_from_this();
  const std::shared_ptr<Channel> ended = std::exchange(channel_, nullptr);
  if (ended) counters_.sessions += ended->session().counters();
  if (end.cause == EndCause::kBindRefused) ++counters_.refused;
  Wait(end);
}

// An attempt that led to no session.
void Link::Core::Failed(const std::string& why) {
  error_code ignored;
  resolver_.cancel();
  socket_.close(ignored);
  Wait({.cause = EndCause::kLinkLost, .text = why});
}

void Link::Core::Wait(const End& end) {
  const bool idle = state_ == State::kWaiting;
  const bool was_bound = state_ == State::kBound;
  const auto bound_for = std::chrono::floor<std::chrono::milliseconds>(
      was_bound ? std::chrono::steady_clock::now() - bound_at_ : Time::duration::zero());
  ++epoch_;  // What was under way is dropped.
  if (drained_) {
    state_ = State::kClosed;
    if (handler_ != nullptr && !idle) handler_->OnEnd(end);
    drained_->Set(Result<void>());
    return;
  }
  state_ = State::kWaiting;
  const auto time = redial_.After(end, bound_for);
  timer_.expires_after(time);
  timer_.async_wait(OfThis([](Core& self, error_code error) {
    if (!error) self.Resolve();
  }));
  if (handler_ != nullptr) handler_->OnEnd(end);
  if (handler_ != nullptr) handler_->OnWait(end, time, Redial::NeedsOperator(end));
}

Task<void> Link::Core::Drain(Deadline deadline) {
  const std::shared_ptr<Core> self = shared_from_this();
  if (!drained_) {
    drained_.emplace(loop_);
    const std::shared_ptr<Channel> now = channel_;
    if (now) {
      now->Unbind();
    } else if (state_ != State::kClosed) {
      Failed("closed");
    }
  }
  if (state_ == State::kClosed) co_return Result<void>();
  const Promise<void> drained = *drained_;
  Result<void> done = co_await drained.Wait(deadline, "unbinding");
  const std::shared_ptr<Channel> left = channel_;
  if (left) left->Abort("unbinding took too long");
  co_return done;
}

Link::Counters Link::Core::counters() const {
  Counters all = counters_;
  if (channel_) all.sessions += channel_->session().counters();
  return all;
}

// --- Link.

Link::Link(asio::io_context& loop, Config config, LinkHandler& handler)
    : core_(std::make_shared<Core>(loop, std::move(config), handler)) {}
Link::~Link() { core_->Close(); }
Result<void> Link::Open() { return core_->Open(); }
Task<void> Link::Drain(Deadline deadline) { return core_->Drain(deadline); }
Link::State Link::state() const { return core_->state(); }
uint64_t Link::epoch() const { return core_->epoch(); }
Link::Counters Link::counters() const { return core_->counters(); }
std::shared_ptr<Channel> Link::channel() const { return core_->channel(); }

bool Link::RespondBare(const RequestId& id, CommandStatus status) {
  const std::shared_ptr<Channel> now = channel();
  return now && now->RespondBare(id, status);
}

bool Link::ready(uint32_t segments) const {
  const std::shared_ptr<Channel> now = channel();
  return now && now->ready(segments);
}

size_t Link::outstanding() const {
  const std::shared_ptr<Channel> now = channel();
  return now ? now->session().outstanding() : 0;
}

size_t Link::unsent() const {
  const std::shared_ptr<Channel> now = channel();
  return now ? now->unsent() : 0;
}

double Link::share() const {
  const std::shared_ptr<Channel> now = channel();
  return now ? now->session().rate().share(std::chrono::steady_clock::now()) : 1;
}

std::string_view Name(Link::State state) {
  constexpr std::array<std::string_view, 5> kNames = {"closed", "connecting", "binding", "bound",
                                                      "waiting"};
  return kNames.at(static_cast<size_t>(state));
}

}  // namespace drover::smpp
