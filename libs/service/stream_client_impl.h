// The definitions of libs/service/stream_client.h; included by it alone.
#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "libs/async/suspend.h"
#include "libs/service/call_table.h"
#include "libs/service/stream_connection.h"

namespace drover::service {

template <typename Service, typename RequestBatch, typename ReplyBatch>
struct StreamClient<Service, RequestBatch, ReplyBatch>::State
    : public std::enable_shared_from_this<State> {
  // Who waits for a reply: a coroutine, or a function.
  struct Waiter {
    Resumer<Reply> resume;
    Done done;
    void Set(Result<Reply> reply) {
      if (resume) return resume.Set(std::move(reply));
      if (done) done(std::move(reply));
    }
  };

  State(asio::io_context& io, StreamClientConfig c)
      : loop(io),
        config(std::move(c)),
        table(std::chrono::steady_clock::now()),
        tick(loop.get_executor()) {}

  void Open() {
    const std::weak_ptr<State> weak = this->weak_from_this();
    connection = std::make_shared<StreamConnection>(
        loop, config.target, RequestBatch().GetTypeName(), config.token,
        StreamConnection::Events{.batch =
                                     [weak](std::string_view octets) {
                                       const std::shared_ptr<State> state = weak.lock();
                                       return !state || state->Received(octets);
                                     },
                                 .broken =
                                     [weak](const Error& why) {
                                       if (const auto state = weak.lock()) state->Broken(why);
                                     }});
    connection->Open();
  }

  Result<void> Admit(Deadline deadline) const;
  void Send(Request& request, Deadline deadline, Waiter waiter);
  void Broken(const Error& why);
  bool Received(std::string_view octets);
  void ArmTick();
  void Tick();

  asio::io_context& loop;
  const StreamClientConfig config;
  std::shared_ptr<StreamConnection> connection;
  CallTable<Waiter> table;
  ReplyBatch batch;  // Kept for its memory.
  bool ticking = false;
  std::string broken_because = "connecting";
  Timer tick;
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
Result<void> StreamClient<Service, RequestBatch, ReplyBatch>::State::Admit(
    Deadline deadline) const {
  if (!connection->connected()) {
    return Unavailable("no stream to " + config.target + ": " + broken_because);
  }
  // Requests leave the table at their deadline, also where the other side reads nothing.
  if (table.size() >= config.max_in_flight || connection->unsent() > config.max_unsent) {
    return ResourceExhausted("too many requests in flight to " + config.target);
  }
  if (Left(deadline).count() <= 0) {
    return DeadlineExceeded("no time left to ask " + config.target);
  }
  return {};
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Send(Request& request,
                                                                  Deadline deadline,
                                                                  Waiter waiter) {
  request.set_timeout_ms(static_cast<uint32_t>(Left(deadline).count()));
  request.set_id(table.Add(deadline, std::move(waiter)));
  connection->Send(request);
  ArmTick();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Broken(const Error& why) {
  broken_because = why.message;
  const Error error = Unavailable("the stream to " + config.target + " broke: " + why.message);
  for (Waiter& waiter : table.TakeAll()) waiter.Set(error);
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
bool StreamClient<Service, RequestBatch, ReplyBatch>::State::Received(std::string_view octets) {
  const std::shared_ptr<State> self =
      this->shared_from_this();  // Who is resumed may end the client.
  if (!batch.ParseFromArray(octets.data(), static_cast<int>(octets.size()))) return false;
  for (Reply& reply : *batch.mutable_items()) {
    std::optional<Waiter> waiter = table.Take(reply.id());
    if (waiter) waiter->Set(std::move(reply));  // Else it came after its deadline.
  }
  return true;
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::ArmTick() {
  if (std::exchange(ticking, true)) return;
  tick.expires_after(CallTable<Waiter>::kTick);
  tick.async_wait([weak = this->weak_from_this()](boost::system::error_code error) {
    const std::shared_ptr<State> state = weak.lock();
    if (!error && state) state->Tick();
  });
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::State::Tick() {
  ticking = false;
  std::vector<Waiter> expired = table.Expire(std::chrono::steady_clock::now());
  if (!expired.empty()) {
    const Error error = DeadlineExceeded("no reply in time from " + config.target);
    for (Waiter& waiter : expired) waiter.Set(error);
  }
  if (table.size() != 0) ArmTick();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
StreamClient<Service, RequestBatch, ReplyBatch>::StreamClient(asio::io_context& loop,
                                                              StreamClientConfig config)
    : state_(std::make_shared<State>(loop, std::move(config))) {
  state_->Open();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
StreamClient<Service, RequestBatch, ReplyBatch>::~StreamClient() {
  state_->tick.cancel();
  state_->connection->Close();
  state_->table.TakeAll();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamClient<Service, RequestBatch, ReplyBatch>::Start(Request request, Deadline deadline,
                                                            Done done) {
  Result<void> admitted = state_->Admit(deadline);
  if (!admitted) return done(std::move(admitted).error());
  state_->Send(request, deadline, {.resume = {}, .done = std::move(done)});
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
auto StreamClient<Service, RequestBatch, ReplyBatch>::Call(Request request, Deadline deadline)
    -> Task<Reply> {
  DROVER_CO_TRY(state_->Admit(deadline));
  State* const state = state_.get();
  Request* const sent = &request;  // In this frame, which is suspended while start runs.
  const auto start = [state, sent, deadline](Resumer<Reply> resumer) {
    state->Send(*sent, deadline, {.resume = std::move(resumer), .done = {}});
  };
  Task<Reply> reply = Suspend<Reply>(start);
  co_return co_await std::move(reply);
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
bool StreamClient<Service, RequestBatch, ReplyBatch>::connected() const {
  return state_->connection->connected();
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
