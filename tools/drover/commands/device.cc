#include <algorithm>
#include <cstdio>

#include "tools/drover/commands/command.h"
#include "tools/drover/device_file.h"
#include "tools/drover/files.h"
#include "tools/drover/proto_json.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

namespace v1 = tree::v1;

constexpr size_t kMaxPerRequest = 1000;

struct Options {
  std::string id;
  std::string file;
  std::string password_file;
  std::string server_password_file;
  std::string user;
  std::string client_scheme;
  std::string server_scheme;
  std::string manufacturer;
  std::string model;
  std::string out;
  bool show = false;
  bool client = false;
  bool server = false;
  OutputOption output;
};

Result<void> SetScheme(const std::string& name, v1::AuthScheme& scheme) {
  if (name.empty()) return {};
  DROVER_TRY(scheme, ParseScheme(name));
  return {};
}

Result<v1::NewDevice> FromWords(const Options& options, std::istream& in) {
  if (options.id.empty()) return InvalidArgument("say which terminal: ID, or -f FILE");
  if (options.password_file.empty()) {
    return InvalidArgument("--password-file FILE is missing (- is standard input)");
  }
  v1::NewDevice device;
  DROVER_TRY(*device.mutable_id(), DeviceArgument(options.id));
  DROVER_TRY(*device.mutable_password(), ReadSecret(options.password_file, in));
  if (!options.server_password_file.empty()) {
    DROVER_TRY(*device.mutable_server_password(), ReadSecret(options.server_password_file, in));
  }
  v1::AuthScheme client{};
  v1::AuthScheme server{};
  DROVER_TRY(SetScheme(options.client_scheme, client));
  DROVER_TRY(SetScheme(options.server_scheme, server));
  device.set_client_scheme(client);
  device.set_server_scheme(server);
  device.set_user(options.user);
  device.set_manufacturer(options.manufacturer);
  device.set_model(options.model);
  return device;
}

Result<std::vector<v1::NewDevice>> DevicesOf(const Options& options, std::istream& in) {
  if (options.file.empty()) {
    DROVER_TRY(v1::NewDevice device, FromWords(options, in));
    return std::vector<v1::NewDevice>{std::move(device)};
  }
  if (!options.id.empty()) return InvalidArgument("give either ID or -f FILE");
  DROVER_TRY(const std::string text, ReadFile(options.file, in));
  return ParseDeviceFile(text, options.file == "-" ? "standard input" : options.file);
}

Result<ExitCode> Enrol(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const std::vector<v1::NewDevice> devices, DevicesOf(options, invocation.console.in));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  Json enrolled = Json::array();
  for (size_t begin = 0; begin < devices.size(); begin += kMaxPerRequest) {
    v1::EnrolDevicesRequest request;
    for (size_t i = begin; i < std::min(begin + kMaxPerRequest, devices.size()); ++i) {
      *request.add_devices() = devices[i];
    }
    DROVER_TRY(const v1::EnrolDevicesResponse response, cluster->EnrolDevices(request));
    for (const v1::Device& device : response.devices()) enrolled.push_back(ToJson(device));
    invocation.console.Note("enrolled " + std::to_string(enrolled.size()) + " of " +
                            std::to_string(devices.size()));
  }
  PrintList(invocation.console, format, enrolled, kDeviceView);
  return ExitCode::kOk;
}

Result<ExitCode> SetStatus(Invocation& invocation, const Options& options,
                           v1::DeviceStatus status) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  v1::SetDeviceStatusRequest request;
  DROVER_TRY(*request.mutable_id(), DeviceArgument(options.id));
  request.set_status(status);
  DROVER_TRY(const v1::Device device, cluster->SetDeviceStatus(request));
  PrintRow(invocation.console, format, ToJson(device), kDeviceView);
  return ExitCode::kOk;
}

Result<ExitCode> Disable(Invocation& invocation, const Options& options) {
  return SetStatus(invocation, options, v1::DISABLED);
}
Result<ExitCode> Enable(Invocation& invocation, const Options& options) {
  return SetStatus(invocation, options, v1::ENABLED);
}

Result<v1::RotateCredentialsRequest> RotationOf(const Options& options, std::istream& in) {
  v1::RotateCredentialsRequest request;
  DROVER_TRY(*request.mutable_id(), DeviceArgument(options.id));
  if (!options.password_file.empty()) {
    DROVER_TRY(*request.mutable_password(), ReadSecret(options.password_file, in));
  }
  if (!options.server_password_file.empty()) {
    DROVER_TRY(*request.mutable_server_password(), ReadSecret(options.server_password_file, in));
  }
  return request;
}

Result<ExitCode> Rotate(Invocation& invocation, const Options& options) {
  if (options.out.empty() != options.show) {
    return InvalidArgument("say where the new secrets go: --out FILE or --show");
  }
  DROVER_TRY(const v1::RotateCredentialsRequest request,
             RotationOf(options, invocation.console.in));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  std::optional<PrivateFile> file;
  if (!options.out.empty()) {
    DROVER_TRY(PrivateFile created, PrivateFile::Create(options.out));
    file.emplace(std::move(created));
  }
  DROVER_TRY(const v1::RotateCredentialsResponse response, cluster->RotateCredentials(request));
  const Json secrets = {{"id", response.device().id()},
                        {"password", response.password()},
                        {"server_password", response.server_password()}};
  if (options.show) {
    invocation.console.out << ToYaml(secrets);
    return ExitCode::kOk;
  }
  DROVER_TRY(file->Write(ToYaml(secrets)));
  invocation.console.Note("the new secrets of " + response.device().id() + " are in " +
                          options.out);
  return ExitCode::kOk;
}

