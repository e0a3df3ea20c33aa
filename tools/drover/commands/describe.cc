#include "tools/drover/commands/command.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

// The session that is open or was last; nothing if there is none or its service is not to be asked.
Result<Json> SessionOf(Cluster& cluster, Console& console, const std::string& id) {
  if (!cluster.knows_session()) {
    console.Note("no --session: leaving the session out");
    return Json();
  }
  const Result<session::v1::Session> session = cluster.GetSession(id);
  if (session) return ToJson(*session);
  if (session.error().code == Code::kNotFound) return Json();
  return session.error();
}

// Who it says it is, and what that was before; nothing if it never registered.
Result<Json> RegistrationOf(Cluster& cluster, const std::string& id) {
  if (!cluster.knows_push()) return Json();
  push::v1::Address of;
  of.set_device_id(id);
  const Result<push::v1::Registration> registration = cluster.GetRegistration(of);
  if (registration) return ToJson(*registration);
  if (registration.error().code == Code::kNotFound) return Json();
  return registration.error();
}

// What the sip service knows of it; nothing if it is no voice gateway.
Result<Json> GatewayOf(Cluster& cluster, const std::string& id) {
  if (!cluster.knows_sip()) return Json();
  const Result<sip::v1::Gateway> gateway = cluster.GetGateway(id);
  if (gateway) return ToJson(*gateway);
  if (gateway.error().code == Code::kNotFound) return Json();
  return gateway.error();
}

Result<Json> OpenOperations(Cluster& cluster, const std::string& id) {
  operations::v1::ListOperationsRequest request;
  request.set_device_id(id);
  for (const auto state : {operations::v1::PENDING, operations::v1::NOTIFIED,
                           operations::v1::RUNNING, operations::v1::WAITING}) {
    request.add_states(state);
  }
  DROVER_TRY(const operations::v1::ListOperationsResponse page, cluster.ListOperations(request));
  Json list = Json::array();
  for (const operations::v1::Operation& operation : page.operations()) {
    list.push_back(ToJson(operation));
  }
  return list;
}

Result<ExitCode> DescribeDevice(Invocation& invocation, const std::string& text,
                                const OutputOption& output) {
  DROVER_TRY(const OutputFormat format, output.Format());
  DROVER_TRY(const std::string id, DeviceArgument(text));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const tree::v1::Device device, cluster->GetDevice(id));
  Json description = ToJson(device);
  DROVER_TRY(Json session, SessionOf(*cluster, invocation.console, id));
  if (!session.is_null()) description["session"] = std::move(session);
  DROVER_TRY(Json registration, RegistrationOf(*cluster, id));
  if (!registration.is_null()) description["registration"] = std::move(registration);
  DROVER_TRY(Json gateway, GatewayOf(*cluster, id));
  if (!gateway.is_null()) description["gateway"] = std::move(gateway);
  DROVER_TRY(description["open_operations"], OpenOperations(*cluster, id));
  PrintObject(invocation.console, format, description, kDeviceView);
  return ExitCode::kOk;
}

}  // namespace

void AddDescribe(CLI::App& root, Invocation& invocation) {
  CLI::App* describe = root.add_subcommand("describe", "Show one thing whole");
  describe->require_subcommand(1);
  CLI::App* device =
      describe->add_subcommand("device", "A terminal: facts, account, session and open operations");
  auto id = std::make_shared<std::string>();
  auto output = std::make_shared<OutputOption>();
  device->add_option("ID", *id, "IMEI:.., urn:uuid:..")->required();
  output->AddTo(*device);
  device->callback([&invocation, id, output] {
    invocation.run = [&invocation, id, output] { return DescribeDevice(invocation, *id, *output); };
  });
}

}  // namespace drover::cli
