#include "loadtest/terminal/mo_fumo.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "libs/base/bytes.h"
#include "loadtest/terminal/commands.h"
#include "loadtest/terminal/ledger.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kNotAllowed = 405;
constexpr int kDeviceFull = 420;

constexpr int kSuccess = 200;
constexpr int kUpdateFailed = 410;
constexpr int kMalformedUrl = 411;
constexpr int kUpdateOutOfMemory = 502;
constexpr int kDownloadNetwork = 503;

constexpr std::array kFailures{400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410,
                               411, 412, 450, 499, 500, 501, 502, 503, 550, 599};

constexpr std::string_view kTypePrefix = "org.openmobilealliance.dm.firmwareupdate.";
constexpr size_t kLongestVersion = 32;

FirmwareState StateOf(const ManagementTree& tree, const std::string& object) {
  const std::string text = tree.Value(object + "/State");
  return text.empty() ? FirmwareState::kIdle : static_cast<FirmwareState>(std::atoi(text.c_str()));
}

void SetState(ManagementTree& tree, const std::string& object, FirmwareState state) {
  tree.SetValue(object + "/State", std::to_string(static_cast<int>(state)));
}

void SetIfThere(ManagementTree& tree, const std::string& path, std::string value) {
  if (tree.Find(path)) tree.SetValue(path, std::move(value));
}

bool UnderWay(FirmwareState state) {
  return state == FirmwareState::kDownloadProgressing ||
         state == FirmwareState::kDownloadComplete || state == FirmwareState::kUpdateProgressing;
}

bool IsSuccess(int result) { return result >= 200 && result < 300; }

// Whether this failure shows itself only when the package is being installed.
bool FailsInUpdate(int result) { return result == kUpdateFailed || result == kUpdateOutOfMemory; }

bool IsVersionText(std::string_view text) {
  return !text.empty() && text.size() <= kLongestVersion &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

// Of a package that was pushed over DM.
std::string VersionOfPackage(const ManagementTree& tree, const std::string& object) {
  const std::string named = tree.Value(object + "/PkgVersion");
  if (!named.empty()) return named;
  const std::string package = tree.Value(object + "/Update/PkgData");
  const std::string first_line = package.substr(0, package.find_first_of("\r\n"));
  if (IsVersionText(first_line)) return first_line;
  return base::Hex(base::BigEndian64(DigestOf(package)));
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  }
  return lower;
}

// One package on its way: from the Exec to the report, and the clean-up after it.
class FirmwareActivity final : public Activity {
 public:
  // version: of the package that is on the terminal, if any.
  FirmwareActivity(Host& host, Call call, std::string version);

  bool restarts() const override { return phase_ == Phase::kInstalling; }
  void Step(Host& host) override;
  void PowerLoss(Host& host) override;

  // The version of the package that a Download has left on the terminal; empty: it has not.
  std::string staged() const { return phase_ == Phase::kStaged ? version_ : std::string(); }

 private:
  enum class Phase : uint8_t {
    kDownloading,
    kDownloaded,
    kStaged,
    kInstalling,
    kStarting,
    kCleaning
  };

  bool downloads() const { return call().operation != "Update"; }
  std::chrono::milliseconds Part(int percent) const { return duration_ * percent / 100; }
  void BeginInstalling(Host& host);
  void FinishDownload(Host& host);
  void FinishInstalling(Host& host);
  void Finish(Host& host, FirmwareState state, int result);
  void CleanUp(Host& host);
  bool KeepsPackage(const Host& host) const;

  Phase phase_ = Phase::kDownloading;
  int outcome_;
  std::chrono::milliseconds duration_;
  std::string version_;
};

FirmwareActivity::FirmwareActivity(Host& host, Call call, std::string version)
    : Activity(std::move(call)),
      outcome_(host.ResultOf(this->call().operation, kFailures, kSuccess)),
      duration_(host.Duration()),
      version_(std::move(version)) {
  const std::string& object = this->call().object;
  WaitUntil(host.now);
  if (!downloads()) {
    BeginInstalling(host);
    return;
  }
  const std::string url = host.tree.Value(object + "/" + this->call().operation + "/PkgURL");
  if (const int asked = ResultInUrl(url); asked != 0) outcome_ = asked;
  if (!IsHttpUrl(url)) outcome_ = kMalformedUrl;
  version_ = VersionInUrl(url);
  SetState(host.tree, object, FirmwareState::kDownloadProgressing);
  Wait(Part(60));
}

