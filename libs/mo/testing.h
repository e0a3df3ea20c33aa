// Short words for tests of plans: a step as lines, a tree as a list.
#pragma once
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "libs/mo/plan.h"

namespace drover::mo::testing {

inline constexpr char kDevice[] = "IMEI:493005100592800";

// Leaves with their values; what ends with "/" is an interior node without known children.
inline Place PlaceWith(Object object, std::vector<std::string> roots,
                       std::initializer_list<std::pair<std::string, std::string>> nodes = {}) {
  Place place;
  place.device_id = kDevice;
  place.roots[object] = std::move(roots);
  for (const auto& [uri, value] : nodes) {
    const bool interior = uri.ends_with('/');
    place.tree.Add(interior ? uri.substr(0, uri.size() - 1) : uri, interior, value);
  }
  return place;
}

// "REPLACE ./A chr=x", "EXEC ./A", "ADD ./A node", "PROMPT text", "atomic REPLACE ..".
inline std::string Line(const v1::Command& command) {
  std::string out = command.atomic() != 0 ? "atomic " : "";
  out += v1::Verb_Name(command.verb()) + " " + command.target() + command.prompt().text();
  if (!command.format().empty()) out += " " + command.format();
  if (command.has_data()) out += "=" + command.data();
  if (command.secret() != v1::SECRET_UNSPECIFIED) out += "=" + v1::Secret_Name(command.secret());
  if (command.has_expected()) out += " expects " + command.expected();
  return out;
}

// "update after 0: EXEC ./FUMO/Update", a line a command.
inline std::vector<std::string> Lines(const Plan& plan) {
  std::vector<std::string> out;
  for (const Step& step : plan) {
    std::string name = step.name;
    for (const size_t before : step.after) name += " after " + std::to_string(before);
    for (const v1::Command& command : step.commands) out.push_back(name + ": " + Line(command));
  }
  return out;
}

inline std::vector<std::string> Planned(const v1::Action& action, const Place& place) {
  const Result<Plan> plan = PlanOf(action, place);
  if (!plan) return {std::string(Name(plan.error().code)) + ": " + plan.error().message};
  return Lines(*plan);
}

}  // namespace drover::mo::testing
