#include "tools/drover/commands/push_content.h"

#include <map>

#include "tools/drover/device_file.h"
#include "tools/drover/files.h"

namespace drover::cli {
namespace {

namespace v1 = push::v1;

template <typename T>
Result<T> OneOf(const char* option, const std::string& text,
                const std::map<std::string, T>& choices) {
  const auto found = choices.find(text);
  if (found != choices.end()) return found->second;
  std::string names;
  for (const auto& [name, value] : choices) {
    if (!name.empty()) names += (names.empty() ? "" : ", ") + name;
  }
  return InvalidArgument(std::string(option) + ": one of " + names);
}

Result<void> SetFile(Invocation& invocation, const PushContentOptions& options,
                     v1::Octets& octets) {
  if (options.content_type.empty()) return InvalidArgument("--file needs --content-type");
  DROVER_TRY(*octets.mutable_body(), ReadFile(options.file, invocation.console.in));
  octets.set_content_type(options.content_type);
  octets.set_application_id(options.application_id);
  return {};
}

Result<void> SetNotification(const PushContentOptions& options, v1::Notification& notification) {
  using N = v1::Notification;
  DROVER_TRY(const N::UiMode ui_mode, OneOf<N::UiMode>("--ui-mode", options.ui_mode,
                                                       {{"", N::UI_MODE_UNSPECIFIED},
                                                        {"unspecified", N::NOT_SPECIFIED},
                                                        {"background", N::BACKGROUND},
                                                        {"informative", N::INFORMATIVE},
                                                        {"interaction", N::USER_INTERACTION}}));
  DROVER_TRY(const N::Initiator initiator,
             OneOf<N::Initiator>(
                 "--initiator", options.initiator,
                 {{"", N::INITIATOR_UNSPECIFIED}, {"server", N::SERVER}, {"client", N::CLIENT}}));
  DROVER_TRY(const uint32_t version,
             OneOf<uint32_t>("--notification-version", options.dm_version,
                             {{"", 0}, {"1.1", 11}, {"1.2", 12}, {"1.3", 13}}));
  notification.set_ui_mode(ui_mode);
  notification.set_initiator(initiator);
  notification.set_version(version);
  return {};
}

v1::Bootstrap::Scheme SchemeOf(tree::v1::AuthScheme scheme) {
  switch (scheme) {
    case tree::v1::BASIC:
      return v1::Bootstrap::BASIC;
    case tree::v1::MAC:
      return v1::Bootstrap::MAC;
    default:
      return v1::Bootstrap::MD5;
  }
}

// The one of this terminal; or the only one, if TO is a number.
Result<tree::v1::NewDevice> AccountIn(Invocation& invocation, const std::string& file,
                                      const std::string& to) {
  DROVER_TRY(const std::string text, ReadFile(file, invocation.console.in));
  DROVER_TRY(const std::vector<tree::v1::NewDevice> devices, ParseDeviceFile(text, file));
  for (const tree::v1::NewDevice& device : devices) {
    if (device.id() == to) return device;
  }
  if (devices.size() == 1 && to.find(':') == std::string::npos) return devices.front();
  return InvalidArgument("--bootstrap: " + file + " has no account of " + to);
}

Result<void> SetBootstrap(Invocation& invocation, const PushContentOptions& options,
                          const std::string& to, v1::Bootstrap& bootstrap) {
  if (options.server_address.empty()) {
    return InvalidArgument("--bootstrap needs --server-address: what terminals reach ingress by");
  }
  DROVER_TRY(const v1::Bootstrap::Profile profile,
             OneOf<v1::Bootstrap::Profile>("--profile", options.profile,
                                           {{"cp", v1::Bootstrap::CLIENT_PROVISIONING},
                                            {"dm", v1::Bootstrap::DEVICE_MANAGEMENT}}));
  DROVER_TRY(const tree::v1::NewDevice account, AccountIn(invocation, options.bootstrap, to));
  bootstrap.set_profile(profile);
  bootstrap.set_server_address(options.server_address);
  bootstrap.set_server_name(options.server_name);
  bootstrap.set_client_user(account.user().empty() ? account.id() : account.user());
  bootstrap.set_client_password(account.password());
  bootstrap.set_client_nonce(account.client_nonce());
  bootstrap.set_server_password(account.server_password());
  bootstrap.set_server_nonce(account.server_nonce());

  bootstrap.set_client_scheme(SchemeOf(account.client_scheme()));
  bootstrap.set_server_scheme(SchemeOf(account.server_scheme()));
  bootstrap.set_network_pin(options.network_pin);
  bootstrap.set_network_id_digits(options.network_id_digits);
  if (!options.pin_file.empty()) {
    DROVER_TRY(*bootstrap.mutable_pin(), ReadSecret(options.pin_file, invocation.console.in));
  }
  return {};
}

}  // namespace

void PushContentOptions::AddTo(CLI::App& command) {
  command.add_option("--text", text, "A plain short message");
  command.add_option("--si", si, "A service indication with this link");
  command.add_option("--message", message, "Its text");
  command.add_option("--sl", sl, "A service loading of this link");
  command.add_option("--action", action, "signal-high .., execute-high ..; as the content has it");
  command.add_option("-f,--file", file, "Any other content; - is stdin");
  command.add_option("--content-type", content_type, "Of the file");
  command.add_option("--application-id", application_id, "x-wap-application:.. or a number");
  command.add_flag("--notification", notification, "The terminal opens a session because of it");
  command.add_option("--ui-mode", ui_mode,
                     "Of it: unspecified, background, informative, interaction");
  command.add_option("--initiator", initiator, "Of it: server, client");
  command.add_option("--notification-version", dm_version, "Of it: 1.1, 1.2, 1.3");
  command.add_option("--bootstrap", bootstrap,
                     "The account in this file, as device enrol -f reads it; - is stdin");
  command.add_option("--server-address", server_address, "Of it: the URL of ingress");
  command.add_option("--server-name", server_name, "Of it: shown to the user");
  command.add_option("--profile", profile, "Of it: cp, dm")->capture_default_str();
  command.add_option("--pin-file", pin_file, "Of it: what the user has been told");
  command.add_flag("--network-pin", network_pin, "Of it: proved by the registered IMSI");
  command.add_flag("--network-id-digits", network_id_digits,
                   "Of it: by the IMSI's digits (--profile dm)");
}

Result<void> SetContent(Invocation& invocation, const PushContentOptions& options,
                        const std::string& to, v1::SendPushRequest& request) {
  const int contents = !options.text.empty() + !options.si.empty() + !options.sl.empty() +
                       !options.file.empty() + options.notification + !options.bootstrap.empty();
  if (contents != 1) {
    return InvalidArgument(
        "give one of --text, --si, --sl, --file, --notification and --bootstrap");
  }
  if (!options.text.empty()) request.set_text(options.text);
  if (!options.si.empty()) {
    request.mutable_indication()->set_href(options.si);
    request.mutable_indication()->set_text(options.message);
    request.mutable_indication()->set_action(options.action);
  }
  if (!options.sl.empty()) {
    request.mutable_loading()->set_href(options.sl);
    request.mutable_loading()->set_action(options.action);
  }
  if (!options.file.empty()) {
    DROVER_TRY(SetFile(invocation, options, *request.mutable_octets()));
  }
  if (options.notification) {
    DROVER_TRY(SetNotification(options, *request.mutable_notification()));
  }
  if (!options.bootstrap.empty()) {
    DROVER_TRY(SetBootstrap(invocation, options, to, *request.mutable_bootstrap()));
  }
  return {};
}

}  // namespace drover::cli
