#include "loadtest/drover_load/soak_books.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "libs/base/check.h"

namespace drover::load {
namespace {

namespace v1 = operations::v1;
using syncml::CommandKind;
using terminal::DigestOf;
using terminal::Execution;

using SteadyClock = std::chrono::steady_clock;

constexpr size_t kFindings = 100;
// Longer than it takes to hear that an operation was given up, shorter than giving up takes.
constexpr std::chrono::seconds kGivingUp{45};
constexpr size_t kEndsKept = 100'000;

CommandKind KindOf(v1::Verb verb) {
  switch (verb) {
    case v1::REPLACE:
      return CommandKind::kReplace;
    case v1::ADD:
      return CommandKind::kAdd;
    case v1::DELETE:
      return CommandKind::kDelete;
    case v1::COPY:
      return CommandKind::kCopy;
    default:
      return CommandKind::kUnknown;
  }
}

bool IsWrite(CommandKind kind) {
  return kind == CommandKind::kReplace || kind == CommandKind::kAdd;
}

// Unique in a run for every command with an effect but Exec.
std::string NameOf(uint32_t terminal, CommandKind kind, const std::string& uri, uint64_t digest) {
  std::string name = std::to_string(terminal) + " " + std::string(syncml::Name(kind)) + " " + uri;
  if (IsWrite(kind)) name += " " + std::to_string(digest);
  return name;
}

// A cause without what differs from operation to operation.
std::string Generic(std::string_view cause) {
  std::string out;
  for (const char c : cause) {
    const bool digit = std::isdigit(static_cast<unsigned char>(c)) != 0;
    if (digit && !out.empty() && out.back() == '#') continue;
    out += digit ? '#' : c;
  }
  return out.substr(0, 160);
}

bool Says(const std::string& cause, std::string_view what) {
  return cause.find(what) != std::string::npos;
}

}  // namespace

bool HasEnded(v1::State state) {
  return state == v1::SUCCEEDED || state == v1::FAILED || state == v1::EXPIRED ||
         state == v1::CANCELLED;
}

void SoakBooks::Index(const SoakOperation& operation, bool add) {
  for (int i = 0; i < operation.wanted.commands_size(); ++i) {
    const v1::Command& command = operation.wanted.commands(i);
    const CommandKind kind = KindOf(command.verb());
    if (kind == CommandKind::kUnknown) continue;
    const std::string name =
        NameOf(operation.terminal, kind, command.target(), DigestOf(command.data()));
    if (add) {
      places_[name] = {operation.serial, i};
    } else {
      places_.erase(name);
    }
  }
}

void SoakBooks::Plan(const SoakOperation& operation) {
  ++counts_.planned;
  Open& open = open_[operation.serial];
  open.plan = operation;
  open.executed.assign(static_cast<size_t>(operation.wanted.commands_size()), 0);
  Index(operation, true);
}

bool SoakBooks::Accept(uint64_t serial, const v1::Operation& operation) {
  ++counts_.accepted;
  const auto it = open_.find(serial);
  DROVER_CHECK(it != open_.end());
  it->second.id = operation.id();
  by_id_[operation.id()] = serial;
  return ends_.contains(operation.id());
}

void SoakBooks::Withdraw(uint64_t serial) {
  const auto it = open_.find(serial);
  if (it != open_.end()) Forget(it);
}

void SoakBooks::Forget(std::map<uint64_t, Open>::iterator it) {
  Index(it->second.plan, false);
  by_id_.erase(it->second.id);
  open_.erase(it);
}

void SoakBooks::Executed(uint32_t terminal, const std::vector<Execution>& executions) {
  for (const Execution& execution : executions) {
    if (!terminal::TookEffect(execution.status)) continue;
    if (execution.kind == CommandKind::kExec) {
      ++terminals_[terminal].execs[execution.correlator];
      terminals_[terminal].reporting.push_back(execution.correlator);
      continue;
    }
    if (execution.kind == CommandKind::kGet) continue;
    const auto it = places_.find(NameOf(terminal, execution.kind, execution.uri, execution.digest));
    if (it == places_.end()) {
      Doubled("terminal " + std::to_string(terminal),
              std::string(syncml::Name(execution.kind)) + " " + execution.uri +
                  " was executed, but no open operation asks for it");
      continue;
    }
    ++open_.at(it->second.serial).executed[static_cast<size_t>(it->second.command)];
  }
}

void SoakBooks::Acknowledged(uint32_t terminal, uint32_t reports, SteadyClock::time_point now) {
  PerTerminal& books = terminals_[terminal];
  for (; reports > 0 && !books.reporting.empty(); --reports) {
    const std::string correlator = books.reporting.front();
    books.reporting.pop_front();
    if (books.told.erase(correlator) > 0) continue;
    if (by_id_.contains(correlator)) {
      books.acknowledged[correlator] = now;
    } else {
      ++counts_.apart["report-late: it came when its operation had been given up"];
    }
  }
}

uint64_t SoakBooks::Heard(const events::v1::OperationChanged& event) {
  v1::State state = v1::STATE_UNSPECIFIED;
  if (!v1::State_Parse(event.state(), &state) || !HasEnded(state)) return 0;
  silent_.erase(event.operation_id());
  const auto [it, first] = ends_.emplace(event.operation_id(), event.event_id());
  if (!first) {
    if (it->second != event.event_id()) {
      Doubled(event.operation_id(), "has two ends: " + it->second + " and " + event.event_id());
    }
    return 0;
  }
  ends_in_order_.push_back(event.operation_id());
  if (ends_in_order_.size() > kEndsKept) {
    ends_.erase(ends_in_order_.front());
    ends_in_order_.pop_front();
  }
  const auto open = by_id_.find(event.operation_id());
  return open == by_id_.end() ? 0 : open->second;
}

void SoakBooks::Close(uint64_t serial, const v1::Operation& operation,
                      SteadyClock::time_point now) {
  const auto it = open_.find(serial);
  if (it == open_.end()) return;
  const Open& open = it->second;
  ++counts_.ended;
  if (operation.state() == v1::SUCCEEDED) ++counts_.succeeded;
  uint32_t effects = 0;
  for (int i = 0; i < operation.commands_size(); ++i) {
    uint32_t executed = open.executed[static_cast<size_t>(i)];
    if (operation.commands(i).verb() == v1::EXEC) {
      executed = terminals_[open.plan.terminal].execs[operation.correlator()];
      CompareExec(open, operation, now);
    }
    effects += executed;
    CompareCommand(open, operation, i, executed);
  }
  CompareEnds(operation);
  if (operation.state() != v1::SUCCEEDED) NameFailure(operation, effects);
  if (!ends_.contains(operation.id())) silent_[operation.id()] = operation.device_id();
  terminals_[open.plan.terminal].execs.erase(operation.correlator());
  terminals_[open.plan.terminal].acknowledged.erase(operation.correlator());
  Forget(it);
}

void SoakBooks::CompareCommand(const Open& open, const v1::Operation& operation, int index,
                               uint32_t executed) {
  const v1::Command& command = operation.commands(index);
  const std::string what = "command " + std::to_string(index + 1) + ", " +
                           v1::Verb_Name(command.verb()) + " " + command.target();
  const v1::CommandResult* result = nullptr;
  for (const v1::CommandResult& each : operation.results()) {
    if (each.index() == static_cast<uint32_t>(index)) result = &each;
  }
  if (result != nullptr && result->verified()) ++counts_.verified;
  if (executed > 1) {
    Doubled(operation.device_id() + " " + operation.label() + " " + operation.id(),
            what + " was executed " + std::to_string(executed) + " times");
  }
  if (operation.state() != v1::SUCCEEDED) return;
  const bool effect = command.verb() != v1::GET && command.verb() != v1::PROMPT;
  if (effect && executed == 0) Lost(operation, what + " was not executed");
  const std::string& expected = open.plan.expected[static_cast<size_t>(index)];
  if (command.verb() != v1::GET || expected.empty()) return;
  const bool right =
      result != nullptr && result->values_size() == 1 && result->values(0).data() == expected;
  if (!right) Lost(operation, what + " did not report the value that is there");
}

void SoakBooks::CompareExec(const Open& open, const v1::Operation& operation,
                            SteadyClock::time_point now) {
  if (operation.alerts_size() > 1) {
    Doubled(operation.device_id() + " " + operation.id(), "has two reports of one update");
  }
  PerTerminal& books = terminals_[open.plan.terminal];
  const auto& acknowledged = books.acknowledged;
  if (operation.alerts_size() > 0) {
    const auto& reporting = books.reporting;
    const bool outstanding =
        std::find(reporting.begin(), reporting.end(), operation.correlator()) != reporting.end();
    if (outstanding) books.told.insert(operation.correlator());
    return;
  }
  if (operation.state() == v1::SUCCEEDED) Lost(operation, "has no report");
  const auto it = acknowledged.find(operation.correlator());
  if (it == acknowledged.end()) return;
  // One that came while it was being given up is only late.
  if (now - it->second > kGivingUp) {
    Lost(operation, "the report of its update was acknowledged, but is not there");
  } else {
    ++counts_.apart["report-late: it came when its operation had been given up"];
  }
}

void SoakBooks::CompareEnds(const v1::Operation& operation) {
  const auto ends =
      std::count_if(operation.history().begin(), operation.history().end(),
                    [](const v1::Transition& step) { return HasEnded(step.state()); });
  if (ends != 1) {
    Doubled(operation.device_id() + " " + operation.id(), "has " + std::to_string(ends) + " ends");
  }
  const bool uncertain = std::any_of(operation.history().begin(), operation.history().end(),
                                     [](const v1::Transition& step) {
                                       return step.state() == v1::PENDING && !step.cause().empty();
                                     });
  if (uncertain) ++counts_.uncertain;
}

// What the specification gives no means to find out, by name; all else is unexpected.
void SoakBooks::NameFailure(const v1::Operation& operation, uint32_t effects) {
  const std::string& cause = operation.cause();
  if (Says(cause, "no alert came")) {
    ++counts_.apart[effects > 1 ? "exec-done, its report did not come in time"
                                : "exec-unknown: FUMO State could not tell, and it was not done"];
  } else if (Says(cause, "no node tells")) {
    ++counts_.apart["exec-unknown: no node tells whether it was done"];
  } else {
    ++counts_.unexpected[operation.label() + " " + v1::State_Name(operation.state()) + ": " +
                         Generic(cause)];
    Find("unexpected: " + operation.device_id() + " " + operation.label() + " " + operation.id() +
         " is " + v1::State_Name(operation.state()) + ": " + cause);
  }
}

void SoakBooks::CloseRest() {
  std::vector<uint64_t> accepted;
  for (const auto& [serial, open] : open_) {
    if (!open.id.empty()) accepted.push_back(serial);
  }
  for (const PerTerminal& terminal : terminals_) {
    for (const auto& [correlator, count] : terminal.execs) {
      if (!by_id_.contains(correlator)) Doubled(correlator, "its Exec was executed after its end");
    }
  }
  for (const uint64_t serial : accepted) Lose(serial, "was accepted and has no end");
}

void SoakBooks::Lose(uint64_t serial, const std::string& why) {
  const auto it = open_.find(serial);
  if (it == open_.end()) return;
  ++counts_.lost;
  Find("lost: " + it->second.plan.wanted.device_id() + " " + it->second.plan.wanted.label() + " " +
       it->second.id + ": " + why);
  Forget(it);
}

void SoakBooks::Lost(const v1::Operation& operation, const std::string& what) {
  ++counts_.lost;
  Find("lost: " + operation.device_id() + " " + operation.label() + " " + operation.id() + ": " +
       what);
}

void SoakBooks::Doubled(const std::string& of, const std::string& what) {
  ++counts_.doubled;
  Find("doubled: " + of + ": " + what);
}

void SoakBooks::Find(const std::string& finding) {
  if (findings_.size() >= kFindings) return;
  findings_.push_back(finding);
  std::fprintf(stderr, "%s\n", finding.c_str());
}

}  // namespace drover::load
