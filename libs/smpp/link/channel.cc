#include "libs/smpp/link/channel.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>

namespace drover::smpp {
namespace {

using boost::system::error_code;

constexpr size_t kReadOctets = 32 * 1024;
constexpr size_t kKeptOctets = 1024 * 1024;  // A bigger buffer's memory is given back.
constexpr std::chrono::seconds kLingerTime{2};

}  // namespace

class Channel::Relay final : public SessionHandler {
 public:
  explicit Relay(Channel& channel) : channel_(channel) {}
  void OnBound(const Bound& bound) override {
    if (const auto handler = channel_.handler_) handler->OnBound(bound);
  }
  void OnBind(const Bind& bind) override {
    if (const auto handler = channel_.handler_) handler->OnBind(bind);
  }
  void OnAnswer(uint64_t token, const Answer& answer) override {
    if (SessionHandler* const handler = channel_.handler_.get()) handler->OnAnswer(token, answer);
  }
  void OnRequest(const RequestId& id, const Pdu& pdu) override {
    if (SessionHandler* const handler = channel_.handler_.get()) handler->OnRequest(id, pdu);
  }
  void OnNotice(const Pdu& pdu) override {
    if (const auto handler = channel_.handler_) handler->OnNotice(pdu);
  }
  void OnReady() override {
    if (const auto handler = channel_.handler_) handler->OnReady();
  }
  void OnEnd(const End& end) override {
    if (const auto handler = channel_.handler_) handler->OnEnd(end);
  }

 private:
  Channel& channel_;
};

Channel::Channel(asio::io_context& loop, SessionSettings settings, uint64_t epoch)
    : loop_(loop),
      relay_(std::make_unique<Relay>(*this)),
      session_(std::move(settings), *relay_, epoch),
      in_(kReadOctets),
      deadlines_(loop, [this](Deadline now) {
        const auto self = weak_from_this().lock();
        return self ? Tick(now) : Deadline::max();
      }) {}

Channel::~Channel() = default;

// --- The user's calls.

bool Channel::RespondBare(const RequestId& id, CommandStatus status) {
  const auto self = shared_from_this();
  const bool sent = session_.RespondBare(id, status, Now());
  Stir();
  return sent;
}

void Channel::AcceptBind() {
  const auto self = shared_from_this();
  session_.AcceptBind(Now());
  Stir();
}

void Channel::RefuseBind(CommandStatus status) {
  const auto self = shared_from_this();
  session_.RefuseBind(status, Now());
  Stir();
}

void Channel::Unbind() {
  const auto self = shared_from_this();
  session_.Unbind(Now());
  Stir();
}

void Channel::Abort(std::string_view why) {
  const auto self = shared_from_this();
  session_.Abort(why, Now());
  Stir();
}

// --- Beginning and end.

void Channel::Start(std::shared_ptr<SessionHandler> handler) {
  handler_ = std::move(handler);
  phase_ = Phase::kHandshake;
  phase_until_ = Now() + session_.settings().init_time;
  deadlines_.Watch(phase_until_);
  Handshake();
}

void Channel::OnHandshake(const error_code& error) {
  if (phase_ != Phase::kHandshake) return;
  if (error) return Lost("the TLS handshake failed: " + error.message());
  phase_ = Phase::kOpen;
  phase_until_ = Time::max();
  Run([this] { session_.Connected(Now()); });
  Read();
}

void Channel::Lost(const std::string& why) {
  if (phase_ == Phase::kClosed) return;
  // What an interrupted write has done is not known.
  const size_t unsent = write_waits_ ? 0 : unsent_;
  const auto self = shared_from_this();
  in_session_ = true;
  session_.Closed(why, unsent, Now());
  Close();
}

void Channel::Close() {
  if (std::exchange(phase_, Phase::kClosed) == Phase::kClosed) return;
  CloseSocket();
  deadlines_.Stop();
  // Perhaps one of its calls is under way.
  if (handler_) asio::post(loop_, [dropped = std::move(handler_)] {});
  handler_ = nullptr;
}

// All is said: waits for the peer to close, so that what it has not read yet is not lost.
void Channel::Linger() {
  if (phase_ != Phase::kOpen) return;
  phase_ = Phase::kLingering;
  phase_until_ = Now() + kLingerTime;
  deadlines_.Watch(phase_until_);
  SayGoodbye();
  if (std::exchange(read_waits_, false)) Read();
}

Deadline Channel::Tick(Time now) {
  if (phase_ == Phase::kClosed) return Deadline::max();
  if (now >= phase_until_) {
    if (phase_ == Phase::kHandshake) {
      Lost("no TLS handshake in time");
    } else {
      Close();
    }
    return Deadline::max();
  }
  if (phase_ == Phase::kOpen) Run([this, now] { session_.Tick(now); });
  return std::min(phase_until_, session_.next_deadline());
}

// --- Writing.

template <typename F>
void Channel::Run(F f) {
  const auto self = shared_from_this();
  in_session_ = true;
  f();
  in_session_ = false;
  Flush();
}

// After a call of the user's. Inside one of ours, whoever called the session writes.
void Channel::Stir() {
  if (in_session_ || phase_ != Phase::kOpen) return;
  deadlines_.Watch(session_.next_deadline());
  const bool idle = !session_.has_output() && !session_.ended();
  if (idle || flush_posted_ || write_waits_) return;
  flush_posted_ = true;
  asio::post(loop_, [self = shared_from_this()] {
    self->flush_posted_ = false;
    self->Flush();
  });
}

void Channel::Flush() {
  if (phase_ != Phase::kOpen) return;
  while (session_.has_output() && !write_waits_) {
    session_.TakeOutput(out_);
    unsent_ = out_.size() - Write(out_);
    write_waits_ = unsent_ != 0;
    if (!write_waits_) out_.clear();
  }
  session_.Backlog(unsent_);
  if (session_.ended()) {
    if (!write_waits_) return Linger();
    phase_until_ = std::min(phase_until_, Now() + kLingerTime);
  }
  deadlines_.Watch(std::min(phase_until_, session_.next_deadline()));
}

void Channel::OnWritten(const error_code& error, size_t octets) {
  write_waits_ = false;
  if (phase_ == Phase::kClosed) return;
  unsent_ -= std::min(unsent_, octets);
  if (error) return Lost(error.message());
  unsent_ = 0;
  out_.clear();
  if (out_.capacity() > kKeptOctets) out_.shrink_to_fit();
  session_.Backlog(0);
  Run([this] { session_.Tick(Now()); });
  if (phase_ == Phase::kOpen && std::exchange(read_waits_, false)) Read();
}

// --- Reading.

void Channel::Read() {
  if (phase_ != Phase::kOpen && phase_ != Phase::kLingering) return;
  if (phase_ == Phase::kOpen && unsent_ > session_.settings().unsent_octets) {
    read_waits_ = true;
    return;
  }
  ReadSome(asio::buffer(in_));
}

void Channel::OnRead(const error_code& error, size_t octets) {
  if (phase_ == Phase::kLingering) return error ? Close() : Read();
  if (phase_ != Phase::kOpen) return;
  if (error) {
    return Lost(error == asio::error::eof ? "the peer closed the connection" : error.message());
  }
  Run([this, octets] { session_.Octets({in_.data(), octets}, Now()); });
  Read();
}

}  // namespace drover::smpp
