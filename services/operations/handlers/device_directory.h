// What operations asks of tree: which terminals there are, and what they can carry out. A port:
// adapters/grpc_tree.h in production.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "drover/tree/v1/tree.pb.h"
#include "libs/async/task.h"

namespace drover::operations {

// What submissions need to know of a device.
struct KnownDevice {
  bool enabled = true;
  std::string bearer;  // Empty: the usual.
};
using KnownDevices = std::unordered_map<std::string, KnownDevice>;

class DeviceDirectory {
 public:
  virtual ~DeviceDirectory() = default;
  // Those of the ids (at most 1000) that are registered.
  virtual Task<KnownDevices> Find(std::vector<std::string> ids, Deadline deadline) = 0;
  // As tree's DeviceService.ListDevices.
  virtual Task<tree::v1::ListDevicesResponse> List(tree::v1::ListDevicesRequest request,
                                                   Deadline deadline) = 0;
  // As tree's TreeService.CheckCommands. A tree that does not know the question forbids nothing.
  virtual Task<tree::v1::CheckCommandsResponse> Check(tree::v1::CheckCommandsRequest request,
                                                      Deadline deadline) = 0;
};

}  // namespace drover::operations
