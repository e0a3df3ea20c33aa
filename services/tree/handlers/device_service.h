// DeviceService: terminals and their accounts, for people and tools.
#pragma once
#include <grpcpp/support/server_callback.h>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/service/calls.h"
#include "services/tree/handlers/accounts.h"

namespace drover::tree {

class DeviceHandlers final : public v1::DeviceService::CallbackService {
 public:
  DeviceHandlers(service::Calls& calls, Accounts& accounts, PgDevices& devices)
      : calls_(calls), accounts_(accounts), devices_(devices) {}

  grpc::ServerUnaryReactor* EnrolDevices(grpc::CallbackServerContext* call,
                                         const v1::EnrolDevicesRequest* request,
                                         v1::EnrolDevicesResponse* reply) override;
  grpc::ServerUnaryReactor* GetDevice(grpc::CallbackServerContext* call,
                                      const v1::GetDeviceRequest* request,
                                      v1::Device* reply) override;
  grpc::ServerUnaryReactor* GetDevices(grpc::CallbackServerContext* call,
                                       const v1::GetDevicesRequest* request,
                                       v1::GetDevicesResponse* reply) override;
  grpc::ServerUnaryReactor* ListDevices(grpc::CallbackServerContext* call,
                                        const v1::ListDevicesRequest* request,
                                        v1::ListDevicesResponse* reply) override;
  grpc::ServerUnaryReactor* SetDeviceStatus(grpc::CallbackServerContext* call,
                                            const v1::SetDeviceStatusRequest* request,
                                            v1::Device* reply) override;
  grpc::ServerUnaryReactor* RotateCredentials(grpc::CallbackServerContext* call,
                                              const v1::RotateCredentialsRequest* request,
                                              v1::RotateCredentialsResponse* reply) override;

  grpc::ServerUnaryReactor* PrepareRotation(grpc::CallbackServerContext* call,
                                            const v1::PrepareRotationRequest* request,
                                            v1::PrepareRotationResponse* reply) override;
  grpc::ServerUnaryReactor* SetAuthentication(grpc::CallbackServerContext* call,
                                              const v1::SetAuthenticationRequest* request,
                                              v1::Device* reply) override;

  // The methods themselves, without gRPC. Loop thread.
  Task<v1::EnrolDevicesResponse> Enrol(v1::EnrolDevicesRequest request, Deadline deadline);
  Task<v1::Device> Get(v1::GetDeviceRequest request, Deadline deadline);
  Task<v1::GetDevicesResponse> GetMany(v1::GetDevicesRequest request, Deadline deadline);
  Task<v1::ListDevicesResponse> List(v1::ListDevicesRequest request, Deadline deadline);
  Task<v1::Device> SetStatus(v1::SetDeviceStatusRequest request, Deadline deadline);
  Task<v1::RotateCredentialsResponse> Rotate(v1::RotateCredentialsRequest request,
                                             Deadline deadline);

  Task<v1::PrepareRotationResponse> Prepare(v1::PrepareRotationRequest request, Deadline deadline);
  Task<v1::Device> SetSchemes(v1::SetAuthenticationRequest request, Deadline deadline);

 private:
  service::Calls& calls_;
  Accounts& accounts_;
  PgDevices& devices_;
};

}  // namespace drover::tree
