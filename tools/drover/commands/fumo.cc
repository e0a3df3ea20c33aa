// drover fumo: firmware.
#include "tools/drover/commands/action.h"
#include "tools/drover/files.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

constexpr const char* kLong = "2h";  // A download and an installation take their time.

struct Update {
  std::string url;
  std::string package;
  std::string method;
  std::string name;
  std::string version;
  std::string expect;
};

Result<v1::FumoUpdate::Method> MethodOf(const Update& update) {
  if (update.method.empty()) {
    return update.package.empty() ? v1::FumoUpdate::DOWNLOAD_AND_UPDATE : v1::FumoUpdate::PUSH;
  }
  if (update.method == "download-and-update") return v1::FumoUpdate::DOWNLOAD_AND_UPDATE;
  if (update.method == "download-then-update") return v1::FumoUpdate::DOWNLOAD_THEN_UPDATE;
  if (update.method == "push") return v1::FumoUpdate::PUSH;
  return InvalidArgument("--method " + update.method +
                         ": expected download-and-update, download-then-update or push");
}

Result<Actions> MakeUpdate(const Update& update, std::istream& in) {
  Actions actions(1);
  v1::FumoUpdate& wanted = *actions[0].mutable_fumo_update();
  DROVER_TRY(const v1::FumoUpdate::Method method, MethodOf(update));
  wanted.set_method(method);
  const bool push = method == v1::FumoUpdate::PUSH;
  if (push == update.package.empty()) {
    return InvalidArgument(push ? "--package FILE is missing"
                                : "--package goes with --method push");
  }
  if (push != update.url.empty()) {
    return InvalidArgument(push ? "a package that is pushed has no --url" : "--url is missing");
  }
  if (push) {
    DROVER_TRY(*wanted.mutable_package(), ReadFile(update.package, in));
  }
  wanted.set_url(update.url);
  wanted.set_package_name(update.name);
  wanted.set_package_version(update.version);
  wanted.set_expect_version(update.expect);
  return actions;
}

void AddUpdate(CLI::App& fumo, Invocation& invocation) {
  const auto update = std::make_shared<Update>();
  CLI::App* const verb = AddAction(fumo, invocation,
                                   {.name = "update",
                                    .help = "Bring new firmware onto terminals and install it",
                                    .timeout = kLong,
                                    .make = [update, &invocation](const auto&) {
                                      return MakeUpdate(*update, invocation.console.in);
                                    }});
  verb->add_option("--url", update->url, "Of the package, or of its download descriptor");
  verb->add_option("--package", update->package, "A file that is pushed in the session");
  verb->add_option("--method", update->method, "download-and-update, download-then-update or push");
  verb->add_option("--package-name", update->name, "Written to PkgName");
  verb->add_option("--package-version", update->version, "Written to PkgVersion");
  verb->add_option("--expect-version", update->expect, "./DevDetail/FwV afterwards, or it failed");
}

void AddHalves(CLI::App& fumo, Invocation& invocation) {
  const auto url = std::make_shared<std::string>();
  CLI::App* const download = AddAction(fumo, invocation,
                                       {.name = "download",
                                        .help = "Download a package, without installing it",
                                        .timeout = kLong,
                                        .make = [url](const auto&) -> Result<Actions> {
                                          Actions actions(1);
                                          actions[0].mutable_fumo_download()->set_url(*url);
                                          return actions;
                                        }});
  download->add_option("--url", *url, "Of the package, or of its download descriptor")->required();
  const auto expect = std::make_shared<std::string>();
  CLI::App* const install =
      AddAction(fumo, invocation,
                {.name = "install",
                 .help = "Install the package that is on the terminal",
                 .timeout = kLong,
                 .make = [expect](const auto&) -> Result<Actions> {
                   Actions actions(1);
                   actions[0].mutable_fumo_install()->set_expect_version(*expect);
                   return actions;
                 }});
  install->add_option("--expect-version", *expect, "./DevDetail/FwV afterwards, or it failed");
}

}  // namespace

void AddFumo(CLI::App& root, Invocation& invocation) {
  CLI::App* const fumo = root.add_subcommand("fumo", "Firmware: update, download, install, status");
  fumo->require_subcommand(1);
  AddUpdate(*fumo, invocation);
  AddHalves(*fumo, invocation);
  AddAction(*fumo, invocation,
            {.name = "status",
             .help = "State of the update, package and firmware version",
             .can_ask = false,
             .make = [](const auto&) -> Result<Actions> {
               Actions actions(1);
               actions[0].mutable_fumo_status();
               return actions;
             }});
}

}  // namespace drover::cli
