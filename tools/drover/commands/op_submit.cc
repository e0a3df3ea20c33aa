#include <algorithm>
#include <charconv>
#include <map>

#include "libs/dmtree/loc_uri.h"
#include "tools/drover/commands/command.h"
#include "tools/drover/duration.h"
#include "tools/drover/files.h"
#include "tools/drover/operation_file.h"
#include "tools/drover/operation_file_command.h"
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
  std::string selector;
  std::string not_before;
  std::vector<std::string> depends_on;
  uint32_t attempts = 0;
  std::vector<std::string> retry_on;
  bool force = false;
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
  std::optional<std::string> expected;
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
  if (options.expected) {
    command.set_expected(*options.expected);
    command.set_has_expected(true);
  }
  if (options.verb == v1::REPLACE && !command.has_data()) {
    return InvalidArgument("replace needs a VALUE or --value-file");
  }
  return command;
}

// The operations that flags and words describe.
Result<OperationFile> FromWords(const Options& options, std::istream& in) {
  const bool whom = options.device.empty() != options.selector.empty();
  if (options.verb == v1::VERB_UNSPECIFIED || !whom) {
    return InvalidArgument(
        "say what to do: drover op submit ID get|replace|add|delete|copy|exec .., with --selector "
        "in place of ID, or -f FILE");
  }
  if (options.expected && options.uris.size() > 1) {
    return InvalidArgument("--expect is for one node");
  }
  OperationTemplate one;
  one.place = "--selector";
  if (options.selector.empty()) {
    DROVER_TRY(const std::string id, DeviceArgument(options.device));
    one.devices.push_back(id);
  } else {
    DROVER_TRY(one.selector, ParseSelector(options.selector));
  }
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
  const bool words = options.verb != v1::VERB_UNSPECIFIED || !options.device.empty();
  if (words || !options.selector.empty()) {
    return InvalidArgument("give either -f FILE or a terminal and a command");
  }
  DROVER_TRY(const std::string text, ReadFile(options.file, in));
  return ParseOperationFile(text, options.file == "-" ? "standard input" : options.file);
}

Result<void> ApplyWaiting(const Options& options, v1::NewOperation& operation) {
  if (!options.not_before.empty()) {
    DROVER_TRY(const auto time, ParseTime(options.not_before, std::chrono::system_clock::now()));
    operation.mutable_not_before()->set_seconds(
        std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
  }
  for (const std::string& id : options.depends_on) operation.add_depends_on(id);
  if (options.attempts > 0) operation.mutable_retry()->set_max_attempts(options.attempts);
  if (options.retry_on.empty()) return {};
  if (operation.retry().max_attempts() <= 1) {
    return InvalidArgument("--retry-on needs --attempts, 2 or more");
  }
  operation.mutable_retry()->clear_on();
  for (const std::string& name : options.retry_on) {
    DROVER_TRY(const v1::RetryPolicy::Cause cause, RetryCauseOf(name));
    operation.mutable_retry()->add_on(cause);
  }
  return {};
}

// Flags hold for every operation; where the file says something itself, the flag wins.
Result<void> ApplyFlags(const Options& options, OperationFile& file) {
  if (!options.idempotency_key.empty()) file.idempotency_key = options.idempotency_key;
  for (OperationTemplate& each : file.templates) {
    if (!options.label.empty()) each.operation.set_label(options.label);
    if (options.priority != 0) each.operation.set_priority(options.priority);
    if (options.force) each.operation.set_unchecked(true);
    DROVER_TRY(ApplyWaiting(options, each.operation));
    if (options.ttl.empty()) continue;
    DROVER_TRY(const std::chrono::milliseconds ttl, ParseDuration(options.ttl));
    each.operation.mutable_ttl()->set_seconds(ttl.count() / 1000);
    each.operation.mutable_ttl()->set_nanos(static_cast<int32_t>(ttl.count() % 1000 * 1'000'000));
  }
  return {};
}

// Which operations of all each mapping of the file has made: by terminal.
using Made = std::vector<std::map<std::string, size_t>>;

// "#0", the file's first mapping, becomes the operation that it has made for this terminal, or the
// only one that it has made.
Result<void> ResolveDependencies(const OperationTemplate& each, const Made& made,
                                 v1::NewOperation& operation) {
  for (std::string& reference : *operation.mutable_depends_on()) {
    if (!reference.starts_with('#')) continue;
    size_t index = made.size();
    const char* const end = reference.data() + reference.size();
    std::from_chars(reference.data() + 1, end, index);
    if (index >= made.size()) {
      return InvalidArgument(each.place + ": depends_on " + reference +
                             ": the file has no such mapping with devices; they count from #0");
    }
    const auto own = made[index].find(operation.device_id());
    if (own == made[index].end() && made[index].size() != 1) {
      return InvalidArgument(each.place + ": depends_on " + reference + ": nothing is done on " +
                             operation.device_id() + " there");
    }
    reference =
        "#" + std::to_string(own == made[index].end() ? made[index].begin()->second : own->second);
  }
  return {};
}

// An operation for each terminal that is named.
Result<std::vector<v1::NewOperation>> Expand(const OperationFile& file) {
  Made made;
  size_t count = 0;
  for (const OperationTemplate& each : file.templates) {
    made.emplace_back();
    for (const std::string& id : each.devices) made.back()[id] = count++;
  }
  std::vector<v1::NewOperation> all;
  bool depends = false;
  for (const OperationTemplate& each : file.templates) {
    for (const std::string& id : each.devices) {
      v1::NewOperation& operation = all.emplace_back(each.operation);
      operation.set_device_id(id);
      DROVER_TRY(ResolveDependencies(each, made, operation));
      for (const std::string& on : operation.depends_on()) depends |= on.starts_with('#');
    }
  }
  if (depends && all.size() > static_cast<size_t>(kMaxPerRequest)) {
    return InvalidArgument("operations that depend on each other are submitted together: " +
                           std::to_string(all.size()) + " are more than 1000; use several files");
  }
  return all;
}

// In requests of at most 1000; the idempotency key of all but the first gets a number, so that a
// repeat of the whole finds each.
Result<void> SubmitNamed(Cluster& cluster, const std::string& key,
                         const std::vector<v1::NewOperation>& all,
                         std::vector<v1::Operation>& stored) {
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
  return {};
}

Result<std::vector<v1::Operation>> Submit(Invocation& invocation, const OperationFile& file) {
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const std::vector<v1::NewOperation> named, Expand(file));
  const std::string& key = file.idempotency_key;
  std::vector<v1::Operation> stored;
  DROVER_TRY(SubmitNamed(*cluster, key, named, stored));
  for (size_t i = 0; i < file.templates.size(); ++i) {
    const OperationTemplate& each = file.templates[i];
    if (each.selector.empty()) continue;
    v1::SubmitSelectedRequest request;
    if (!key.empty()) request.set_idempotency_key(key + "-selector-" + std::to_string(i));
    request.mutable_selector()->insert(each.selector.begin(), each.selector.end());
    *request.mutable_operation() = each.operation;
    const Result<void> submitted =
        SubmitSelected(*cluster, invocation.console, std::move(request), stored);
    if (submitted) continue;
    return Error{submitted.error().code, each.place + ": " + submitted.error().message};
  }
  return stored;
}

