#include "services/tree/handlers/command_checker.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

#include "services/tree/core/profiles.h"

namespace drover::tree {
namespace {

constexpr const char* kMaxDepth = "./DevDetail/URI/MaxDepth";
constexpr const char* kMaxTotLen = "./DevDetail/URI/MaxTotLen";
constexpr const char* kMaxSegLen = "./DevDetail/URI/MaxSegLen";

// What is no number is no limit.
uint32_t Number(std::string_view text) {
  uint32_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() ? number : 0;
}

}  // namespace

struct CommandChecker::Terminal {
  std::string device;
  ModelName model;
  KnownTerminal known;
};

// What a model's description says of each command.
struct CommandChecker::Model {
  std::string name;
  std::vector<std::optional<Violation>> violations;
  std::vector<std::optional<uint32_t>> most_siblings;
};

Task<std::vector<DeviceViolation>> CommandChecker::Check(std::vector<std::string> devices,
                                                         std::vector<CheckedCommand> commands,
                                                         Deadline deadline) {
  DROVER_CO_TRY(std::vector<Terminal> terminals, co_await Learn(devices, commands, deadline));
  using Models = std::map<ModelName, Model>;
  DROVER_CO_TRY(const Models models, co_await Judge(terminals, commands, deadline));
  DROVER_CO_TRY(co_await CountSiblings(terminals, models, commands, deadline));
  std::vector<DeviceViolation> found;
  for (const Terminal& terminal : terminals) {
    const auto model = models.find(terminal.model);
    for (size_t i = 0; i < commands.size(); ++i) {
      std::optional<Violation> violation;
      if (model != models.end()) violation = model->second.violations[i];
      if (!violation) violation = CheckAgainstTerminal(commands[i], terminal.known, server_id_);
      if (!violation && model != models.end() && model->second.most_siblings[i]) {
        violation = CheckSiblings(commands[i], *model->second.most_siblings[i], terminal.known,
                                  model->second.name);
      }
      if (violation) found.push_back({terminal.device, i, std::move(*violation)});
    }
  }
  co_return found;
}

Task<std::vector<CommandChecker::Terminal>> CommandChecker::Learn(
    const std::vector<std::string>& devices, const std::vector<CheckedCommand>& commands,
    Deadline deadline) {
  DROVER_CO_TRY(const std::vector<StoredDevice> found,
                co_await devices_.FindAccounts(devices, deadline));
  std::map<std::string, Terminal> terminals;
  for (const StoredDevice& stored : found) {
    Terminal& terminal = terminals[stored.device.id.value()];
    terminal.device = stored.device.id.value();
    terminal.model = {At(stored.device.facts, Fact::kManufacturer),
                      At(stored.device.facts, Fact::kModel)};
    terminal.known.max_object_octets = TraitsOf(stored.profile, std::nullopt).max_obj_size();
  }
  const std::vector<std::string> limits = {kMaxDepth, kMaxTotLen, kMaxSegLen};
  std::set<std::string> wanted(limits.begin(), limits.end());
  for (const CheckedCommand& command : commands) {
    for (std::string& uri : UrisToKnow(command)) wanted.insert(std::move(uri));
  }
  const std::vector<std::string> uris(wanted.begin(), wanted.end());
  DROVER_CO_TRY(std::vector<StoredNode> nodes, co_await nodes_.NodesAt(devices, uris, deadline));
  for (StoredNode& stored : nodes) {
    const auto terminal = terminals.find(stored.device);
    if (terminal == terminals.end()) continue;
    KnownTerminal& known = terminal->second.known;
    Node& node = stored.node;
    if (node.uri == kMaxDepth) known.limits.depth = Number(node.value);
    if (node.uri == kMaxTotLen) known.limits.total_characters = Number(node.value);
    if (node.uri == kMaxSegLen) known.limits.segment_characters = Number(node.value);
    known.nodes[node.uri] = {std::move(node.format), std::move(node.acl)};
  }
  std::vector<Terminal> learned;
  for (auto& [id, terminal] : terminals) learned.push_back(std::move(terminal));
  co_return learned;
}

Task<std::map<ModelName, CommandChecker::Model>> CommandChecker::Judge(
    const std::vector<Terminal>& terminals, const std::vector<CheckedCommand>& commands,
    Deadline deadline) {
  std::set<ModelName> names;
  for (const Terminal& terminal : terminals) names.insert(terminal.model);
  const std::vector<ModelName> wanted(names.begin(), names.end());
  DROVER_CO_TRY(const DdfCatalogue::Descriptions descriptions,
                co_await catalogue_.Find(wanted, deadline));
  std::map<ModelName, Model> models;
  for (const auto& [name, ddf] : descriptions) {
    Model& model = models[name];
    model.name = name.manufacturer + " " + name.model;
    for (const CheckedCommand& command : commands) {
      model.violations.push_back(CheckAgainstDdf(command, *ddf, model.name));
      model.most_siblings.push_back(MostSiblings(command, *ddf));
    }
  }
  co_return models;
}

// Only for commands and models whose description says how many there may be.
Task<void> CommandChecker::CountSiblings(std::vector<Terminal>& terminals,
                                         const std::map<ModelName, Model>& models,
                                         const std::vector<CheckedCommand>& commands,
                                         Deadline deadline) {
  for (size_t i = 0; i < commands.size(); ++i) {
    std::vector<std::string> ids;
    std::map<std::string, Terminal*, std::less<>> asked;
    for (Terminal& terminal : terminals) {
      const auto model = models.find(terminal.model);
      if (model == models.end() || !model->second.most_siblings[i]) continue;
      ids.push_back(terminal.device);
      asked[terminal.device] = &terminal;
    }
    const std::optional<dmtree::LocUri> parent = commands[i].target.Parent();
    if (ids.empty() || !parent) continue;
    const std::string& target = commands[i].target.path();
    DROVER_CO_TRY(const std::vector<DeviceCount> counts,
                  co_await nodes_.CountChildren(ids, parent->path(), target, deadline));
    for (const DeviceCount& count : counts) {
      asked[count.device]->known.siblings[target] = static_cast<uint32_t>(count.count);
    }
  }
  co_return Result<void>();
}

}  // namespace drover::tree
