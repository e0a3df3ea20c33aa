// ModelService: what models of terminal are, for people and tools.
#pragma once
#include <grpcpp/support/server_callback.h>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/service/calls.h"
#include "services/tree/adapters/pg_models.h"
#include "services/tree/handlers/accounts.h"

namespace drover::tree {

class ModelHandlers final : public v1::ModelService::CallbackService {
 public:
  ModelHandlers(service::Calls& calls, PgModels& models, Accounts& accounts, Clock clock)
      : calls_(calls), models_(models), accounts_(accounts), clock_(std::move(clock)) {}

  grpc::ServerUnaryReactor* ImportDdf(grpc::CallbackServerContext* call,
                                      const v1::ImportDdfRequest* request, v1::Ddf* reply) override;
  grpc::ServerUnaryReactor* ExportDdf(grpc::CallbackServerContext* call,
                                      const v1::ExportDdfRequest* request,
                                      v1::ExportDdfResponse* reply) override;
  grpc::ServerUnaryReactor* ListDdfs(grpc::CallbackServerContext* call,
                                     const v1::ListDdfsRequest* request,
                                     v1::ListDdfsResponse* reply) override;
  grpc::ServerUnaryReactor* DeleteDdf(grpc::CallbackServerContext* call,
                                      const v1::DeleteDdfRequest* request,
                                      v1::DeleteDdfResponse* reply) override;
  grpc::ServerUnaryReactor* SetProfile(grpc::CallbackServerContext* call,
                                       const v1::SetProfileRequest* request,
                                       v1::Profile* reply) override;
  grpc::ServerUnaryReactor* GetProfile(grpc::CallbackServerContext* call,
                                       const v1::GetProfileRequest* request,
                                       v1::Profile* reply) override;
  grpc::ServerUnaryReactor* ListProfiles(grpc::CallbackServerContext* call,
                                         const v1::ListProfilesRequest* request,
                                         v1::ListProfilesResponse* reply) override;
  grpc::ServerUnaryReactor* DeleteProfile(grpc::CallbackServerContext* call,
                                          const v1::DeleteProfileRequest* request,
                                          v1::DeleteProfileResponse* reply) override;
  grpc::ServerUnaryReactor* ListFamilies(grpc::CallbackServerContext* call,
                                         const v1::ListFamiliesRequest* request,
                                         v1::ListFamiliesResponse* reply) override;

  // The methods themselves, without gRPC. Loop thread.
  Task<v1::Ddf> Import(v1::ImportDdfRequest request, Deadline deadline);
  Task<v1::ExportDdfResponse> Export(v1::ExportDdfRequest request, Deadline deadline);
  Task<v1::ListDdfsResponse> Ddfs(v1::ListDdfsRequest request, Deadline deadline);
  Task<v1::DeleteDdfResponse> RemoveDdf(v1::DeleteDdfRequest request, Deadline deadline);
  Task<v1::Profile> Set(v1::SetProfileRequest request, Deadline deadline);
  Task<v1::Profile> Get(v1::GetProfileRequest request, Deadline deadline);
  Task<v1::ListProfilesResponse> Profiles(v1::ListProfilesRequest request, Deadline deadline);
  Task<v1::DeleteProfileResponse> Remove(v1::DeleteProfileRequest request, Deadline deadline);
  Task<v1::ListFamiliesResponse> KnownFamilies(v1::ListFamiliesRequest request, Deadline deadline);

 private:
  service::Calls& calls_;
  PgModels& models_;
  Accounts& accounts_;
  const Clock clock_;
};

}  // namespace drover::tree
