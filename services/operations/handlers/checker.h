// What tree knows of terminals against what is to be done on them, before it is stored. Loop thread
// only.
#pragma once
#include <memory>
#include <vector>

#include "services/operations/core/checks.h"
#include "services/operations/handlers/device_directory.h"

namespace drover::operations {

class Checker {
 public:
  Checker(asio::io_context& loop, DeviceDirectory& devices) : loop_(loop), devices_(devices) {}

  // Ascending by operation, one each. Errors: as tree's.
  Task<std::vector<Violation>> Check(const v1::SubmitOperationsRequest& request, Deadline deadline);

 private:
  struct Round;
  Process AskInto(std::shared_ptr<Round> round, size_t index, Deadline deadline);
  asio::io_context& loop_;
  DeviceDirectory& devices_;
};

}  // namespace drover::operations
