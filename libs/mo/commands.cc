#include "libs/mo/commands.h"

#include <algorithm>

#include "libs/dmtree/loc_uri.h"

namespace drover::mo {
namespace {

v1::Command Of(v1::Verb verb, std::string uri) {
  v1::Command command;
  command.set_verb(verb);
  command.set_target(std::move(uri));
  return command;
}

v1::Command WithValue(v1::Verb verb, std::string uri, std::string value, std::string_view format) {
  v1::Command command = Of(verb, std::move(uri));
  command.set_format(std::string(format));
  command.set_data(std::move(value));
  command.set_has_data(true);
  return command;
}

std::string List(const std::vector<std::string>& uris) {
  std::string out;
  for (const std::string& uri : uris) out.append(out.empty() ? "" : ", ").append(uri);
  return out;
}

Error Unknown(const ObjectInfo& info) {
  return NotFound("it is not known where the terminal has its " + std::string(info.name) +
                  ": no node that it has reported has the Type " +
                  std::string(info.identifiers.front()) +
                  ". Read its tree (drover tree discover), give the root (--root URI), or accept " +
                  std::string(info.usual_root) + " (--usual-root)");
}

bool IsUnit(const KnownTree& tree, const std::string& uri, const UnitQuery& query) {
  return std::ranges::any_of(query.leaves,
                             [&](std::string_view leaf) { return tree.Has(Join(uri, leaf)); });
}

bool IsCalled(const KnownTree& tree, const std::string& unit, const std::string& name,
              const UnitQuery& query) {
  const std::string_view last = std::string_view(unit).substr(unit.rfind('/') + 1);
  if (SameText(dmtree::DecodeSegment(last), name)) return true;
  return std::ranges::any_of(query.leaves, [&](std::string_view leaf) {
    return SameText(tree.Value(Join(unit, leaf)), name);
  });
}

}  // namespace

v1::Command Get(std::string uri) { return Of(v1::GET, std::move(uri)); }
v1::Command Delete(std::string uri) { return Of(v1::DELETE, std::move(uri)); }
v1::Command Exec(std::string uri) { return Of(v1::EXEC, std::move(uri)); }

v1::Command Replace(std::string uri, std::string value, std::string_view format) {
  return WithValue(v1::REPLACE, std::move(uri), std::move(value), format);
}

v1::Command Add(std::string uri, std::string value, std::string_view format) {
  return WithValue(v1::ADD, std::move(uri), std::move(value), format);
}

v1::Command AddNode(std::string uri) {
  v1::Command command = Of(v1::ADD, std::move(uri));
  command.set_format("node");
  return command;
}

v1::Command Ask(v1::Prompt prompt) {
  v1::Command command;
  command.set_verb(v1::PROMPT);
  *command.mutable_prompt() = std::move(prompt);
  return command;
}

v1::Command ReplaceObject(std::string uri, std::string octets, std::string_view type) {
  v1::Command command = Replace(std::move(uri), std::move(octets), "bin");
  command.set_type(std::string(type));
  return command;
}

std::string WithList(std::string_view uri) { return std::string(uri) + "?list=StructData"; }

std::string Join(std::string_view parent, std::string_view child) {
  return std::string(parent).append("/").append(child);
}

void MakeAtomic(const v1::Action& action, std::vector<v1::Command>& commands) {
  if (action.without_atomic() || commands.size() < 2) return;
  for (v1::Command& command : commands) command.set_atomic(1);
}

void AskFirst(const v1::Action& action, Plan& plan) {
  if (action.confirm().empty() || plan.empty()) return;
  v1::Prompt prompt;
  prompt.set_kind(v1::Prompt::CONFIRM);
  prompt.set_text(action.confirm());
  v1::Command question = Ask(std::move(prompt));
  std::vector<v1::Command>& commands = plan.front().commands;
  question.set_atomic(commands.front().atomic());
  commands.insert(commands.begin(), std::move(question));
}

void AddGets(const std::string& name, const std::vector<std::string>& uris, Plan& plan) {
  for (size_t begin = 0; begin < uris.size(); begin += kMaxCommands) {
    const size_t number = begin / kMaxCommands + 1;
    Step step{.name = number == 1 ? name : name + "-" + std::to_string(number)};
    for (size_t i = begin; i < std::min(begin + kMaxCommands, uris.size()); ++i) {
      step.commands.push_back(Get(uris[i]));
    }
    plan.push_back(std::move(step));
  }
}

Result<std::string> PathOf(std::string_view field, const std::string& uri) {
  const Result<dmtree::LocUri> parsed = dmtree::LocUri::Parse(uri);
  if (!parsed) return InvalidArgument(std::string(field) + ": " + parsed.error().message);
  if (parsed->query() != dmtree::Query::kNone) {
    return InvalidArgument(std::string(field) + ": a node is wanted, without a query");
  }
  return parsed->path();
}

Result<std::vector<std::string>> RootsOf(const v1::Action& action, const Place& place,
                                         Object object) {
  if (!action.root().empty()) {
    DROVER_TRY(std::string root, PathOf("root", action.root()));
    return std::vector<std::string>{std::move(root)};
  }
  const auto found = place.roots.find(object);
  if (found != place.roots.end() && !found->second.empty()) return found->second;
  const ObjectInfo& info = InfoOf(object);
  if (!action.usual_root()) return Unknown(info);
  return std::vector<std::string>{std::string(info.usual_root)};
}

Result<std::string> RootOf(const v1::Action& action, const Place& place, Object object) {
  DROVER_TRY(std::vector<std::string> roots, RootsOf(action, place, object));
  if (roots.size() == 1) return std::move(roots.front());
  return FailedPrecondition("the terminal has several objects of " +
                            std::string(InfoOf(object).name) +
                            "; say which by its root: " + List(roots));
}

Result<std::string> UnitNamed(const Place& place, const std::vector<std::string>& roots,
                              const std::string& name, const UnitQuery& query) {
  std::vector<std::string> named;
  bool anything = false;
  for (const std::string& root : roots) {
    std::vector<std::string> units{root};
    if (!IsUnit(place.tree, root, query)) units = place.tree.Children(root);
    anything = anything || !units.empty();
    for (std::string& unit : units) {
      if (IsCalled(place.tree, unit, name, query)) named.push_back(std::move(unit));
    }
  }
  const std::string what(query.what);
  if (named.size() == 1) return std::move(named.front());
  if (named.size() > 1) {
    return FailedPrecondition("several have the name " + name + ": " + List(named) +
                              "; give the root of the one that is meant");
  }
  if (!anything && roots.size() == 1) return Join(roots.front(), dmtree::EncodeSegment(name));
  return NotFound("the terminal has no " + what + " " + name + " below " + List(roots) +
                  ", as far as its tree is known");
}

bool SameText(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace drover::mo
