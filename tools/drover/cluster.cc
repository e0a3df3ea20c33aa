#include "tools/drover/cluster.h"

#include <iostream>
#include <optional>

#include <grpcpp/grpcpp.h>

#include "drover/operations/v1/actions.grpc.pb.h"
#include "drover/operations/v1/operations.grpc.pb.h"
#include "drover/push/v1/push.grpc.pb.h"
#include "drover/session/v1/session.grpc.pb.h"
#include "drover/sip/v1/sip.grpc.pb.h"
#include "drover/tree/v1/tree.grpc.pb.h"
#include "tools/drover/files.h"

namespace drover::cli {

namespace ops = operations::v1;
namespace tre = tree::v1;
namespace ses = session::v1;
namespace psh = push::v1;
namespace gws = sip::v1;

namespace {

constexpr int kMaxMessageOctets = 64 << 20;

struct Endpoint {
  const char* name;
  const char* variable;
  std::string Context::*address;
};
constexpr Endpoint kTree{"tree", "DROVER_TREE", &Context::tree};
constexpr Endpoint kOperations{"operations", "DROVER_OPERATIONS", &Context::operations};
constexpr Endpoint kSession{"session", "DROVER_SESSION", &Context::session};
constexpr Endpoint kPush{"push", "DROVER_PUSH", &Context::push};
constexpr Endpoint kSip{"sip", "DROVER_SIP", &Context::sip};

}  // namespace

struct Cluster::Stubs {
  Stubs(Context where, std::chrono::milliseconds patience)
      : context(std::move(where)), timeout(patience) {}

  Context context;
  std::chrono::milliseconds timeout;
  std::optional<std::string> token;  // Read before the first call.
  std::unique_ptr<tre::DeviceService::Stub> devices;
  std::unique_ptr<tre::TreeService::Stub> tree;
  std::unique_ptr<tre::ModelService::Stub> models;
  std::unique_ptr<ops::OperationService::Stub> operations;
  std::unique_ptr<ops::ActionService::Stub> actions;
  std::unique_ptr<ses::SessionService::Stub> session;
  std::unique_ptr<psh::PushService::Stub> push;
  std::unique_ptr<psh::RegistrationService::Stub> registrations;
  std::unique_ptr<gws::GatewayService::Stub> gateways;

  // Makes the stub on first use, and readies a call.
  template <typename Service>
  Result<void> Prepare(std::unique_ptr<typename Service::Stub>& stub, const Endpoint& endpoint,
                       grpc::ClientContext& call) {
    const std::string& address = context.*endpoint.address;
    if (address.empty()) {
      return InvalidArgument(std::string("where is the ") + endpoint.name + " service? Give --" +
                             endpoint.name + " HOST:PORT, set " + endpoint.variable +
                             " or write a context file");
    }
    if (!token) {
      token = std::string();
      if (!context.token_file.empty()) {
        DROVER_TRY(token, ReadSecret(context.token_file, std::cin));
      }
    }
    if (!token->empty()) call.AddMetadata("authorization", "Bearer " + *token);
    if (stub != nullptr) return {};
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kMaxMessageOctets);
    stub = Service::NewStub(
        grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments));
    return {};
  }

  Error Refused(const grpc::Status& status, const Endpoint& endpoint) const {
    const auto code = static_cast<Code>(status.error_code());
    if (code != Code::kUnavailable) return {code, status.error_message()};
    return {code, std::string("the ") + endpoint.name + " service at " + context.*endpoint.address +
                      " does not answer: " + status.error_message()};
  }

  template <typename Service, typename Request, typename Response>
  Result<Response> Ask(std::unique_ptr<typename Service::Stub>& stub, const Endpoint& endpoint,
                       grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                                             Response*),
                       const Request& request) {
    grpc::ClientContext call;
    DROVER_TRY(Prepare<Service>(stub, endpoint, call));
    call.set_deadline(std::chrono::system_clock::now() + timeout);
    Response response;
    const grpc::Status status = ((*stub).*method)(&call, request, &response);
    if (!status.ok()) return Refused(status, endpoint);
    return response;
  }
};

Cluster::Cluster(Context context, std::chrono::milliseconds timeout)
    : stubs_(std::make_unique<Stubs>(std::move(context), timeout)) {}
Cluster::~Cluster() = default;

bool Cluster::knows_session() const { return !stubs_->context.session.empty(); }