Result<ExitCode> Prepare(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  v1::PrepareRotationRequest request;
  DROVER_TRY(*request.mutable_id(), DeviceArgument(options.id));
  request.set_client(options.client);
  request.set_server(options.server);
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::PrepareRotationResponse response, cluster->PrepareRotation(request));
  PrintRow(invocation.console, format, ToJson(response.device()), kDeviceView);
  invocation.console.Note("the next secrets wait; the present ones hold until they are proved");
  return ExitCode::kOk;
}

Result<ExitCode> SetAuth(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  v1::AuthScheme client{};
  v1::AuthScheme server{};
  DROVER_TRY(SetScheme(options.client_scheme, client));
  DROVER_TRY(SetScheme(options.server_scheme, server));
  if (client == v1::AUTH_SCHEME_UNSPECIFIED && server == v1::AUTH_SCHEME_UNSPECIFIED) {
    return InvalidArgument("say which scheme: --client or --server, basic, md5 or mac");
  }
  v1::SetAuthenticationRequest request;
  DROVER_TRY(*request.mutable_id(), DeviceArgument(options.id));
  request.set_client_scheme(client);
  request.set_server_scheme(server);
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Device device, cluster->SetAuthentication(request));
  PrintRow(invocation.console, format, ToJson(device), kDeviceView);
  return ExitCode::kOk;
}

Result<ExitCode> Resync(Invocation& invocation, const Options& options) {
  DROVER_TRY(const std::string id, DeviceArgument(options.id));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(PrivateFile file, PrivateFile::Create(options.out));
  DROVER_TRY(const session::v1::StartNonceResyncResponse made, cluster->StartNonceResync(id));
  DROVER_TRY(file.Write(made.notification()));
  char session[8];
  std::snprintf(session, sizeof session, "%X", made.session_id());
  invocation.console.Note("the notification is in " + options.out + "; session " + session +
                          " may answer it for ten minutes. Rotate the terminal's credentials "
                          "afterwards: drover credentials rotate " +
                          id);
  return ExitCode::kOk;
}

void AddSecrets(CLI::App& command, Options& options) {
  command.add_option("--password-file", options.password_file,
                     "A file with the terminal's password; - is standard input");
  command.add_option("--server-password-file", options.server_password_file,
                     "A file with the password that the server proves itself by");
}

void AddEnrol(CLI::App& device, Invocation& invocation) {
  const auto [enrol, options] =
      AddVerb(device, invocation, "enrol", "Register terminals with their DM accounts", Enrol);
  enrol->add_option("ID", options->id, "IMEI:.., urn:uuid:..");
  enrol->add_option("-f,--file", options->file, "Many, in YAML or JSON lines; - is stdin");
  AddSecrets(*enrol, *options);
  enrol->add_option("--user", options->user, "The account's name [the id]");
  enrol->add_option("--client-scheme", options->client_scheme, "basic, md5 or mac [md5]");
  enrol->add_option("--server-scheme", options->server_scheme, "basic, md5 or mac [md5]");
  enrol->add_option("--manufacturer", options->manufacturer, "As known beforehand");
  enrol->add_option("--model", options->model, "As known beforehand");
  options->output.AddTo(*enrol);
}

}  // namespace

void AddDevice(CLI::App& root, Invocation& invocation) {
  CLI::App* device =
      root.add_subcommand("device", "Terminals: enrol, disable, authentication, credentials");
  device->require_subcommand(1);
  AddEnrol(*device, invocation);
  const auto [disable, of_disable] =
      AddVerb(*device, invocation, "disable", "Refuse a terminal's sessions", Disable);
  disable->add_option("ID", of_disable->id, "The terminal")->required();
  of_disable->output.AddTo(*disable);
  const auto [enable, of_enable] =
      AddVerb(*device, invocation, "enable", "Let it in again", Enable);
  enable->add_option("ID", of_enable->id, "The terminal")->required();
  of_enable->output.AddTo(*enable);
  const auto [rotate, of_rotate] = AddVerb(*device, invocation, "rotate-credentials",
                                           "Replace its secrets by given or new ones", Rotate);
  rotate->add_option("ID", of_rotate->id, "The terminal")->required();
  AddSecrets(*rotate, *of_rotate);
  rotate->add_option("--out", of_rotate->out, "A new file for the secrets, mode 0600");
  rotate->add_flag("--show", of_rotate->show, "Print the secrets");
  const auto [prepare, of_prepare] =
      AddVerb(*device, invocation, "prepare-rotation",
              "Make next secrets, for an operation to write into the terminal", Prepare);
  prepare->add_option("ID", of_prepare->id, "The terminal")->required();
  prepare->add_flag("--client", of_prepare->client, "The terminal's; neither: both");
  prepare->add_flag("--server", of_prepare->server, "The server's");
  of_prepare->output.AddTo(*prepare);
  const auto [resync, of_resync] =
      AddVerb(*device, invocation, "resync",
              "Make a notification for a terminal whose nonces have drifted for good", Resync);
  resync->add_option("ID", of_resync->id, "The terminal")->required();
  resync->add_option("--out", of_resync->out, "A new file for package #0, mode 0600")->required();
  const auto [auth, of_auth] =
      AddVerb(*device, invocation, "set-auth", "Which schemes are accepted and sent", SetAuth);
  auth->add_option("ID", of_auth->id, "The terminal")->required();
  auth->add_option("--client", of_auth->client_scheme, "The weakest accepted: basic, md5, mac");
  auth->add_option("--server", of_auth->server_scheme, "What the server sends: basic, md5, mac");
  of_auth->output.AddTo(*auth);
}

}  // namespace drover::cli
