// operations and tree over their streams; enrolment by tree's DeviceService.
#pragma once
#include <memory>

#include "libs/service/stream.h"
#include "services/sip/ports.h"

namespace drover::gateways {

class StreamOperations final : public OperationsPort {
 public:
  StreamOperations(asio::io_context& loop, service::StreamClientConfig config);
  ~StreamOperations() override;
  Task<std::vector<operations::v1::Assignment>> Advance(operations::v1::AdvanceRequest request,
                                                        Deadline deadline) override;
  bool connected() const;

 private:
  struct Client;  // Keeps gRPC out of this header.
  std::unique_ptr<Client> client_;
};

class StreamTree final : public TreePort {
 public:
  StreamTree(asio::io_context& loop, service::StreamClientConfig config);
  ~StreamTree() override;
  Task<void> ApplyReport(tree::v1::ApplyReport report, Deadline deadline) override;
  Task<void> Enrol(tree::v1::EnrolDevicesRequest request, Deadline deadline) override;
  bool connected() const;

 private:
  struct Client;
  asio::io_context& loop_;
  std::string token_;
  std::unique_ptr<Client> client_;
};

}  // namespace drover::gateways