Result<tre::EnrolDevicesResponse> Cluster::EnrolDevices(const tre::EnrolDevicesRequest& request) {
  return stubs_->Ask<tre::DeviceService>(stubs_->devices, kTree,
                                         &tre::DeviceService::Stub::EnrolDevices, request);
}

Result<tre::Device> Cluster::GetDevice(const std::string& id) {
  tre::GetDeviceRequest request;
  request.set_id(id);
  return stubs_->Ask<tre::DeviceService>(stubs_->devices, kTree,
                                         &tre::DeviceService::Stub::GetDevice, request);
}

Result<tre::ListDevicesResponse> Cluster::ListDevices(const tre::ListDevicesRequest& request) {
  return stubs_->Ask<tre::DeviceService>(stubs_->devices, kTree,
                                         &tre::DeviceService::Stub::ListDevices, request);
}

Result<tre::Device> Cluster::SetDeviceStatus(const tre::SetDeviceStatusRequest& request) {
  return stubs_->Ask<tre::DeviceService>(stubs_->devices, kTree,
                                         &tre::DeviceService::Stub::SetDeviceStatus, request);
}

Result<tre::RotateCredentialsResponse> Cluster::RotateCredentials(
    const tre::RotateCredentialsRequest& request) {
  return stubs_->Ask<tre::DeviceService>(stubs_->devices, kTree,
                                         &tre::DeviceService::Stub::RotateCredentials, request);
}

Result<tre::GetSubtreeResponse> Cluster::GetSubtree(const tre::GetSubtreeRequest& request) {
  return stubs_->Ask<tre::TreeService>(stubs_->tree, kTree, &tre::TreeService::Stub::GetSubtree,
                                       request);
}

Result<tre::PrepareRotationResponse> Cluster::PrepareRotation(
    const tre::PrepareRotationRequest& request) {
  return stubs_->Ask<tre::DeviceService>(stubs_->devices, kTree,
                                         &tre::DeviceService::Stub::PrepareRotation, request);
}

Result<tre::Device> Cluster::SetAuthentication(const tre::SetAuthenticationRequest& request) {
  return stubs_->Ask<tre::DeviceService>(stubs_->devices, kTree,
                                         &tre::DeviceService::Stub::SetAuthentication, request);
}

Result<tre::GetNodeHistoryResponse> Cluster::GetNodeHistory(
    const tre::GetNodeHistoryRequest& request) {
  return stubs_->Ask<tre::TreeService>(stubs_->tree, kTree, &tre::TreeService::Stub::GetNodeHistory,
                                       request);
}

Result<tre::ImportSubtreeResponse> Cluster::ImportSubtree(
    const tre::ImportSubtreeRequest& request) {
  return stubs_->Ask<tre::TreeService>(stubs_->tree, kTree, &tre::TreeService::Stub::ImportSubtree,
                                       request);
}

Result<tre::FindObjectsResponse> Cluster::FindObjects(const tre::FindObjectsRequest& request) {
  return stubs_->Ask<tre::TreeService>(stubs_->tree, kTree, &tre::TreeService::Stub::FindObjects,
                                       request);
}

Result<tre::Ddf> Cluster::ImportDdf(const tre::ImportDdfRequest& request) {
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree, &tre::ModelService::Stub::ImportDdf,
                                        request);
}

Result<tre::ExportDdfResponse> Cluster::ExportDdf(const tre::ExportDdfRequest& request) {
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree, &tre::ModelService::Stub::ExportDdf,
                                        request);
}

Result<tre::ListDdfsResponse> Cluster::ListDdfs() {
  const tre::ListDdfsRequest request;
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree, &tre::ModelService::Stub::ListDdfs,
                                        request);
}

Result<tre::DeleteDdfResponse> Cluster::DeleteDdf(const tre::DeleteDdfRequest& request) {
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree, &tre::ModelService::Stub::DeleteDdf,
                                        request);
}

Result<tre::Profile> Cluster::SetProfile(const tre::SetProfileRequest& request) {
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree, &tre::ModelService::Stub::SetProfile,
                                        request);
}

Result<tre::Profile> Cluster::GetProfile(const tre::GetProfileRequest& request) {
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree, &tre::ModelService::Stub::GetProfile,
                                        request);
}

Result<tre::ListProfilesResponse> Cluster::ListProfiles() {
  const tre::ListProfilesRequest request;
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree,
                                        &tre::ModelService::Stub::ListProfiles, request);
}

