// Software components. Spec: OMA-TS-DM-SCOMO-V1_0, "Management object", "Operations".
#include "libs/dmtree/loc_uri.h"
#include "libs/mo/commands.h"

namespace drover::mo {
namespace {

constexpr char kPackageType[] = "application/octet-stream";

Result<std::string> Deployed(const Place& place, const std::string& root, const std::string& name) {
  return UnitNamed(place, {Join(root, "Inventory/Deployed")}, name,
                   {.what = "software component", .leaves = {"ID", "Name"}});
}

Result<std::string> Delivered(const Place& place, const std::string& root,
                              const std::string& name) {
  return UnitNamed(place, {Join(root, "Inventory/Delivered")}, name,
                   {.what = "delivered package", .leaves = {"PkgID", "Name"}});
}

// One client spells it Deactive.
std::string_view DeactivateNode(const KnownTree& tree, const std::string& component) {
  const bool odd = tree.Has(Join(component, "Operations/Deactive")) &&
                   !tree.Has(Join(component, "Operations/Deactivate"));
  return odd ? "Operations/Deactive" : "Operations/Deactivate";
}

// Writes a package's leaves: what the tree has is replaced, what it does not have is added.
class PackageWriter {
 public:
  PackageWriter(const KnownTree& tree, std::string node) : tree_(tree), node_(std::move(node)) {
    if (!tree_.Has(node_)) commands_.push_back(AddNode(node_));
  }
  void Write(std::string_view leaf, const std::string& value) {
    if (value.empty()) return;
    const std::string uri = Join(node_, leaf);
    commands_.push_back(tree_.Has(uri) ? Replace(uri, value) : Add(uri, value));
  }
  void WriteObject(std::string_view leaf, const std::string& octets, const std::string& type) {
    const std::string uri = Join(node_, leaf);
    v1::Command command = ReplaceObject(uri, octets, type);
    if (!tree_.Has(uri)) command.set_verb(v1::ADD);
    object_ = std::move(command);
  }
  // The leaves as one Atomic; a large object after it, since an Atomic has to fit into one message.
  std::vector<v1::Command> Take(const v1::Action& action) {
    MakeAtomic(action, commands_);
    if (object_) commands_.push_back(std::move(*object_));
    return std::move(commands_);
  }

 private:
  const KnownTree& tree_;
  std::string node_;
  std::vector<v1::Command> commands_;
  std::optional<v1::Command> object_;
};

std::string TypeOf(const v1::ScomoInstall& install) {
  return install.package_type().empty() ? kPackageType : install.package_type();
}

// The node of that package if the terminal has one, else a slot that it keeps free, else a new one.
std::string DownloadNode(const KnownTree& tree, const std::string& root,
                         const std::string& package_id) {
  std::string slot;
  for (std::string& node : tree.Children(Join(root, "Download"))) {
    const std::string id = Join(node, "PkgID");
    if (tree.Value(id) == package_id) return std::move(node);
    const bool free = tree.Has(id) && tree.Value(id).empty() && tree.Has(Join(node, "PkgURL"));
    if (free && slot.empty()) slot = std::move(node);
  }
  return slot.empty() ? Join(root, "Download/" + dmtree::EncodeSegment(package_id)) : slot;
}

Plan Download(const v1::Action& action, const Place& place, const std::string& root) {
  const v1::ScomoInstall& install = action.scomo_install();
  const std::string node = DownloadNode(place.tree, root, install.package_id());
  PackageWriter writer(place.tree, node);
  writer.Write("PkgID", install.package_id());
  writer.Write("Name", install.name());
  writer.Write("PkgURL", install.url());
  writer.Write("InstallParams", install.install_params());
  writer.Write("PkgType", install.package_type());
  const char* operation = install.inactive() ? "DownloadInstallInactive" : "DownloadInstall";
  if (install.download_only()) operation = "Download";
  const std::string name = install.download_only() ? "download" : "install";
  return {{.name = "prepare", .commands = writer.Take(action)},
          {.name = name,
           .commands = {Exec(Join(node, std::string("Operations/") + operation))},
           .after = {0}}};
}

Step InstallDelivered(const v1::ScomoInstall& install, const std::string& node) {
  const char* operation = install.inactive() ? "InstallInactive" : "Install";
  return {.name = "install",
          .commands = {Exec(Join(node, std::string("Operations/") + operation))}};
}

Plan Deliver(const v1::Action& action, const Place& place, const std::string& root) {
  const v1::ScomoInstall& install = action.scomo_install();
  const std::string node =
      Join(root, "Inventory/Delivered/" + dmtree::EncodeSegment(install.package_id()));
  PackageWriter writer(place.tree, node);
  writer.Write("PkgID", install.package_id());
  writer.Write("Name", install.name());
  writer.Write("InstallParams", install.install_params());
  writer.Write("PkgType", install.package_type());
  writer.WriteObject("Data", install.package(), TypeOf(install));
  Plan plan{{.name = "deliver", .commands = writer.Take(action)}};
  if (install.download_only()) return plan;
  plan.push_back(InstallDelivered(install, node));
  plan.back().after = {0};
  return plan;
}

Result<Plan> PlanInstall(const v1::Action& action, const Place& place, const std::string& root) {
  const v1::ScomoInstall& install = action.scomo_install();
  if (install.package_id().empty()) {
    return InvalidArgument("action.scomo_install.package_id: is missing");
  }
  if (!install.url().empty() && !install.package().empty()) {
    return InvalidArgument("action.scomo_install: give a url or a package, not both");
  }
  if (!install.url().empty()) return Download(action, place, root);
  if (!install.package().empty()) return Deliver(action, place, root);
  if (install.download_only()) {
    return InvalidArgument("action.scomo_install.url: is missing; there is nothing to download");
  }
  DROVER_TRY(const std::string node, Delivered(place, root, install.package_id()));
  return Plan{InstallDelivered(install, node)};
}

Plan OneExec(const char* name, const std::string& unit, std::string_view operation) {
  return {{.name = name, .commands = {Exec(Join(unit, operation))}}};
}

Error MissingComponent() { return InvalidArgument("action.component: is missing"); }

}  // namespace

Result<Plan> PlanScomo(const v1::Action& action, const Place& place) {
  DROVER_TRY(const std::string root, RootOf(action, place, Object::kScomo));
  if (action.has_scomo_inventory()) {
    Plan plan;
    AddGets("read", {WithList(root)}, plan);
    return plan;
  }
  if (action.has_scomo_install()) return PlanInstall(action, place, root);
  if (action.has_scomo_remove()) {
    const v1::ScomoRemove& remove = action.scomo_remove();
    if (remove.component().empty()) return MissingComponent();
    DROVER_TRY(const std::string unit, remove.delivered()
                                           ? Delivered(place, root, remove.component())
                                           : Deployed(place, root, remove.component()));
    return OneExec("remove", unit, "Operations/Remove");
  }
  if (action.has_scomo_activate()) {
    if (action.scomo_activate().component().empty()) return MissingComponent();
    DROVER_TRY(const std::string unit, Deployed(place, root, action.scomo_activate().component()));
    return OneExec("activate", unit, "Operations/Activate");
  }
  if (action.scomo_deactivate().component().empty()) return MissingComponent();
  DROVER_TRY(const std::string unit, Deployed(place, root, action.scomo_deactivate().component()));
  return OneExec("deactivate", unit, DeactivateNode(place.tree, unit));
}

}  // namespace drover::mo
