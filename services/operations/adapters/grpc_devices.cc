#include "services/operations/adapters/grpc_devices.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/async/suspend.h"
#include "libs/service/calls.h"

namespace drover::operations {
namespace {

// Lives until gRPC is done with it: its callback holds it.
template <typename Request, typename Response>
struct Call {
  grpc::ClientContext context;
  Request request;
  Response response;
  Resumer<void> resumer;
};

void Prepare(grpc::ClientContext* context, const std::string& token, Deadline deadline) {
  context->set_deadline(std::chrono::system_clock::now() + Left(deadline));
  if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
}

// start(call, done): begins the call; done is what gRPC calls when it is over.
template <typename Request, typename Response, typename Start>
Task<Response> Ask(asio::io_context& loop, std::shared_ptr<Call<Request, Response>> call,
                   Start start) {
  const std::shared_ptr<Call<Request, Response>>* const kept = &call;
  asio::io_context* const executor = &loop;
  const Start* const begin = &start;
  Task<void> answer = Suspend<void>([kept, executor, begin](Resumer<void> resumer) {
    (*kept)->resumer = std::move(resumer);
    // The loop gets the last reference: gRPC's own threads may not drop a call's channel.
    (*begin)(kept->get(), [held = *kept, executor](const grpc::Status& status) mutable {
      asio::post(*executor, [held = std::move(held), status] {
        held->resumer.Set(status.ok() ? Result<void>() : service::ToError(status));
      });
    });
  });
  const Result<void> answered = co_await std::move(answer);
  if (!answered) {
    co_return Error{answered.error().code, "tree: " + answered.error().message};
  }
  co_return std::move(call->response);
}

}  // namespace

struct GrpcDevices::Channel {
  std::unique_ptr<tree::v1::DeviceService::Stub> devices;
  std::unique_ptr<tree::v1::TreeService::Stub> trees;
};

GrpcDevices::GrpcDevices(asio::io_context& loop, const std::string& target, std::string token)
    : loop_(loop), token_(std::move(token)), channel_(std::make_unique<Channel>()) {
  const auto channel = grpc::CreateChannel(target, grpc::InsecureChannelCredentials());
  channel_->devices = tree::v1::DeviceService::NewStub(channel);
  channel_->trees = tree::v1::TreeService::NewStub(channel);
}

GrpcDevices::~GrpcDevices() = default;

Task<std::unordered_map<std::string, bool>> GrpcDevices::Find(std::vector<std::string> ids,
                                                              Deadline deadline) {
  auto call = std::make_shared<Call<tree::v1::GetDevicesRequest, tree::v1::GetDevicesResponse>>();
  for (std::string& id : ids) call->request.add_ids(std::move(id));
  Prepare(&call->context, token_, deadline);
  auto* const stub = channel_->devices.get();
  const auto start = [stub](auto* asked, auto done) {
    stub->async()->GetDevices(&asked->context, &asked->request, &asked->response, std::move(done));
  };
  auto asking = Ask(loop_, std::move(call), start);
  DROVER_CO_TRY(const tree::v1::GetDevicesResponse response, co_await std::move(asking));
  std::unordered_map<std::string, bool> out;
  for (const tree::v1::Device& device : response.devices()) {
    out[device.id()] = device.status() == tree::v1::ENABLED;
  }
  co_return out;
}

Task<tree::v1::ListDevicesResponse> GrpcDevices::List(tree::v1::ListDevicesRequest request,
                                                      Deadline deadline) {
  auto call = std::make_shared<Call<tree::v1::ListDevicesRequest, tree::v1::ListDevicesResponse>>();
  call->request = std::move(request);
  Prepare(&call->context, token_, deadline);
  auto* const stub = channel_->devices.get();
  const auto start = [stub](auto* asked, auto done) {
    stub->async()->ListDevices(&asked->context, &asked->request, &asked->response, std::move(done));
  };
  auto asking = Ask(loop_, std::move(call), start);
  co_return co_await std::move(asking);
}

Task<tree::v1::CheckCommandsResponse> GrpcDevices::Check(tree::v1::CheckCommandsRequest request,
                                                         Deadline deadline) {
  auto call =
      std::make_shared<Call<tree::v1::CheckCommandsRequest, tree::v1::CheckCommandsResponse>>();
  call->request = std::move(request);
  Prepare(&call->context, token_, deadline);
  auto* const stub = channel_->trees.get();
  const auto start = [stub](auto* asked, auto done) {
    stub->async()->CheckCommands(&asked->context, &asked->request, &asked->response,
                                 std::move(done));
  };
  auto asking = Ask(loop_, std::move(call), start);
  Result<tree::v1::CheckCommandsResponse> answer = co_await std::move(asking);
  const bool unknown = !answer && answer.error().code == Code::kUnimplemented;
  if (unknown) co_return tree::v1::CheckCommandsResponse();
  co_return answer;
}

}  // namespace drover::operations