Result<tre::DeleteProfileResponse> Cluster::DeleteProfile(
    const tre::DeleteProfileRequest& request) {
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree,
                                        &tre::ModelService::Stub::DeleteProfile, request);
}

Result<tre::ListFamiliesResponse> Cluster::ListFamilies() {
  const tre::ListFamiliesRequest request;
  return stubs_->Ask<tre::ModelService>(stubs_->models, kTree,
                                        &tre::ModelService::Stub::ListFamilies, request);
}

Result<ops::SubmitOperationsResponse> Cluster::SubmitOperations(
    const ops::SubmitOperationsRequest& request) {
  return stubs_->Ask<ops::OperationService>(
      stubs_->operations, kOperations, &ops::OperationService::Stub::SubmitOperations, request);
}

Result<ops::Operation> Cluster::GetOperation(const std::string& id, bool messages) {
  ops::GetOperationRequest request;
  request.set_id(id);
  request.set_include_messages(messages);
  return stubs_->Ask<ops::OperationService>(stubs_->operations, kOperations,
                                            &ops::OperationService::Stub::GetOperation, request);
}

Result<ops::ListOperationsResponse> Cluster::ListOperations(
    const ops::ListOperationsRequest& request) {
  return stubs_->Ask<ops::OperationService>(stubs_->operations, kOperations,
                                            &ops::OperationService::Stub::ListOperations, request);
}

Result<ops::Operation> Cluster::CancelOperation(const std::string& id, const std::string& reason) {
  ops::CancelOperationRequest request;
  request.set_id(id);
  request.set_reason(reason);
  return stubs_->Ask<ops::OperationService>(stubs_->operations, kOperations,
                                            &ops::OperationService::Stub::CancelOperation, request);
}

Result<ops::CountOperationsResponse> Cluster::CountOperations(const std::string& label) {
  ops::CountOperationsRequest request;
  request.set_label(label);
  return stubs_->Ask<ops::OperationService>(stubs_->operations, kOperations,
                                            &ops::OperationService::Stub::CountOperations, request);
}

Result<void> Cluster::WatchOperation(const std::string& id,
                                     std::chrono::system_clock::time_point deadline,
                                     const std::function<void(const ops::Operation&)>& seen) {
  grpc::ClientContext call;
  DROVER_TRY(stubs_->Prepare<ops::OperationService>(stubs_->operations, kOperations, call));
  call.set_deadline(deadline);
  ops::WatchOperationRequest request;
  request.set_id(id);
  const auto reader = stubs_->operations->WatchOperation(&call, request);
  ops::Operation operation;
  while (reader->Read(&operation)) seen(operation);
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return stubs_->Refused(status, kOperations);
  return {};
}

Result<ops::SubmitActionResponse> Cluster::SubmitAction(const ops::SubmitActionRequest& request) {
  return stubs_->Ask<ops::ActionService>(stubs_->actions, kOperations,
                                         &ops::ActionService::Stub::SubmitAction, request);
}

Result<void> Cluster::WatchOperations(const ops::WatchOperationsRequest& request,
                                      std::chrono::system_clock::time_point deadline,
                                      const Seen& seen) {
  grpc::ClientContext call;
  DROVER_TRY(stubs_->Prepare<ops::OperationService>(stubs_->operations, kOperations, call));
  call.set_deadline(deadline);
  const auto reader = stubs_->operations->WatchOperations(&call, request);
  ops::Operation operation;
  while (reader->Read(&operation)) seen(operation);
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return stubs_->Refused(status, kOperations);
  return {};
}

Result<void> Cluster::SubmitSelected(const ops::SubmitSelectedRequest& request,
                                     const std::function<void(ops::SubmitProgress)>& seen) {
  grpc::ClientContext call;
  DROVER_TRY(stubs_->Prepare<ops::OperationService>(stubs_->operations, kOperations, call));
  const auto reader = stubs_->operations->SubmitSelected(&call, request);
  ops::SubmitProgress page;
  while (reader->Read(&page)) seen(std::move(page));
  const grpc::Status status = reader->Finish();
  if (!status.ok()) return stubs_->Refused(status, kOperations);
  return {};
}

Result<ses::Session> Cluster::GetSession(const std::string& device_id) {
  ses::GetSessionRequest request;
  request.set_device_id(device_id);
  return stubs_->Ask<ses::SessionService>(stubs_->session, kSession,
                                          &ses::SessionService::Stub::GetSession, request);
}

