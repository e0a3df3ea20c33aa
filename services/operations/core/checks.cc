#include "services/operations/core/checks.h"

#include <algorithm>
#include <set>

namespace drover::operations {
namespace {

constexpr size_t kQuestions =
    32;  // More alike than this, and terminals are asked about one by one.

tree::v1::TreeCommand::Verb VerbOf(v1::Verb verb) {
  static_assert(static_cast<int>(v1::EXEC) == static_cast<int>(tree::v1::TreeCommand::EXEC));
  return static_cast<tree::v1::TreeCommand::Verb>(verb);
}

void AddCommand(const v1::Command& command, tree::v1::CheckCommandsRequest* question) {
  tree::v1::TreeCommand* out = question->add_commands();
  out->set_verb(VerbOf(command.verb()));
  out->set_target(command.target());
  out->set_source(command.source());
  const bool valued = command.verb() == v1::ADD || command.verb() == v1::REPLACE;
  out->set_format(command.format().empty() && valued ? "chr" : command.format());
  out->set_type(command.type());
  out->set_size_octets(command.data().size());
}

bool IsAsked(const v1::Command& command) { return command.verb() != v1::PROMPT; }

// Equal for operations whose commands differ in their values alone.
std::string ShapeOf(const v1::NewOperation& operation) {
  tree::v1::CheckCommandsRequest shape;
  for (const v1::Command& command : operation.commands()) {
    if (!IsAsked(command)) continue;
    AddCommand(command, &shape);
    shape.mutable_commands(shape.commands_size() - 1)->clear_size_octets();
  }
  return shape.SerializeAsString();
}

// Adds the operation's commands behind those that the question has.
void Append(const v1::NewOperation& operation, int index, Check* check) {
  for (int k = 0; k < operation.commands_size(); ++k) {
    if (!IsAsked(operation.commands(k))) continue;
    const auto at = static_cast<uint32_t>(check->question.commands_size());
    AddCommand(operation.commands(k), &check->question);
    check->places[{operation.device_id(), at}].push_back({index, static_cast<uint32_t>(k)});
  }
}

// Another operation of the same shape as the question.
void Join(const v1::NewOperation& operation, int index, Check* check) {
  uint32_t at = 0;
  for (int k = 0; k < operation.commands_size(); ++k) {
    if (!IsAsked(operation.commands(k))) continue;
    tree::v1::TreeCommand* asked = check->question.mutable_commands(static_cast<int>(at));
    const uint64_t size = operation.commands(k).data().size();
    check->largest = check->largest || size != asked->size_octets();
    asked->set_size_octets(std::max<uint64_t>(asked->size_octets(), size));
    check->places[{operation.device_id(), at}].push_back({index, static_cast<uint32_t>(k)});
    ++at;
  }
}

std::vector<Check> PlanByDevice(const v1::SubmitOperationsRequest& request) {
  std::map<std::string, Check> by_device;
  for (int i = 0; i < request.operations_size(); ++i) {
    const v1::NewOperation& operation = request.operations(i);
    if (operation.unchecked()) continue;
    Append(operation, i, &by_device[operation.device_id()]);
  }
  std::vector<Check> out;
  for (auto& [device, check] : by_device) {
    check.question.add_device_ids(device);
    out.push_back(std::move(check));
  }
  return out;
}

}  // namespace

std::vector<Check> PlanChecks(const v1::SubmitOperationsRequest& request) {
  std::map<std::string, Check> by_shape;
  std::set<std::string> devices;
  for (int i = 0; i < request.operations_size(); ++i) {
    const v1::NewOperation& operation = request.operations(i);
    const std::string shape = operation.unchecked() ? "" : ShapeOf(operation);
    if (shape.empty()) continue;
    devices.insert(operation.device_id());
    Check& check = by_shape[shape];
    if (check.question.commands().empty()) {
      Append(operation, i, &check);
    } else {
      Join(operation, i, &check);
    }
  }
  if (by_shape.size() > kQuestions && devices.size() < by_shape.size()) {
    return PlanByDevice(request);
  }
  std::vector<Check> out;
  for (auto& [shape, check] : by_shape) {
    std::set<std::string> asked;
    for (const auto& [place, who] : check.places) asked.insert(place.first);
    for (const std::string& device : asked) check.question.add_device_ids(device);
    out.push_back(std::move(check));
  }
  return out;
}

std::optional<Check> PlanCheck(const v1::SubmitOperationsRequest& request, int operation) {
  Check check;
  Append(request.operations(operation), operation, &check);
  if (check.question.commands().empty()) return std::nullopt;
  check.question.add_device_ids(request.operations(operation).device_id());
  return check;
}

std::vector<Violation> ViolationsIn(const Check& check,
                                    const tree::v1::CheckCommandsResponse& answer) {
  std::map<int, Violation> first;
  for (const auto& violation : answer.violations()) {
    const auto found = check.places.find({violation.device_id(), violation.index()});
    if (found == check.places.end()) continue;
    for (const Check::Place& place : found->second) {
      const auto [entry, added] = first.try_emplace(
          place.operation,
          Violation{place.operation, place.command, violation.node(), violation.reason()});
      if (!added && place.command < entry->second.command) {
        entry->second = {place.operation, place.command, violation.node(), violation.reason()};
      }
    }
  }
  std::vector<Violation> out;
  for (auto& [operation, violation] : first) out.push_back(std::move(violation));
  return out;
}

std::string InWords(const Violation& violation) {
  return "operations[" + std::to_string(violation.operation) + "].commands[" +
         std::to_string(violation.command) + "]: " + violation.node + ": " + violation.reason;
}

}  // namespace drover::operations
