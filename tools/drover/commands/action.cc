#include "tools/drover/commands/action.h"

#include <algorithm>

#include <google/protobuf/util/time_util.h>

#include "libs/mo/outcome.h"
#include "tools/drover/duration.h"
#include "tools/drover/operation_file.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;
using google::protobuf::util::TimeUtil;
using Time = std::chrono::system_clock::time_point;

constexpr size_t kDevicesAtOnce = 200;  // An action takes at most four or five operations each.
constexpr int kMaxRounds = 64;          // Of a walk: no tree is deeper.

Result<google::protobuf::Duration> ProtoDuration(const std::string& text) {
  DROVER_TRY(const std::chrono::milliseconds span, ParseDuration(text));
  return TimeUtil::MillisecondsToDuration(span.count());
}

// RFC 3339, or a span from now on.
Result<google::protobuf::Timestamp> ProtoTime(const std::string& text) {
  google::protobuf::Timestamp time;
  if (TimeUtil::FromString(text, &time)) return time;
  const Result<std::chrono::milliseconds> span = ParseDuration(text);
  if (!span) {
    return InvalidArgument("--not-before " + text +
                           ": expected 2026-11-22T02:00:00Z, or a span from now: 2h");
  }
  return TimeUtil::GetCurrentTime() + TimeUtil::MillisecondsToDuration(span->count());
}

// "a,b" and "c" to a, b, c.
std::vector<std::string> SplitIds(const std::vector<std::string>& words) {
  std::vector<std::string> ids;
  for (const std::string& word : words) {
    size_t begin = 0;
    while (begin <= word.size()) {
      const size_t comma = std::min(word.find(',', begin), word.size());
      if (comma > begin) ids.push_back(word.substr(begin, comma - begin));
      begin = comma + 1;
    }
  }
  return ids;
}

struct Words {
  std::vector<std::string> devices;
  std::vector<std::string> arguments;
};

Result<Words> Split(const ActionVerb& verb, const ActionOptions& options) {
  Words out;
  if (verb.max_arguments == 0) {
    out.devices = options.words;
  } else if (!options.selector.empty()) {
    out.arguments = options.words;
  } else if (!options.words.empty()) {
    out.devices = {options.words.front()};
    out.arguments.assign(options.words.begin() + 1, options.words.end());
  }
  const size_t count = out.arguments.size();
  if (count >= verb.min_arguments && count <= verb.max_arguments) return out;
  if (verb.max_arguments == 0) return out;
  return InvalidArgument(std::string("expected ID") +
                         (options.selector.empty() ? "" : " or -l, not both, and then") + " " +
                         verb.argument + "; several terminals go with \",\" between them");
}

Result<void> ApplyFlags(const ActionOptions& options, Actions& actions) {
  for (v1::Action& action : actions) {
    if (!options.root.empty()) action.set_root(options.root);
    if (options.usual_root) action.set_usual_root(true);
    if (options.no_atomic) action.set_without_atomic(true);
    if (!options.confirm.empty()) action.set_confirm(options.confirm);
  }
  return {};
}

Result<v1::SubmitActionRequest> RequestOf(const ActionOptions& options) {
  v1::SubmitActionRequest request;
  request.set_label(options.label);
  request.set_priority(options.priority);
  request.set_unchecked(options.unchecked);
  request.set_dry_run(options.dry_run);
  request.set_skip_unfit(options.skip_unfit || !options.selector.empty());
  if (!options.ttl.empty()) {
    DROVER_TRY(*request.mutable_ttl(), ProtoDuration(options.ttl));
  }
  if (!options.not_before.empty()) {
    DROVER_TRY(*request.mutable_not_before(), ProtoTime(options.not_before));
  }
  if (options.retries > 0) {
    request.mutable_retry()->set_max_attempts(static_cast<uint32_t>(options.retries) + 1);
  }
  return request;
}

// The key of each request of a run: the one given, with what makes it another request.
std::string KeyOf(const std::string& key, size_t action, size_t begin) {
  if (key.empty() || (action == 0 && begin == 0)) return key;
  return key + "-" + std::to_string(action) + "-" + std::to_string(begin);
}

void NoteUnfit(Console& console, const v1::SubmitActionResponse& response) {
  for (const auto& unfit : response.unfit()) {
    console.Note("drover: left out: " + unfit.device_id() + ": " + unfit.reason());
  }
}

