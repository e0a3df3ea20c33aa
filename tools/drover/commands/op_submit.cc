#include <algorithm>

#include "libs/dmtree/loc_uri.h"
#include "tools/drover/commands/command.h"
#include "tools/drover/duration.h"
#include "tools/drover/files.h"
#include "tools/drover/operation_file.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

constexpr int kMaxPerRequest = 1000;

struct Options {
  std::string device;
  std::string file;
  bool wait = false;
  std::string timeout = "10m";
  std::string label;
  int priority = 0;
  std::string ttl;
  std::string idempotency_key;
  OutputOption output;

  // Of the one verb that was named.
  v1::Verb verb = v1::VERB_UNSPECIFIED;
  std::vector<std::string> uris;  // GET, DELETE: a command each.
  std::string uri;                // The other verbs.
  std::string source;
  std::optional<std::string> value;
  std::string value_file;
  std::string format;
  std::string type;
};

Result<v1::Command> CommandOf(const Options& options, const std::string& uri, std::istream& in) {
  v1::Command command;
  command.set_verb(options.verb);
  DROVER_TRY(dmtree::LocUri::Parse(uri));
  command.set_target(uri);
  if (options.verb == v1::COPY) DROVER_TRY(dmtree::LocUri::Parse(options.source));
  command.set_source(options.source);
  command.set_format(options.format);
  command.set_type(options.type);
  if (options.value && !options.value_file.empty()) {
    return InvalidArgument("give VALUE or --value-file, not both");
  }
  if (!options.value_file.empty()) {
    DROVER_TRY(*command.mutable_data(), ReadFile(options.value_file, in));
    command.set_has_data(true);
  } else if (options.value) {
    command.set_data(*options.value);
    command.set_has_data(true);
  }
  if (options.verb == v1::REPLACE && !command.has_data()) {
    return InvalidArgument("replace needs a VALUE or --value-file");
  }
  return command;
}

// The operations that flags and words describe.
Result<OperationFile> FromWords(const Options& options, std::istream& in) {
  if (options.verb == v1::VERB_UNSPECIFIED || options.device.empty()) {
    return InvalidArgument(
        "say what to do: drover op submit ID get|replace|add|delete|copy|exec .., or -f FILE");
  }
  OperationTemplate one;
  DROVER_TRY(const std::string id, DeviceArgument(options.device));
  one.devices.push_back(id);
  std::vector<std::string> uris = options.uris;
  if (!options.uri.empty()) uris.push_back(options.uri);
  for (const std::string& uri : uris) {
    DROVER_TRY(*one.operation.add_commands(), CommandOf(options, uri, in));
  }
  OperationFile file;
  file.templates.push_back(std::move(one));
  return file;
}

Result<OperationFile> FromFile(const Options& options, std::istream& in) {
  if (options.verb != v1::VERB_UNSPECIFIED || !options.device.empty()) {
    return InvalidArgument("give either -f FILE or a terminal and a command");
  }
  DROVER_TRY(const std::string text, ReadFile(options.file, in));
  return ParseOperationFile(text, options.file == "-" ? "standard input" : options.file);
}

// Flags hold for every operation; where the file says something itself, the flag wins.
Result<void> ApplyFlags(const Options& options, OperationFile& file) {
  if (!options.idempotency_key.empty()) file.idempotency_key = options.idempotency_key;
  for (OperationTemplate& each : file.templates) {
    if (!options.label.empty()) each.operation.set_label(options.label);
    if (options.priority != 0) each.operation.set_priority(options.priority);
    if (options.ttl.empty()) continue;
    DROVER_TRY(const std::chrono::milliseconds ttl, ParseDuration(options.ttl));
    each.operation.mutable_ttl()->set_seconds(ttl.count() / 1000);
    each.operation.mutable_ttl()->set_nanos(static_cast<int32_t>(ttl.count() % 1000 * 1'000'000));
  }
  return {};
}

