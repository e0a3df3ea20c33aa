// drover gateway, and "get gateways": voice home gateways.
#include "tools/drover/commands/command.h"
#include "tools/drover/files.h"
#include "tools/drover/proto_json.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

namespace v1 = sip::v1;

constexpr Column kGatewayColumns[] = {
    {"GATEWAY", "/id"},
    {"VENDOR", "/vendor"},
    {"MODEL", "/model"},
    {"VERSION", "/file_version"},
    {"STATE", "/state"},
    {"REGISTERED", "/registered_at"},
    {"CAUSE", "/cause"},
    {"CONTACT", "/contact", true},
    {"PROFILE", "/profile", true},
    {"TARGET", "/target_version", true},
};
const View kGatewayView{.name_pointer = "/id", .columns = kGatewayColumns};

constexpr Column kModelColumns[] = {
    {"VENDOR", "/vendor"},         {"MODEL", "/model"},    {"PROFILE", "/profile"},
    {"TARGET", "/target_version"}, {"FILE", "/file_name"}, {"PATH", "/download_path", true},
};
const View kModelView{.name_pointer = "/vendor", .columns = kModelColumns};

constexpr size_t kPage = 500;

struct EnrolOptions {
  std::string id, file, password_file, sip_password_file;
  v1::NewGateway gateway;
  OutputOption output;
};

Result<void> SetKey(const std::string& key, const YamlValue& value, v1::NewGateway& gateway) {
  DROVER_TRY(const std::string text, value.Text());
  if (key == "id") {
    gateway.set_id(text);
  } else if (key == "password") {
    gateway.set_password(text);
  } else if (key == "sip_user") {
    gateway.set_sip_user(text);
  } else if (key == "sip_password") {
    gateway.set_sip_password(text);
  } else if (key == "sip_uri") {
    gateway.set_sip_uri(text);
  } else if (key == "vendor") {
    gateway.set_vendor(text);
  } else if (key == "model") {
    gateway.set_model(text);
  } else {
    return value.Bad("unknown key \"" + key +
                     "\"; there are id, password, sip_user, sip_password, sip_uri, vendor, model");
  }
  return {};
}

Result<std::vector<v1::NewGateway>> Given(Invocation& invocation, const EnrolOptions& options) {
  std::vector<v1::NewGateway> out;
  std::istream& in = invocation.console.in;
  if (options.file.empty()) {
    if (options.id.empty()) return InvalidArgument("name a gateway, or give a file with -f");
    if (options.password_file.empty())
      return InvalidArgument("--password-file FILE is missing (- is standard input)");
    v1::NewGateway gateway = options.gateway;
    gateway.set_id(options.id);
    DROVER_TRY(*gateway.mutable_password(), ReadSecret(options.password_file, in));
    if (!options.sip_password_file.empty()) {
      DROVER_TRY(*gateway.mutable_sip_password(), ReadSecret(options.sip_password_file, in));
    }
    return std::vector{std::move(gateway)};
  }
  DROVER_TRY(const std::string text, ReadFile(options.file, in));
  DROVER_TRY(const std::vector<YamlMap> maps, ParseYamlMaps(text, options.file));
  for (const YamlMap& map : maps) {
    v1::NewGateway& gateway = out.emplace_back();
    for (const auto& [key, value] : map.entries) DROVER_TRY(SetKey(key, value, gateway));
    if (gateway.id().empty()) return InvalidArgument(map.place + ": a gateway without id");
    if (gateway.password().empty())
      return InvalidArgument(map.place + ": a gateway without password");
  }
  if (out.empty()) return InvalidArgument(options.file + ": no gateway in it");
  return out;
}

Result<ExitCode> Enrol(Invocation& invocation, const EnrolOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const std::vector<v1::NewGateway> given, Given(invocation, options));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  Json enrolled = Json::array();
  for (size_t i = 0; i < given.size(); i += kPage) {
    v1::EnrolGatewaysRequest request;
    for (size_t j = i; j < std::min(i + kPage, given.size()); ++j)
      *request.add_gateways() = given[j];
    DROVER_TRY(const v1::EnrolGatewaysResponse response, cluster->EnrolGateways(request));
    for (const v1::Gateway& gateway : response.gateways()) enrolled.push_back(ToJson(gateway));
  }
  PrintList(invocation.console, format, enrolled, kGatewayView);
  return ExitCode::kOk;
}

struct OneOptions {
  std::string id;
  OutputOption output;
};

Result<ExitCode> Trigger(Invocation& invocation, const OneOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const std::string id, DeviceArgument(options.id));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Gateway gateway, cluster->TriggerGateway(id));
  PrintObject(invocation.console, format, ToJson(gateway), kGatewayView);
  return ExitCode::kOk;
}

