#include "services/tree/handlers/device_service.h"

#include <set>
#include <utility>

#include "libs/dmtree/device_id.h"
#include "libs/service/unary.h"
#include "services/tree/core/selector.h"
#include "services/tree/core/text.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {
namespace {

constexpr int kMaxDevices = 1000;

Result<void> CheckCount(int count, const char* what) {
  if (count >= 1 && count <= kMaxDevices) return {};
  return InvalidArgument(std::string(what) + ": 1..1000 at a time");
}

}  // namespace

Task<v1::EnrolDevicesResponse> DeviceHandlers::Enrol(v1::EnrolDevicesRequest request,
                                                     Deadline deadline) {
  DROVER_CO_TRY(CheckCount(request.devices_size(), "devices"));
  std::vector<NewDevice> given;
  for (const v1::NewDevice& one : request.devices()) {
    DROVER_CO_TRY(NewDevice device, FromProto(one));
    given.push_back(std::move(device));
  }
  DROVER_CO_TRY(const std::vector<Device> enrolled,
                co_await accounts_.Enrol(std::move(given), deadline));
  v1::EnrolDevicesResponse response;
  for (const Device& device : enrolled) *response.add_devices() = ToProto(device);
  co_return response;
}

Task<v1::Device> DeviceHandlers::Get(v1::GetDeviceRequest request, Deadline deadline) {
  DROVER_CO_TRY(const DeviceId id, dmtree::NormaliseDeviceId(request.id()));
  const std::vector<std::string> ids = {id.value()};
  DROVER_CO_TRY(const std::vector<StoredDevice> found, co_await devices_.Find(ids, deadline));
  if (found.empty()) {
    co_return NotFound("no device \"" + Printable(request.id()) + "\" is enrolled");
  }
  co_return ToProto(found.front().device);
}

Task<v1::GetDevicesResponse> DeviceHandlers::GetMany(v1::GetDevicesRequest request,
                                                     Deadline deadline) {
  DROVER_CO_TRY(CheckCount(request.ids_size(), "ids"));
  std::set<std::string> wanted;
  for (const std::string& given : request.ids()) {
    DROVER_CO_TRY(const DeviceId id, dmtree::NormaliseDeviceId(given));
    wanted.insert(id.value());
  }
  const std::vector<std::string> ids(wanted.begin(), wanted.end());
  DROVER_CO_TRY(const std::vector<StoredDevice> found, co_await devices_.Find(ids, deadline));
  v1::GetDevicesResponse response;
  for (const StoredDevice& stored : found) *response.add_devices() = ToProto(stored.device);
  co_return response;
}

Task<v1::ListDevicesResponse> DeviceHandlers::List(v1::ListDevicesRequest request,
                                                   Deadline deadline) {
  const std::map<std::string, std::string> given(request.selector().begin(),
                                                 request.selector().end());
  DROVER_CO_TRY(const Selector selector, ParseSelector(given));
  DROVER_CO_TRY(const DeviceId after, ParsePageToken(selector, request.page_token()));
  DROVER_CO_TRY(const int32_t size, PageSize(request.page_size()));
  // One more than asked for tells whether there is a next page.
  const int32_t limit = size + 1;
  DROVER_CO_TRY(const std::vector<StoredDevice> found,
                co_await devices_.List(selector, after, limit, deadline));
  v1::ListDevicesResponse response;
  for (const StoredDevice& stored : found) {
    if (response.devices_size() == size) {
      const DeviceId last(response.devices(size - 1).id());
      response.set_next_page_token(PageToken(selector, last));
      break;
    }
    *response.add_devices() = ToProto(stored.device);
  }
  co_return response;
}

Task<v1::Device> DeviceHandlers::SetStatus(v1::SetDeviceStatusRequest request, Deadline deadline) {
  const v1::DeviceStatus status = request.status();
  if (status != v1::ENABLED && status != v1::DISABLED) {
    co_return InvalidArgument("status must be ENABLED or DISABLED");
  }
  DROVER_CO_TRY(DeviceId id, dmtree::NormaliseDeviceId(request.id()));
  DROVER_CO_TRY(
      const Device device,
      co_await accounts_.SetStatus(std::move(id), static_cast<DeviceStatus>(status), deadline));
  co_return ToProto(device);
}

