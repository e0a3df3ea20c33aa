// Messages of many devices on one long-lived bidirectional stream, several to a gRPC message.
//
// A unary call costs about ten times what a message in a batch of eight does. Each side writes what
// has gathered as soon as its last write is done (flush when idle: no timer), so that batches grow
// with load and a lone message waits for nobody.
//
// Batch types have `repeated Item items`; an item has `uint64 id` and, in requests, `uint32
// timeout_ms`.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "libs/async/task.h"

namespace drover::service {

// Server side. handle is called on the loop for every request with a Responder that takes the
// reply, exactly once, on the loop, whenever it is ready; the frame sets its id. A Responder that
// is dropped unanswered is a defect. Past max_in_flight requests of one stream the frame answers
// RESOURCE_EXHAUSTED.
template <typename Request, typename Reply>
using StreamHandle =
    std::function<void(Request request, Deadline deadline, std::function<void(Reply)> respond)>;

struct StreamServerConfig {
  size_t max_in_flight = 10'000;  // Of one stream: requests handed over and not answered.
};

struct StreamClientConfig {
  std::string target;             // host:port
  std::string token;              // Bearer token; from a file.
  size_t max_in_flight = 10'000;  // Requests unanswered or unsent; past it kResourceExhausted.
};

// Client side: connects by itself, again after a loss (back-off with jitter). Requests in flight
// when the stream breaks fail with kUnavailable; they may or may not have been carried out: callers
// repeat only what is idempotent. Loop thread only.
//
// Defined for each service in libs/service/stream_client.h and stream_server.h (heavy headers:
// include them in one .cc):
//
//   StreamServer<tree::v1::TreeStreamService::CallbackService, TreeRequestBatch, TreeReplyBatch>
//   StreamClient<tree::v1::TreeStreamService, TreeRequestBatch, TreeReplyBatch>
//     Task<TreeReply> Call(TreeRequest request, Deadline deadline);
//     bool connected() const;

}  // namespace drover::service
