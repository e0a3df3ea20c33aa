// The definitions of libs/service/stream_client.h; included by it alone.
//
// State lives on the loop. A Stream is one attempt at the gRPC call; gRPC's threads reach only it,
// and it posts what it learns. Its mutex is never held while gRPC is called.
#pragma once
#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <boost/asio/post.hpp>

#include "libs/async/backoff.h"
#include "libs/async/suspend.h"

namespace drover::service {

// Set once, by any thread, for one that waits.
class Latch {
 public:
  void Set() {
    const std::scoped_lock lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  void Wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return set_; });
  }

 private:
  std::mutex mutex_;  // Guards set_.
  std::condition_variable changed_;
  bool set_ = false;
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
struct StreamClient<Service, RequestBatch, ReplyBatch>::State
    : public std::enable_shared_from_this<State> {
  State(asio::io_context& io, StreamClientConfig c)
      : loop(io),
        config(std::move(c)),
        stub(Service::NewStub(StreamChannel(config.target))),
        table(std::chrono::steady_clock::now()),
        tick(loop.get_executor()),
        reconnect(loop.get_executor()) {}

  Result<void> Admit(Deadline deadline) const;
  void Send(Request request, Deadline deadline, Done done);
  void Connect();
  void Connected() {
    connected = true;
    backoff.Reset();
  }
  void Broken(const grpc::Status& status);
  void Reconnect();
  void Received(std::vector<ReplyBatch> batches);
  void ArmTick();
  void Tick();

  asio::io_context& loop;
  const StreamClientConfig config;
  std::unique_ptr<typename Service::Stub> stub;
  CallTable<Done> table;
  std::shared_ptr<Stream> stream;
  bool connected = false;
  bool closed = false;
  bool ticking = false;
  std::string broken_because = "connecting";
  Backoff backoff;
  Timer tick;
  Timer reconnect;
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamClient<Service, RequestBatch, ReplyBatch>::Stream final
    : public grpc::ClientBidiReactor<RequestBatch, ReplyBatch>,
      public std::enable_shared_from_this<Stream> {
 public:
  explicit Stream(const std::shared_ptr<State>& state) : loop_(state->loop), state_(state) {}

  void Begin(typename Service::Stub& stub, const std::string& token) {
    self_ = this->shared_from_this();
    PrepareStream(context_, token);
    if constexpr (requires { stub.async()->Exchange(&context_, this); }) {
      stub.async()->Exchange(&context_, this);
    } else {
      stub.async()->Advance(&context_, this);
    }
    this->AddHold();  // Writes begin outside of gRPC's callbacks.
    this->StartRead(&reading_);
    this->StartCall();
  }

  // Loop. The write waits for the end of this turn of the loop, so that its neighbours can join it.
  void Send(Request request) {
    bool post = false;
    {
      const std::scoped_lock lock(mutex_);
      gathered_.push_back(std::move(request));
      post = !std::exchange(flush_posted_, true);
    }
    if (!post) return;
    asio::post(loop_, [self = this->shared_from_this()] {
      self->Act([&self] { self->flush_posted_ = false; });
    });
  }

  // Loop. Returns when gRPC is done with the stream.
  void Close() {
    const std::shared_ptr<Latch> over = over_;
    context_.TryCancel();
    over->Wait();
  }

 private:
  void OnReadInitialMetadataDone(bool ok) override {
    if (ok) Post([](State& state) { state.Connected(); });
  }
  void OnReadDone(bool ok) override {
    if (!ok) {
      Act([this] { dead_ = true; });
      return;
    }
    bool post = false;
    {
      const std::scoped_lock lock(mutex_);
      inbox_.push_back(std::move(reading_));
      post = !std::exchange(inbox_posted_, true);
    }
    reading_ = ReplyBatch();
    if (post) {
      asio::post(loop_, [self = this->shared_from_this()] { self->TakeInbox(); });
    }
    this->StartRead(&reading_);
  }
  void OnWriteDone(bool ok) override {
    Act([this, ok] {
      write_under_way_ = false;
      if (!ok) dead_ = true;
    });
  }
  // The last reference must not be dropped here: with it may go the channel, and a channel that is
  // destroyed on one of gRPC's own threads would wait for that very thread.
  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<Latch> over = over_;
    asio::post(loop_, [self = std::move(self_), status] {
      const std::shared_ptr<State> state = self->state_.lock();
      if (state && state->stream == self) state->Broken(status);
    });
    over->Set();
  }

  template <typename What>
  void Post(What what) {
    asio::post(loop_, [self = this->shared_from_this(), what] {
      const std::shared_ptr<State> state = self->state_.lock();
      if (state && state->stream == self) what(*state);
    });
  }

  void TakeInbox() {
    std::vector<ReplyBatch> batches;
    {
      const std::scoped_lock lock(mutex_);
      batches.swap(inbox_);
      inbox_posted_ = false;
    }
    const std::shared_ptr<State> state = state_.lock();
    if (state) state->Received(std::move(batches));
  }

  // Any thread: changes what mutex_ guards, then does what that makes possible.
  template <typename Change>
  void Act(Change change) {
    bool write = false;
    bool let_go = false;
    {
      const std::scoped_lock lock(mutex_);
      change();
      if (!write_under_way_ && !dead_ && !flush_posted_ && !gathered_.empty()) {
        FillBatch(gathered_, writing_);
        write = write_under_way_ = true;
      }
      let_go = dead_ && !write_under_way_ && !std::exchange(let_go_, dead_ && !write_under_way_);
    }
    if (write) this->StartWrite(&writing_);
    if (let_go) this->RemoveHold();
  }

  asio::io_context& loop_;
  const std::weak_ptr<State> state_;
  grpc::ClientContext context_;
  std::shared_ptr<Stream> self_;  // Until OnDone.
  const std::shared_ptr<Latch> over_ = std::make_shared<Latch>();
  ReplyBatch reading_;    // gRPC's between StartRead and OnReadDone.
  RequestBatch writing_;  // gRPC's between StartWrite and OnWriteDone.

  std::mutex mutex_;  // Guards what follows.
  std::deque<Request> gathered_;
  std::vector<ReplyBatch> inbox_;
  bool inbox_posted_ = false;
  bool flush_posted_ = false;
  bool write_under_way_ = false;
  bool dead_ = false;
  bool let_go_ = false;
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Connect() {
  stream = std::make_shared<Stream>(this->shared_from_this());
  stream->Begin(*stub, config.token);
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Broken(const grpc::Status& status) {
  stream.reset();
  connected = false;
  broken_because = status.ok() ? "the server ended the stream" : status.error_message();
  const Error error = Unavailable("the stream to " + config.target + " broke: " + broken_because);
  for (Done& done : table.TakeAll()) done(error);
  if (!closed) Reconnect();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Reconnect() {
  reconnect.expires_after(backoff.Next());
  reconnect.async_wait([weak = this->weak_from_this()](boost::system::error_code error) {
    const std::shared_ptr<State> state = weak.lock();
    if (!error && state && !state->closed) state->Connect();
  });
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Received(
    std::vector<ReplyBatch> batches) {
  for (ReplyBatch& batch : batches) {
    for (Reply& reply : *batch.mutable_items()) {
      std::optional<Done> done = table.Take(reply.id());
      if (done) (*done)(std::move(reply));  // Else it came after its deadline.
    }
  }
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::ArmTick() {
  if (std::exchange(ticking, true)) return;
  tick.expires_after(CallTable<Done>::kTick);
  tick.async_wait([weak = this->weak_from_this()](boost::system::error_code error) {
    const std::shared_ptr<State> state = weak.lock();
    if (!error && state) state->Tick();
  });
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Tick() {
  ticking = false;
  std::vector<Done> expired = table.Expire(std::chrono::steady_clock::now());
  if (!expired.empty()) {
    const Error error = DeadlineExceeded("no reply in time from " + config.target);
    for (Done& done : expired) done(error);
  }
  if (table.size() != 0) ArmTick();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
StreamClient<Service, RequestBatch, ReplyBatch>::StreamClient(asio::io_context& loop,
                                                              StreamClientConfig config)
    : state_(std::make_shared<State>(loop, std::move(config))) {
  state_->Connect();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
StreamClient<Service, RequestBatch, ReplyBatch>::~StreamClient() {
  state_->closed = true;
  state_->tick.cancel();
  state_->reconnect.cancel();
  if (state_->stream) state_->stream->Close();
  state_->table.TakeAll();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
Result<void> StreamClient<Service, RequestBatch, ReplyBatch>::State::Admit(
    Deadline deadline) const {
  if (!connected) return Unavailable("no stream to " + config.target + ": " + broken_because);
  if (table.size() >= config.max_in_flight) {
    return ResourceExhausted("too many requests in flight to " + config.target);
  }
  if (Left(deadline).count() <= 0) {
    return DeadlineExceeded("no time left to ask " + config.target);
  }
  return {};
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Send(Request request,
                                                                  Deadline deadline, Done done) {
  request.set_timeout_ms(static_cast<uint32_t>(Left(deadline).count()));
  request.set_id(table.Add(deadline, std::move(done)));
  stream->Send(std::move(request));
  ArmTick();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::Start(Request request, Deadline deadline,
                                                            Done done) {
  Result<void> admitted = state_->Admit(deadline);
  if (!admitted) return done(std::move(admitted).error());
  state_->Send(std::move(request), deadline, std::move(done));
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
auto StreamClient<Service, RequestBatch, ReplyBatch>::Call(Request request, Deadline deadline)
    -> Task<Reply> {
  DROVER_CO_TRY(state_->Admit(deadline));
  State* const state = state_.get();
  Request* const sent = &request;  // In this frame, which is suspended while start runs.
  const auto start = [state, sent, deadline](Resumer<Reply> resumer) {
    auto owner = std::make_shared<Resumer<Reply>>(std::move(resumer));
    state->Send(std::move(*sent), deadline,
                [owner](Result<Reply> reply) { owner->Set(std::move(reply)); });
  };
  Task<Reply> reply = Suspend<Reply>(start);
  co_return co_await std::move(reply);
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
bool StreamClient<Service, RequestBatch, ReplyBatch>::connected() const {
  return state_->connected;
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
size_t StreamClient<Service, RequestBatch, ReplyBatch>::in_flight() const {
  return state_->table.size();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
const std::string& StreamClient<Service, RequestBatch, ReplyBatch>::target() const {
  return state_->config.target;
}

}  // namespace drover::service
