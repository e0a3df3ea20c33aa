// The gRPC side of ActionService.
#pragma once
#include <memory>

#include "libs/service/service.h"
#include "services/operations/handlers/submit_action.h"

namespace drover::operations {

// Serves it on the context.
class ActionServices {
 public:
  ActionServices(service::Context& context, ActionSubmitter& submitter);
  ~ActionServices();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace drover::operations