Task<v1::RotateCredentialsResponse> DeviceHandlers::Rotate(v1::RotateCredentialsRequest request,
                                                           Deadline deadline) {
  DROVER_CO_TRY(DeviceId id, dmtree::NormaliseDeviceId(request.id()));
  NewSecrets given{request.password(), request.server_password()};
  DROVER_CO_TRY(Rotated rotated,
                co_await accounts_.Rotate(std::move(id), std::move(given), deadline));
  v1::RotateCredentialsResponse response;
  *response.mutable_device() = ToProto(rotated.device);
  response.set_password(std::move(rotated.secrets.password));
  response.set_server_password(std::move(rotated.secrets.server_password));
  co_return response;
}

Task<v1::PrepareRotationResponse> DeviceHandlers::Prepare(v1::PrepareRotationRequest request,
                                                          Deadline deadline) {
  DROVER_CO_TRY(DeviceId id, dmtree::NormaliseDeviceId(request.id()));
  const WhichSecrets which{request.client(), request.server()};
  DROVER_CO_TRY(const Device device,
                co_await accounts_.PrepareRotation(std::move(id), which, deadline));
  v1::PrepareRotationResponse response;
  *response.mutable_device() = ToProto(device);
  co_return response;
}

Task<v1::Device> DeviceHandlers::SetSchemes(v1::SetAuthenticationRequest request,
                                            Deadline deadline) {
  DROVER_CO_TRY(DeviceId id, dmtree::NormaliseDeviceId(request.id()));
  DROVER_CO_TRY(const std::optional<AuthScheme> client, SchemeOf(request.client_scheme()));
  DROVER_CO_TRY(const std::optional<AuthScheme> server, SchemeOf(request.server_scheme()));
  DROVER_CO_TRY(const Device device,
                co_await accounts_.SetSchemes(std::move(id), client, server, deadline));
  co_return ToProto(device);
}

grpc::ServerUnaryReactor* DeviceHandlers::EnrolDevices(grpc::CallbackServerContext* call,
                                                       const v1::EnrolDevicesRequest* request,
                                                       v1::EnrolDevicesResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::Enrol);
}

grpc::ServerUnaryReactor* DeviceHandlers::GetDevice(grpc::CallbackServerContext* call,
                                                    const v1::GetDeviceRequest* request,
                                                    v1::Device* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::Get);
}

grpc::ServerUnaryReactor* DeviceHandlers::GetDevices(grpc::CallbackServerContext* call,
                                                     const v1::GetDevicesRequest* request,
                                                     v1::GetDevicesResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::GetMany);
}

grpc::ServerUnaryReactor* DeviceHandlers::ListDevices(grpc::CallbackServerContext* call,
                                                      const v1::ListDevicesRequest* request,
                                                      v1::ListDevicesResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::List);
}

grpc::ServerUnaryReactor* DeviceHandlers::SetDeviceStatus(grpc::CallbackServerContext* call,
                                                          const v1::SetDeviceStatusRequest* request,
                                                          v1::Device* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::SetStatus);
}

grpc::ServerUnaryReactor* DeviceHandlers::RotateCredentials(
    grpc::CallbackServerContext* call, const v1::RotateCredentialsRequest* request,
    v1::RotateCredentialsResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::Rotate);
}

grpc::ServerUnaryReactor* DeviceHandlers::PrepareRotation(grpc::CallbackServerContext* call,
                                                          const v1::PrepareRotationRequest* request,
                                                          v1::PrepareRotationResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::Prepare);
}

grpc::ServerUnaryReactor* DeviceHandlers::SetAuthentication(
    grpc::CallbackServerContext* call, const v1::SetAuthenticationRequest* request,
    v1::Device* reply) {
  return service::Unary(calls_, call, request, reply, this, &DeviceHandlers::SetSchemes);
}

}  // namespace drover::tree
