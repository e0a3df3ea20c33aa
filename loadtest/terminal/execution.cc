// The commands of a server's message, executed on the terminal's tree and answered in order.
#include <algorithm>

#include "libs/base/bytes.h"
#include "loadtest/terminal/exchange.h"

namespace drover::terminal {
namespace {

using syncml::CommandKind;

constexpr int kOk = 200;
constexpr int kChunkAccepted = 213;
constexpr int kCancelled = 214;
constexpr int kNotExecuted = 215;
constexpr int kNotModified = 304;
constexpr int kBadRequest = 400;
constexpr int kUnsupported = 406;
constexpr int kTimeout = 408;
constexpr int kIncomplete = 412;
constexpr int kTooLarge = 413;
constexpr int kNotImplemented = 501;

// Of an Item and its command: what is neither its URI nor its Data.
constexpr size_t kItemOctets = 400;

// Data as it is meant: base64 undone.
bool Decoded(std::string_view format, syncml::DataForm form, std::string_view octets,
             std::string& data) {
  if (format != "b64" || form == syncml::DataForm::kOpaque) {
    data = octets;
    return true;
  }
  Result<std::string> decoded = base::FromBase64(octets);
  if (!decoded) return false;
  data = std::move(*decoded);
  return true;
}

}  // namespace

EffectiveMeta MetaOf(const syncml::Command& command, const syncml::Item& item) {
  return {item.meta.format.empty() ? command.meta.format : item.meta.format,
          item.meta.type.empty() ? command.meta.type : item.meta.type};
}

std::string_view UriIn(const std::optional<syncml::Location>& location) {
  return location ? location->uri : std::string_view();
}

Terminal::Exchange::Flow Terminal::Exchange::Execute(const syncml::Command& command) {
  if (command.kind == CommandKind::kStatus) return Flow::kGoOn;
  const bool alert = command.kind == CommandKind::kAlert;
  if (session_.chunked && !alert && !IsNextChunk(command)) NoEndOfData();
  if (command.cmd_id.empty()) {
    terminal_.Fault("a command without CmdID");
    EmitStatus(command, kBadRequest);
    return Flow::kGoOn;
  }
  switch (command.kind) {
    case CommandKind::kAlert:
      return ExecuteAlert(command);
    case CommandKind::kSequence:
      return ExecuteSequence(command);
    case CommandKind::kGet:
      ExecuteGet(command);
      break;
    case CommandKind::kAtomic:
      ExecuteAtomic(command);
      break;
    case CommandKind::kAdd:
    case CommandKind::kReplace:
    case CommandKind::kDelete:
    case CommandKind::kCopy:
    case CommandKind::kExec: {
      std::vector<Execution> executions;
      EmitStatus(command, RunItems(command, executions));
      for (Execution& execution : executions) terminal_.ledger_.Record(std::move(execution));
      break;
    }
    default:
      terminal_.Fault("a server may not send " + std::string(command.name));
      EmitStatus(command, command.kind == CommandKind::kUnknown ? kBadRequest : kUnsupported);
  }
  return Flow::kGoOn;
}

Terminal::Exchange::Flow Terminal::Exchange::ExecuteAlert(const syncml::Command& alert) {
  const std::string_view code = alert.data ? alert.data->octets : std::string_view();
  if (code == "1222") {
    if (message_->final) terminal_.Fault("Final beside alert 1222");
    EmitStatus(alert, spec_.quirks.Has(Quirk::kRejectsNextMessage) ? kUnsupported : kOk);
    return Flow::kGoOn;
  }
  if (code == "1223") {
    aborted_ = true;
    return Flow::kCancelled;
  }
  if (session_.chunked) NoEndOfData();
  std::vector<std::string> data;
  const int status = ShowDialog(alert, data);
  EmitStatus(alert, status, data);
  return FlowAfter(status);
}

int Terminal::Exchange::ShowDialog(const syncml::Command& alert, std::vector<std::string>& data) {
  std::variant<Dialog, int> parsed = DialogOf(alert, spec_.quirks);
  if (const int* const refused = std::get_if<int>(&parsed)) return *refused;
  Dialog& dialog = std::get<Dialog>(parsed);
  const Surroundings& around = *terminal_.surroundings_;
  const terminal::Answer answer = around.user(terminal_.device_id(), dialog);
  DialogOutcome outcome = OutcomeOf(dialog, answer, spec_.quirks);
  data = std::move(outcome.items);
  const auto status = static_cast<uint16_t>(outcome.status);
  terminal_.ledger_.Record(ShownDialog{std::move(dialog), status, around.clock()});
  return outcome.status;
}

// What nobody agreed to is not done: a time-out without a default response stops a Sequence too.
Terminal::Exchange::Flow Terminal::Exchange::FlowAfter(int dialog_status) {
  if (dialog_status == kCancelled || dialog_status == kNotExecuted) return Flow::kCancelled;
  const bool refused = dialog_status == kNotModified || dialog_status == kTimeout;
  return refused ? Flow::kRefused : Flow::kGoOn;
}

void Terminal::Exchange::ExecuteGet(const syncml::Command& get) {
  std::vector<ItemOutcome> outcomes;
  std::vector<Reported> reported;
  for (const syncml::Item& item : get.items) {
    ItemOutcome& outcome = outcomes.emplace_back();
    outcome.target = UriIn(item.target);
    const size_t before = reported.size();
    outcome.code = outcome.target.empty() ? kIncomplete : tree_.Get(outcome.target, reported);
    if (outcome.code == kOk) outcome.code = CheckSizes(reported, before);
    if (outcome.code == kTooLarge) reported.resize(before);
    if (EndsInNul(outcome.target)) {
      for (size_t i = before; i < reported.size(); ++i) reported[i].data += '\0';
    }
    std::string data;
    for (size_t i = before; i < reported.size(); ++i) data += reported[i].data;
    terminal_.ledger_.Record(Record(get, outcome, data));
  }
  const bool results_first = spec_.quirks.Has(Quirk::kResultsBeforeStatus);
  const auto results = [&] {
    if (!reported.empty()) builder_->Results(message_->header.msg_id, get.cmd_id, reported);
  };
  if (results_first) results();
  if (outcomes.empty()) {
    EmitStatus(get, kIncomplete);
  } else {
    EmitStatus(get, outcomes);
  }
  if (!results_first) results();
}

bool Terminal::Exchange::EndsInNul(std::string_view uri) const {
  return spec_.quirks.Has(Quirk::kPropTrailingNul) && spec_.encoding == syncml::Encoding::kWbxml &&
         (uri.ends_with("?prop=Format") || uri.ends_with("?prop=Type"));
}

// 413: an item is larger than the server takes, or than one message where it cannot be cut.
int Terminal::Exchange::CheckSizes(const std::vector<Reported>& reported, size_t from) const {
  const uint64_t limit = SendLimit();
  for (size_t i = from; i < reported.size(); ++i) {
    const Reported& item = reported[i];
    const bool base64 = item.format == "bin" && spec_.encoding == syncml::Encoding::kXml;
    const size_t size = base64 ? (item.data.size() + 2) / 3 * 4 : item.data.size();
    const uint64_t max = session_.server_max_obj_size;
    if (max != 0 && size > max) return kTooLarge;
    const bool whole = spec_.quirks.Has(Quirk::kNoLargeObjects);
    if (limit != 0 && (whole ? size : 0) + item.uri.size() + kItemOctets > limit) return kTooLarge;
  }
  return kOk;
}

std::vector<Terminal::Exchange::ItemOutcome> Terminal::Exchange::RunItems(
    const syncml::Command& command, std::vector<Execution>& executions) {
  std::vector<ItemOutcome> outcomes;
  for (const syncml::Item& item : command.items) {
    ItemOutcome& outcome = outcomes.emplace_back();
    outcome.target = UriIn(item.target);
    outcome.source = UriIn(item.source);
    std::string data;
    outcome.code = RunItem(command, item, data);
    if (outcome.code == kChunkAccepted) continue;  // Executed with its last chunk.
    executions.push_back(Record(command, outcome, data));
  }
  if (outcomes.empty()) outcomes.push_back({"", "", kIncomplete});
  return outcomes;
}

int Terminal::Exchange::RunItem(const syncml::Command& command, const syncml::Item& item,
                                std::string& data) {
  const std::string_view uri = UriIn(item.target);
  if (uri.empty()) return kIncomplete;
  EffectiveMeta meta = MetaOf(command, item);
  switch (command.kind) {
    case CommandKind::kDelete:
      return tree_.Delete(uri);
    case CommandKind::kCopy:
      if (spec_.quirks.Has(Quirk::kNoCopy)) return kNotImplemented;
      return item.source ? tree_.Copy(item.source->uri, uri) : kIncomplete;
    default:
      break;
  }
  const bool exec = command.kind == CommandKind::kExec;
  const bool valueless = meta.format == "node" || meta.format == "null" || exec;
  if (!item.data && !valueless) return kIncomplete;
  if (item.data) {
    // Later chunks may leave Format and Type to the first.
    std::string format;
    std::string type;
    if (session_.chunked) {
      format = meta.format.empty() ? session_.chunked->format : meta.format;
      type = meta.type.empty() ? session_.chunked->type : meta.type;
      meta = {format, type};
    }
    std::string octets;
    const int status = Assemble(command, item, octets);
    if (status != kOk) return status;
    if (!Decoded(meta.format, item.data->form, octets, data)) return kBadRequest;
    return Write(command, uri, meta, data);
  }
  return Write(command, uri, meta, data);
}

int Terminal::Exchange::Write(const syncml::Command& command, std::string_view uri,
                              const EffectiveMeta& meta, const std::string& data) {
  if (command.kind == CommandKind::kExec) return RunExec(command, uri);
  return terminal_.WithObjects([&](Host& host) {
    if (const int refusal = Objects::MayChange(host, uri, data); refusal != kOk) return refusal;
    const int status = command.kind == CommandKind::kAdd
                           ? tree_.Add(uri, meta.format, meta.type, data)
                           : tree_.Replace(uri, meta.format, meta.type, data);
    if (status == kOk) Objects::Changed(host, uri);
    return status;
  });
}

int Terminal::Exchange::RunExec(const syncml::Command& exec, std::string_view uri) {
  std::string path;
  if (const int status = tree_.CheckExec(uri, path); status != kOk) return status;
  return terminal_.WithObjects(
      [&](Host& host) { return Objects::Exec(host, path, exec.correlator); });
}

Execution Terminal::Exchange::Record(const syncml::Command& command, const ItemOutcome& outcome,
                                     std::string_view data) const {
  Execution execution;
  execution.kind = command.kind;
  execution.status = static_cast<uint16_t>(outcome.code);
  execution.digest = DigestOf(data);
  execution.uri = outcome.target;
  execution.correlator = command.correlator;
  execution.at = terminal_.surroundings_->clock();
  return execution;
}

}  // namespace drover::terminal
