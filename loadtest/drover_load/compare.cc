#include "loadtest/drover_load/compare.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using syncml::CommandKind;
using terminal::DigestOf;
using terminal::Execution;

CommandKind KindOf(v1::Verb verb) {
  switch (verb) {
    case v1::GET:
      return CommandKind::kGet;
    case v1::REPLACE:
      return CommandKind::kReplace;
    case v1::ADD:
      return CommandKind::kAdd;
    case v1::DELETE:
      return CommandKind::kDelete;
    case v1::COPY:
      return CommandKind::kCopy;
    case v1::EXEC:
      return CommandKind::kExec;
    default:
      return CommandKind::kUnknown;
  }
}

class Comparison {
 public:
  explicit Comparison(const terminal::Terminal& terminal)
      : terminal_(terminal), claimed_(terminal.ledger().executions().size(), false) {}

  void Check(const v1::Operation& operation) {
    const std::string name = operation.label() + " " + operation.id();
    if (operation.state() != v1::SUCCEEDED) {
      Differ(name + " is " + v1::State_Name(operation.state()) + ": " + operation.cause());
    }
    for (int i = 0; i < operation.commands_size(); ++i) CheckCommand(operation, i, name);
  }

  void CheckNothingElse() {
    const std::vector<Execution>& executions = terminal_.ledger().executions();
    for (size_t i = 0; i < executions.size(); ++i) {
      const Execution& execution = executions[i];
      // Reading once more than asked changes nothing: the server verifies after a broken session.
      if (claimed_[i] || execution.kind == CommandKind::kGet) continue;
      if (!terminal::TookEffect(execution.status)) continue;
      Differ(std::string(syncml::Name(execution.kind)) + " " + execution.uri +
             " was executed but belongs to no operation");
    }
  }

  std::vector<std::string> Take() { return std::move(differences_); }

 private:
  void CheckCommand(const v1::Operation& operation, int index, const std::string& name) {
    const v1::Command& command = operation.commands(index);
    const v1::CommandResult* result = nullptr;
    for (const v1::CommandResult& each : operation.results()) {
      if (each.index() == static_cast<uint32_t>(index)) result = &each;
    }
    const bool done = result != nullptr && terminal::TookEffect(static_cast<int>(result->status()));
    if (command.verb() == v1::PROMPT) return CheckPrompt(command, done, name);
    const std::string what = name + ": " + v1::Verb_Name(command.verb()) + " " + command.target();
    const Execution* const execution = Claim(operation, command, result);
    if (done && execution == nullptr) Differ(what + " was not executed by the terminal");
    if (!done && execution != nullptr && operation.state() == v1::SUCCEEDED) {
      Differ(what + " was executed, but its status is not known");
    }
    if (command.verb() == v1::GET && execution != nullptr && result != nullptr) {
      CheckValues(*result, *execution, what);
    }
  }

  void CheckPrompt(const v1::Command& command, bool done, const std::string& name) {
    for (const terminal::ShownDialog& shown : terminal_.ledger().dialogs()) {
      const bool same = shown.dialog.text == command.prompt().text();
      if (same && terminal::TookEffect(shown.status) == done) return;
    }
    Differ(name + ": the user was not asked \"" + command.prompt().text() + "\"");
  }

  // The first execution that fits and that no other command has claimed.
  const Execution* Claim(const v1::Operation& operation, const v1::Command& command,
                         const v1::CommandResult* result) {
    const std::vector<Execution>& executions = terminal_.ledger().executions();
    for (size_t i = 0; i < executions.size(); ++i) {
      const Execution& execution = executions[i];
      if (claimed_[i] || execution.kind != KindOf(command.verb()) ||
          execution.uri != command.target() || !terminal::TookEffect(execution.status)) {
        continue;
      }
      if (!DataFits(command, execution, result)) continue;
      if (command.verb() == v1::EXEC && !execution.correlator.empty() &&
          execution.correlator != operation.correlator()) {
        continue;
      }
      claimed_[i] = true;
      return &execution;
    }
    return nullptr;
  }

  // A GET is claimed by what it reported, so that two reads of a value that changed stay apart.
  static bool DataFits(const v1::Command& command, const Execution& execution,
                       const v1::CommandResult* result) {
    if (command.verb() == v1::DELETE || command.verb() == v1::COPY) return true;
    if (command.verb() != v1::GET) return execution.digest == DigestOf(command.data());
    if (result == nullptr || result->values_size() != 1) return true;
    return execution.digest == DigestOf(result->values(0).data());
  }

  void CheckValues(const v1::CommandResult& result, const Execution& execution,
                   const std::string& what) {
    std::string reported;
    for (const v1::Value& value : result.values()) reported += value.data();
    if (DigestOf(reported) != execution.digest) Differ(what + " reported another value");
  }

  void Differ(const std::string& what) {
    differences_.push_back(terminal_.device_id() + " " + what);
  }

  const terminal::Terminal& terminal_;
  std::vector<bool> claimed_;
  std::vector<std::string> differences_;
};

}  // namespace

std::vector<std::string> Compare(const terminal::Terminal& terminal,
                                 const std::vector<const v1::Operation*>& operations) {
  Comparison comparison(terminal);
  for (const v1::Operation* const operation : operations) comparison.Check(*operation);
  comparison.CheckNothingElse();
  return comparison.Take();
}

}  // namespace drover::load
