// The only file of drover-load that sees gRPC.
#include "loadtest/drover_load/backend.h"

#include <algorithm>
#include <fstream>

#include <grpcpp/create_channel.h>

#include "drover/operations/v1/operations.grpc.pb.h"
#include "drover/sip/v1/sip.grpc.pb.h"
#include "drover/tree/v1/tree.grpc.pb.h"

namespace drover::load {
namespace {

constexpr std::chrono::seconds kDeadline{30};

std::string ReadToken(const std::string& path) {
  std::string token;
  if (!path.empty()) std::getline(std::ifstream(path), token);
  return token;
}

std::shared_ptr<grpc::Channel> Channel(const std::string& target) {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(256 * 1024 * 1024);
  // A connection of its own for each Backend, which finds a server again soon after it is back.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 3000);
  return grpc::CreateCustomChannel(target, grpc::InsecureChannelCredentials(), arguments);
}

Error ErrorOf(const char* call, const grpc::Status& status) {
  return {static_cast<Code>(status.error_code()),
          std::string(call) + ": " + status.error_message()};
}

}  // namespace

struct Backend::Stubs {
  std::string token;
  std::unique_ptr<tree::v1::DeviceService::Stub> devices;
  std::unique_ptr<operations::v1::OperationService::Stub> operations;
  std::unique_ptr<sip::v1::GatewayService::Stub> gateways;  // nullptr: nobody has said where.

