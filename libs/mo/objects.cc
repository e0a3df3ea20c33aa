#include "libs/mo/objects.h"

#include <array>

#include "libs/base/check.h"

namespace drover::mo {
namespace {

using Ids = std::string_view;
constexpr std::array kFumo{Ids("urn:oma:mo:oma-fumo")};
constexpr std::array kScomo{Ids("urn:oma:mo:oma-scomo")};
constexpr std::array kLawmo{Ids("urn:oma:mo:oma-lawmo")};
constexpr std::array kDcmo{Ids("urn:oma:mo:oma-dcmo")};
constexpr std::array kDiagMon{Ids("urn:oma:mo:oma-diagmon"), Ids("urn:oma:mo:oma-diag"),
                              Ids("urn:oma:mo:omadiag:batteryinfo"),
                              Ids("urn:oma:mo:omadiag:memory")};
constexpr std::array kTrap{Ids("urn:oma:mo:oma-diagmontrap")};
constexpr std::array kNap{Ids("urn:oma:mo:oma-connmo-nap")};
constexpr std::array kProxy{Ids("urn:oma:mo:oma-connmo-proxy")};
constexpr std::array kMms{Ids("org.openmobilealliance/1.0/w4")};
constexpr std::array kBrowser{Ids("org.openmobilealliance/1.0/w2")};
constexpr std::array kMail{Ids("org.openmobilealliance/1.0/143"),
                           Ids("org.openmobilealliance/1.0/110"),
                           Ids("org.openmobilealliance/1.0/25")};
constexpr std::array kPim{Ids("org.openmobilealliance/1.0/w5")};
constexpr std::array kDmAcc{Ids("urn:oma:mo:oma-dm-dmacc"), Ids("org.openmobilealliance/1.0/w7")};

constexpr std::array kObjects{
    ObjectInfo{Object::kFumo, "firmware update (FUMO)", kFumo, "./FUMO"},
    ObjectInfo{Object::kScomo, "software management (SCOMO)", kScomo, "./SCOMO"},
    ObjectInfo{Object::kLawmo, "lock and wipe (LAWMO)", kLawmo, "./LAWMO"},
    ObjectInfo{Object::kDcmo, "device capabilities (DCMO)", kDcmo, "./DCMO"},
    ObjectInfo{Object::kDiagMon, "diagnostics (DiagMon)", kDiagMon, "./DiagMon"},
    ObjectInfo{Object::kDiagMonTrap, "diagnostic traps (DiagMonTrap)", kTrap, "./DiagMonTrap"},
    ObjectInfo{Object::kNap, "access points (NAP)", kNap, "./NAP"},
    ObjectInfo{Object::kProxy, "proxies (PROXY)", kProxy, "./PROXY"},
    ObjectInfo{Object::kMms, "MMS accounts", kMms, "./MMS"},
    ObjectInfo{Object::kBrowser, "browser accounts", kBrowser, "./Browser"},
    ObjectInfo{Object::kMail, "e-mail accounts", kMail, "./Mail"},
    ObjectInfo{Object::kPim, "PIM synchronisation accounts", kPim, "./PIM"},
    ObjectInfo{Object::kDmAcc, "DM accounts (DMAcc)", kDmAcc, "./DMAcc"},
};

std::string_view NameOf(v1::AccountKind kind) {
  switch (kind) {
    case v1::PROXY:
      return "proxy";
    case v1::MMS:
      return "mms";
    case v1::BROWSER:
      return "browser";
    case v1::MAIL:
      return "mail";
    case v1::PIM:
      return "pim";
    default:
      return "apn";
  }
}

std::string Named(v1::AccountKind kind, std::string_view verb) {
  return std::string(NameOf(kind)).append(" ").append(verb);
}

// An account's own kind, and the two that it can refer to.
Needs AccountNeeds(const v1::AccountSet& set) {
  Needs needs{.objects = {ObjectOf(set.kind())}, .nodes = true};
  if (!set.proxy().empty()) needs.objects.push_back(Object::kProxy);
  if (!set.nap().empty()) needs.objects.push_back(Object::kNap);
  return needs;
}

Needs ParamsNeeds(const v1::ParamsGet& get) {
  for (const int group : get.groups()) {
    if (group == v1::ParamsGet::CONNECTIVITY || group == v1::ParamsGet::ALL) {
      return {.objects = {Object::kNap, Object::kProxy}, .nodes = true};
    }
  }
  return {};
}

}  // namespace

const ObjectInfo& InfoOf(Object object) {
  const auto index = static_cast<size_t>(object);
  DROVER_CHECK(index < kObjects.size() && kObjects[index].object == object);
  return kObjects[index];
}

Object ObjectOf(v1::AccountKind kind) {
  switch (kind) {
    case v1::PROXY:
      return Object::kProxy;
    case v1::MMS:
      return Object::kMms;
    case v1::BROWSER:
      return Object::kBrowser;
    case v1::MAIL:
      return Object::kMail;
    case v1::PIM:
      return Object::kPim;
    default:
      return Object::kNap;
  }
}

Needs NeedsOf(const v1::Action& action) {
  switch (action.what_case()) {
    case v1::Action::kFumoUpdate:
    case v1::Action::kFumoDownload:
    case v1::Action::kFumoInstall:
      return {.objects = {Object::kFumo}};
    case v1::Action::kFumoStatus:
      return {.objects = {Object::kFumo}, .nodes = true};
    case v1::Action::kScomoInventory:
      return {.objects = {Object::kScomo}};
    case v1::Action::kScomoInstall:
    case v1::Action::kScomoRemove:
    case v1::Action::kScomoActivate:
    case v1::Action::kScomoDeactivate:
      return {.objects = {Object::kScomo}, .nodes = true};
    case v1::Action::kLawmoLock:
    case v1::Action::kLawmoUnlock:
    case v1::Action::kLawmoStatus:
      return {.objects = {Object::kLawmo}};
    case v1::Action::kLawmoWipe:
      return {.objects = {Object::kLawmo}, .nodes = true};
    case v1::Action::kDcmoList:
      return {.objects = {Object::kDcmo}};
    case v1::Action::kDcmoSet:
      return {.objects = {Object::kDcmo}, .nodes = true};
    case v1::Action::kDiagStart:
    case v1::Action::kDiagStop:
    case v1::Action::kDiagData:
      return {.objects = {Object::kDiagMon}, .nodes = true};
    case v1::Action::kDiagTrap:
      return {.objects = {Object::kDiagMonTrap, Object::kDmAcc}, .nodes = true};
    case v1::Action::kDiagTrapList:
      return {.objects = {Object::kDiagMonTrap}};
    case v1::Action::kAccountSet:
      return AccountNeeds(action.account_set());
    case v1::Action::kAccountGet:
      return {.objects = {ObjectOf(action.account_get().kind())}, .nodes = true};
    case v1::Action::kAccountDelete:
      return {.objects = {ObjectOf(action.account_delete().kind())}, .nodes = true};
    case v1::Action::kParamsGet:
      return ParamsNeeds(action.params_get());
    case v1::Action::kRotateCredentials:
      return {.objects = {Object::kDmAcc}, .nodes = true, .rotation = true};
    case v1::Action::kAskUser:
    case v1::Action::kAclGet:
    case v1::Action::kAclSet:
    case v1::Action::kDiscoverTree:
    case v1::Action::WHAT_NOT_SET:
      break;
  }
  return {};
}

std::string NameOf(const v1::Action& action) {
  switch (action.what_case()) {
    case v1::Action::kFumoUpdate:
      return "fumo update";
    case v1::Action::kFumoDownload:
      return "fumo download";
    case v1::Action::kFumoInstall:
      return "fumo install";
    case v1::Action::kFumoStatus:
      return "fumo status";
    case v1::Action::kScomoInventory:
      return "scomo inventory";
    case v1::Action::kScomoInstall:
      return "scomo install";
    case v1::Action::kScomoRemove:
      return "scomo remove";
    case v1::Action::kScomoActivate:
      return "scomo activate";
    case v1::Action::kScomoDeactivate:
      return "scomo deactivate";
    case v1::Action::kLawmoLock:
      return "lock";
    case v1::Action::kLawmoUnlock:
      return "unlock";
    case v1::Action::kLawmoWipe:
      return action.lawmo_wipe().factory_reset() ? "factory-reset" : "wipe";
    case v1::Action::kLawmoStatus:
      return "lock status";
    case v1::Action::kDcmoList:
      return "capability list";
    case v1::Action::kDcmoSet:
      return action.dcmo_set().enabled() ? "capability enable" : "capability disable";
    case v1::Action::kDiagStart:
      return "diag start";
    case v1::Action::kDiagStop:
      return "diag stop";
    case v1::Action::kDiagData:
      return "diag data";
    case v1::Action::kDiagTrap:
      return action.diag_trap().enabled() ? "diag trap enable" : "diag trap disable";
    case v1::Action::kDiagTrapList:
      return "diag trap list";
    case v1::Action::kAccountSet:
      return Named(action.account_set().kind(), "set");
    case v1::Action::kAccountGet:
      return Named(action.account_get().kind(), "get");
    case v1::Action::kAccountDelete:
      return Named(action.account_delete().kind(), "delete");
    case v1::Action::kParamsGet:
      return "params get";
    case v1::Action::kAskUser:
      return "prompt";
    case v1::Action::kRotateCredentials:
      return "credentials rotate";
    case v1::Action::kAclGet:
      return "acl get";
    case v1::Action::kAclSet:
      return "acl set";
    case v1::Action::kDiscoverTree:
      return "tree discover";
    case v1::Action::WHAT_NOT_SET:
      break;
  }
  return "";
}

}  // namespace drover::mo
