#include "services/sip/adapters/streams.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "drover/operations/v1/operations.grpc.pb.h"
#include "drover/tree/v1/tree.grpc.pb.h"
#include "libs/service/stream_client.h"
#include "libs/service/unary_client.h"

namespace drover::gateways {

using operations::v1::AdvanceReply;
using operations::v1::Assignment;
using tree::v1::EnrolDevicesRequest;
using tree::v1::EnrolDevicesResponse;
using tree::v1::TreeReply;
using tree::v1::TreeRequest;

struct StreamOperations::Client {
  Client(asio::io_context& loop, service::StreamClientConfig config)
      : stream(loop, std::move(config)) {}
  service::StreamClient<operations::v1::OperationStreamService, operations::v1::AdvanceRequestBatch,
                        operations::v1::AdvanceReplyBatch>
      stream;
};

StreamOperations::StreamOperations(asio::io_context& loop, service::StreamClientConfig config)
    : client_(std::make_unique<Client>(loop, std::move(config))) {}
StreamOperations::~StreamOperations() = default;

bool StreamOperations::connected() const { return client_->stream.connected(); }

Task<std::vector<Assignment>> StreamOperations::Advance(operations::v1::AdvanceRequest request,
                                                        Deadline deadline) {
  DROVER_CO_TRY(AdvanceReply reply, co_await client_->stream.Call(std::move(request), deadline));
  if (reply.code() != 0) co_return Error{static_cast<Code>(reply.code()), reply.error()};
  std::vector<Assignment> out;
  for (Assignment& assignment : *reply.mutable_assignments()) out.push_back(std::move(assignment));
  co_return out;
}

struct StreamTree::Client {
  Client(asio::io_context& loop, const service::StreamClientConfig& config)
      : stream(loop, config),
        devices(tree::v1::DeviceService::NewStub(
            grpc::CreateChannel(config.target, grpc::InsecureChannelCredentials()))) {}
  service::StreamClient<tree::v1::TreeStreamService, tree::v1::TreeRequestBatch,
                        tree::v1::TreeReplyBatch>
      stream;
  std::unique_ptr<tree::v1::DeviceService::Stub> devices;
};

StreamTree::StreamTree(asio::io_context& loop, service::StreamClientConfig config)
    : loop_(loop), token_(config.token), client_(std::make_unique<Client>(loop, config)) {}
StreamTree::~StreamTree() = default;

bool StreamTree::connected() const { return client_->stream.connected(); }

Task<void> StreamTree::ApplyReport(tree::v1::ApplyReport report, Deadline deadline) {
  TreeRequest request;
  *request.mutable_apply_report() = std::move(report);
  DROVER_CO_TRY(const TreeReply reply, co_await client_->stream.Call(std::move(request), deadline));
  if (reply.code() != 0) co_return Error{static_cast<Code>(reply.code()), reply.error()};
  co_return Result<void>();
}

Task<void> StreamTree::Enrol(EnrolDevicesRequest request, Deadline deadline) {
  auto* const stub = client_->devices.get();
  const auto begin = [stub](auto* call, auto done) {
    stub->async()->EnrolDevices(&call->context, &call->request, &call->response, std::move(done));
  };
  auto asking = service::Ask<EnrolDevicesRequest, EnrolDevicesResponse>(
      {loop_, token_, "tree"}, std::move(request), deadline, begin);
  DROVER_CO_TRY(const EnrolDevicesResponse response, co_await std::move(asking));
  co_return Result<void>();
}

}  // namespace drover::gateways
