#include "tools/drover/commands/command.h"
#include "tools/drover/decode.h"
#include "tools/drover/duration.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;
using Time = std::chrono::system_clock::time_point;

constexpr Column kCountColumns[] = {{"LABEL", "/label"}, {"STATE", "/state"}, {"COUNT", "/count"}};
const View kCountView{.name_pointer = "/label", .columns = kCountColumns};

struct Options {
  std::string id;
  std::vector<std::string> ids;
  std::vector<std::string> devices;
  bool messages = false;
  std::string reason;
  std::string label;
  std::string timeout;
  OutputOption output;
};

// Beside each raw message, what it says.
void AddDecoded(const v1::Operation& operation, Json& json) {
  for (int i = 0; i < operation.messages_size(); ++i) {
    const std::string& body = operation.messages(i).body();
    const Kind kind = body.starts_with('<') ? Kind::kXml : Kind::kWbxml;
    const Decoding decoding = Decode(body, kind);
    json["messages"][i]["decoded"] =
        decoding.readable ? decoding.readable->text : "not decodable: " + decoding.refusal.message;
  }
}

Result<ExitCode> Get(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Operation operation, cluster->GetOperation(options.id, options.messages));
  Json json = ToJson(operation);
  AddDecoded(operation, json);
  PrintObject(invocation.console, format, json, kOperationView);
  return ExitCode::kOk;
}

Result<Time> DeadlineOf(const std::string& timeout) {
  if (timeout.empty()) return std::chrono::system_clock::now() + std::chrono::hours(24 * 365);
  DROVER_TRY(const std::chrono::milliseconds span, ParseDuration(timeout));
  return std::chrono::system_clock::now() + span;
}

std::string StandingOf(const v1::Operation& operation) {
  std::string out;
  if (operation.uncertain()) out += " (uncertain)";
  if (operation.blocked()) out += " (waits)";
  if (operation.reading_state()) out += " (asked how far it is)";
  if (operation.cancel_requested() && !Ended(operation.state())) out += " (to be cancelled)";
  if (operation.attempt() > 1) out += " (attempt " + std::to_string(operation.attempt()) + ")";
  return out;
}

// Why it is in its state: of its end, else of its last step.
std::string CauseOf(const v1::Operation& operation) {
  if (!operation.cause().empty() || operation.history().empty()) return operation.cause();
  return operation.history(operation.history_size() - 1).cause();
}

void PrintChange(Console& console, OutputFormat format, const v1::Operation& operation,
                 bool named) {
  const Json json = ToJson(operation);
  if (IsTable(format)) {
    console.out << Cell(json.value("updated_at", Json())) << "  ";
    if (named) console.out << operation.id() << "  " << operation.device_id() << "  ";
    console.out << Cell(json["state"]) << StandingOf(operation) << "  " << CauseOf(operation)
                << std::endl;
  } else {
    PrintList(console, OutputFormat::kNdjson, Json::array({json}), kOperationView);
    console.out.flush();
  }
}

Result<v1::WatchOperationsRequest> WhichOf(const Options& options) {
  v1::WatchOperationsRequest which;
  which.mutable_ids()->Assign(options.ids.begin(), options.ids.end());
  which.set_label(options.label);
  for (const std::string& device : options.devices) {
    DROVER_TRY(*which.add_device_ids(), DeviceArgument(device));
  }
  if (which.ids().empty() && which.label().empty() && which.device_ids().empty()) {
    return InvalidArgument("say which: operations' ids, --label or --device");
  }
  return which;
}

Result<ExitCode> Watch(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(const Time deadline, DeadlineOf(options.timeout));
  DROVER_TRY(const v1::WatchOperationsRequest which, WhichOf(options));
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  const bool one = which.ids_size() == 1 && options.label.empty() && options.devices.empty();
  bool all_succeeded = true;
  const auto seen = [&](const v1::Operation& operation) {
    if (Ended(operation.state())) all_succeeded &= operation.state() == v1::SUCCEEDED;
    PrintChange(invocation.console, format, operation, !one);
  };
  DROVER_TRY(FollowMany(*cluster, invocation.console, which, deadline, seen));
  return all_succeeded ? ExitCode::kOk : ExitCode::kFailure;
}

