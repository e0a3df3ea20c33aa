// What operations asks of tree: which terminals there are, and what they can carry out. A port:
// adapters/grpc_tree.h in production.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "libs/async/task.h"

namespace drover::operations {

class DeviceDirectory {
 public:
  virtual ~DeviceDirectory() = default;
  // Those of the ids (at most 1000) that are registered, with whether they are enabled.
  virtual Task<std::unordered_map<std::string, bool>> Find(std::vector<std::string> ids,
                                                           Deadline deadline) = 0;
  // As tree's DeviceService.ListDevices.
  virtual Task<tree::v1::ListDevicesResponse> List(tree::v1::ListDevicesRequest request,
                                                   Deadline deadline) = 0;
  // As tree's TreeService.CheckCommands. A tree that does not know the question forbids nothing.
  virtual Task<tree::v1::CheckCommandsResponse> Check(tree::v1::CheckCommandsRequest request,
                                                      Deadline deadline) = 0;
};

}  // namespace drover::operations
