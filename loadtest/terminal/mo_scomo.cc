#include "loadtest/terminal/mo_scomo.h"

#include <algorithm>
#include <array>

#include "loadtest/terminal/commands.h"
#include "loadtest/terminal/mo_fumo.h"
#include "loadtest/terminal/mo_tree.h"

namespace drover::terminal {
namespace {

constexpr int kOk = 200;
constexpr int kForbidden = 403;
constexpr int kNotAllowed = 405;

constexpr int kSuccess = 1200;
constexpr int kDownloadFailed = 1402;
constexpr int kInstallFailed = 1405;
constexpr int kInstallOutOfMemory = 1406;
constexpr int kUndefinedError = 1412;

constexpr std::array kDownloadFailures{1400, 1401, 1402, 1403, 1404, 1407, 1411,
                                       1412, 1450, 1499, 1500, 1501, 1550, 1599};
constexpr std::array kInstallFailures{1400, 1401, 1405, 1406, 1407, 1411, 1412, 1413, 1450, 1499};
constexpr std::array kBothFailures{1400, 1401, 1402, 1403, 1404, 1405, 1406, 1407, 1411,
                                   1412, 1413, 1450, 1499, 1500, 1501, 1550, 1599};
constexpr std::array kRemoveFailures{1400, 1401, 1408, 1411, 1412, 1450, 1499};
constexpr std::array kActivateFailures{1400, 1401, 1409, 1411, 1412, 1450, 1499};
constexpr std::array kDeactivateFailures{1400, 1401, 1410, 1411, 1412, 1450, 1499};

enum class Branch : uint8_t { kDownload, kDelivered, kDeployed };

// Status values; each branch has its own.
struct Statuses {
  int idle = 10;
  int failed = 0;
  int progressing = 0;
};
Statuses StatusesOf(Branch branch, std::string_view operation) {
  if (branch == Branch::kDownload) return {10, 20, 30};
  if (operation == "Remove") return {10, 20, 30};
  if (branch == Branch::kDelivered) return {10, 50, 40};
  return operation == "Activate" ? Statuses{10, 40, 50} : Statuses{10, 60, 70};
}
constexpr int kDownloadComplete = 40;
constexpr int kInstallProgressing = 50;
constexpr int kInstallFailedWithData = 60;
constexpr int kInstallFailedWithoutData = 70;

constexpr std::string_view kDelivered = "10";
constexpr std::string_view kInstalled = "20";
constexpr std::string_view kInactive = "10";
constexpr std::string_view kActive = "20";

struct Target {
  Branch branch;
  std::string item;       // Path of <X>.
  std::string operation;  // "Install"; Deactivate is one however the model spells it.
};

std::optional<Target> TargetOf(const Call& call) {
  std::string_view below = call.operation;
  Target target;
  if (below.starts_with("Download/")) {
    target.branch = Branch::kDownload;
  } else if (below.starts_with("Inventory/Delivered/")) {
    target.branch = Branch::kDelivered;
  } else if (below.starts_with("Inventory/Deployed/")) {
    target.branch = Branch::kDeployed;
  } else {
    return std::nullopt;
  }
  const std::string_view operations = ParentOf(below);
  if (NameOf(operations) != "Operations") return std::nullopt;
  target.item = call.object + "/" + std::string(ParentOf(operations));
  target.operation = NameOf(below);
  if (target.operation == "Deactive") target.operation = "Deactivate";
  return target;
}

void SetNumber(ManagementTree& tree, const std::string& path, int number) {
  if (tree.Find(path)) tree.SetValue(path, std::to_string(number));
}

int StatusIn(const ManagementTree& tree, const std::string& item) {
  return std::atoi(tree.Value(item + "/Status").c_str());
}

void AddInterior(ManagementTree& tree, const std::string& path, uint8_t access) {
  if (tree.Find(path)) return;
  Node node;
  node.path = path;
  node.format = "node";
  node.type = "";
  node.access = access;
  node.permanent = false;
  tree.Add(std::move(node));
}

// Adds the leaf, or gives it this value; without one: adds it empty, or lets it be.
void PutLeaf(ManagementTree& tree, const std::string& path, std::optional<std::string> value,
             uint8_t access = kAccessGet, std::string_view format = "chr") {
  if (tree.Find(path)) {
    if (value) tree.SetValue(path, std::move(*value));
    return;
  }
  Node node;
  node.path = path;
  node.format = format;
  if (format == "bin") node.type = "application/octet-stream";
  node.value = value.value_or("");
  node.access = access;
  node.permanent = false;
  tree.Add(std::move(node));
}

void PutOperations(ManagementTree& tree, const std::string& item,
                   std::initializer_list<std::string_view> names) {
  AddInterior(tree, item + "/Operations", kAccessGet);
  for (const std::string_view name : names) {
    AddInterior(tree, item + "/Operations/" + std::string(name), kExecGet);
  }
}

// What the terminal adds to a package that the server has begun to describe.
void CompleteDownload(ManagementTree& tree, const std::string& item) {
  const std::string status = item + "/Status";
  if (!tree.Find(status)) PutLeaf(tree, status, "10", kAccessGet, "int");
  PutOperations(tree, item, {"Download", "DownloadInstall", "DownloadInstallInactive"});
}

void CompleteDelivered(ManagementTree& tree, const std::string& item) {
  const auto once = [&tree, &item](std::string_view leaf, std::string value) {
    const std::string path = item + "/" + std::string(leaf);
    if (!tree.Find(path)) PutLeaf(tree, path, std::move(value), kAccessGet, "int");
  };
  once("State", std::string(kDelivered));
  once("Status", "10");
  PutOperations(tree, item, {"Install", "InstallInactive", "Remove"});
}

// A package is known by its PkgID, or else by its node's name.
std::string IdOf(const ManagementTree& tree, const std::string& item) {
  for (const std::string_view leaf : {"/PkgID", "/ID"}) {
    std::string id = tree.Value(item + std::string(leaf));
    if (!id.empty()) return id;
  }
  return std::string(NameOf(item));
}

class SoftwareActivity final : public Activity {
 public:
  SoftwareActivity(Host& host, Call call, Target target);
  void Step(Host& host) override;
  void PowerLoss(Host& host) override;

