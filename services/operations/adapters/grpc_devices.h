// DeviceDirectory by tree's DeviceService and TreeService.
#pragma once
#include <memory>
#include <string>

#include "services/operations/handlers/device_directory.h"

namespace drover::operations {

class GrpcDevices final : public DeviceDirectory {
 public:
  // target: host:port of tree. token: its bearer token; empty: none.
  GrpcDevices(asio::io_context& loop, const std::string& target, std::string token);
  ~GrpcDevices() override;

  Task<std::unordered_map<std::string, bool>> Find(std::vector<std::string> ids,
                                                   Deadline deadline) override;
  Task<tree::v1::ListDevicesResponse> List(tree::v1::ListDevicesRequest request,
                                           Deadline deadline) override;
  Task<tree::v1::CheckCommandsResponse> Check(tree::v1::CheckCommandsRequest request,
                                              Deadline deadline) override;

 private:
  struct Channel;
  asio::io_context& loop_;
  std::string token_;
  std::unique_ptr<Channel> channel_;
};

}  // namespace drover::operations
