// What operations asks of tree: which terminals there are. A port: adapters/grpc_devices.h in
// production.
#pragma once
#include <string>
#include <unordered_map>
#include <vector>

#include "libs/async/task.h"

namespace drover::operations {

class DeviceDirectory {
 public:
  virtual ~DeviceDirectory() = default;
  // Those of the ids (at most 1000) that are registered, with whether they are enabled.
  virtual Task<std::unordered_map<std::string, bool>> Find(std::vector<std::string> ids,
                                                           Deadline deadline) = 0;
};

}  // namespace drover::operations