Result<v1::SubmitActionResponse> Submit(Cluster& cluster, const ActionOptions& options,
                                        const std::vector<std::string>& devices,
                                        const Actions& actions) {
  DROVER_TRY(v1::SubmitActionRequest request, RequestOf(options));
  v1::SubmitActionResponse all;
  for (size_t i = 0; i < actions.size(); ++i) {
    *request.mutable_action() = actions[i];
    for (size_t begin = 0; begin < devices.size(); begin += kDevicesAtOnce) {
      const size_t end = std::min(begin + kDevicesAtOnce, devices.size());
      request.mutable_device_ids()->Assign(devices.begin() + static_cast<ptrdiff_t>(begin),
                                           devices.begin() + static_cast<ptrdiff_t>(end));
      request.set_idempotency_key(KeyOf(options.idempotency_key, i, begin));
      DROVER_TRY(const v1::SubmitActionResponse some, cluster.SubmitAction(request));
      all.MergeFrom(some);
    }
  }
  return all;
}

// Until each has ended or the time is up.
Result<std::vector<Done>> Wait(Cluster& cluster, Console& console,
                               const v1::SubmitActionResponse& submitted, Time deadline) {
  std::vector<Done> all;
  for (const v1::Operation& operation : submitted.operations()) {
    Done& done = all.emplace_back(Done{operation, {}});
    const auto seen = [&done](const v1::Operation& now) { done.operation = now; };
    const std::string id = operation.id();
    const Result<void> followed = Follow(cluster, console, id, deadline, seen);
    if (followed) continue;
    if (followed.error().code != Code::kDeadlineExceeded) return followed.error();
    console.Note("drover: " + followed.error().message);
    done.in_time = false;
  }
  return all;
}

// Reads on where a terminal did not know the list that was asked for: node by node in the end.
Result<void> ReadOn(Cluster& cluster, Console& console, const ActionOptions& options, Time deadline,
                    Done& done) {
  ActionOptions quiet = options;
  quiet.idempotency_key.clear();
  quiet.selector.clear();
  std::vector<v1::Operation> look{done.operation};
  for (int round = 0; round < kMaxRounds; ++round) {
    Actions next;
    for (const v1::Operation& operation : look) {
      const auto discovery = mo::NextDiscovery(operation);
      if (discovery) *next.emplace_back().mutable_discover_tree() = *discovery;
    }
    if (next.empty()) return {};
    console.Note("drover: reading on, " + std::to_string(next.front().discover_tree().uris_size()) +
                 " nodes");
    DROVER_TRY(const v1::SubmitActionResponse submitted,
               Submit(cluster, quiet, {done.operation.device_id()}, next));
    DROVER_TRY(const std::vector<Done> read, Wait(cluster, console, submitted, deadline));
    look.clear();
    for (const Done& each : read) {
      done.in_time = done.in_time && each.in_time;
      if (each.in_time) done.operation.set_state(v1::SUCCEEDED);
      for (const v1::CommandResult* result : mo::LastResults(each.operation)) {
        if (result == nullptr) continue;
        done.more.insert(done.more.end(), result->values().begin(), result->values().end());
      }
      look.push_back(each.operation);
    }
  }
  return {};
}

Result<ExitCode> RunAction(Invocation& invocation, const ActionVerb& verb,
                           const ActionOptions& options) {
  Console& console = invocation.console;
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const Words words, Split(verb, options));
  DROVER_TRY(Actions actions, verb.make(words.arguments));
  DROVER_TRY(ApplyFlags(options, actions));
  DROVER_TRY(const std::chrono::milliseconds patience, ParseDuration(options.timeout));
  DROVER_TRY(RequestOf(options));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const std::vector<std::string> devices,
             Terminals(*cluster, words.devices, options.selector));
  if (verb.check) DROVER_TRY(verb.check(devices, actions));
  DROVER_TRY(const v1::SubmitActionResponse submitted, Submit(*cluster, options, devices, actions));
  NoteUnfit(console, submitted);
  if (!options.wait || options.dry_run) {
    PrintSubmitted(console, format, submitted);
    return ExitCode::kOk;
  }
  const Time deadline = std::chrono::system_clock::now() + patience;
  DROVER_TRY(std::vector<Done> all, Wait(*cluster, console, submitted, deadline));
  for (Done& done : all) DROVER_TRY(ReadOn(*cluster, console, options, deadline, done));
  if (verb.show && CodeOf(all) == ExitCode::kOk) {
    DROVER_TRY(verb.show(format, devices));
  } else {
    PrintOutcomes(console, format, all);
  }
  return CodeOf(all);
}