// Until each has ended or the time is up. The exit code that this amounts to.
Result<ExitCode> Wait(Invocation& invocation, const std::string& timeout,
                      std::vector<v1::Operation>& all) {
  DROVER_TRY(const std::chrono::milliseconds span, ParseDuration(timeout));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  const auto deadline = std::chrono::system_clock::now() + span;
  v1::WatchOperationsRequest which;
  std::map<std::string, v1::Operation*> by_id;
  for (v1::Operation& operation : all) {
    which.add_ids(operation.id());
    by_id[operation.id()] = &operation;
  }
  const auto seen = [&by_id](const v1::Operation& now) {
    const auto found = by_id.find(now.id());
    if (found != by_id.end()) *found->second = now;
  };
  const Result<void> followed = FollowMany(*cluster, invocation.console, which, deadline, seen);
  if (!followed && followed.error().code != Code::kDeadlineExceeded) return followed.error();
  ExitCode code = ExitCode::kOk;
  for (const v1::Operation& operation : all) {
    if (operation.state() == v1::SUCCEEDED) continue;
    if (!Ended(operation.state())) {
      invocation.console.Note("drover: operation " + operation.id() +
                              " has not ended in time; it goes on: drover op watch " +
                              operation.id());
      code = ExitCode::kTimeout;
      continue;
    }
    invocation.console.Note("drover: operation " + operation.id() + " " +
                            v1::State_Name(operation.state()) + ": " + operation.cause());
    if (code == ExitCode::kOk) code = ExitCode::kFailure;
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
  DROVER_TRY(std::vector<v1::Operation> all, Submit(invocation, file));
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
  get->add_option("--expect", options->expected, "Fails if the node has another value");
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
  submit.add_option("--selector", options.selector,
                    "In place of ID: every terminal like this, manufacturer=Acme,model=X1");
  submit.add_option("--not-before", options.not_before, "Not before: 2026-11-22T02:00:00Z, or +2h");
  submit.add_option("--depends-on", options.depends_on, "Operations that must have succeeded")
      ->delimiter(',')
      ->allow_extra_args(false);
  submit.add_option("--attempts", options.attempts, "Tries it up to so many times [1]")
      ->check(CLI::Range(1, 100));
  submit
      .add_option("--retry-on", options.retry_on,
                  "not-answered, busy, user-not-now, alert-failed, any [not-answered,busy]")
      ->delimiter(',')
      ->allow_extra_args(false);
  submit.add_flag("--force", options.force,
                  "Even if the terminal's device description or ACLs forbid it");
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
