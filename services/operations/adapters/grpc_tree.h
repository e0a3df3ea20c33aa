// DeviceDirectory and TreeDirectory by tree's DeviceService and TreeService, over one channel.
#pragma once
#include <memory>
#include <string>

#include "services/operations/handlers/device_directory.h"
#include "services/operations/handlers/tree_directory.h"

namespace drover::operations {

class GrpcTree final : public DeviceDirectory, public TreeDirectory {
 public:
  // target: host:port of tree. token: its bearer token; empty: none.
  GrpcTree(asio::io_context& loop, const std::string& target, std::string token);
  ~GrpcTree() override;

  Task<KnownDevices> Find(std::vector<std::string> ids, Deadline deadline) override;
  Task<tree::v1::ListDevicesResponse> List(tree::v1::ListDevicesRequest request,
                                           Deadline deadline) override;
  Task<tree::v1::CheckCommandsResponse> Check(tree::v1::CheckCommandsRequest request,
                                              Deadline deadline) override;
  Task<tree::v1::FindObjectsResponse> FindObjects(tree::v1::FindObjectsRequest request,
                                                  Deadline deadline) override;
  Task<tree::v1::GetSubtreeResponse> GetSubtree(tree::v1::GetSubtreeRequest request,
                                                Deadline deadline) override;
  Task<tree::v1::PrepareRotationResponse> PrepareRotation(tree::v1::PrepareRotationRequest request,
                                                          Deadline deadline) override;

 private:
  struct Channel;
  asio::io_context& loop_;
  std::string token_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace drover::operations
