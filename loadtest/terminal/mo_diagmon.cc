#include "loadtest/terminal/mo_diagmon.h"

#include <algorithm>
#include <array>

#include "loadtest/terminal/commands.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kNotAllowed = 405;

constexpr int kSuccess = 1200;
constexpr std::array kFailures{1400, 1401, 1412, 1500};

constexpr std::string_view kTypePrefix = "urn:oma:at:diagmon:1.0:";

ClientAlert AlertFrom(const std::string& object, std::string_view type, std::string data,
                      std::string_view format) {
  ClientAlert alert;
  alert.type = std::string(kTypePrefix) + std::string(type);
  alert.format = format;
  alert.data = std::move(data);
  alert.source = UriOf(object);
  alert.mark = "informational";
  return alert;
}

int Number(const ManagementTree& tree, const std::string& path) {
  return std::atoi(tree.Value(path).c_str());
}

class DiagnosticActivity final : public Activity {
 public:
  DiagnosticActivity(Host& host, Call call)
      : Activity(std::move(call)),
        outcome_(host.ResultOf("Start", kFailures, kSuccess)),
        interval_(Number(host.tree, this->call().object + "/DiagMonConfig/ReportInterval")) {
    SetStatus(host, DiagMonStatus::kRunning);
    WaitUntil(host.now);
    if (interval_.count() > 0) {
      Wait(interval_);
    } else {
      Wait(host.Duration() / 4);
    }
  }

  void Step(Host& host) override {
    if (interval_.count() <= 0 || outcome_ != kSuccess) {
      if (outcome_ == kSuccess) Measure(host);
      return Complete(host);
    }
    RaiseReport(host, Measure(host));
    Wait(interval_);
  }

  // Ends what Start began.
  void Complete(Host& host) {
    SetStatus(host, DiagMonStatus::kIdle);
    ClientAlert alert =
        AlertFrom(call().object, "OperationComplete", std::to_string(outcome_), "int");
    if (outcome_ != kSuccess) alert.mark = "warning";
    Report(host, outcome_, std::move(alert));
    End();
  }

 private:
  void SetStatus(Host& host, DiagMonStatus status) {
    host.tree.SetValue(call().object + "/Status", std::to_string(static_cast<int>(status)));
  }

  // New values for DiagMonData; returns them as text: "Level=57;Temperature=21".
  std::string Measure(Host& host) const {
    const std::string data = call().object + "/DiagMonData";
    std::string text;
    for (const std::string& name : host.tree.Children(data)) {
      std::string value = std::to_string(host.Draw(100));
      if (!text.empty()) text += ';';
      text += name + "=" + value;
      host.tree.SetValue(data + "/" + name, std::move(value));
    }
    return text;
  }

  // A report that still waits gives way to a newer one, unless it is on its way.
  void RaiseReport(Host& host, std::string data) const {
    ClientAlert alert =
        AlertFrom(call().object, "CollectedSimpleDataReport", std::move(data), "chr");
    alert.type = AlertType(host.spec, alert.type);
    for (ClientAlert& waiting : host.reports) {
      if (waiting.type != alert.type || waiting.source != alert.source) continue;
      if (!host.in_session) waiting = std::move(alert);
      return;
    }
    host.reports.push_back(std::move(alert));
  }

  int outcome_;
  std::chrono::seconds interval_;
};

int ExecDiagMon(Host& host, Call call) {
  auto* const running = static_cast<DiagnosticActivity*>(host.objects.Find(call.object));
  if (call.operation == "Operations/Stop") {
    if (running == nullptr) return kOk;
    running->Complete(host);
    host.objects.Drop(running);
    return kOk;
  }
  if (call.operation != "Operations/Start") return kNotAllowed;
  if (running != nullptr) return kForbidden;
  auto activity = std::make_unique<DiagnosticActivity>(host, std::move(call));
  return host.objects.Begin(host, std::move(activity), Answering::kLater);
}

int ExecTrap(Host& /*host*/, Call /*call*/) { return kNotAllowed; }

bool IsRegistered(const Host& host, const std::string& trap) {
  const std::vector<std::string> ids = host.tree.Below(trap + "/ServerIDs");
  return std::any_of(ids.begin(), ids.end(), [&host](const std::string& path) {
    return NameOf(path) == "ServerID" && host.tree.Value(path) == host.server_id;
  });
}

// Calls with the path of each trap that a server is registered with.
template <class F>
void ForEachTrap(Host& host, F&& call) {
  const std::string holder(host.spec.objects.diagmon.traps);
  if (holder.empty()) return;
  for (const std::string& name : host.tree.Children(holder)) {
    const std::string trap = holder + "/" + name;
    if (IsRegistered(host, trap)) call(trap);
  }
}

void Raise(Host& host, const std::string& trap, std::string_view type, std::string data) {
  ClientAlert alert = AlertFrom(trap, type, std::move(data), "int");
  alert.type = AlertType(host.spec, alert.type);
  host.reports.push_back(std::move(alert));
}

}  // namespace

const ObjectKind& DiagMon() {
  static constexpr ObjectKind kDiagMon{"urn:oma:mo:oma-diagmon:", ExecDiagMon, nullptr, nullptr};
  return kDiagMon;
}

const ObjectKind& OperatorDiagMon() {
  static constexpr ObjectKind kDiagMon{"urn:oma:mo:oma-diag:", ExecDiagMon, nullptr, nullptr};
  return kDiagMon;
}

const ObjectKind& DiagMonTrap() {
  static constexpr ObjectKind kTrap{"urn:oma:mo:oma-diagmontrap:", ExecTrap, nullptr, nullptr};
  return kTrap;
}

std::span<const int> DiagnosticFailures() { return kFailures; }

void Sense(Host& host, std::string_view quantity, int value) {
  ForEachTrap(host, [&host, quantity, value](const std::string& trap) {
    if (host.tree.Value(trap + "/TrapID") != quantity) return;
    const bool active = host.tree.Value(trap + "/Active") == "true";
    const bool low = value <= Number(host.tree, trap + "/TrapConfig/LowerThreshold");
    if (low == active) return;
    host.tree.SetValue(trap + "/Active", low ? "true" : "false");
    Raise(host, trap, low ? "TrapNotification" : "TrapInactiveNotification", std::to_string(value));
  });
}

void DeregisterTraps(Host& host) {
  ForEachTrap(host, [&host](const std::string& trap) {
    Raise(host, trap, "TrapDeregistered", "");
    for (const std::string& id : host.tree.Children(trap + "/ServerIDs")) {
      host.tree.Remove(trap + "/ServerIDs/" + id);
    }
    host.tree.SetValue(trap + "/Active", "false");
  });
}

}  // namespace drover::terminal
