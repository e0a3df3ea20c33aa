// The gRPC side: OperationService (for people and tools) and OperationStreamService.
#pragma once
#include <memory>

#include "libs/base/clock.h"
#include "libs/service/service.h"
#include "services/operations/adapters/pg_queries.h"
#include "services/operations/handlers/advance.h"
#include "services/operations/handlers/submit_selected.h"
#include "services/operations/handlers/watch.h"

namespace drover::operations {

// What the methods need.
struct OperationPorts {
  Submitter& submitter;
  PgQueries& queries;
  ChangeWriter& writer;
  WatchHandler& watches;
  SelectedSubmitter& selected;
  AdvanceQueue& advances;
};

// The methods themselves, without gRPC. Loop thread only.
class OperationMethods {
 public:
  OperationMethods(OperationPorts ports, Clock clock) : ports_(ports), clock_(std::move(clock)) {}

  Task<v1::Operation> Get(v1::GetOperationRequest request, Deadline deadline);
  Task<v1::ListOperationsResponse> List(v1::ListOperationsRequest request, Deadline deadline);
  Task<v1::Operation> Cancel(v1::CancelOperationRequest request, Deadline deadline);
  Task<v1::CountOperationsResponse> Count(v1::CountOperationsRequest request, Deadline deadline);
  // The operation; kNotFound.
  Task<Found> Find(std::string id, Deadline deadline);

  OperationPorts& ports() { return ports_; }

 private:
  OperationPorts ports_;
  Clock clock_;
};

// Serves both on the context.
class OperationServices {
 public:
  OperationServices(service::Context& context, OperationMethods& methods);
  ~OperationServices();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace drover::operations