Result<ExitCode> Cancel(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::Operation operation, cluster->CancelOperation(options.id, options.reason));
  Json json = ToJson(operation);
  if (IsTable(format)) FitTable(json);
  PrintRow(invocation.console, format, json, kOperationView);
  return ExitCode::kOk;
}

Result<ExitCode> Count(Invocation& invocation, const Options& options) {
  DROVER_TRY(const OutputFormat format, options.output.Format());
  DROVER_TRY(Cluster * cluster, invocation.cluster());
  DROVER_TRY(const v1::CountOperationsResponse response, cluster->CountOperations(options.label));
  Json counts = Json::array();
  for (const auto& count : response.counts()) counts.push_back(ToJson(count));
  PrintList(invocation.console, format, counts, kCountView);
  return ExitCode::kOk;
}

// With -o/--output.
std::pair<CLI::App*, std::shared_ptr<Options>> Add(CLI::App& op, Invocation& invocation,
                                                   const char* name, const char* help,
                                                   Result<ExitCode> (*handler)(Invocation&,
                                                                               const Options&)) {
  const auto [command, options] = AddVerb(op, invocation, name, help, handler);
  options->output.AddTo(*command);
  return {command, options};
}

}  // namespace

bool Ended(v1::State state) { return state >= v1::SUCCEEDED; }

void FitTable(Json& operation) {
  if (!operation.contains("commands")) return;
  for (Json& command : operation["commands"]) {
    std::string text = command.value("verb", "?");
    text += ' ';
    text += command.contains("source") ? command["source"].get<std::string>() + " > " : "";
    text += command.value("target", "");
    if (command.contains("prompt")) text += command["prompt"].value("text", "");
    command = text;
  }
}

Result<void> Follow(Cluster& cluster, Console& console, const std::string& id, Time deadline,
                    const std::function<void(const v1::Operation&)>& seen) {
  v1::WatchOperationsRequest which;
  which.add_ids(id);
  const Result<void> followed = FollowMany(cluster, console, which, deadline, seen);
  if (followed || followed.error().code != Code::kDeadlineExceeded) return followed;
  return DeadlineExceeded("operation " + id +
                          " has not ended in time; it goes on: drover op watch " + id);
}

void AddOp(CLI::App& root, Invocation& invocation) {
  CLI::App* op = root.add_subcommand("op", "Operations: submit, look at, watch, cancel, count");
  op->require_subcommand(1);
  AddOpSubmit(*op, invocation);
  const auto [get, of_get] = Add(*op, invocation, "get", "Show an operation whole", Get);
  get->add_option("ID", of_get->id, "The operation")->required();
  get->add_flag("--messages", of_get->messages, "With the messages it travelled in, decoded");
  const auto [watch, of_watch] =
      Add(*op, invocation, "watch", "A line at each change until all have ended", Watch);
  watch->add_option("ID", of_watch->ids, "Operations");
  watch->add_option("--label", of_watch->label, "All with this label, of the last 31 days");
  watch->add_option("--device", of_watch->devices, "All of these terminals")
      ->delimiter(',')
      ->allow_extra_args(false);
  watch->add_option("--timeout", of_watch->timeout, "Give up after (exit code 5)");
  const auto [cancel, of_cancel] =
      Add(*op, invocation, "cancel", "Cancel one, as far as its terminal lets it", Cancel);
  cancel->add_option("ID", of_cancel->id, "The operation")->required();
  cancel->add_option("--reason", of_cancel->reason, "Kept with the operation");
  const auto [count, of_count] =
      Add(*op, invocation, "count", "How many operations are in each state", Count);
  count->add_option("--label", of_count->label, "Of those with this label");
}

}  // namespace drover::cli
