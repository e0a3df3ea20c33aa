#include "loadtest/terminal/mo_lawmo.h"

#include <array>

#include "loadtest/terminal/commands.h"
#include "loadtest/terminal/mo_diagmon.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kNotAllowed = 405;

constexpr int kSuccess = 1200;
constexpr int kWiped = 1201;
constexpr int kWipedWithItems = 1202;
constexpr int kNotWiped = 1406;

constexpr std::array kFullyLockFailures{1400, 1401, 1402};
constexpr std::array kPartiallyLockFailures{1400, 1401, 1403};
constexpr std::array kUnlockFailures{1400, 1401, 1404};
constexpr std::array kWipeFailures{1400, 1401, 1405, 1406};
constexpr std::array kResetFailures{1400, 1401};

class LockActivity final : public Activity {
 public:
  LockActivity(Host& host, Call call, std::string operation);
  bool restarts() const override { return operation_ == "FactoryReset"; }
  void Step(Host& host) override;

 private:
  void Perform(Host& host);
  void SetState(Host& host, LockState state) {
    host.tree.SetValue(call().object + "/State", std::to_string(static_cast<int>(state)));
  }
  int Wipe(Host& host) const;

  std::string operation_;
  int outcome_;
};

LockActivity::LockActivity(Host& host, Call call, std::string operation)
    : Activity(std::move(call)),
      operation_(std::move(operation)),
      outcome_(host.ResultOf(operation_, LockFailures(operation_), kSuccess)) {
  WaitUntil(host.now);
  Wait(host.Duration() / 4);
}

void LockActivity::Step(Host& host) {
  if (outcome_ >= 1200 && outcome_ < 1300) Perform(host);
  ClientAlert alert;
  alert.type = "urn:oma:at:lawmo:1.0:OperationComplete";
  alert.format = "int";
  alert.data = std::to_string(outcome_);
  alert.source = UriOf(call().object + "/" + call().operation);
  alert.mark = outcome_ < 1300 ? "informational" : "warning";
  Report(host, outcome_, std::move(alert));
  End();
}

void LockActivity::Perform(Host& host) {
  if (operation_ == "FullyLock") {
    SetState(host, LockState::kFullyLocked);
  } else if (operation_ == "PartiallyLock") {
    SetState(host, LockState::kPartiallyLocked);
  } else if (operation_ == "UnLock") {
    SetState(host, LockState::kUnlocked);
  } else if (operation_ == "Wipe") {
    outcome_ = Wipe(host);
  } else {
    DeregisterTraps(host);
    host.tree.ResetBut({"DevDetail/FwV", "DMAcc", "SyncML/DMAcc"});
  }
}

int LockActivity::Wipe(Host& host) const {
  const std::string list = call().object + "/AvailableWipeList";
  bool wiped = false;
  for (const std::string& name : host.tree.Children(list)) {
    const std::string item = list + "/" + name;
    if (host.tree.Value(item + "/ToBeWiped") != "true") continue;
    const std::string content = "Personal/" + host.tree.Value(item + "/ListItemName");
    for (const std::string& each : host.tree.Children(content)) {
      host.tree.Remove(content + "/" + each);
    }
    if (host.spec.objects.lawmo.removes_items) {
      host.tree.Remove(item);
    } else {
      host.tree.SetValue(item + "/ToBeWiped", "false");
    }
    wiped = true;
  }
  if (!wiped) return kNotWiped;
  return host.spec.objects.lawmo.removes_items ? kWipedWithItems : kWiped;
}

int ExecLawmo(Host& host, Call call) {
  if (ParentOf(call.operation) != "Operations") return kNotAllowed;
  std::string operation(NameOf(call.operation));
  if (LockFailures(operation).empty()) return kNotAllowed;
  if (host.objects.Find(call.object) != nullptr) return kForbidden;
  const bool reset = operation == "FactoryReset";
  if (reset && host.objects.next_due()) return kForbidden;
  const Answering answering = host.spec.objects.lawmo.answering;
  auto activity = std::make_unique<LockActivity>(host, std::move(call), std::move(operation));
  if (!reset || answering == Answering::kLater) {
    return host.objects.Begin(host, std::move(activity), answering);
  }
  // It cannot answer afterwards: says yes, and does it when the session is over.
  activity->set_silent();
  host.objects.Begin(host, std::move(activity), Answering::kLater);
  return kOk;
}

}  // namespace

const ObjectKind& Lawmo() {
  static constexpr ObjectKind kLawmo{"urn:oma:mo:oma-lawmo:", ExecLawmo, nullptr, nullptr};
  return kLawmo;
}

std::span<const int> LockFailures(std::string_view operation) {
  if (operation == "FullyLock") return kFullyLockFailures;
  if (operation == "PartiallyLock") return kPartiallyLockFailures;
  if (operation == "UnLock") return kUnlockFailures;
  if (operation == "Wipe") return kWipeFailures;
  if (operation == "FactoryReset") return kResetFailures;
  return {};
}

}  // namespace drover::terminal
