// StreamServer: the server side of a batched bidirectional stream (libs/service/stream.h).
// Heavy headers: include it in one .cc.
//
//   using Stream = service::StreamServer<session::v1::SessionStreamService::CallbackService,
//                                        session::v1::ExchangeRequestBatch,
//                                        session::v1::ExchangeReplyBatch>;
//   auto& stream = ctx.Make<Stream>(ctx.calls(), handle);
//   ctx.ServeGrpc(stream);
//
// In the drain requests are answered UNAVAILABLE, and each stream ends when its last reply is out.
#pragma once
#include <memory>
#include <string>
#include <utility>

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "libs/async/task.h"
#include "libs/service/calls.h"
#include "libs/service/door.h"
#include "libs/service/stream.h"

namespace drover::service {

// Service: the generated CallbackService whose one method is Exchange or Advance. It is registered
// with gRPC for health and reflection; called by gRPC it says that it is spoken in frames.
template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamServer final : public Service, public StreamService {
 public:
  using Request = ItemOf<RequestBatch>;
  using Reply = ItemOf<ReplyBatch>;
  using Handle = StreamHandle<Request, Reply>;
  using Reactor = grpc::ServerBidiReactor<RequestBatch, ReplyBatch>;

  // Must outlive the gRPC server and every Responder.
  StreamServer(Calls& calls, Handle handle, StreamServerConfig config = {});

  // Requests handed over and not answered, of all streams. Loop thread.
  size_t in_flight() const { return in_flight_; }

  // For gRPC. Whichever of the two names the generated service has is overridden.
  Reactor* Exchange(grpc::CallbackServerContext*) { return new Refusal(); }
  Reactor* Advance(grpc::CallbackServerContext*) { return new Refusal(); }

  std::string stream_name() const override { return RequestBatch().GetTypeName(); }
  void Open(const std::shared_ptr<FrameLink>& link) override;

 private:
  class Stream;
  class Refusal;

  Calls& calls_;
  const Handle handle_;
  const StreamServerConfig config_;
  RequestBatch batch_;  // Kept for its memory.
  size_t in_flight_ = 0;
};

}  // namespace drover::service

#include "libs/service/stream_server_impl.h"
