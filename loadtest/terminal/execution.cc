// The commands of a server's message, executed on the terminal's tree and answered in order.
#include <algorithm>

#include "libs/base/bytes.h"
#include "loadtest/terminal/exchange.h"

namespace drover::terminal {
namespace {

using syncml::CommandKind;

constexpr int kOk = 200;
constexpr int kChunkAccepted = 213;
constexpr int kNotExecuted = 215;
constexpr int kRolledBack = 216;
constexpr int kBadRequest = 400;
constexpr int kUnsupported = 406;
constexpr int kSizeRequired = 411;
constexpr int kIncomplete = 412;
constexpr int kSizeMismatch = 424;
constexpr int kCommandFailed = 500;
constexpr int kAtomicFailed = 507;

// An item's Meta over its command's, field by field.
struct EffectiveMeta {
  std::string_view format;
  std::string_view type;
};
EffectiveMeta MetaOf(const syncml::Command& command, const syncml::Item& item) {
  return {item.meta.format.empty() ? command.meta.format : item.meta.format,
          item.meta.type.empty() ? command.meta.type : item.meta.type};
}

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

std::string_view UriIn(const std::optional<syncml::Location>& location) {
  return location ? location->uri : std::string_view();
}

}  // namespace

void Terminal::Exchange::Execute(const syncml::Command& command) {
  if (command.kind == CommandKind::kStatus) return;
  if (command.cmd_id.empty()) {
    terminal_.Fault("a command without CmdID");
    return EmitStatus(command, kBadRequest);
  }
  switch (command.kind) {
    case CommandKind::kAlert:
      return ExecuteAlert(command);
    case CommandKind::kGet:
      return ExecuteGet(command);
    case CommandKind::kAtomic:
      return ExecuteAtomic(command);
    case CommandKind::kSequence:
      EmitStatus(command, kOk);
      for (const syncml::Command& child : command.children) Execute(child);
      return;
    case CommandKind::kAdd:
    case CommandKind::kReplace:
    case CommandKind::kDelete:
    case CommandKind::kCopy:
    case CommandKind::kExec: {
      std::vector<Execution> executions;
      EmitStatus(command, RunItems(command, executions));
      for (Execution& execution : executions) terminal_.ledger_.Record(std::move(execution));
      return;
    }
    default:
      terminal_.Fault("a server may not send " + std::string(command.name));
      return EmitStatus(command,
                        command.kind == CommandKind::kUnknown ? kBadRequest : kUnsupported);
  }
}

void Terminal::Exchange::ExecuteAlert(const syncml::Command& alert) {
  const std::string_view code = alert.data ? alert.data->octets : std::string_view();
  if (code == "1222") return EmitStatus(alert, kOk);
  if (code == "1223") {
    aborted_ = true;
    return;
  }
  // 1100 display, 1101 confirm: a patient user who says yes. Input alerts are not supported.
  if (code == "1100" || code == "1101") {
    return EmitStatus(alert, alert.items.size() < 2 ? kIncomplete : kOk);
  }
  EmitStatus(alert, kUnsupported);
}

void Terminal::Exchange::ExecuteGet(const syncml::Command& get) {
  std::vector<ItemOutcome> outcomes;
  std::vector<Reported> reported;
  for (const syncml::Item& item : get.items) {
    ItemOutcome& outcome = outcomes.emplace_back();
    outcome.target = UriIn(item.target);
    const size_t before = reported.size();
    outcome.code = outcome.target.empty() ? kIncomplete : tree_.Get(outcome.target, reported);
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
  const EffectiveMeta meta = MetaOf(command, item);
  switch (command.kind) {
    case CommandKind::kDelete:
      return tree_.Delete(uri);
    case CommandKind::kCopy:
      return item.source ? tree_.Copy(item.source->uri, uri) : kIncomplete;
    case CommandKind::kExec:
      if (item.data) data = item.data->octets;
      return RunExec(command, uri);
    default:
      break;
  }
  const bool valueless = meta.format == "node" || meta.format == "null";
  if (!item.data && !valueless) return kIncomplete;
  if (item.data) {
    const syncml::Meta& sizes = item.meta.size ? item.meta : command.meta;
    std::string octets;
    const int status = Assemble(item, sizes, uri, octets);
    if (status != kOk) return status;
    if (!Decoded(meta.format, item.data->form, octets, data)) return kBadRequest;
  }
  return terminal_.WithObjects([&](Host& host) {
    if (const int refusal = Objects::MayChange(host, uri, data); refusal != kOk) return refusal;
    const int status = command.kind == CommandKind::kAdd
                           ? tree_.Add(uri, meta.format, meta.type, data)
                           : tree_.Replace(uri, meta.format, meta.type, data);
    if (status == kOk) Objects::Changed(host, uri);
    return status;
  });
}

int Terminal::Exchange::Assemble(const syncml::Item& item, const syncml::Meta& meta,
                                 std::string_view uri, std::string& octets) {
  std::optional<Session::Chunked>& chunked = session_.chunked;
  if (!chunked || chunked->uri != uri) {
    if (!item.more_data) {
      octets = item.data->octets;
      return kOk;
    }
    if (!meta.size) return kSizeRequired;
    if (chunked) builder_->NoEndOfData(chunked->uri);
    chunked.emplace().uri = uri;
    chunked->size = *meta.size;
  }
  chunked->octets += item.data->octets;
  session_.chunk_arrived = true;
  if (item.more_data) return kChunkAccepted;
  octets = std::move(chunked->octets);
  const bool complete = octets.size() == chunked->size;
  chunked.reset();
  return complete ? kOk : kSizeMismatch;
}

int Terminal::Exchange::RunExec(const syncml::Command& exec, std::string_view uri) {
  std::string path;
  if (const int status = tree_.CheckExec(uri, path); status != kOk) return status;
  return terminal_.WithObjects(
      [&](Host& host) { return Objects::Exec(host, path, exec.correlator); });
}

void Terminal::Exchange::ExecuteAtomic(const syncml::Command& atomic) {
  const ManagementTree before = terminal_.tree_;
  std::vector<std::vector<ItemOutcome>> outcomes;
  std::vector<Execution> executions;
  bool failed = false;
  for (const syncml::Command& child : atomic.children) {
    const bool allowed = child.kind == CommandKind::kAdd || child.kind == CommandKind::kReplace ||
                         child.kind == CommandKind::kDelete || child.kind == CommandKind::kCopy;
    if (failed) {
      outcomes.push_back({{"", "", kNotExecuted}});
      continue;
    }
    outcomes.push_back(allowed ? RunItems(child, executions)
                               : std::vector<ItemOutcome>{{"", "", kCommandFailed}});
    failed = std::any_of(outcomes.back().begin(), outcomes.back().end(),
                         [](const ItemOutcome& outcome) { return !TookEffect(outcome.code); });
  }
  if (failed) {
    terminal_.tree_ = before;
    for (auto& of_child : outcomes) {
      for (ItemOutcome& outcome : of_child) {
        if (TookEffect(outcome.code)) outcome.code = kRolledBack;
      }
    }
  }
  if (!spec_.quirks.Has(Quirk::kNoAtomicStatus)) EmitStatus(atomic, failed ? kAtomicFailed : kOk);
  for (size_t i = 0; i < outcomes.size(); ++i) EmitStatus(atomic.children[i], outcomes[i]);
  for (Execution& execution : executions) {
    if (failed && TookEffect(execution.status)) execution.status = kRolledBack;
    terminal_.ledger_.Record(std::move(execution));
  }
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

void Terminal::Exchange::EmitStatus(const syncml::Command& command,
                                    const std::vector<ItemOutcome>& outcomes) {
  const bool together =
      !spec_.quirks.Has(Quirk::kStatusPerItem) &&
      std::all_of(outcomes.begin(), outcomes.end(), [&outcomes](const ItemOutcome& outcome) {
        return outcome.code == outcomes.front().code;
      });
  StatusOf of;
  of.msg_ref = message_->header.msg_id;
  of.cmd_ref = command.cmd_id;
  of.cmd = command.kind == CommandKind::kUnknown ? command.name : Name(command.kind);
  for (const ItemOutcome& outcome : outcomes) {
    if (!together) {
      of.target_refs.clear();
      of.source_refs.clear();
    }
    if (!outcome.target.empty()) of.target_refs.push_back(outcome.target);
    if (!outcome.source.empty()) of.source_refs.push_back(outcome.source);
    if (!together) builder_->Status(of, outcome.code);
  }
  if (together) builder_->Status(of, outcomes.front().code);
}

void Terminal::Exchange::EmitStatus(const syncml::Command& command, int code) {
  EmitStatus(command, std::vector<ItemOutcome>{{"", "", code}});
}

}  // namespace drover::terminal
