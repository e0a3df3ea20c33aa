#include "services/operations/adapters/grpc_tree.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/service/unary_client.h"

namespace drover::operations {
namespace {

constexpr int kMaxSubtreeOctets = 64 << 20;

}  // namespace

struct GrpcTree::Channel {
  std::unique_ptr<tree::v1::DeviceService::Stub> devices;
  std::unique_ptr<tree::v1::TreeService::Stub> trees;
};

GrpcTree::GrpcTree(asio::io_context& loop, const std::string& target, std::string token)
    : loop_(loop), token_(std::move(token)), channel_(std::make_unique<Channel>()) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxSubtreeOctets);
  const auto channel =
      grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
  channel_->devices = tree::v1::DeviceService::NewStub(channel);
  channel_->trees = tree::v1::TreeService::NewStub(channel);
}

GrpcTree::~GrpcTree() = default;

Task<KnownDevices> GrpcTree::Find(std::vector<std::string> ids, Deadline deadline) {
  tree::v1::GetDevicesRequest request;
  for (std::string& id : ids) request.add_ids(std::move(id));
  auto* const stub = channel_->devices.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->GetDevices(&call->context, &call->request, &call->response, std::move(done));
  };
  auto asking = service::Ask<tree::v1::GetDevicesRequest, tree::v1::GetDevicesResponse>(
      {loop_, token_, "tree"}, std::move(request), deadline, begin);
  DROVER_CO_TRY(const tree::v1::GetDevicesResponse response, co_await std::move(asking));
  KnownDevices out;
  for (const tree::v1::Device& device : response.devices()) {
    out[device.id()] = {device.status() == tree::v1::ENABLED, device.bearer()};
  }
  co_return out;
}

Task<tree::v1::ListDevicesResponse> GrpcTree::List(tree::v1::ListDevicesRequest request,
                                                   Deadline deadline) {
  auto* const stub = channel_->devices.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->ListDevices(&call->context, &call->request, &call->response, std::move(done));
  };
  auto asking = service::Ask<tree::v1::ListDevicesRequest, tree::v1::ListDevicesResponse>(
      {loop_, token_, "tree"}, std::move(request), deadline, begin);
  co_return co_await std::move(asking);
}

Task<tree::v1::CheckCommandsResponse> GrpcTree::Check(tree::v1::CheckCommandsRequest request,
                                                      Deadline deadline) {
  auto* const stub = channel_->trees.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->CheckCommands(&call->context, &call->request, &call->response, std::move(done));
  };
  auto asking = service::Ask<tree::v1::CheckCommandsRequest, tree::v1::CheckCommandsResponse>(
      {loop_, token_, "tree"}, std::move(request), deadline, begin);
  Result<tree::v1::CheckCommandsResponse> answer = co_await std::move(asking);
  const bool unknown = !answer && answer.error().code == Code::kUnimplemented;
  if (unknown) co_return tree::v1::CheckCommandsResponse();
  co_return answer;
}

Task<tree::v1::FindObjectsResponse> GrpcTree::FindObjects(tree::v1::FindObjectsRequest request,
                                                          Deadline deadline) {
  auto* const stub = channel_->trees.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->FindObjects(&call->context, &call->request, &call->response, std::move(done));
  };
  auto asking = service::Ask<tree::v1::FindObjectsRequest, tree::v1::FindObjectsResponse>(
      {loop_, token_, "tree"}, std::move(request), deadline, begin);
  Result<tree::v1::FindObjectsResponse> answer = co_await std::move(asking);
  const bool unknown = !answer && answer.error().code == Code::kUnimplemented;
  if (unknown) co_return tree::v1::FindObjectsResponse();
  co_return answer;
}

Task<tree::v1::GetSubtreeResponse> GrpcTree::GetSubtree(tree::v1::GetSubtreeRequest request,
                                                        Deadline deadline) {
  auto* const stub = channel_->trees.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->GetSubtree(&call->context, &call->request, &call->response, std::move(done));
  };
  auto asking = service::Ask<tree::v1::GetSubtreeRequest, tree::v1::GetSubtreeResponse>(
      {loop_, token_, "tree"}, std::move(request), deadline, begin);
  Result<tree::v1::GetSubtreeResponse> answer = co_await std::move(asking);
  const bool nothing = !answer && answer.error().code == Code::kNotFound;
  if (nothing) co_return tree::v1::GetSubtreeResponse();
  co_return answer;
}

Task<tree::v1::PrepareRotationResponse> GrpcTree::PrepareRotation(
    tree::v1::PrepareRotationRequest request, Deadline deadline) {
  auto* const stub = channel_->devices.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->PrepareRotation(&call->context, &call->request, &call->response,
                                   std::move(done));
  };
  auto asking = service::Ask<tree::v1::PrepareRotationRequest, tree::v1::PrepareRotationResponse>(
      {loop_, token_, "tree"}, std::move(request), deadline, begin);
  co_return co_await std::move(asking);
}

}  // namespace drover::operations
