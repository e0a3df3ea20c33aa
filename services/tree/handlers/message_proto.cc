#include "services/tree/handlers/message_proto.h"

#include <utility>

#include "libs/dmtree/device_id.h"
#include "services/tree/core/text.h"

namespace drover::tree {
namespace {

Result<Node> FromProto(v1::Node& from) {
  if (from.only_acl() && !from.has_acl()) {
    return InvalidArgument("node \"" + Printable(from.uri()) + "\": only_acl without has_acl");
  }
  Node node;
  node.uri = std::move(*from.mutable_uri());
  node.format = std::move(*from.mutable_format());
  node.type = std::move(*from.mutable_type());
  node.value = std::move(*from.mutable_value());
  node.reported_at = TimeOf(from.reported_at());
  if (from.has_acl()) node.acl = std::move(*from.mutable_acl());
  node.without_value = from.without_value();
  node.only_acl = from.only_acl();
  return node;
}

}  // namespace

void SetTime(google::protobuf::Timestamp& out, TimePoint time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  out.set_seconds(seconds.time_since_epoch().count());
  out.set_nanos(static_cast<int32_t>((time - seconds).count()) * 1000);
}

TimePoint TimeOf(const google::protobuf::Timestamp& time) {
  constexpr int64_t kLast = 253'402'300'799;
  if (time.seconds() < 0 || time.seconds() > kLast) return {};
  return TimePoint(std::chrono::seconds(time.seconds()) +
                   std::chrono::microseconds(time.nanos() / 1000));
}

Result<std::optional<AuthScheme>> SchemeOf(v1::AuthScheme scheme) {
  if (!v1::AuthScheme_IsValid(scheme)) return InvalidArgument("no such authentication scheme");
  if (scheme == v1::AUTH_SCHEME_UNSPECIFIED) return std::optional<AuthScheme>();
  return std::optional<AuthScheme>(static_cast<AuthScheme>(scheme));
}

v1::Device ToProto(const Device& device) {
  v1::Device out;
  out.set_id(device.id.value());
  out.set_status(static_cast<v1::DeviceStatus>(device.status));
  out.set_manufacturer(At(device.facts, Fact::kManufacturer));
  out.set_model(At(device.facts, Fact::kModel));
  out.set_firmware_version(At(device.facts, Fact::kFirmwareVersion));
  out.set_software_version(At(device.facts, Fact::kSoftwareVersion));
  out.set_hardware_version(At(device.facts, Fact::kHardwareVersion));
  out.set_language(At(device.facts, Fact::kLanguage));
  out.set_dm_version(At(device.facts, Fact::kDmVersion));
  SetTime(*out.mutable_enrolled_at(), device.enrolled_at);
  if (device.seen_at) SetTime(*out.mutable_seen_at(), *device.seen_at);
  out.set_client_scheme(static_cast<v1::AuthScheme>(device.client_scheme));
  out.set_server_scheme(static_cast<v1::AuthScheme>(device.server_scheme));
  out.set_user(device.user);
  out.set_account_version(device.account_version);
  out.set_bearer(device.bearer);
  return out;
}

v1::Node ToProto(Node node) {
  v1::Node out;
  out.set_uri(std::move(node.uri));
  out.set_format(std::move(node.format));
  out.set_type(std::move(node.type));
  out.set_value(std::move(node.value));
  SetTime(*out.mutable_reported_at(), node.reported_at);
  out.set_without_value(node.without_value);
  if (node.acl) {
    out.set_has_acl(true);
    out.set_acl(std::move(*node.acl));
  }
  return out;
}

v1::Account ToAccount(const Device& device, const Secrets& secrets) {
  v1::Account out;
  out.set_device_id(device.id.value());
  out.set_status(static_cast<v1::DeviceStatus>(device.status));
  out.set_version(device.account_version);
  out.set_user(device.user);
  out.set_client_a1(secrets.client_a1);
  out.set_client_scheme(static_cast<v1::AuthScheme>(device.client_scheme));
  out.set_server_scheme(static_cast<v1::AuthScheme>(device.server_scheme));
  out.set_server_a1(secrets.server_a1);
  out.set_server_password(secrets.server_password);
  out.set_client_nonce(secrets.client_nonce);
  out.set_server_nonce(secrets.server_nonce);
  return out;
}

Result<NewDevice> FromProto(const v1::NewDevice& given) {
  NewDevice out;
  out.id = given.id();
  out.user = given.user();
  out.password = given.password();
  out.server_password = given.server_password();
  const auto client = SchemeOf(given.client_scheme());
  const auto server = SchemeOf(given.server_scheme());
  if (!client || !server) {
    return InvalidArgument("device \"" + Printable(given.id()) +
                           "\": no such authentication scheme");
  }
  out.client_scheme = *client;
  out.server_scheme = *server;
  out.client_nonce = given.client_nonce();
  out.server_nonce = given.server_nonce();
  out.manufacturer = given.manufacturer();
  out.model = given.model();
  out.bearer = given.bearer();
  return out;
}

Result<Report> FromProto(v1::ApplyReport given) {
  Report out;
  DROVER_TRY(out.device, dmtree::NormaliseDeviceId(given.device_id()));
  out.nodes.reserve(given.nodes_size());
  for (v1::Node& from : *given.mutable_nodes()) {
    DROVER_TRY(Node node, FromProto(from));
    out.nodes.push_back(std::move(node));
  }
  for (std::string& uri : *given.mutable_deleted()) out.deleted.push_back(std::move(uri));
  return out;
}

}  // namespace drover::tree
