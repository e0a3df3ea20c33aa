// TreePort over tree's Exchange stream.
#pragma once
#include <memory>

#include "libs/service/stream.h"
#include "services/session/ports.h"

namespace drover::session {

class StreamTree final : public TreePort {
 public:
  StreamTree(asio::io_context& loop, service::StreamClientConfig config);
  ~StreamTree() override;
  Task<std::optional<Account>> LookupAccount(const DeviceId& device, Use use,
                                             Deadline deadline) override;
  void ApplyReport(const DeviceId& device, std::vector<NodeReport> nodes,
                   std::vector<std::string> deleted, TimePoint at, Deadline deadline,
                   Done done) override;
  Task<void> EnrolUnknown(Enrolment enrolment, Deadline deadline) override;
  Task<void> PromoteCredentials(const DeviceId& device, bool client, bool server,
                                Deadline deadline) override;
  bool connected() const;

 private:
  struct Client;  // Keeps gRPC out of this header.
  std::unique_ptr<Client> client_;
};

}  // namespace drover::session
