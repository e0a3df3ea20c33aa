// The definitions of libs/service/stream_server.h; included by it alone.
//
// Three threads of thought meet in a Stream: gRPC's reads, gRPC's writes and the loop. mutex_
// guards what they share and is never held while gRPC is called (it may call back from inside).
#pragma once
#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/post.hpp>

namespace drover::service {

template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamServer<Service, RequestBatch, ReplyBatch>::Refusal final : public Reactor {
 public:
  explicit Refusal(const grpc::Status& status) { this->Finish(status); }

 private:
  void OnDone() override { delete this; }
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamServer<Service, RequestBatch, ReplyBatch>::Stream final
    : public Reactor,
      public LiveCall,
      public std::enable_shared_from_this<Stream> {
 public:
  explicit Stream(StreamServer& server) : server_(server) {}

  void Begin() {
    self_ = this->shared_from_this();
    asio::post(server_.calls_.loop(), [self = self_] { self->Register(); });
    this->StartSendInitialMetadata();  // Tells the client that it is welcome.
    this->StartRead(&reading_);
  }

  void Drain() override {
    Act([this] { draining_ = true; });
  }
  void Abort() override {
    Act([this] { broken_ = true; });
  }

 private:
  enum class Next : uint8_t { kNothing, kWrite, kFinish };

  // gRPC's threads.
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override {
    Act([this] { broken_ = true; });
  }
  void OnDone() override {
    asio::post(server_.calls_.loop(), [self = std::move(self_)] { self->Unregister(); });
  }

  // The loop.
  void Register() {
    if (over_) return;
    registered_ = true;
    server_.calls_.Add(*this);
  }
  void Unregister() {
    over_ = true;
    if (registered_) server_.calls_.Remove(*this);
  }
  void TakeInbox();
  void HandOver(Request request);
  void Respond(uint64_t id, Reply reply);
  void Flush() {
    Act([this] { flush_posted_ = false; });
  }

  // Any thread: changes what mutex_ guards, then does what that makes possible.
  template <typename Change>
  void Act(Change change) {
    Next next;
    grpc::Status status;
    {
      const std::scoped_lock lock(mutex_);
      change();
      next = Decide(status);
    }
    if (next == Next::kWrite) this->StartWrite(&writing_);
    if (next == Next::kFinish) this->Finish(status);
  }
  Next Decide(grpc::Status& status);
  void Refuse(const Request& request, Code code, const char* why) {
    Reply& reply = gathered_.emplace_back();
    reply.set_id(request.id());
    reply.set_code(static_cast<uint32_t>(code));
    reply.set_error(why);
  }

  StreamServer& server_;
  std::shared_ptr<Stream> self_;  // Until OnDone.
  RequestBatch reading_;          // gRPC's between StartRead and OnReadDone.
  ReplyBatch writing_;            // gRPC's between StartWrite and OnWriteDone.

  std::mutex mutex_;  // Guards what follows up to the next comment.
  std::vector<RequestBatch> inbox_;
  std::deque<Reply> gathered_;
  size_t in_flight_ = 0;
  bool write_under_way_ = false;
  bool read_paused_ = false;
  bool flush_posted_ = false;
  bool inbox_posted_ = false;
  bool reads_over_ = false;
  bool draining_ = false;
  bool broken_ = false;
  bool finished_ = false;

  bool registered_ = false;  // The loop's.
  bool over_ = false;        // The loop's.
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
auto StreamServer<Service, RequestBatch, ReplyBatch>::Stream::Decide(grpc::Status& status) -> Next {
  if (finished_ || write_under_way_) return Next::kNothing;
  if (!broken_ && !gathered_.empty() && !flush_posted_) {
    FillBatch(gathered_, writing_);
    write_under_way_ = true;
    return Next::kWrite;
  }
  const bool idle = in_flight_ == 0 && gathered_.empty();
  if (!broken_ && !((reads_over_ || draining_) && idle)) return Next::kNothing;
  finished_ = true;
  if (broken_ || draining_) {
    status = {grpc::StatusCode::UNAVAILABLE, "draining: try another replica"};
  }
  return Next::kFinish;
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::OnReadDone(bool ok) {
  bool post = false;
  bool read = false;
  Act([&] {
    if (!ok) {
      reads_over_ = true;
      return;
    }
    const auto items = static_cast<size_t>(reading_.items_size());
    const size_t room = draining_ ? 0 : server_.config_.max_in_flight - in_flight_;
    const size_t taken = std::min(items, room);
    for (size_t i = taken; i < items; ++i) {
      const Request& request = reading_.items(static_cast<int>(i));
      if (draining_) {
        Refuse(request, Code::kUnavailable, "draining: try another replica");
      } else {
        Refuse(request, Code::kResourceExhausted, "too many requests in flight: try again later");
      }
    }
    in_flight_ += taken;
    if (taken != 0) {
      reading_.mutable_items()->DeleteSubrange(static_cast<int>(taken),
                                               static_cast<int>(items - taken));
      inbox_.push_back(std::move(reading_));
      reading_ = RequestBatch();
      post = !std::exchange(inbox_posted_, true);
    }
    // A client that does not read its replies is not read from.
    read_paused_ = gathered_.size() > server_.config_.max_in_flight;
    read = !read_paused_ && !finished_;
  });
  if (post) {
    asio::post(server_.calls_.loop(), [self = this->shared_from_this()] { self->TakeInbox(); });
  }
  if (read) this->StartRead(&reading_);
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::OnWriteDone(bool ok) {
  bool read = false;
  Act([&] {
    write_under_way_ = false;
    if (!ok) broken_ = true;
    read = ok && !finished_ && std::exchange(read_paused_, false);
  });
  if (read) this->StartRead(&reading_);
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::TakeInbox() {
  std::vector<RequestBatch> batches;
  {
    const std::scoped_lock lock(mutex_);
    batches.swap(inbox_);
    inbox_posted_ = false;
  }
  for (RequestBatch& batch : batches) {
    for (Request& request : *batch.mutable_items()) HandOver(std::move(request));
  }
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::HandOver(Request request) {
  ++server_.in_flight_;
  const uint64_t id = request.id();
  const uint32_t timeout_ms = request.timeout_ms() == 0 ? 30'000 : request.timeout_ms();
  const Deadline deadline = In(std::chrono::milliseconds(timeout_ms));
  server_.handle_(std::move(request), deadline, [self = this->shared_from_this(), id](Reply reply) {
    self->Respond(id, std::move(reply));
  });
}

// The write waits for the end of this turn of the loop, so that its neighbours can join it.
template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::Respond(uint64_t id, Reply reply) {
  --server_.in_flight_;
  reply.set_id(id);
  bool post = false;
  {
    const std::scoped_lock lock(mutex_);
    --in_flight_;
    if (!broken_) gathered_.push_back(std::move(reply));
    post = !std::exchange(flush_posted_, true);
  }
  if (!post) return;
  asio::post(server_.calls_.loop(), [self = this->shared_from_this()] { self->Flush(); });
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
StreamServer<Service, RequestBatch, ReplyBatch>::StreamServer(Calls& calls, Handle handle,
                                                              StreamServerConfig config)
    : calls_(calls), handle_(std::move(handle)), config_(config) {}

template <typename Service, typename RequestBatch, typename ReplyBatch>
auto StreamServer<Service, RequestBatch, ReplyBatch>::Open(const grpc::CallbackServerContext& call)
    -> Reactor* {
  const grpc::Status admitted = calls_.Admit(call);
  if (!admitted.ok()) return new Refusal(admitted);
  const auto stream = std::make_shared<Stream>(*this);
  stream->Begin();
  return stream.get();
}

}  // namespace drover::service