void FirmwareActivity::Step(Host& host) {
  switch (phase_) {
    case Phase::kDownloading:
      return FinishDownload(host);
    case Phase::kDownloaded:
      if (call().operation == "DownloadAndUpdate") return BeginInstalling(host);
      // The package waits for an Update.
      phase_ = Phase::kStaged;
      WaitUntil(kNever);
      return Finish(host, FirmwareState::kReadyToUpdate, outcome_);
    case Phase::kInstalling:
      return FinishInstalling(host);
    case Phase::kStarting:
      return Finish(host,
                    KeepsPackage(host) ? FirmwareState::kUpdateSuccessfulHaveData
                                       : FirmwareState::kUpdateSuccessfulNoData,
                    outcome_);
    case Phase::kCleaning:
      return CleanUp(host);
    case Phase::kStaged:
      break;
  }
}

void FirmwareActivity::FinishDownload(Host& host) {
  const bool fails_later = call().operation == "DownloadAndUpdate" && FailsInUpdate(outcome_);
  if (!IsSuccess(outcome_) && !fails_later) {
    return Finish(host, FirmwareState::kDownloadFailed, outcome_);
  }
  // What was pushed before gives way.
  const std::string pushed = call().object + "/Update/PkgData";
  if (!host.tree.Value(pushed).empty()) SetIfThere(host.tree, pushed, "");
  SetState(host.tree, call().object, FirmwareState::kDownloadComplete);
  phase_ = Phase::kDownloaded;
  Wait(Part(5));
}

void FirmwareActivity::BeginInstalling(Host& host) {
  SetState(host.tree, call().object, FirmwareState::kUpdateProgressing);
  phase_ = Phase::kInstalling;
  Wait(Part(downloads() ? 30 : 90));
}

void FirmwareActivity::FinishInstalling(Host& host) {
  if (!IsSuccess(outcome_)) {
    return Finish(host,
                  KeepsPackage(host) ? FirmwareState::kUpdateFailedHaveData
                                     : FirmwareState::kUpdateFailedNoData,
                  outcome_);
  }
  // The new firmware runs; it has still to say so.
  host.tree.SetValue("DevDetail/FwV", version_);
  phase_ = Phase::kStarting;
  Wait(Part(5));
}

bool FirmwareActivity::KeepsPackage(const Host& host) const {
  return !downloads() || host.spec.objects.fumo.keeps_package;
}

void FirmwareActivity::Finish(Host& host, FirmwareState state, int result) {
  SetState(host.tree, call().object, state);
  ClientAlert alert;
  alert.type = std::string(kTypePrefix) + Lower(call().operation);
  alert.format = "int";
  alert.data = std::to_string(result);
  alert.source = UriOf(call().object);
  if (host.spec.quirks.Has(Quirk::kAlertFromOperationNode)) alert.source += "/" + call().operation;
  alert.mark = IsSuccess(result) ? "informational" : "critical";
  Report(host, result, std::move(alert));
  if (state == FirmwareState::kReadyToUpdate) return;
  if (host.policy.clean_up.count() == 0) return End();
  phase_ = Phase::kCleaning;
  Wait(host.policy.clean_up);
}

void FirmwareActivity::CleanUp(Host& host) {
  const std::string& object = call().object;
  const FirmwareState state = StateOf(host.tree, object);
  const bool has_data = state == FirmwareState::kUpdateFailedHaveData ||
                        state == FirmwareState::kUpdateSuccessfulHaveData;
  if (!has_data) {
    // The server may have begun anew by pushing a package.
    if (!UnderWay(state) && state != FirmwareState::kReadyToUpdate) {
      SetState(host.tree, object, FirmwareState::kIdle);
    }
    return End();
  }
  SetIfThere(host.tree, object + "/Update/PkgData", "");
  SetState(host.tree, object,
           state == FirmwareState::kUpdateFailedHaveData ? FirmwareState::kUpdateFailedNoData
                                                         : FirmwareState::kUpdateSuccessfulNoData);
  Wait(host.policy.clean_up);
}

