#include "services/ingress/adapters/stream_session_replicas.h"

#include <utility>

#include "drover/session/v1/session.grpc.pb.h"
#include "libs/service/stream_client.h"

namespace drover::ingress {

struct StreamSessionReplicas::Replica {
  service::StreamClient<session::v1::SessionStreamService, session::v1::ExchangeRequestBatch,
                        session::v1::ExchangeReplyBatch>
      stream;
};

StreamSessionReplicas::StreamSessionReplicas(asio::io_context& loop,
                                             const std::vector<std::string>& targets,
                                             const std::string& token) {
  for (const std::string& target : targets) {
    const service::StreamClientConfig config{.target = target, .token = token};
    replicas_.emplace_back(new Replica{.stream = {loop, config}});
  }
}

StreamSessionReplicas::~StreamSessionReplicas() = default;

size_t StreamSessionReplicas::size() const { return replicas_.size(); }

bool StreamSessionReplicas::connected(size_t replica) const {
  return replicas_[replica]->stream.connected();
}

void StreamSessionReplicas::Exchange(size_t replica, session::v1::ExchangeRequest request,
                                     Deadline deadline,
                                     std::function<void(Result<session::v1::ExchangeReply>)> done) {
  replicas_[replica]->stream.Start(std::move(request), deadline, std::move(done));
}

}  // namespace drover::ingress