  void Prepare(grpc::ClientContext& call, std::chrono::seconds patience = kDeadline) const {
    call.set_deadline(std::chrono::system_clock::now() + patience);
    call.set_wait_for_ready(true);
    if (!token.empty()) call.AddMetadata("authorization", "Bearer " + token);
  }
};

Backend::Backend(std::unique_ptr<Stubs> stubs) : stubs_(std::move(stubs)) {}
Backend::~Backend() = default;
Backend::Backend(Backend&&) noexcept = default;

Result<Backend> Backend::Connect(const Endpoints& endpoints) {
  auto stubs = std::make_unique<Stubs>();
  stubs->token = ReadToken(endpoints.token_file);
  stubs->devices = tree::v1::DeviceService::NewStub(Channel(endpoints.tree));
  stubs->operations = operations::v1::OperationService::NewStub(Channel(endpoints.operations));
  if (!endpoints.sip.empty()) {
    stubs->gateways = sip::v1::GatewayService::NewStub(Channel(endpoints.sip));
  }
  return Backend(std::move(stubs));
}

Result<void> Backend::Enrol(const std::vector<tree::v1::NewDevice>& devices) {
  for (size_t i = 0; i < devices.size(); i += kBatch) {
    tree::v1::EnrolDevicesRequest request;
    for (size_t j = i; j < std::min(i + kBatch, devices.size()); ++j) {
      *request.add_devices() = devices[j];
    }
    DROVER_TRY(EnrolOnce(request, kDeadline));
  }
  return {};
}

Result<void> Backend::EnrolOnce(const tree::v1::EnrolDevicesRequest& request,
                                std::chrono::seconds patience) {
  grpc::ClientContext call;
  stubs_->Prepare(call, patience);
  tree::v1::EnrolDevicesResponse response;
  const grpc::Status status = stubs_->devices->EnrolDevices(&call, request, &response);
  if (!status.ok()) return ErrorOf("EnrolDevices", status);
  return {};
}

Result<void> Backend::EnrolGatewaysOnce(const sip::v1::EnrolGatewaysRequest& request,
                                        std::chrono::seconds patience) {
  if (stubs_->gateways == nullptr) return InvalidArgument("say where sip is: --sip, host:port");
  grpc::ClientContext call;
  stubs_->Prepare(call, patience);
  sip::v1::EnrolGatewaysResponse response;
  const grpc::Status status = stubs_->gateways->EnrolGateways(&call, request, &response);
  if (!status.ok()) return ErrorOf("EnrolGateways", status);
  return {};
}

Result<std::vector<operations::v1::Operation>> Backend::Submit(
    const std::vector<operations::v1::NewOperation>& operations) {
  std::vector<operations::v1::Operation> stored;
  stored.reserve(operations.size());
  for (size_t i = 0; i < operations.size(); i += kBatch) {
    operations::v1::SubmitOperationsRequest request;
    for (size_t j = i; j < std::min(i + kBatch, operations.size()); ++j) {
      *request.add_operations() = operations[j];
    }
    grpc::ClientContext call;
    stubs_->Prepare(call);
    operations::v1::SubmitOperationsResponse response;
    const grpc::Status status = stubs_->operations->SubmitOperations(&call, request, &response);
    if (!status.ok()) return ErrorOf("SubmitOperations", status);
    for (operations::v1::Operation& operation : *response.mutable_operations()) {
      stored.push_back(std::move(operation));
    }
  }
  return stored;
}

Result<std::vector<operations::v1::Operation>> Backend::SubmitOnce(
    const std::string& idempotency_key, const std::vector<operations::v1::NewOperation>& operations,
    std::chrono::seconds patience) {
  operations::v1::SubmitOperationsRequest request;
  request.set_idempotency_key(idempotency_key);
  for (const operations::v1::NewOperation& operation : operations) {
    *request.add_operations() = operation;
  }
  grpc::ClientContext call;
  stubs_->Prepare(call, patience);
  operations::v1::SubmitOperationsResponse response;
  const grpc::Status status = stubs_->operations->SubmitOperations(&call, request, &response);
  if (!status.ok()) return ErrorOf("SubmitOperations", status);
  return std::vector<operations::v1::Operation>(response.operations().begin(),
                                                response.operations().end());
}

Result<void> Backend::SubmitOnce(const operations::v1::SubmitOperationsRequest& request,
                                 std::chrono::seconds patience) {
  grpc::ClientContext call;
  stubs_->Prepare(call, patience);
  operations::v1::SubmitOperationsResponse response;
  const grpc::Status status = stubs_->operations->SubmitOperations(&call, request, &response);
  if (!status.ok()) return ErrorOf("SubmitOperations", status);
  return {};
}

Result<operations::v1::ListOperationsResponse> Backend::ListOnce(
    const operations::v1::ListOperationsRequest& request, std::chrono::seconds patience) {
  grpc::ClientContext call;
  stubs_->Prepare(call, patience);
  operations::v1::ListOperationsResponse response;
  const grpc::Status status = stubs_->operations->ListOperations(&call, request, &response);
  if (!status.ok()) return ErrorOf("ListOperations", status);
  return response;
}

Result<operations::v1::Operation> Backend::Get(const std::string& id,
                                               std::chrono::seconds patience) {
  operations::v1::GetOperationRequest request;
  request.set_id(id);
  grpc::ClientContext call;
  stubs_->Prepare(call, patience);
  operations::v1::Operation operation;
  const grpc::Status status = stubs_->operations->GetOperation(&call, request, &operation);
  if (!status.ok()) return ErrorOf("GetOperation", status);
  return operation;
}

Result<std::map<operations::v1::State, int64_t>> Backend::Count(const std::string& label) {
  operations::v1::CountOperationsRequest request;
  request.set_label(label);
  grpc::ClientContext call;
  stubs_->Prepare(call);
  operations::v1::CountOperationsResponse response;
  const grpc::Status status = stubs_->operations->CountOperations(&call, request, &response);
  if (!status.ok()) return ErrorOf("CountOperations", status);
  std::map<operations::v1::State, int64_t> counts;
  for (const auto& count : response.counts()) counts[count.state()] += count.count();
  return counts;
}

Result<std::vector<operations::v1::Operation>> Backend::List(const std::string& label) {
  std::vector<operations::v1::Operation> all;
  operations::v1::ListOperationsRequest request;
  request.set_label(label);
  request.set_page_size(kBatch);
  do {
    grpc::ClientContext call;
    stubs_->Prepare(call);
    operations::v1::ListOperationsResponse response;
    const grpc::Status status = stubs_->operations->ListOperations(&call, request, &response);
    if (!status.ok()) return ErrorOf("ListOperations", status);
    for (operations::v1::Operation& operation : *response.mutable_operations()) {
      all.push_back(std::move(operation));
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  return all;
}

}  // namespace drover::load