void FirmwareActivity::PowerLoss(Host& host) {
  const auto ended = [this, &host](int result) {
    outcome_ = result;
    WaitUntil(host.now + host.policy.restart);
  };
  if (phase_ == Phase::kDownloading && !host.Chance(host.policy.resume_permille)) {
    return ended(kDownloadNetwork);
  }
  if (phase_ == Phase::kInstalling && !host.Chance(host.policy.complete_permille)) {
    return ended(kUpdateFailed);
  }
  WaitForRestart(host);
}

int ExecFumo(Host& host, Call call) {
  if (call.operation != "Download" && call.operation != "Update" &&
      call.operation != "DownloadAndUpdate") {
    return kNotAllowed;
  }
  const FirmwareState state = StateOf(host.tree, call.object);
  if (UnderWay(state)) return kForbidden;
  if (call.operation == "Update" && state != FirmwareState::kReadyToUpdate) return kForbidden;
  std::string version;
  if (auto* const before = static_cast<FirmwareActivity*>(host.objects.Find(call.object))) {
    version = before->staged();
    host.objects.Drop(before);
  }
  const bool pushed = !host.tree.Value(call.object + "/Update/PkgData").empty();
  if (pushed || version.empty()) version = VersionOfPackage(host.tree, call.object);
  auto activity = std::make_unique<FirmwareActivity>(host, std::move(call), std::move(version));
  return host.objects.Begin(host, std::move(activity), host.spec.objects.fumo.answering);
}

int MayChangeFumo(const Host& host, std::string_view root, std::string_view below,
                  std::string_view data) {
  if (below != "Update/PkgData") return kOk;
  if (UnderWay(StateOf(host.tree, std::string(root)))) return kForbidden;
  const uint32_t most = host.spec.objects.fumo.max_package_octets;
  return most != 0 && data.size() > most ? kDeviceFull : kOk;
}

void ChangedFumo(Host& host, std::string_view root, std::string_view below) {
  if (below != "Update/PkgData") return;
  const std::string object(root);
  const bool there = !host.tree.Value(object + "/Update/PkgData").empty();
  SetState(host.tree, object, there ? FirmwareState::kReadyToUpdate : FirmwareState::kIdle);
}

}  // namespace

const ObjectKind& Fumo() {
  static constexpr ObjectKind kFumo{"urn:oma:mo:oma-fumo:", ExecFumo, MayChangeFumo, ChangedFumo};
  return kFumo;
}

std::span<const int> FirmwareFailures() { return kFailures; }

int ResultInUrl(std::string_view url) {
  constexpr std::string_view kName = "result=";
  const size_t question = url.find('?');
  if (question == std::string_view::npos) return 0;
  const size_t at = url.find(kName, question);
  if (at == std::string_view::npos) return 0;
  const std::string_view number = url.substr(at + kName.size());
  int result = 0;
  std::from_chars(number.data(), number.data() + number.size(), result);
  return result;
}

std::string VersionInUrl(std::string_view url) {
  std::string_view file = url.substr(0, url.find_first_of("?#"));
  file = file.substr(file.rfind('/') + 1);
  file = file.substr(0, file.rfind('.'));
  const size_t dash = file.rfind('-');
  return std::string(dash == std::string_view::npos ? file : file.substr(dash + 1));
}

bool IsHttpUrl(std::string_view url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

ClientAlert FirmwareRequest(const ModelSpec& spec, bool by_user) {
  ClientAlert alert;
  alert.type =
      AlertType(spec, std::string(kTypePrefix) + (by_user ? "userrequest" : "devicerequest"));
  alert.format = "chr";
  if (!spec.objects.fumo.root.empty()) alert.source = UriOf(spec.objects.fumo.root);
  alert.mark = "informational";
  return alert;
}

}  // namespace drover::terminal
