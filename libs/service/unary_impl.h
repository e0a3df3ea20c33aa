// The definitions of libs/service/unary.h; included by it alone.
#pragma once

namespace drover::service {
namespace detail {

template <typename Reply>
class UnaryCall final : public LiveCall {
 public:
  UnaryCall(Calls& calls, grpc::ServerUnaryReactor* reactor, Reply* reply)
      : calls_(calls), reactor_(reactor), reply_(reply) {}
  void Begin() { calls_.Add(*this); }
  bool ended() const { return reactor_ == nullptr; }
  void End(Result<Reply> result) {
    if (ended()) return;
    if (result) *reply_ = std::move(*result);
    Finish(result ? grpc::Status::OK : ToStatus(result.error()));
  }
  void Abort() override {
    Finish({grpc::StatusCode::UNAVAILABLE, "the service ends: try another replica"});
  }

 private:
  void Finish(const grpc::Status& status) {
    calls_.Remove(*this);
    std::exchange(reactor_, nullptr)->Finish(status);
  }
  Calls& calls_;
  grpc::ServerUnaryReactor* reactor_;  // Gone, with reply_, once it is finished.
  Reply* reply_;
};

template <typename Request, typename Reply, typename Self>
Process RunUnary(std::shared_ptr<UnaryCall<Reply>> call, const Request* request, Self* self,
                 Task<Reply> (Self::*method)(Request, Deadline), Deadline deadline) {
  call->Begin();
  if (call->ended()) co_return;
  Request copy = *request;
  Task<Reply> task = (self->*method)(std::move(copy), deadline);
  Result<Reply> result = co_await std::move(task);
  call->End(std::move(result));
}

template <typename Reply>
class WriteCall final : public grpc::ServerWriteReactor<Reply>,
                        public StreamWriter<Reply>,
                        public LiveCall,
                        public std::enable_shared_from_this<WriteCall<Reply>> {
 public:
  explicit WriteCall(Calls& calls) : calls_(calls) {}

  // Keeps itself until gRPC is done with it.
  void Begin() { calls_.Add(*this); }
  void KeepAlive() { self_ = this->shared_from_this(); }
  bool ended() const { return finished_; }
  void End(const grpc::Status& status) {
    if (finished_) return;
    finished_ = true;
    calls_.Remove(*this);
    this->Finish(status);
  }

  Task<void> Write(Reply reply) override {
    if (cancelled()) co_return Cancelled("the caller left");
    message_ = std::move(reply);
    WriteCall* const self = this;
    Task<void> written = Suspend<void>([self](Resumer<void> resumer) {
      self->written_ = std::move(resumer);
      self->StartWrite(&self->message_);
    });
    co_return co_await std::move(written);
  }
  bool cancelled() const override {
    return finished_ || left_.load(std::memory_order_relaxed) || calls_.draining();
  }

  // With a write under way gRPC ends the call itself when the server shuts down.
  void Abort() override {
    if (!written_) End({grpc::StatusCode::UNAVAILABLE, "the service ends"});
  }

 private:
  void OnWriteDone(bool ok) override {
    asio::post(calls_.loop(), [self = this->shared_from_this(), ok] {
      self->written_.Set(ok ? Result<void>() : Cancelled("the caller left"));
    });
  }
  void OnCancel() override { left_.store(true, std::memory_order_relaxed); }
  void OnDone() override {
    asio::post(calls_.loop(), [self = std::move(self_)] {});
  }

  Calls& calls_;
  std::shared_ptr<WriteCall> self_;
  std::atomic<bool> left_ = false;
  Reply message_;
  Resumer<void> written_;
  bool finished_ = false;
};

template <typename Request, typename Reply, typename Self>
Process RunServerStream(std::shared_ptr<WriteCall<Reply>> call, const Request* request, Self* self,
                        Task<void> (Self::*method)(Request, StreamWriter<Reply>&, Deadline),
                        Deadline deadline) {
  call->Begin();
  if (call->ended()) co_return;
  Request copy = *request;
  Task<void> task = (self->*method)(std::move(copy), *call, deadline);
  Result<void> result = co_await std::move(task);
  call->End(result ? grpc::Status::OK : ToStatus(result.error()));
}

template <typename Reply>
class RefusedStream final : public grpc::ServerWriteReactor<Reply> {
 public:
  explicit RefusedStream(const grpc::Status& status) { this->Finish(status); }

 private:
  void OnDone() override { delete this; }
};

}  // namespace detail

template <typename Request, typename Reply, typename Self>
grpc::ServerUnaryReactor* Unary(Calls& calls, grpc::CallbackServerContext* context,
                                const Request* request, Reply* reply, Self* self,
                                Task<Reply> (Self::*method)(Request, Deadline)) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const grpc::Status admitted = calls.Admit(*context);
  if (!admitted.ok()) {
    reactor->Finish(admitted);
    return reactor;
  }
  auto call = std::make_shared<detail::UnaryCall<Reply>>(calls, reactor, reply);
  const Deadline deadline = Calls::DeadlineOf(*context, kMaxUnary);
  asio::co_spawn(calls.loop().get_executor(),
                 detail::RunUnary(std::move(call), request, self, method, deadline),
                 asio::detached);
  return reactor;
}

template <typename Request, typename Reply, typename Self>
grpc::ServerWriteReactor<Reply>* ServerStream(
    Calls& calls, grpc::CallbackServerContext* context, const Request* request, Self* self,
    Task<void> (Self::*method)(Request, StreamWriter<Reply>&, Deadline)) {
  const grpc::Status admitted = calls.Admit(*context);
  if (!admitted.ok()) return new detail::RefusedStream<Reply>(admitted);
  auto call = std::make_shared<detail::WriteCall<Reply>>(calls);
  call->KeepAlive();
  detail::WriteCall<Reply>* reactor = call.get();
  const Deadline deadline = Calls::DeadlineOf(*context, kMaxServerStream);
  asio::co_spawn(calls.loop().get_executor(),
                 detail::RunServerStream(std::move(call), request, self, method, deadline),
                 asio::detached);
  return reactor;
}

}  // namespace drover::service
