#include "services/operations/adapters/grpc_devices.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/async/suspend.h"
#include "libs/service/calls.h"

namespace drover::operations {

struct GrpcDevices::Channel {
  std::unique_ptr<tree::v1::DeviceService::Stub> stub;
};

// Lives until gRPC is done with it: its callback holds it.
struct GrpcDevices::Call {
  grpc::ClientContext context;
  tree::v1::GetDevicesRequest request;
  tree::v1::GetDevicesResponse response;
  Resumer<void> resumer;
};

GrpcDevices::GrpcDevices(asio::io_context& loop, const std::string& target, std::string token)
    : loop_(loop), token_(std::move(token)), channel_(std::make_unique<Channel>()) {
  channel_->stub = tree::v1::DeviceService::NewStub(
      grpc::CreateChannel(target, grpc::InsecureChannelCredentials()));
}

GrpcDevices::~GrpcDevices() = default;

Task<std::unordered_map<std::string, bool>> GrpcDevices::Find(std::vector<std::string> ids,
                                                              Deadline deadline) {
  auto call = std::make_shared<Call>();
  for (std::string& id : ids) call->request.add_ids(std::move(id));
  call->context.set_deadline(std::chrono::system_clock::now() + Left(deadline));
  if (!token_.empty()) call->context.AddMetadata("authorization", "Bearer " + token_);
  const std::shared_ptr<Call>* const kept = &call;
  GrpcDevices* const self = this;
  Task<void> answer = Suspend<void>([kept, self](Resumer<void> resumer) {
    (*kept)->resumer = std::move(resumer);
    self->channel_->stub->async()->GetDevices(
        &(*kept)->context, &(*kept)->request, &(*kept)->response,
        // The loop gets the last reference: gRPC's own threads may not drop a call's channel.
        [held = *kept, loop = &self->loop_](const grpc::Status& status) mutable {
          asio::post(*loop, [held = std::move(held), status] {
            held->resumer.Set(status.ok() ? Result<void>() : service::ToError(status));
          });
        });
  });
  const Result<void> answered = co_await std::move(answer);
  if (!answered) {
    co_return Error{answered.error().code, "tree: " + answered.error().message};
  }
  std::unordered_map<std::string, bool> out;
  for (const tree::v1::Device& device : call->response.devices()) {
    out[device.id()] = device.status() == tree::v1::ENABLED;
  }
  co_return out;
}

}  // namespace drover::operations
