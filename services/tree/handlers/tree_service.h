// TreeService: what terminals reported, and what that means for commands, for people and tools.
#pragma once
#include <grpcpp/support/server_callback.h>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/service/calls.h"
#include "services/tree/adapters/pg_devices.h"
#include "services/tree/adapters/pg_nodes.h"
#include "services/tree/handlers/apply_report.h"
#include "services/tree/handlers/command_checker.h"

namespace drover::tree {

class TreeHandlers final : public v1::TreeService::CallbackService {
 public:
  // retention: how far back history goes.
  TreeHandlers(service::Calls& calls, PgDevices& devices, PgNodes& nodes, CommandChecker& checker,
               ApplyReports& reports, Clock clock, std::chrono::milliseconds retention)
      : calls_(calls),
        devices_(devices),
        nodes_(nodes),
        checker_(checker),
        reports_(reports),
        clock_(std::move(clock)),
        retention_(retention) {}

  grpc::ServerUnaryReactor* GetSubtree(grpc::CallbackServerContext* call,
                                       const v1::GetSubtreeRequest* request,
                                       v1::GetSubtreeResponse* reply) override;
  grpc::ServerUnaryReactor* CheckCommands(grpc::CallbackServerContext* call,
                                          const v1::CheckCommandsRequest* request,
                                          v1::CheckCommandsResponse* reply) override;
  grpc::ServerUnaryReactor* FindObjects(grpc::CallbackServerContext* call,
                                        const v1::FindObjectsRequest* request,
                                        v1::FindObjectsResponse* reply) override;
  grpc::ServerUnaryReactor* GetNodeHistory(grpc::CallbackServerContext* call,
                                           const v1::GetNodeHistoryRequest* request,
                                           v1::GetNodeHistoryResponse* reply) override;
  grpc::ServerUnaryReactor* ImportSubtree(grpc::CallbackServerContext* call,
                                          const v1::ImportSubtreeRequest* request,
                                          v1::ImportSubtreeResponse* reply) override;

  // The methods themselves, without gRPC. Loop thread.
  Task<v1::GetSubtreeResponse> Get(v1::GetSubtreeRequest request, Deadline deadline);
  Task<v1::CheckCommandsResponse> Check(v1::CheckCommandsRequest request, Deadline deadline);
  Task<v1::FindObjectsResponse> Find(v1::FindObjectsRequest request, Deadline deadline);
  Task<v1::GetNodeHistoryResponse> History(v1::GetNodeHistoryRequest request, Deadline deadline);
  Task<v1::ImportSubtreeResponse> Import(v1::ImportSubtreeRequest request, Deadline deadline);

 private:
  // kNotFound: the device, else what is missing of it.
  Task<void> NothingThere(const DeviceId& device, std::string what, Deadline deadline);

  service::Calls& calls_;
  PgDevices& devices_;
  PgNodes& nodes_;
  CommandChecker& checker_;
  ApplyReports& reports_;
  const Clock clock_;
  const std::chrono::milliseconds retention_;
};

}  // namespace drover::tree
