// drover scomo: software components.
#include "tools/drover/commands/action.h"
#include "tools/drover/files.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

constexpr const char* kLong = "1h";

struct Install {
  std::string package_id;
  std::string url;
  std::string package;
  std::string name;
  std::string params;
  std::string type;
  bool inactive = false;
  bool download_only = false;
};

Result<Actions> MakeInstall(const Install& install, std::istream& in) {
  Actions actions(1);
  v1::ScomoInstall& wanted = *actions[0].mutable_scomo_install();
  wanted.set_package_id(install.package_id);
  wanted.set_url(install.url);
  if (!install.package.empty()) {
    DROVER_TRY(*wanted.mutable_package(), ReadFile(install.package, in));
  }
  wanted.set_name(install.name);
  wanted.set_install_params(install.params);
  wanted.set_package_type(install.type);
  wanted.set_inactive(install.inactive);
  wanted.set_download_only(install.download_only);
  return actions;
}

void AddInstall(CLI::App& scomo, Invocation& invocation) {
  const auto install = std::make_shared<Install>();
  CLI::App* const verb =
      AddAction(scomo, invocation,
                {.name = "install",
                 .help = "Install software: from a URL, from a file, or what is delivered",
                 .timeout = kLong,
                 .make = [install, &invocation](const auto&) {
                   return MakeInstall(*install, invocation.console.in);
                 }});
  verb->add_option("--id", install->package_id, "The package's id (PkgID)")->required();
  verb->add_option("--url", install->url, "Where the terminal downloads it");
  verb->add_option("--package", install->package, "A file that is delivered in the session");
  verb->add_option("--name", install->name, "For people");
  verb->add_option("--params", install->params, "InstallParams");
  verb->add_option("--type", install->type, "MIME type [application/octet-stream]");
  verb->add_flag("--inactive", install->inactive, "Installed, but not activated");
  verb->add_flag("--download-only", install->download_only, "Delivered, but not installed");
}

void AddOfComponent(CLI::App& scomo, Invocation& invocation, const char* name, const char* help,
                    void (*set)(v1::Action&, const std::string&)) {
  AddAction(scomo, invocation,
            {.name = name,
             .help = help,
             .argument = "COMPONENT",
             .min_arguments = 1,
             .max_arguments = 1,
             .make = [set](const std::vector<std::string>& arguments) -> Result<Actions> {
               Actions actions(1);
               set(actions[0], arguments[0]);
               return actions;
             }});
}

}  // namespace

void AddScomo(CLI::App& root, Invocation& invocation) {
  CLI::App* const scomo = root.add_subcommand("scomo", "Software: inventory, install, remove, ..");
  scomo->require_subcommand(1);
  AddAction(*scomo, invocation,
            {.name = "inventory",
             .help = "Packages and components, with their states",
             .can_ask = false,
             .make = [](const auto&) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_scomo_inventory();
               return actions;
             }});
  AddInstall(*scomo, invocation);
  const auto delivered = std::make_shared<bool>(false);
  CLI::App* const remove =
      AddAction(*scomo, invocation,
                {.name = "remove",
                 .help = "Remove a component, or a package that is delivered",
                 .argument = "COMPONENT",
                 .min_arguments = 1,
                 .max_arguments = 1,
                 .make = [delivered](const std::vector<std::string>& arguments) -> Result<Actions> {
                   Actions actions(1);
                   actions[0].mutable_scomo_remove()->set_component(arguments[0]);
                   actions[0].mutable_scomo_remove()->set_delivered(*delivered);
                   return actions;
                 }});
  remove->add_flag("--delivered", *delivered, "A package, not a component");
  AddOfComponent(*scomo, invocation, "activate", "Let a component run",
                 [](v1::Action& action, const std::string& component) {
                   action.mutable_scomo_activate()->set_component(component);
                 });
  AddOfComponent(*scomo, invocation, "deactivate", "Keep a component from running",
                 [](v1::Action& action, const std::string& component) {
                   action.mutable_scomo_deactivate()->set_component(component);
                 });
}

}  // namespace drover::cli
