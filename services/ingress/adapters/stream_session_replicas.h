// SessionReplicas over one stream a replica.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "services/ingress/ports.h"

namespace drover::ingress {

class StreamSessionReplicas final : public SessionReplicas {
 public:
  // targets: host:port each. token: what session asks for; empty: none.
  StreamSessionReplicas(asio::io_context& loop, const std::vector<std::string>& targets,
                        const std::string& token);
  ~StreamSessionReplicas() override;

  size_t size() const override;
  bool connected(size_t replica) const override;
  void Exchange(size_t replica, session::v1::ExchangeRequest request, Deadline deadline,
                std::function<void(Result<session::v1::ExchangeReply>)> done) override;

 private:
  struct Replica;
  std::vector<std::unique_ptr<Replica>> replicas_;
};

}  // namespace drover::ingress
