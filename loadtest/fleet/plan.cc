#include "loadtest/fleet/plan.h"

namespace drover::fleet {
namespace {

using syncml::CommandKind;

constexpr char kExecuted[] = "DCMO/Camera/Operations/Enable";
constexpr char kEnabled[] = "DCMO/Camera/Enabled";
constexpr char kUpdate[] = "FUMO/P1/DownloadAndUpdate";

std::string PathOf(std::string_view uri) {
  return std::string(uri.starts_with("./") ? uri.substr(2) : uri);
}

// Unlike any other terminal's, so that a command that went astray is found.
std::string ValueOf(uint64_t index) { return "iot-" + std::to_string(index) + ".example"; }

std::string LargeValueOf(uint64_t index, uint32_t octets) {
  std::string value;
  value.reserve(octets + 40);
  for (uint64_t line = 0; value.size() < octets; ++line) {
    value += std::to_string(index);
    value += ' ';
    value += std::to_string(Mixed(index << 16 ^ line));
    value += '\n';
  }
  value.resize(octets);
  value.back() = '.';
  return value;
}

PlannedCommand Replace(const std::string& uri, std::string data) {
  PlannedCommand command;
  command.kind = CommandKind::kReplace;
  command.uri = uri;
  command.path = PathOf(uri);
  command.value = data;
  command.data = std::move(data);
  return command;
}

PlannedCommand Get(const std::string& uri, std::string expected) {
  PlannedCommand command;
  command.uri = uri;
  command.expected = std::move(expected);
  return command;
}

PlannedCommand Exec(std::string_view path) {
  PlannedCommand command;
  command.kind = CommandKind::kExec;
  command.uri = "./" + std::string(path);
  return command;
}

Result<const terminal::Node*> LeafOf(const Planned& planned, const std::string& uri) {
  const terminal::Node* const node = planned.blueprint.Find(PathOf(uri));
  if (node == nullptr || node->format == "node") {
    return InvalidArgument("terminals have no leaf " + uri +
                           ": name one of their tree, ./DevDetail/OEM or ./NAP/internet/ADDR");
  }
  return node;
}

}  // namespace

Result<Plan> PlanOf(const Planned& planned) {
  const Population& population = planned.population;
  const Work work = planned.work;
  Plan plan;
  if (work == Work::kGet || work == Work::kGetReplace) {
    DROVER_TRY(const terminal::Node* const node, LeafOf(planned, population.read_uri));
    const std::string_view value =
        node->is_device_id ? planned.device_id : std::string_view(node->value);
    plan.push_back({"get", {Get(population.read_uri, std::string(value))}});
  }
  if (work == Work::kReplace || work == Work::kGetReplace) {
    DROVER_TRY(LeafOf(planned, population.write_uri));
    plan.push_back({"replace", {Replace(population.write_uri, ValueOf(planned.index))}});
  }
  if (work == Work::kExec) {
    PlannedCommand exec = Exec(kExecuted);
    exec.path = kEnabled;
    exec.value = "true";
    plan.push_back({"exec", {std::move(exec)}});
  }
  if (work == Work::kLargeObject) {
    DROVER_TRY(LeafOf(planned, population.large_uri));
    PlannedCommand write =
        Replace(population.large_uri, LargeValueOf(planned.index, population.large_octets));
    PlannedCommand read = Get(population.large_uri, write.data);
    plan.push_back({"large", {std::move(write), std::move(read)}});
  }
  if (work == Work::kFirmwareUpdate) {
    const std::string url =
        "http://dl.example.com/fw/pkg-9." + std::to_string(planned.index) + ".dd";
    PlannedCommand write = Replace("./" + std::string(kUpdate) + "/PkgURL", url);
    write.path.clear();  // The update changes more.
    plan.push_back({"update", {std::move(write), Exec(kUpdate)}});
  }
  return plan;
}

size_t OperationsOf(Work work) {
  if (work == Work::kPoll || work == Work::kRegistration) return 0;
  return work == Work::kGetReplace ? 2 : 1;
}

void ApplyDone(const Plan& plan, DoneCounts done, terminal::ManagementTree& tree) {
  size_t number = 0;
  for (const PlannedOperation& operation : plan) {
    for (const PlannedCommand& command : operation.commands) {
      const uint32_t times = command.path.empty() ? 0 : done.Of(number);
      for (uint32_t i = 0; i < times; ++i) tree.SetValue(command.path, command.value);
      ++number;
    }
  }
}

}  // namespace drover::fleet
