// StreamClient: the client side of a batched bidirectional stream (libs/service/stream.h).
//
//   using Client = service::StreamClient<tree::v1::TreeStreamService, tree::v1::TreeRequestBatch,
//                                        tree::v1::TreeReplyBatch>;
//   auto& tree = ctx.Make<Client>(ctx.loop(), StreamClientConfig{.target = .., .token = ..});
//   DROVER_CO_TRY(tree::v1::TreeReply reply, co_await tree.Call(std::move(request), deadline));
#pragma once
#include <functional>
#include <memory>

#include "libs/async/task.h"
#include "libs/service/stream.h"

namespace drover::service {

// Service: the generated service whose one method takes and returns these batches. Loop thread
// only.
template <typename Service, typename RequestBatch, typename ReplyBatch>
class StreamClient {
 public:
  using Request = ItemOf<RequestBatch>;
  using Reply = ItemOf<ReplyBatch>;
  using Done = std::function<void(Result<Reply>)>;

  // Begins to connect.
  StreamClient(asio::io_context& loop, StreamClientConfig config);
  // Ends the stream. Calls that wait are dropped: their coroutines never resume.
  ~StreamClient();
  StreamClient(const StreamClient&) = delete;
  StreamClient& operator=(const StreamClient&) = delete;

  // id and timeout_ms of the request are set here. The reply's own code is the caller's to read.
  // kUnavailable: not connected, or the stream broke; kDeadlineExceeded (up to 10 ms late);
  // kResourceExhausted: max_in_flight, max_unsent.
  Task<Reply> Call(Request request, Deadline deadline);
  // The same without a coroutine: done is called once, on the loop, maybe before Start returns.
  void Start(Request request, Deadline deadline, Done done);

  bool connected() const;    // Whether the server has taken the stream.
  size_t in_flight() const;  // Requests unanswered.
  const std::string& target() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace drover::service

#include "libs/service/stream_client_impl.h"
