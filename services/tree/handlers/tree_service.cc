#include "services/tree/handlers/tree_service.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "libs/dmtree/device_id.h"
#include "libs/dmtree/loc_uri.h"
#include "libs/service/unary.h"
#include "services/tree/core/profiles.h"
#include "services/tree/core/text.h"
#include "services/tree/core/uri.h"
#include "services/tree/handlers/message_proto.h"

namespace drover::tree {
namespace {

constexpr int kMaxDevices = 1000;
constexpr int kMaxCommands = 256;
constexpr int32_t kDefaultVersions = 100;
constexpr int32_t kMaxVersions = 1000;
constexpr std::string_view kTndsType = "application/vnd.syncml.dmtnds+";

using Ids = google::protobuf::RepeatedPtrField<std::string>;

Result<std::vector<std::string>> DevicesOf(const Ids& given) {
  if (given.empty() || given.size() > kMaxDevices) {
    return InvalidArgument("device_ids: 1..1000 at a time");
  }
  std::set<std::string> ids;
  for (const std::string& text : given) {
    DROVER_TRY(const DeviceId id, dmtree::NormaliseDeviceId(text));
    ids.insert(id.value());
  }
  return std::vector<std::string>(ids.begin(), ids.end());
}

// kInvalidArgument: a URI or an object that no terminal could take.
Result<CheckedCommand> CommandOf(const v1::TreeCommand& given) {
  if (!v1::TreeCommand_Verb_IsValid(given.verb()) ||
      given.verb() == v1::TreeCommand::VERB_UNSPECIFIED) {
    return InvalidArgument("no such verb");
  }
  CheckedCommand command;
  command.verb = static_cast<Verb>(given.verb());
  DROVER_TRY(command.target, dmtree::LocUri::Parse(given.target()));
  command.target_text = given.target();
  if (command.verb == Verb::kCopy) {
    DROVER_TRY(command.source, dmtree::LocUri::Parse(given.source()));
  }
  command.format = given.format();
  command.size_octets = given.size_octets();
  const bool writes = command.verb == Verb::kAdd || command.verb == Verb::kReplace;
  command.tnds_type = writes && given.type().starts_with(kTndsType);
  if (!command.tnds_type || given.tnds().empty()) return command;
  DROVER_TRY(dmtree::Tnds tnds, dmtree::DecodeTnds(given.tnds()));
  DROVER_TRY(dmtree::PlaceAt(tnds, command.target.path()));
  dmtree::FillFormats(tnds);
  command.tnds = std::move(tnds);
  return command;
}

}  // namespace

Task<void> TreeHandlers::NothingThere(const DeviceId& device, std::string what, Deadline deadline) {
  const std::vector<std::string> ids = {device.value()};
  DROVER_CO_TRY(const std::vector<StoredDevice> found, co_await devices_.Find(ids, deadline));
  if (found.empty()) {
    co_return NotFound("no device \"" + Printable(device.value()) + "\" is enrolled");
  }
  co_return NotFound(std::move(what));
}

Task<v1::GetSubtreeResponse> TreeHandlers::Get(v1::GetSubtreeRequest request, Deadline deadline) {
  DROVER_CO_TRY(const DeviceId device, dmtree::NormaliseDeviceId(request.device_id()));
  DROVER_CO_TRY(const dmtree::LocUri uri, dmtree::LocUri::Parse(request.uri()));
  DROVER_CO_TRY(CheckUri(uri.path()));
  std::optional<TimePoint> as_of;
  if (request.has_as_of()) as_of = TimeOf(request.as_of());
  if (as_of && *as_of < clock_() - retention_) {
    co_return OutOfRange(
        "history is kept for " +
        std::to_string(std::chrono::floor<std::chrono::hours>(retention_).count()) +
        " hours (--history-retention of drover-tree)");
  }
  DROVER_CO_TRY(std::vector<Node> nodes,
                co_await nodes_.Subtree(device, uri.path(), as_of, deadline));
  if (nodes.empty()) {
    std::string what = "the device has reported no node \"" + Printable(request.uri()) + "\"";
    if (as_of) what += " by then";
    DROVER_CO_TRY(co_await NothingThere(device, std::move(what), deadline));
  }
  v1::GetSubtreeResponse response;
  for (Node& node : nodes) *response.add_nodes() = ToProto(std::move(node));
  co_return response;
}

Task<v1::CheckCommandsResponse> TreeHandlers::Check(v1::CheckCommandsRequest request,
                                                    Deadline deadline) {
  DROVER_CO_TRY(std::vector<std::string> devices, DevicesOf(request.device_ids()));
  if (request.commands_size() > kMaxCommands) {
    co_return InvalidArgument("commands: at most 256 at a time");
  }
  std::vector<CheckedCommand> commands;
  for (int i = 0; i < request.commands_size(); ++i) {
    Result<CheckedCommand> command = CommandOf(request.commands(i));
    if (!command) {
      co_return InvalidArgument("command " + std::to_string(i) + ": " + command.error().message);
    }
    commands.push_back(std::move(*command));
  }
  DROVER_CO_TRY(std::vector<DeviceViolation> found,
                co_await checker_.Check(std::move(devices), std::move(commands), deadline));
  v1::CheckCommandsResponse response;
  for (DeviceViolation& one : found) {
    v1::CheckCommandsResponse::Violation& out = *response.add_violations();
    out.set_device_id(std::move(one.device));
    out.set_index(static_cast<uint32_t>(one.index));
    out.set_node(std::move(one.violation.node));
    out.set_reason(std::move(one.violation.reason));
  }
  co_return response;
}

Task<v1::FindObjectsResponse> TreeHandlers::Find(v1::FindObjectsRequest request,
                                                 Deadline deadline) {
  DROVER_CO_TRY(const std::vector<std::string> devices, DevicesOf(request.device_ids()));
  const std::string& identifier = request.identifier();
  if (identifier.empty() || !IsPlainText(identifier)) {
    co_return InvalidArgument("identifier: expected urn:oma:mo:<name>[:<version>] or a name");
  }
  DROVER_CO_TRY(const std::vector<StoredNode> nodes,
                co_await nodes_.Objects(devices, identifier, deadline));
  std::map<std::string, std::vector<std::string>> roots;
  for (const StoredNode& stored : nodes) roots[stored.device].push_back(stored.node.uri);
  DROVER_CO_TRY(const std::vector<StoredDevice> accounts,
                co_await devices_.FindAccounts(devices, deadline));
  for (const StoredDevice& stored : accounts) {
    std::vector<std::string>& of_device = roots[stored.device.id.value()];
    v1::Profile profile;
    if (of_device.empty() && profile.ParseFromString(stored.profile)) {
      of_device = ObjectsIn(profile, identifier);
    }
  }
  v1::FindObjectsResponse response;
  for (const std::string& device : devices) {
    v1::FindObjectsResponse::Found& found = *response.add_found();
    found.set_device_id(device);
    for (std::string& root : roots[device]) found.add_roots(std::move(root));
  }
  co_return response;
}

Task<v1::GetNodeHistoryResponse> TreeHandlers::History(v1::GetNodeHistoryRequest request,
                                                       Deadline deadline) {
  DROVER_CO_TRY(const DeviceId device, dmtree::NormaliseDeviceId(request.device_id()));
  DROVER_CO_TRY(const dmtree::LocUri uri, dmtree::LocUri::Parse(request.uri()));
  const int32_t limit = request.limit() == 0 ? kDefaultVersions : request.limit();
  if (limit < 1 || limit > kMaxVersions) co_return InvalidArgument("limit must be 1..1000");
  DROVER_CO_TRY(std::vector<NodeVersion> versions,
                co_await nodes_.History(device, uri.path(), limit, deadline));
  if (versions.empty()) {
    std::string what = "no value of \"" + Printable(request.uri()) + "\" is kept";
    DROVER_CO_TRY(co_await NothingThere(device, std::move(what), deadline));
  }
  v1::GetNodeHistoryResponse response;
  for (NodeVersion& version : versions) {
    v1::GetNodeHistoryResponse::Version& out = *response.add_versions();
    out.set_format(std::move(version.node.format));
    out.set_type(std::move(version.node.type));
    out.set_value(std::move(version.node.value));
    SetTime(*out.mutable_since(), version.node.reported_at);
    if (version.until) SetTime(*out.mutable_until(), *version.until);
  }
  co_return response;
}

Task<v1::ImportSubtreeResponse> TreeHandlers::Import(v1::ImportSubtreeRequest request,
                                                     Deadline deadline) {
  v1::ApplyReport report;
  report.set_device_id(request.device_id());
  report.mutable_nodes()->Swap(request.mutable_nodes());
  DROVER_CO_TRY(co_await reports_.Apply(std::move(report), deadline));
  co_return v1::ImportSubtreeResponse();
}

grpc::ServerUnaryReactor* TreeHandlers::GetSubtree(grpc::CallbackServerContext* call,
                                                   const v1::GetSubtreeRequest* request,
                                                   v1::GetSubtreeResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &TreeHandlers::Get);
}

grpc::ServerUnaryReactor* TreeHandlers::CheckCommands(grpc::CallbackServerContext* call,
                                                      const v1::CheckCommandsRequest* request,
                                                      v1::CheckCommandsResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &TreeHandlers::Check);
}

grpc::ServerUnaryReactor* TreeHandlers::FindObjects(grpc::CallbackServerContext* call,
                                                    const v1::FindObjectsRequest* request,
                                                    v1::FindObjectsResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &TreeHandlers::Find);
}

grpc::ServerUnaryReactor* TreeHandlers::GetNodeHistory(grpc::CallbackServerContext* call,
                                                       const v1::GetNodeHistoryRequest* request,
                                                       v1::GetNodeHistoryResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &TreeHandlers::History);
}

grpc::ServerUnaryReactor* TreeHandlers::ImportSubtree(grpc::CallbackServerContext* call,
                                                      const v1::ImportSubtreeRequest* request,
                                                      v1::ImportSubtreeResponse* reply) {
  return service::Unary(calls_, call, request, reply, this, &TreeHandlers::Import);
}

}  // namespace drover::tree