struct NotifyOptions {
  std::string id, event, content_type, body_file, state;
  OutputOption output;
};

Result<ExitCode> Notify(Invocation& invocation, const NotifyOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  v1::SendNotifyRequest request;
  DROVER_TRY(*request.mutable_id(), DeviceArgument(options.id));
  request.set_event(options.event);
  request.set_content_type(options.content_type);
  request.set_subscription_state(options.state);
  if (!options.body_file.empty()) {
    DROVER_TRY(*request.mutable_body(), ReadFile(options.body_file, invocation.console.in));
  }
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::SendNotifyResponse answer, cluster->SendNotify(request));
  constexpr Column kColumns[] = {{"STATUS", "/status"}, {"REASON", "/reason"}};
  PrintObject(invocation.console, format, ToJson(answer),
              {.name_pointer = "/status", .columns = kColumns});
  return answer.status() / 100 == 2 ? ExitCode::kOk : ExitCode::kFailure;
}

struct CredentialsOptions {
  std::string id, password_file, sip_user, sip_password_file;
  OutputOption output;
};

Result<ExitCode> Credentials(Invocation& invocation, const CredentialsOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  v1::SetCredentialsRequest request;
  DROVER_TRY(*request.mutable_id(), DeviceArgument(options.id));
  request.set_sip_user(options.sip_user);
  std::istream& in = invocation.console.in;
  if (!options.password_file.empty()) {
    DROVER_TRY(*request.mutable_password(), ReadSecret(options.password_file, in));
  }
  if (!options.sip_password_file.empty()) {
    DROVER_TRY(*request.mutable_sip_password(), ReadSecret(options.sip_password_file, in));
  }
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Gateway gateway, cluster->SetGatewayCredentials(request));
  PrintObject(invocation.console, format, ToJson(gateway), kGatewayView);
  return ExitCode::kOk;
}

struct ModelOptions {
  v1::Model model;
  OutputOption output;
};

Result<ExitCode> SetModel(Invocation& invocation, const ModelOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Model model, cluster->SetGatewayModel(options.model));
  PrintObject(invocation.console, format, ToJson(model), kModelView);
  return ExitCode::kOk;
}

Result<ExitCode> ListModels(Invocation& invocation, const ModelOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::ListModelsResponse response, cluster->ListGatewayModels());
  Json models = Json::array();
  for (const v1::Model& model : response.models()) models.push_back(ToJson(model));
  PrintList(invocation.console, format, models, kModelView);
  return ExitCode::kOk;
}

Result<ExitCode> DeleteModel(Invocation& invocation, const ModelOptions& options) {
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(cluster->DeleteGatewayModel(options.model.vendor(), options.model.model()));
  return ExitCode::kOk;
}

struct ListOptions {
  std::vector<std::string> states;
  std::string vendor, model;
  int64_t limit = 0;
  OutputOption output;
};

Result<ExitCode> GetGateways(Invocation& invocation, const ListOptions& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  v1::ListGatewaysRequest request;
  request.mutable_states()->Assign(options.states.begin(), options.states.end());
  request.set_vendor(options.vendor);
  request.set_model(options.model);
  request.set_page_size(kPage);
  Json all = Json::array();
  do {
    DROVER_TRY(const v1::ListGatewaysResponse page, cluster->ListGateways(request));
    for (const v1::Gateway& gateway : page.gateways()) {
      if (options.limit > 0 && static_cast<int64_t>(all.size()) >= options.limit) break;
      all.push_back(ToJson(gateway));
    }
    request.set_page_token(page.next_page_token());
    if (options.limit > 0 && static_cast<int64_t>(all.size()) >= options.limit) break;
  } while (!request.page_token().empty());
  PrintList(invocation.console, format, all, kGatewayView);
  return ExitCode::kOk;
}

template <typename Field>
void AddText(CLI::App& command, const char* flag, v1::Model& model, Field field, const char* help) {
  command.add_option_function<std::string>(
      flag, [&model, field](const std::string& text) { *(model.*field)() = text; }, help);
}

