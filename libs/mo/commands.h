// Commands and places, as plans put them together.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libs/mo/plan.h"

namespace drover::mo {

v1::Command Get(std::string uri);
v1::Command Replace(std::string uri, std::string value, std::string_view format = "chr");
v1::Command Add(std::string uri, std::string value, std::string_view format = "chr");
v1::Command AddNode(std::string uri);  // An interior node.
v1::Command Delete(std::string uri);
v1::Command Exec(std::string uri);
v1::Command Ask(v1::Prompt prompt);
// One large object: Format bin, of a MIME type.
v1::Command ReplaceObject(std::string uri, std::string octets, std::string_view type);

// A Get of everything below a node in one answer.
std::string WithList(std::string_view uri);  // "<uri>?list=StructData"

// parent/child
std::string Join(std::string_view parent, std::string_view child);

// Makes one Atomic of the commands, unless the action wants none.
void MakeAtomic(const v1::Action& action, std::vector<v1::Command>& commands);

// Puts the question of action.confirm, if it has one, before the first step: inside its Atomic if
// it is one.
void AskFirst(const v1::Action& action, Plan& plan);

// Gets in steps of at most kMaxCommands, each on its own: name, name-2, ..
void AddGets(const std::string& name, const std::vector<std::string>& uris, Plan& plan);

// A path of a node: from the root, no query. kInvalidArgument, with the name of the field.
Result<std::string> PathOf(std::string_view field, const std::string& uri);

// Where the object is: action.root, else the only one found, else the usual one if the action says
// so.
Result<std::string> RootOf(const v1::Action& action, const Place& place, Object object);
// All of them: action.root alone, else those found, else the usual one if the action says so.
Result<std::vector<std::string>> RootsOf(const v1::Action& action, const Place& place,
                                         Object object);

// What is called `name` among the units below roots, which are the children of a root or the root
// itself: one of the leaves has that value (in any case), or the unit's node has that name. With
// action.root and a tree that knows nothing below it: the child of that name. kNotFound,
// kFailedPrecondition: several.
struct UnitQuery {
  std::string_view what;                 // "capability", for errors.
  std::vector<std::string_view> leaves;  // "Property": relative to the unit.
};
Result<std::string> UnitNamed(const Place& place, const std::vector<std::string>& roots,
                              const std::string& name, const UnitQuery& query);

bool SameText(std::string_view a, std::string_view b);  // In any case of letters.

// The plans of each object (plan_*.cc).
Result<Plan> PlanFumo(const v1::Action& action, const Place& place);
Result<Plan> PlanScomo(const v1::Action& action, const Place& place);
Result<Plan> PlanLawmo(const v1::Action& action, const Place& place);
Result<Plan> PlanDcmo(const v1::Action& action, const Place& place);
Result<Plan> PlanDiag(const v1::Action& action, const Place& place);
Result<Plan> PlanAccount(const v1::Action& action, const Place& place);
Result<Plan> PlanParams(const v1::Action& action, const Place& place);
Result<Plan> PlanRotation(const v1::Action& action, const Place& place);
Result<Plan> PlanAcl(const v1::Action& action);
Result<Plan> PlanDiscovery(const v1::Action& action);
Result<Plan> PlanPrompt(const v1::Action& action);

}  // namespace drover::mo