void AddFlags(CLI::App& app, const ActionVerb& verb, ActionOptions& options) {
  const std::string more = verb.argument == nullptr ? ".." : std::string(" ") + verb.argument;
  app.add_option(
      "ID" + more, options.words,
      verb.argument == nullptr ? "Terminals" : "Terminals (\",\" between them), then the rest");
  app.add_option("-l,--selector", options.selector, "Instead of ID: k=v,.. of terminals");
  app.add_option("--root", options.root, "Where the object is; default: as the tree shows it");
  app.add_flag("--usual-root", options.usual_root, "The usual place if the tree shows none");
  if (verb.can_ask) {
    app.add_option("--confirm", options.confirm, "Asks the terminal's user first; no yes, no deed");
    app.add_flag("--no-atomic", options.no_atomic, "Changes go in order, not as one Atomic");
  }
  app.add_option("--label", options.label, "To group by; at most 64 characters");
  app.add_option("--priority", options.priority, "1..9; 9 first [4]")->check(CLI::Range(1, 9));
  app.add_option("--ttl", options.ttl, "Expires after [7d]");
  app.add_option("--not-before", options.not_before, "A time (RFC 3339), or a span from now");
  app.add_option("--retries", options.retries, "How often each is tried again when it may help")
      ->check(CLI::Range(0, 99));
  app.add_option("--idempotency-key", options.idempotency_key,
                 "A repeat with the same key stores nothing anew");
  app.add_flag("--unchecked", options.unchecked, "Whatever the model's DDF and ACLs say");
  app.add_flag("--skip-unfit", options.skip_unfit,
               "Leaves out terminals that it cannot be done on; -l does");
  app.add_flag("--dry-run", options.dry_run, "Shows what would be submitted");
  app.add_flag("--wait", options.wait, "Until it has ended; exit 1 unless all came to be");
  app.add_option("--timeout", options.timeout, "Of --wait")->capture_default_str();
  options.output.AddTo(app);
}

}  // namespace

Result<std::vector<std::string>> Terminals(Cluster& cluster, const std::vector<std::string>& words,
                                           const std::string& selector) {
  std::vector<std::string> ids;
  for (const std::string& word : SplitIds(words)) {
    DROVER_TRY(std::string id, DeviceArgument(word));
    ids.push_back(std::move(id));
  }
  if (ids.empty() == selector.empty()) {
    return InvalidArgument("say which terminals: ID.. or -l k=v,..");
  }
  if (selector.empty()) return ids;
  tree::v1::ListDevicesRequest request;
  DROVER_TRY(const auto pairs, ParseSelector(selector));
  request.mutable_selector()->insert(pairs.begin(), pairs.end());
  do {
    DROVER_TRY(const tree::v1::ListDevicesResponse page, cluster.ListDevices(request));
    for (const tree::v1::Device& device : page.devices()) ids.push_back(device.id());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (ids.empty()) return NotFound("the selector finds no terminal");
  return ids;
}

void AddChoice(CLI::App& verb, const std::string& name, int& choice, const std::string& help) {
  verb.add_flag_callback(
      "--" + name, [&choice] { choice = v1::ON; }, help);
  verb.add_flag_callback(
      "--no-" + name, [&choice] { choice = v1::OFF; }, "The contrary");
}

CLI::App* AddAction(CLI::App& parent, Invocation& invocation, ActionVerb verb) {
  CLI::App* const app = parent.add_subcommand(verb.name, verb.help);
  const auto options = std::make_shared<ActionOptions>();
  options->timeout = verb.timeout;
  AddFlags(*app, verb, *options);
  const auto kept = std::make_shared<ActionVerb>(std::move(verb));
  app->callback([&invocation, options, kept] {
    invocation.run = [&invocation, options, kept] {
      return RunAction(invocation, *kept, *options);
    };
  });
  return app;
}

void AddActions(CLI::App& root, Invocation& invocation) {
  AddFumo(root, invocation);
  AddScomo(root, invocation);
  AddLawmo(root, invocation);
  AddDcmo(root, invocation);
  AddDiag(root, invocation);
  AddAccounts(root, invocation);
  AddParams(root, invocation);
  AddPrompt(root, invocation);
  AddCredentials(root, invocation);
  AddAcl(root, invocation);
  AddDiscover(*root.get_subcommand("tree"), invocation);
}

}  // namespace drover::cli
