// The definitions of libs/service/stream_server.h; included by it alone. Loop thread only.
#pragma once

namespace drover::service {

template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamServer<Service, RequestBatch, ReplyBatch>::Refusal final : public Reactor {
 public:
  Refusal() {
    this->Finish({grpc::StatusCode::UNIMPLEMENTED,
                  "this stream is spoken in frames (libs/service/stream.h), not in gRPC"});
  }

 private:
  void OnDone() override { delete this; }
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamServer<Service, RequestBatch, ReplyBatch>::Stream final
    : public FrameLink::Sink,
      public LiveCall,
      public std::enable_shared_from_this<Stream> {
 public:
  Stream(StreamServer& server, std::shared_ptr<FrameLink> link)
      : server_(server), link_(std::move(link)) {}

  void Begin() {
    const FrameLink::Limits limits{.frame_octets = kMaxFrameOctets,
                                   .unsent_octets = kMaxFrameOctets};
    link_->HandTo(this->shared_from_this(), limits);
    link_->Send(FrameLink::Kind::kWelcome, {});
    server_.calls_.Add(*this);
  }

  void Drain() override {
    draining_ = true;
    EndIfIdle();
  }
  void Abort() override {
    const auto self = this->shared_from_this();
    link_->Close();
    End();
  }

 private:
  void OnFrame(FrameLink::Kind kind, std::string_view payload) override;
  void OnLost(const Error&) override { End(); }
  void End() {
    if (!std::exchange(over_, true)) server_.calls_.Remove(*this);
  }
  // A drained stream ends when nothing is left to be answered.
  void EndIfIdle() {
    if (!draining_ || in_flight_ != 0 || over_) return;
    const auto self = this->shared_from_this();
    link_->CloseWhenSent();
    End();
  }
  void HandOver(Request& request);
  void Respond(uint64_t id, Reply& reply);
  void Refuse(const Request& request, Code code, const char* why) {
    Reply reply;
    reply.set_id(request.id());
    reply.set_code(static_cast<uint32_t>(code));
    reply.set_error(why);
    link_->SendItem(reply);
  }

  StreamServer& server_;
  const std::shared_ptr<FrameLink> link_;
  size_t in_flight_ = 0;
  bool draining_ = false;
  bool over_ = false;
};

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::OnFrame(FrameLink::Kind kind,
                                                                      std::string_view payload) {
  if (kind != FrameLink::Kind::kBatch) return;
  RequestBatch& batch = server_.batch_;
  if (!batch.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) return Abort();
  for (Request& request : *batch.mutable_items()) {
    if (over_) return;
    HandOver(request);
  }
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::HandOver(Request& request) {
  if (draining_) {
    return Refuse(request, Code::kUnavailable, "draining: try another replica");
  }
  if (in_flight_ >= server_.config_.max_in_flight) {
    return Refuse(request, Code::kResourceExhausted,
                  "too many requests in flight: try again later");
  }
  ++in_flight_;
  ++server_.in_flight_;
  const uint64_t id = request.id();
  const uint32_t timeout_ms = request.timeout_ms() == 0 ? 30'000 : request.timeout_ms();
  const Deadline deadline = In(std::chrono::milliseconds(timeout_ms));
  server_.handle_(std::move(request), deadline,
                  [self = this->shared_from_this(), id](Reply reply) { self->Respond(id, reply); });
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Stream::Respond(uint64_t id, Reply& reply) {
  --server_.in_flight_;
  --in_flight_;
  if (over_) return;
  reply.set_id(id);
  link_->SendItem(reply);
  EndIfIdle();
}

template <typename Service, typename RequestBatch, typename ReplyBatch>
StreamServer<Service, RequestBatch, ReplyBatch>::StreamServer(Calls& calls, Handle handle,
                                                              StreamServerConfig config)
    : calls_(calls), handle_(std::move(handle)), config_(config) {}

template <typename Service, typename RequestBatch, typename ReplyBatch>
void StreamServer<Service, RequestBatch, ReplyBatch>::Open(const std::shared_ptr<FrameLink>& link) {
  std::make_shared<Stream>(*this, link)->Begin();
}

}  // namespace drover::service
