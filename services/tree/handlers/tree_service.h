// TreeService: what terminals reported, for people and tools.
#pragma once
#include <grpcpp/support/server_callback.h>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/service/calls.h"
#include "services/tree/adapters/pg_devices.h"
#include "services/tree/adapters/pg_nodes.h"

namespace drover::tree {

class TreeHandlers final : public v1::TreeService::CallbackService {
 public:
  TreeHandlers(service::Calls& calls, PgDevices& devices, PgNodes& nodes)
      : calls_(calls), devices_(devices), nodes_(nodes) {}

  grpc::ServerUnaryReactor* GetSubtree(grpc::CallbackServerContext* call,
                                       const v1::GetSubtreeRequest* request,
                                       v1::GetSubtreeResponse* reply) override;

  // The method itself, without gRPC. Loop thread.
  Task<v1::GetSubtreeResponse> Get(v1::GetSubtreeRequest request, Deadline deadline);

 private:
  service::Calls& calls_;
  PgDevices& devices_;
  PgNodes& nodes_;
};

}  // namespace drover::tree