 private:
  enum class Phase : uint8_t { kDownloading, kDownloaded, kInstalling, kChanging };

  bool installs() const { return target_.operation.find("Install") != std::string::npos; }
  bool inactive() const { return target_.operation.ends_with("Inactive"); }
  bool failed() const { return outcome_ < 1200 || outcome_ > 1299; }
  bool FailsInDownload() const;
  std::string Sibling(std::string_view branch) const;
  void SetStatus(Host& host, int status) { SetNumber(host.tree, target_.item + "/Status", status); }
  void FinishDownload(Host& host);
  void Deliver(Host& host) const;
  void BeginInstalling(Host& host);
  void FinishInstalling(Host& host);
  void Deploy(Host& host) const;
  void FinishChange(Host& host);
  void Finish(Host& host, int status, std::string result_uri = "");

  Phase phase_ = Phase::kChanging;
  Target target_;
  int outcome_;
  std::chrono::milliseconds duration_;
  std::string version_;
  std::string identifier_;
};

SoftwareActivity::SoftwareActivity(Host& host, Call call, Target target)
    : Activity(std::move(call)),
      target_(std::move(target)),
      outcome_(host.ResultOf(target_.operation, SoftwareFailures(target_.operation), kSuccess)),
      duration_(host.Duration()),
      identifier_(IdOf(host.tree, target_.item)) {
  WaitUntil(host.now);
  SetStatus(host, StatusesOf(target_.branch, target_.operation).progressing);
  if (target_.branch == Branch::kDownload) {
    const std::string url = host.tree.Value(target_.item + "/PkgURL");
    if (const int asked = ResultInUrl(url); asked != 0) outcome_ = asked;
    if (!IsHttpUrl(url)) outcome_ = kDownloadFailed;
    version_ = VersionInUrl(url);
    phase_ = Phase::kDownloading;
    Wait(duration_ * 60 / 100);
  } else if (installs()) {
    version_ = host.tree.Value(target_.item + "/Ext/Version");
    const std::string data = host.tree.Value(target_.item + "/Data");
    if (version_.empty()) version_ = data.substr(0, data.find_first_of("\r\n"));
    phase_ = Phase::kInstalling;
    Wait(duration_ * 40 / 100);
  } else {
    Wait(duration_ / 4);
  }
}

bool SoftwareActivity::FailsInDownload() const {
  if (!failed()) return false;
  if (!installs()) return true;
  return std::find(kDownloadFailures.begin(), kDownloadFailures.end(), outcome_) !=
         kDownloadFailures.end();
}

void SoftwareActivity::Step(Host& host) {
  if (!host.tree.Find(target_.item)) {
    // The server has deleted it meanwhile.
    outcome_ = kUndefinedError;
    return Finish(host, 0);
  }
  switch (phase_) {
    case Phase::kDownloading:
      return FinishDownload(host);
    case Phase::kDownloaded:
      if (installs()) return BeginInstalling(host);
      return Finish(host, 10, Sibling("Inventory/Delivered"));
    case Phase::kInstalling:
      return FinishInstalling(host);
    case Phase::kChanging:
      return FinishChange(host);
  }
}

std::string SoftwareActivity::Sibling(std::string_view branch) const {
  return call().object + "/" + std::string(branch) + "/" + std::string(NameOf(target_.item));
}

void SoftwareActivity::FinishDownload(Host& host) {
  if (FailsInDownload()) return Finish(host, 20);
  Deliver(host);
  SetStatus(host, kDownloadComplete);
  phase_ = Phase::kDownloaded;
  Wait(duration_ * 5 / 100);
}

// The package becomes a node of the inventory.
void SoftwareActivity::Deliver(Host& host) const {
  ManagementTree& tree = host.tree;
  const std::string item = Sibling("Inventory/Delivered");
  AddInterior(tree, item, kDeleteGet);
  PutLeaf(tree, item + "/PkgID", identifier_);
  for (const std::string leaf : {"Name", "InstallParams", "Description", "EnvType", "PkgType"}) {
    PutLeaf(tree, item + "/" + leaf, tree.Value(target_.item + "/" + leaf), kGetReplace);
  }
  AddInterior(tree, item + "/Ext", kAccessGet);
  PutLeaf(tree, item + "/Ext/Version", version_);
  CompleteDelivered(tree, item);
  tree.SetValue(item + "/State", std::string(kDelivered));
  tree.SetValue(item + "/Status", "10");
}

void SoftwareActivity::BeginInstalling(Host& host) {
  SetStatus(host, kInstallProgressing);
  phase_ = Phase::kInstalling;
  Wait(duration_ * 35 / 100);
}

void SoftwareActivity::FinishInstalling(Host& host) {
  const bool by_download = target_.branch == Branch::kDownload;
  const std::string delivered = by_download ? Sibling("Inventory/Delivered") : target_.item;
  if (!failed()) {
    Deploy(host);
    if (host.tree.Find(delivered + "/State")) {
      host.tree.SetValue(delivered + "/State", std::string(kInstalled));
    }
    return Finish(host, 10, Sibling("Inventory/Deployed"));
  }
  // Without memory the package is not kept.
  const bool with_data = outcome_ != kInstallOutOfMemory;
  if (by_download) {
    if (!with_data) host.tree.Remove(delivered);
    return Finish(host, with_data ? kInstallFailedWithData : kInstallFailedWithoutData);
  }
  if (!with_data && host.tree.Find(delivered + "/Data")) {
    host.tree.SetValue(delivered + "/Data", "");
  }
  Finish(host, with_data ? StatusesOf(Branch::kDelivered, "Install").failed
                         : host.spec.objects.scomo.failed_without_data);
}

// The component becomes a node of the inventory, or changes its version there.
void SoftwareActivity::Deploy(Host& host) const {
  ManagementTree& tree = host.tree;
  const std::string item = Sibling("Inventory/Deployed");
  const std::string_view deactivate = host.spec.objects.scomo.deactive ? "Deactive" : "Deactivate";
  AddInterior(tree, item, kDeleteGet);
  PutLeaf(tree, item + "/ID", identifier_);
  PutLeaf(tree, item + "/PkgIDRef", identifier_);
  for (const std::string leaf : {"Name", "Description"}) {
    PutLeaf(tree, item + "/" + leaf, tree.Value(target_.item + "/" + leaf), kGetReplace);
  }
  PutLeaf(tree, item + "/EnvType", tree.Value(target_.item + "/EnvType"));
  PutLeaf(tree, item + "/Version", version_);
  PutLeaf(tree, item + "/State", std::string(inactive() ? kInactive : kActive), kAccessGet, "int");
  PutLeaf(tree, item + "/Status", "10", kAccessGet, "int");
  PutOperations(tree, item, {"Activate", deactivate, "Remove"});
}

void SoftwareActivity::FinishChange(Host& host) {
  const Statuses statuses = StatusesOf(target_.branch, target_.operation);
  if (failed()) return Finish(host, statuses.failed);
  if (target_.operation != "Remove") {
    PutLeaf(host.tree, target_.item + "/State",
            std::string(target_.operation == "Activate" ? kActive : kInactive), kAccessGet, "int");
    return Finish(host, statuses.idle, target_.item);
  }
  host.tree.Remove(target_.item);
  // What was installed from a package that is still there can be installed again.
  const std::string delivered = Sibling("Inventory/Delivered");
  if (target_.branch == Branch::kDeployed && host.tree.Find(delivered + "/State")) {
    host.tree.SetValue(delivered + "/State", std::string(kDelivered));
  }
  Finish(host, statuses.idle);
}

void SoftwareActivity::Finish(Host& host, int status, std::string result_uri) {
  SetStatus(host, status);
  ClientAlert alert;
  alert.type = "urn:oma:at:scomo:1.0:OperationComplete";
  alert.source = UriOf(call().object + "/" + call().operation);
  if (!failed() && !result_uri.empty()) alert.target = UriOf(result_uri);
  if (host.spec.objects.scomo.bare_result) {
    alert.format = "int";
    alert.data = std::to_string(outcome_);
  } else {
    alert.format = "xml";
    alert.data = "<ResultCode>" + std::to_string(outcome_) + "</ResultCode><Identifier>" +
                 identifier_ + "</Identifier>";
  }
  alert.mark = failed() ? "critical" : "informational";
  Report(host, outcome_, std::move(alert));
  End();
}

void SoftwareActivity::PowerLoss(Host& host) {
  if (phase_ == Phase::kDownloading && !host.Chance(host.policy.resume_permille)) {
    outcome_ = kDownloadFailed;
    WaitUntil(host.now + host.policy.restart);
  } else if (phase_ == Phase::kInstalling && !host.Chance(host.policy.complete_permille)) {
    outcome_ = kInstallFailed;
    WaitUntil(host.now + host.policy.restart);
  }
  WaitForRestart(host);
}

bool UnderWay(Branch branch, int status) {
  if (branch == Branch::kDownload) return status == 30 || status == 40 || status == 50;
  if (branch == Branch::kDelivered) return status == 30 || status == 40;
  return status == 30 || status == 50 || status == 70;
}

int ExecScomo(Host& host, Call call) {
  std::optional<Target> target = TargetOf(call);
  if (!target) return kNotAllowed;
  if (UnderWay(target->branch, StatusIn(host.tree, target->item))) return kForbidden;
  auto activity = std::make_unique<SoftwareActivity>(host, std::move(call), std::move(*target));
  return host.objects.Begin(host, std::move(activity), Answering::kLater);
}

// The path of <X> if `below` is it or in it.
std::optional<std::string> ItemIn(std::string_view root, std::string_view below,
                                  std::string_view branch) {
  if (!below.starts_with(branch)) return std::nullopt;
  const std::string_view rest = below.substr(branch.size());
  const std::string_view name = rest.substr(0, rest.find('/'));
  if (name.empty()) return std::nullopt;
  return std::string(root) + "/" + std::string(branch) + std::string(name);
}

int MayChangeScomo(const Host& host, std::string_view root, std::string_view below,
                   std::string_view /*data*/) {
  const std::optional<std::string> item = ItemIn(root, below, "Download/");
  return item && UnderWay(Branch::kDownload, StatusIn(host.tree, *item)) ? kForbidden : kOk;
}

// Completes the item that was written to; or each, if a whole subtree was.
void CompleteIn(ManagementTree& tree, std::string_view root, std::string_view below,
                std::string_view branch, void (*complete)(ManagementTree&, const std::string&)) {
  if (const std::optional<std::string> item = ItemIn(root, below, branch)) {
    if (tree.Find(*item)) complete(tree, *item);
  } else if (below.empty() || branch.starts_with(below)) {
    const std::string holder = std::string(root) + "/" + std::string(ParentOf(branch));
    for (const std::string& name : tree.Children(holder)) complete(tree, holder + "/" + name);
  }
}

void ChangedScomo(Host& host, std::string_view root, std::string_view below) {
  CompleteIn(host.tree, root, below, "Download/", CompleteDownload);
  CompleteIn(host.tree, root, below, "Inventory/Delivered/", CompleteDelivered);
}

}  // namespace

const ObjectKind& Scomo() {
  static constexpr ObjectKind kScomo{"urn:oma:mo:oma-scomo:", ExecScomo, MayChangeScomo,
                                     ChangedScomo};
  return kScomo;
}

std::span<const int> SoftwareFailures(std::string_view operation) {
  if (operation == "Download") return kDownloadFailures;
  if (operation == "DownloadInstall" || operation == "DownloadInstallInactive") {
    return kBothFailures;
  }
  if (operation == "Install" || operation == "InstallInactive") return kInstallFailures;
  if (operation == "Activate") return kActivateFailures;
  if (operation == "Remove") return kRemoveFailures;
  return kDeactivateFailures;
}

}  // namespace drover::terminal