void AddModel(CLI::App& gateway, Invocation& invocation) {
  CLI::App* model = gateway.add_subcommand("model", "What holds for a model of gateway");
  model->require_subcommand(1);
  const auto named = [&](const char* verb, const char* help, auto handler) {
    const auto [command, of] = AddVerb(*model, invocation, verb, help, handler);
    AddText(*command, "VENDOR", of->model, &v1::Model::mutable_vendor, "As the gateway tells it");
    command->get_option("VENDOR")->required();
    AddText(*command, "MODEL", of->model, &v1::Model::mutable_model, "Left out: all of the vendor");
    return std::pair(command, of);
  };
  const auto [set, of] = named("set", "Say what holds for it", SetModel);
  v1::Model& said = of->model;
  AddText(*set, "--profile", said, &v1::Model::mutable_profile, "A vendor profile by name");
  AddText(*set, "--target-version", said, &v1::Model::mutable_target_version, "What it should run");
  AddText(*set, "--file", said, &v1::Model::mutable_file_name, "The file of that version");
  AddText(*set, "--path", said, &v1::Model::mutable_download_path, "Where it is; default: with us");
  AddText(*set, "--method", said, &v1::Model::mutable_download_method, "http, https, tftp, ftp");
  AddText(*set, "--sha256", said, &v1::Model::mutable_sha256, "Of the file");
  set->add_option_function<uint64_t>(
      "--size", [&said](const uint64_t& octets) { said.set_file_size(octets); },
      "Octets of the file");
  of->output.AddTo(*set);
  const auto [list, of_list] = AddVerb(*model, invocation, "list", "All of them", ListModels);
  of_list->output.AddTo(*list);
  named("delete", "As if nothing had been said", DeleteModel);
}

void AddEnrol(CLI::App& gateway, Invocation& invocation) {
  const auto [enrol, of] =
      AddVerb(gateway, invocation, "enrol", "Make gateways known, with their credentials", Enrol);
  enrol->add_option("ID", of->id, "Its serial number and user name");
  enrol->add_option("-f,--file", of->file, "YAML: a list of gateways; - is standard input");
  enrol->add_option("--password-file", of->password_file,
                    "A file with its HTTP password; - is standard input");
  enrol->add_option("--sip-password-file", of->sip_password_file,
                    "The same of its SIP side, if it differs");
  auto& given = of->gateway;
  const auto text = [&, command = enrol](const char* flag, std::string* field, const char* help) {
    command->add_option_function<std::string>(
        flag, [field](const std::string& value) { *field = value; }, help);
  };
  text("--sip-user", given.mutable_sip_user(), "User name of its SIP side (default: the id)");
  text("--sip-uri", given.mutable_sip_uri(), "Where it is reached before it registers");
  text("--vendor", given.mutable_vendor(), "As known beforehand");
  text("--model", given.mutable_model(), "As known beforehand");
  of->output.AddTo(*enrol);
}

}  // namespace

void AddGateway(CLI::App& root, Invocation& invocation) {
  CLI::App* gateway = root.add_subcommand("gateway", "Voice home gateways");
  gateway->require_subcommand(1);
  AddEnrol(*gateway, invocation);
  const auto [trigger, of_trigger] =
      AddVerb(*gateway, invocation, "trigger", "Tell a gateway to ask now", Trigger);
  trigger->add_option("ID", of_trigger->id)->required();
  of_trigger->output.AddTo(*trigger);
  const auto [notify, of] =
      AddVerb(*gateway, invocation, "notify", "Send a NOTIFY of ordinary voice service", Notify);
  notify->add_option("ID", of->id)->required();
  notify->add_option("--event", of->event, "message-summary, ..")->required();
  notify->add_option("--content-type", of->content_type, "application/simple-message-summary, ..");
  notify->add_option("--body-file", of->body_file, "A file with its body; - is standard input");
  notify->add_option("--subscription-state", of->state, "Default: active");
  of->output.AddTo(*notify);
  const auto [credentials, of_credentials] =
      AddVerb(*gateway, invocation, "credentials", "Set its credentials", Credentials);
  credentials->add_option("ID", of_credentials->id)->required();
  credentials->add_option("--password-file", of_credentials->password_file, "Of its HTTP requests");
  credentials->add_option("--sip-user", of_credentials->sip_user, "Of its SIP side");
  credentials->add_option("--sip-password-file", of_credentials->sip_password_file,
                          "Of its SIP side");
  of_credentials->output.AddTo(*credentials);
  AddModel(*gateway, invocation);
}

void AddGetGateways(CLI::App& get, Invocation& invocation) {
  const auto [list, of] =
      AddVerb(get, invocation, "gateways", "List voice home gateways", GetGateways);
  list->add_option("--state", of->states,
                   "idle, pending, sent, acked, answered, unreachable, done, failed");
  list->add_option("--vendor", of->vendor, "Of that vendor");
  list->add_option("--model", of->model, "Of that model");
  list->add_option("--limit", of->limit, "At most so many")->check(CLI::PositiveNumber);
  of->output.AddTo(*list);
}

}  // namespace drover::cli
