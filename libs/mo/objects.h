// The management objects that actions are about: by what id a terminal's tree shows them, and where
// they usually are.
//
// Spec: OMA-TS-DM_TND, "Type" (the id of a management object is the Type of its root); OMNA,
// "Management Object Identifiers". An id of the form org.openmobilealliance/1.0/<AppID> names an
// application's account.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drover/operations/v1/actions.pb.h"

namespace drover::mo {

namespace v1 = operations::v1;

enum class Object : uint8_t {
  kFumo,
  kScomo,
  kLawmo,
  kDcmo,
  kDiagMon,
  kDiagMonTrap,
  kNap,
  kProxy,
  kMms,
  kBrowser,
  kMail,
  kPim,
  kDmAcc,
};

struct ObjectInfo {
  Object object;
  std::string_view name;                          // For people: "firmware update (FUMO)".
  std::span<const std::string_view> identifiers;  // Without a version: any.
  std::string_view usual_root;
};
const ObjectInfo& InfoOf(Object object);

// The object that accounts of a kind are.
Object ObjectOf(v1::AccountKind kind);

// The objects that the plan of an action has to find, and whether it has to know the nodes below
// their roots.
struct Needs {
  std::vector<Object> objects;
  bool nodes = false;
  bool rotation = false;  // New secrets have to be prepared before.
};
Needs NeedsOf(const v1::Action& action);

// "fumo update", "apn set": what operations of the action are called; empty: the action says
// nothing.
std::string NameOf(const v1::Action& action);

}  // namespace drover::mo