Result<ses::StartNonceResyncResponse> Cluster::StartNonceResync(const std::string& device_id) {
  ses::StartNonceResyncRequest request;
  request.set_device_id(device_id);
  return stubs_->Ask<ses::SessionService>(stubs_->session, kSession,
                                          &ses::SessionService::Stub::StartNonceResync, request);
}

bool Cluster::knows_push() const { return !stubs_->context.push.empty(); }

Result<psh::Push> Cluster::SendPush(const psh::SendPushRequest& request) {
  return stubs_->Ask<psh::PushService>(stubs_->push, kPush, &psh::PushService::Stub::SendPush,
                                       request);
}

Result<psh::Push> Cluster::GetPush(const std::string& push_id) {
  psh::GetPushRequest request;
  request.set_push_id(push_id);
  return stubs_->Ask<psh::PushService>(stubs_->push, kPush, &psh::PushService::Stub::GetPush,
                                       request);
}

Result<psh::Push> Cluster::CancelPush(const std::string& push_id) {
  psh::CancelPushRequest request;
  request.set_push_id(push_id);
  return stubs_->Ask<psh::PushService>(stubs_->push, kPush, &psh::PushService::Stub::CancelPush,
                                       request);
}

Result<psh::ListPushesResponse> Cluster::ListPushes(const psh::ListPushesRequest& request) {
  return stubs_->Ask<psh::PushService>(stubs_->push, kPush, &psh::PushService::Stub::ListPushes,
                                       request);
}

Result<psh::ListSmscsResponse> Cluster::ListSmscs() {
  const psh::ListSmscsRequest request;
  return stubs_->Ask<psh::PushService>(stubs_->push, kPush, &psh::PushService::Stub::ListSmscs,
                                       request);
}

Result<psh::Registration> Cluster::GetRegistration(const psh::Address& of) {
  psh::GetRegistrationRequest request;
  *request.mutable_of() = of;
  return stubs_->Ask<psh::RegistrationService>(
      stubs_->registrations, kPush, &psh::RegistrationService::Stub::GetRegistration, request);
}

Result<psh::ListRegistrationsResponse> Cluster::ListRegistrations(
    const psh::ListRegistrationsRequest& request) {
  return stubs_->Ask<psh::RegistrationService>(
      stubs_->registrations, kPush, &psh::RegistrationService::Stub::ListRegistrations, request);
}

Result<psh::Registration> Cluster::RecordPairing(const psh::RecordPairingRequest& request) {
  return stubs_->Ask<psh::RegistrationService>(
      stubs_->registrations, kPush, &psh::RegistrationService::Stub::RecordPairing, request);
}

bool Cluster::knows_sip() const { return !stubs_->context.sip.empty(); }

Result<gws::EnrolGatewaysResponse> Cluster::EnrolGateways(
    const gws::EnrolGatewaysRequest& request) {
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::EnrolGateways, request);
}

Result<gws::Gateway> Cluster::GetGateway(const std::string& id) {
  gws::GetGatewayRequest request;
  request.set_id(id);
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::GetGateway, request);
}

Result<gws::ListGatewaysResponse> Cluster::ListGateways(const gws::ListGatewaysRequest& request) {
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::ListGateways, request);
}

Result<gws::Gateway> Cluster::SetGatewayCredentials(const gws::SetCredentialsRequest& request) {
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::SetCredentials, request);
}

Result<gws::SendNotifyResponse> Cluster::SendNotify(const gws::SendNotifyRequest& request) {
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::SendNotify, request);
}

Result<gws::Gateway> Cluster::TriggerGateway(const std::string& id) {
  gws::TriggerGatewayRequest request;
  request.set_id(id);
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::TriggerGateway, request);
}

Result<gws::Model> Cluster::SetGatewayModel(const gws::Model& model) {
  gws::SetModelRequest request;
  *request.mutable_model() = model;
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::SetModel, request);
}

Result<gws::ListModelsResponse> Cluster::ListGatewayModels() {
  const gws::ListModelsRequest request;
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::ListModels, request);
}

Result<gws::DeleteModelResponse> Cluster::DeleteGatewayModel(const std::string& vendor,
                                                             const std::string& model) {
  gws::DeleteModelRequest request;
  request.set_vendor(vendor);
  request.set_model(model);
  return stubs_->Ask<gws::GatewayService>(stubs_->gateways, kSip,
                                          &gws::GatewayService::Stub::DeleteModel, request);
}

}  // namespace drover::cli
