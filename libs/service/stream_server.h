// StreamServer: the server side of a batched bidirectional stream (libs/service/stream.h).
// Heavy headers: include it in one .cc.
//
//   using Stream = service::StreamServer<session::v1::SessionStreamService::CallbackService,
//                                        session::v1::ExchangeRequestBatch,
//                                        session::v1::ExchangeReplyBatch>;
//   auto& stream = ctx.Make<Stream>(ctx.calls(), handle);
//   ctx.ServeGrpc(stream);
//
// A token that is missing or wrong: the stream ends with UNAUTHENTICATED before anything is read.
// In the drain requests are answered UNAVAILABLE, and each stream ends when its last reply is out.
#pragma once
#include <memory>
#include <utility>

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include "libs/async/task.h"
#include "libs/service/calls.h"
#include "libs/service/stream.h"
#include "libs/service/stream_batch.h"

namespace drover::service {

// Service: the generated CallbackService whose one method is Exchange or Advance.
template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamServer final : public Service {
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
  Reactor* Exchange(grpc::CallbackServerContext* call) { return Open(*call); }
  Reactor* Advance(grpc::CallbackServerContext* call) { return Open(*call); }

 private:
  class Stream;
  class Refusal;
  Reactor* Open(const grpc::CallbackServerContext& call);

  Calls& calls_;
  const Handle handle_;
  const StreamServerConfig config_;
  size_t in_flight_ = 0;
};

}  // namespace drover::service

#include "libs/service/stream_server_impl.h"
