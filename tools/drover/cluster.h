// The services as the commands see them: one call a question, an Error where gRPC has a status.
// Keeps gRPC's headers out of the commands.
#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "drover/operations/v1/actions.pb.h"
#include "drover/operations/v1/operations.pb.h"
#include "drover/push/v1/push.pb.h"
#include "drover/session/v1/session.pb.h"
#include "drover/sip/v1/sip.pb.h"
#include "drover/tree/v1/tree.pb.h"
#include "libs/base/result.h"
#include "tools/drover/context.h"

namespace drover::cli {

class Cluster {
 public:
  // timeout: of each call but WatchOperation. Connects when a service is first asked.
  Cluster(Context context, std::chrono::milliseconds timeout);
  ~Cluster();
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // kInvalidArgument: the context does not say where that service is. Else as the protos say.
  Result<tree::v1::EnrolDevicesResponse> EnrolDevices(const tree::v1::EnrolDevicesRequest& request);
  Result<tree::v1::Device> GetDevice(const std::string& id);
  Result<tree::v1::ListDevicesResponse> ListDevices(const tree::v1::ListDevicesRequest& request);
  Result<tree::v1::Device> SetDeviceStatus(const tree::v1::SetDeviceStatusRequest& request);
  Result<tree::v1::RotateCredentialsResponse> RotateCredentials(
      const tree::v1::RotateCredentialsRequest& request);
  Result<tree::v1::PrepareRotationResponse> PrepareRotation(
      const tree::v1::PrepareRotationRequest& request);
  Result<tree::v1::Device> SetAuthentication(const tree::v1::SetAuthenticationRequest& request);

  Result<tree::v1::GetSubtreeResponse> GetSubtree(const tree::v1::GetSubtreeRequest& request);
  Result<tree::v1::GetNodeHistoryResponse> GetNodeHistory(
      const tree::v1::GetNodeHistoryRequest& request);
  Result<tree::v1::ImportSubtreeResponse> ImportSubtree(
      const tree::v1::ImportSubtreeRequest& request);
  Result<tree::v1::FindObjectsResponse> FindObjects(const tree::v1::FindObjectsRequest& request);

  Result<tree::v1::Ddf> ImportDdf(const tree::v1::ImportDdfRequest& request);
  Result<tree::v1::ExportDdfResponse> ExportDdf(const tree::v1::ExportDdfRequest& request);
  Result<tree::v1::ListDdfsResponse> ListDdfs();
  Result<tree::v1::DeleteDdfResponse> DeleteDdf(const tree::v1::DeleteDdfRequest& request);
  Result<tree::v1::Profile> SetProfile(const tree::v1::SetProfileRequest& request);
  Result<tree::v1::Profile> GetProfile(const tree::v1::GetProfileRequest& request);
  Result<tree::v1::ListProfilesResponse> ListProfiles();
  Result<tree::v1::DeleteProfileResponse> DeleteProfile(
      const tree::v1::DeleteProfileRequest& request);
  Result<tree::v1::ListFamiliesResponse> ListFamilies();

  Result<operations::v1::SubmitOperationsResponse> SubmitOperations(
      const operations::v1::SubmitOperationsRequest& request);
  Result<operations::v1::Operation> GetOperation(const std::string& id, bool messages);
  Result<operations::v1::ListOperationsResponse> ListOperations(
      const operations::v1::ListOperationsRequest& request);
  Result<operations::v1::Operation> CancelOperation(const std::string& id,
                                                    const std::string& reason);
  Result<operations::v1::CountOperationsResponse> CountOperations(const std::string& label);
  // Calls seen for the operation now and at each change, until it ended or deadline: then
  // kDeadlineExceeded.
  Result<void> WatchOperation(const std::string& id, std::chrono::system_clock::time_point deadline,
                              const std::function<void(const operations::v1::Operation&)>& seen);

  using Seen = std::function<void(const operations::v1::Operation&)>;
  // The same of many at once.
  Result<void> WatchOperations(const operations::v1::WatchOperationsRequest& request,
                               std::chrono::system_clock::time_point deadline, const Seen& seen);
  // Calls seen for each page as it is stored.
  Result<void> SubmitSelected(const operations::v1::SubmitSelectedRequest& request,
                              const std::function<void(operations::v1::SubmitProgress)>& seen);

  Result<operations::v1::SubmitActionResponse> SubmitAction(
      const operations::v1::SubmitActionRequest& request);

  Result<session::v1::Session> GetSession(const std::string& device_id);
  Result<session::v1::StartNonceResyncResponse> StartNonceResync(const std::string& device_id);
  // Whether the context says where the session service is.
  bool knows_session() const;

  Result<push::v1::Push> SendPush(const push::v1::SendPushRequest& request);
  Result<push::v1::Push> GetPush(const std::string& push_id);
  Result<push::v1::Push> CancelPush(const std::string& push_id);
  Result<push::v1::ListPushesResponse> ListPushes(const push::v1::ListPushesRequest& request);
  Result<push::v1::ListSmscsResponse> ListSmscs();
  Result<push::v1::Registration> GetRegistration(const push::v1::Address& of);
  Result<push::v1::ListRegistrationsResponse> ListRegistrations(
      const push::v1::ListRegistrationsRequest& request);
  Result<push::v1::Registration> RecordPairing(const push::v1::RecordPairingRequest& request);
  bool knows_push() const;

  Result<sip::v1::EnrolGatewaysResponse> EnrolGateways(
      const sip::v1::EnrolGatewaysRequest& request);
  Result<sip::v1::Gateway> GetGateway(const std::string& id);
  Result<sip::v1::ListGatewaysResponse> ListGateways(const sip::v1::ListGatewaysRequest& request);
  Result<sip::v1::Gateway> SetGatewayCredentials(const sip::v1::SetCredentialsRequest& request);
  Result<sip::v1::SendNotifyResponse> SendNotify(const sip::v1::SendNotifyRequest& request);
  Result<sip::v1::Gateway> TriggerGateway(const std::string& id);
  Result<sip::v1::Model> SetGatewayModel(const sip::v1::Model& model);
  Result<sip::v1::ListModelsResponse> ListGatewayModels();
  Result<sip::v1::DeleteModelResponse> DeleteGatewayModel(const std::string& vendor,
                                                          const std::string& model);
  bool knows_sip() const;

 private:
  struct Stubs;
  std::unique_ptr<Stubs> stubs_;
};

}  // namespace drover::cli
