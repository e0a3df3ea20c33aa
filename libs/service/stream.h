// Messages of many devices on one long-lived connection, several to a frame.
//
// A unary gRPC call costs about a hundred times what a message in a batch of eight does here. Each
// side writes what a turn of its loop has gathered at the end of that turn (no timer), so that
// batches grow with load and a lone message waits for nobody.
//
// The transport is libs/service/frame_link.h: gRPC's own streams cost threads, wake-ups and locks,
// more than the messages (docs/decisions, "streams in frames"). They share the port of gRPC
// (libs/service/door.h) and its token. The schema is a service of one bidirectional method in
// proto/: its batch types have `repeated Item items = 1`; an item has `uint64 id` and, in requests,
// `uint32 timeout_ms`.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "libs/async/task.h"

namespace drover::service {

// What the connecting side sends before all else. gRPC's begins with "PRI".
constexpr std::string_view kStreamPreamble = "drover/1";
constexpr size_t kMaxFrameOctets = 32 * 1024 * 1024;  // A batch and one big item.

// The item type of a batch.
template <typename Batch>
using ItemOf = std::remove_cvref_t<decltype(std::declval<const Batch&>().items(0))>;

// Server side. handle is called on the loop for every request with a Responder that takes the
// reply, exactly once, on the loop, whenever it is ready; the stream sets its id. A Responder that
// is dropped unanswered is a defect. Past max_in_flight requests of one stream the stream answers
// RESOURCE_EXHAUSTED.
template <typename Request, typename Reply>
using StreamHandle =
    std::function<void(Request request, Deadline deadline, std::function<void(Reply)> respond)>;

struct StreamServerConfig {
  size_t max_in_flight = 10'000;  // Of one stream: requests handed over and not answered.
};

struct StreamClientConfig {
  std::string target;                   // host:port
  std::string token;                    // Bearer token; from a file.
  size_t max_in_flight = 10'000;        // Requests unanswered; past it kResourceExhausted.
  size_t max_unsent = kMaxFrameOctets;  // Octets of requests; likewise.
};

// Client side: connects by itself, again after a loss (back-off with jitter). Requests in flight
// when the stream breaks fail with kUnavailable; they may or may not have been carried out: callers
// repeat only what is idempotent. Loop thread only.
//
// Defined for each service in libs/service/stream_client.h and stream_server.h:
//
//   StreamServer<tree::v1::TreeStreamService::CallbackService, TreeRequestBatch, TreeReplyBatch>
//   StreamClient<tree::v1::TreeStreamService, TreeRequestBatch, TreeReplyBatch>
//     Task<TreeReply> Call(TreeRequest request, Deadline deadline);
//     bool connected() const;

}  // namespace drover::service
