#include "loadtest/terminal/mo_dcmo.h"

#include <array>

#include "loadtest/terminal/commands.h"

namespace drover::terminal {
namespace {

constexpr int kForbidden = 403;
constexpr int kNotAllowed = 405;

constexpr int kSuccess = 1200;
constexpr int kEnableFailed = 1404;
constexpr std::array kFailures{1400, 1401, 1404};

class CapabilityActivity final : public Activity {
 public:
  CapabilityActivity(Host& host, Call call)
      : Activity(std::move(call)), outcome_(host.ResultOf(Operation(), kFailures, kSuccess)) {
    WaitUntil(host.now);
    Wait(host.Duration() / 4);
  }

  void Step(Host& host) override {
    const std::string& object = call().object;
    const bool enable = Operation() == "Enable";
    const bool attached = host.tree.Value(object + "/Attached") == "true";
    if (enable && !attached && outcome_ == kSuccess) outcome_ = kEnableFailed;
    if (outcome_ == kSuccess) host.tree.SetValue(object + "/Enabled", enable ? "true" : "false");
    ClientAlert alert;
    alert.type = "urn:oma:at:dcmo:1.0:OperationComplete";
    alert.format = "int";
    alert.data = std::to_string(outcome_);
    alert.source = UriOf(object + "/" + call().operation);
    alert.mark = outcome_ < 1300 ? "informational" : "warning";
    Report(host, outcome_, std::move(alert));
    End();
  }

 private:
  std::string_view Operation() const { return NameOf(call().operation); }

  int outcome_;
};

int ExecDcmo(Host& host, Call call) {
  if (call.operation != "Operations/Enable" && call.operation != "Operations/Disable") {
    return kNotAllowed;
  }
  if (host.objects.Find(call.object) != nullptr) return kForbidden;
  auto activity = std::make_unique<CapabilityActivity>(host, std::move(call));
  return host.objects.Begin(host, std::move(activity), host.spec.objects.dcmo.answering);
}

}  // namespace

const ObjectKind& Dcmo() {
  static constexpr ObjectKind kDcmo{"urn:oma:mo:oma-dcmo:", ExecDcmo, nullptr, nullptr};
  return kDcmo;
}

std::span<const int> CapabilityFailures() { return kFailures; }

}  // namespace drover::terminal
