// OperationsPort over the Advance stream.
#pragma once
#include <memory>

#include "libs/service/stream.h"
#include "services/session/ports.h"

namespace drover::session {

class StreamOperations final : public OperationsPort {
 public:
  StreamOperations(asio::io_context& loop, service::StreamClientConfig config);
  ~StreamOperations() override;
  Task<std::vector<Assignment>> Advance(Request request, Deadline deadline) override;
  bool connected() const;

 private:
  struct Client;  // Keeps gRPC out of this header.
  std::unique_ptr<Client> client_;
};

}  // namespace drover::session