Result<std::vector<std::string>> Selected(Cluster& cluster, const OperationTemplate& each) {
  std::vector<std::string> ids = each.devices;
  if (each.selector.empty()) return ids;
  tree::v1::ListDevicesRequest request;
  request.mutable_selector()->insert(each.selector.begin(), each.selector.end());
  do {
    DROVER_TRY(const tree::v1::ListDevicesResponse page, cluster.ListDevices(request));
    for (const tree::v1::Device& device : page.devices()) ids.push_back(device.id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (ids.empty()) return NotFound(each.place + ": the selector finds no terminal");
  return ids;
}

Result<std::vector<v1::NewOperation>> Expand(Cluster& cluster, const OperationFile& file) {
  std::vector<v1::NewOperation> all;
  for (const OperationTemplate& each : file.templates) {
    DROVER_TRY(const std::vector<std::string> ids, Selected(cluster, each));
    for (const std::string& id : ids) all.emplace_back(each.operation).set_device_id(id);
  }
  return all;
}

// In requests of at most 1000; the idempotency key of all but the first gets a number, so that a
// repeat of the whole finds each.
Result<std::vector<v1::Operation>> Submit(Cluster& cluster, const std::string& key,
                                          const std::vector<v1::NewOperation>& all) {
  std::vector<v1::Operation> stored;
  for (size_t begin = 0; begin < all.size(); begin += kMaxPerRequest) {
    const size_t end = std::min(begin + kMaxPerRequest, all.size());
    v1::SubmitOperationsRequest request;
    if (!key.empty()) {
      request.set_idempotency_key(begin == 0 ? key : key + "-" + std::to_string(begin));
    }
    for (size_t i = begin; i < end; ++i) *request.add_operations() = all[i];
    DROVER_TRY(const v1::SubmitOperationsResponse response, cluster.SubmitOperations(request));
    stored.insert(stored.end(), response.operations().begin(), response.operations().end());
  }
  return stored;
}

// Until each has ended or the time is up. The exit code that this amounts to.
Result<ExitCode> Wait(Invocation& invocation, const std::string& timeout,
                      std::vector<v1::Operation>& all) {
  DROVER_TRY(const std::chrono::milliseconds span, ParseDuration(timeout));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  const auto deadline = std::chrono::system_clock::now() + span;
  ExitCode code = ExitCode::kOk;
  for (v1::Operation& operation : all) {
    const auto seen = [&operation](const v1::Operation& now) { operation = now; };
    const std::string id = operation.id();
    const Result<void> followed = Follow(*cluster, invocation.console, id, deadline, seen);
    if (!followed && followed.error().code != Code::kDeadlineExceeded) return followed.error();
    if (!followed) {
      invocation.console.Note("drover: " + followed.error().message);
      code = ExitCode::kTimeout;
    } else if (operation.state() != v1::SUCCEEDED) {
      invocation.console.Note("drover: operation " + id + " " + v1::State_Name(operation.state()) +
                              ": " + operation.cause());
      if (code == ExitCode::kOk) code = ExitCode::kFailure;
    }
  }
  return code;
}

void Print(Console& console, OutputFormat format, const std::vector<v1::Operation>& all,
           bool with_results) {
  Json list = Json::array();
  for (const v1::Operation& operation : all) list.push_back(ToJson(operation));
  const bool one = list.size() == 1 && (with_results || !IsTable(format));
  if (one) return PrintObject(console, format, list[0], kOperationView);
  if (IsTable(format)) std::ranges::for_each(list, FitTable);
  PrintList(console, format, list, kOperationView);
}

Result<ExitCode> RunSubmit(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  std::istream& in = invocation.console.in;
  DROVER_TRY(OperationFile file,
             options.file.empty() ? FromWords(options, in) : FromFile(options, in));
  DROVER_TRY(ApplyFlags(options, file));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const std::vector<v1::NewOperation> wanted, Expand(*cluster, file));
  DROVER_TRY(std::vector<v1::Operation> all, Submit(*cluster, file.idempotency_key, wanted));
  ExitCode code = ExitCode::kOk;
  if (options.wait) {
    DROVER_TRY(code, Wait(invocation, options.timeout, all));
  }
  Print(invocation.console, format, all, options.wait);
  return code;
}

CLI::App* AddVerb(CLI::App& submit, const std::shared_ptr<Options>& options, const char* name,
                  v1::Verb verb, const char* help) {
  CLI::App* command = submit.add_subcommand(name, help);
  command->callback([options, verb] { options->verb = verb; });
  return command;
}

void AddValue(CLI::App& command, const std::shared_ptr<Options>& options, const char* name) {
  command.add_option(name, options->value, "The value; after -- if it starts with -");
  command.add_option("--value-file", options->value_file, "A file with the value; - is stdin");
  command.add_option("--format", options->format, "chr, int, bool, bin, b64, node, xml.. [chr]");
  command.add_option("--type", options->type, "MIME type [text/plain]");
}

void AddVerbs(CLI::App& submit, const std::shared_ptr<Options>& options) {
  CLI::App* get = AddVerb(submit, options, "get", v1::GET, "Read nodes");
  get->add_option("URI", options->uris, "Nodes, one command each")->required();
  CLI::App* replace = AddVerb(submit, options, "replace", v1::REPLACE, "Set a node's value");
  replace->add_option("URI", options->uri, "The node")->required();
  AddValue(*replace, options, "VALUE");
  CLI::App* add = AddVerb(submit, options, "add", v1::ADD, "Make a node");
  add->add_option("URI", options->uri, "The node")->required();
  AddValue(*add, options, "VALUE");
  CLI::App* remove = AddVerb(submit, options, "delete", v1::DELETE, "Delete nodes");
  remove->add_option("URI", options->uris, "Nodes, one command each")->required();
  CLI::App* copy = AddVerb(submit, options, "copy", v1::COPY, "Copy a node");
  copy->add_option("SRC", options->source, "From")->required();
  copy->add_option("DST", options->uri, "To")->required();
  CLI::App* exec = AddVerb(submit, options, "exec", v1::EXEC, "Run what a node stands for");
  exec->add_option("URI", options->uri, "The node")->required();
  AddValue(*exec, options, "DATA");
}

void AddFlags(CLI::App& submit, Options& options) {
  submit.add_option("ID", options.device, "The terminal");
  submit.add_option("-f,--file", options.file, "Operations in YAML or JSON lines; - is stdin");
  submit.add_flag("--wait", options.wait, "Until each has ended; exit 1 unless all succeeded");
  submit.add_option("--timeout", options.timeout, "Of --wait")->capture_default_str();
  submit.add_option("--label", options.label, "To group by; at most 64 characters");
  submit.add_option("--priority", options.priority, "1..9; 9 first [4]")->check(CLI::Range(1, 9));
  submit.add_option("--ttl", options.ttl, "Expires after [7d]");
  submit.add_option("--idempotency-key", options.idempotency_key,
                    "A repeat with the same key stores nothing anew");
  options.output.AddTo(submit);
}

}  // namespace

void AddOpSubmit(CLI::App& op, Invocation& invocation) {
  CLI::App* submit = op.add_subcommand("submit", "Submit operations");
  submit->require_subcommand(0, 1);
  auto options = std::make_shared<Options>();
  AddFlags(*submit, *options);
  AddVerbs(*submit, options);
  submit->callback([&invocation, options] {
    invocation.run = [&invocation, options] { return RunSubmit(invocation, *options); };
  });
}

}  // namespace drover::cli
