// What the handlers need of other services; adapters/ has the real ones.
#pragma once
#include <string>
#include <vector>

#include "drover/operations/v1/operations.pb.h"
#include "drover/tree/v1/tree.pb.h"
#include "libs/async/task.h"

namespace drover::gateways {

class OperationsPort {
 public:
  virtual ~OperationsPort() = default;
  // As the contract says; idempotent by (device_id, session_key, msg_id).
  virtual Task<std::vector<operations::v1::Assignment>> Advance(
      operations::v1::AdvanceRequest request, Deadline deadline) = 0;
};

class TreePort {
 public:
  virtual ~TreePort() = default;
  virtual Task<void> ApplyReport(tree::v1::ApplyReport report, Deadline deadline) = 0;
  // As devices with bearer sip. kAlreadyExists: one is there with another account.
  virtual Task<void> Enrol(tree::v1::EnrolDevicesRequest request, Deadline deadline) = 0;
};

}  // namespace drover::gateways
