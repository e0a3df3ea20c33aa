#include "services/operations/core/results.h"

#include <algorithm>
#include <map>
#include <vector>

#include "libs/base/bytes.h"

namespace drover::operations {
namespace {

const std::map<uint32_t, std::string_view>& Words() {
  static const std::map<uint32_t, std::string_view> kWords = {
      {101, "in progress"},
      {200, "OK"},
      {201, "item added"},
      {202, "accepted for processing"},
      {204, "no content"},
      {210, "deleted without archive"},
      {211, "item not deleted"},
      {212, "authentication accepted"},
      {213, "chunk accepted"},
      {214, "operation cancelled"},
      {215, "not executed"},
      {216, "rolled back"},
      {304, "not modified"},
      {400, "bad request"},
      {401, "invalid credentials"},
      {402, "payment needed"},
      {403, "forbidden"},
      {404, "not found"},
      {405, "command not allowed"},
      {406, "optional feature not supported"},
      {407, "authentication required"},
      {408, "request timeout"},
      {409, "conflict"},
      {410, "gone"},
      {411, "size required"},
      {412, "incomplete command"},
      {413, "request entity too large"},
      {414, "URI too long"},
      {415, "unsupported media type or format"},
      {416, "requested size too big"},
      {417, "retry later"},
      {418, "already exists"},
      {419, "conflict resolved, server wins"},
      {420, "device full"},
      {424, "size mismatch"},
      {425, "permission denied"},
      {426, "partial item not accepted"},
      {427, "item not empty"},
      {428, "move failed"},
      {500, "command failed"},
      {501, "command not implemented"},
      {502, "bad gateway"},
      {503, "service unavailable"},
      {504, "gateway timeout"},
      {505, "DTD version not supported"},
      {506, "processing error"},
      {507, "atomic failed"},
      {510, "data store failure"},
      {511, "server failure"},
      {512, "synchronization failed"},
      {513, "protocol version not supported"},
      {514, "operation cancelled, not done"},
      {516, "atomic rollback failed"},
      {517, "atomic response too large"},
  };
  return kWords;
}

std::string_view VerbName(v1::Verb verb) {
  switch (verb) {
    case v1::GET:
      return "GET";
    case v1::REPLACE:
      return "REPLACE";
    case v1::ADD:
      return "ADD";
    case v1::DELETE:
      return "DELETE";
    case v1::COPY:
      return "COPY";
    case v1::EXEC:
      return "EXEC";
    case v1::PROMPT:
      return "PROMPT";
    default:
      return "command";
  }
}

bool IsSuccess(uint32_t status) {
  return status >= 200 && status <= 299 && !(status >= 213 && status <= 216);
}

// Not done, but for the sake of another command.
bool IsCollateral(uint32_t status) { return status == 215 || status == 216 || status == 516; }

using Commands = google::protobuf::RepeatedPtrField<v1::Command>;
using Answers = std::vector<const v1::CommandResult*>;  // Beside the commands; nullptr: none.

// Of the Atomic that the command is in, as any of its commands tells; 0: not known.
uint32_t AtomicStatus(const Commands& commands, const Answers& answers, int index) {
  const uint32_t group = commands[index].atomic();
  for (int i = 0; group != 0 && i < commands.size(); ++i) {
    const v1::CommandResult* answer = answers[static_cast<size_t>(i)];
    if (commands[i].atomic() == group && answer != nullptr && answer->atomic_status() != 0) {
      return answer->atomic_status();
    }
  }
  return 0;
}

bool Unanswered(const v1::CommandResult* answer) {
  return answer == nullptr || (answer->status() == 0 && !answer->verified());
}

// A terminal that answers an Atomic with 200 may spare the statuses of its commands.
bool DoneByItsAtomic(const Commands& commands, const Answers& answers, int index) {
  return Unanswered(answers[static_cast<size_t>(index)]) &&
         IsSuccess(AtomicStatus(commands, answers, index));
}

std::string PromptInWords(uint32_t status) {
  switch (status) {
    case 304:
      return "the user refused";
    case 214:
    case 215:
      return "the user cancelled";
    case 408:
      return "the user did not answer";
    case 406:
      return "the terminal cannot ask its user";
    case 412:
    case 416:
      return "the terminal cannot show it";
    default:
      return "";
  }
}

const v1::Value* ReadValue(const v1::Command& command, const v1::CommandResult& answer) {
  for (const v1::Value& value : answer.values()) {
    if (value.uri() == command.target()) return &value;
  }
  return answer.values().empty() ? nullptr : &answer.values(0);
}

// Whether a GET read what it was to read.
bool AsExpected(const v1::Command& command, const v1::CommandResult& answer) {
  if (command.verb() != v1::GET || !command.has_expected()) return true;
  const v1::Value* value = ReadValue(command, answer);
  return (value == nullptr ? std::string() : value->data()) == command.expected();
}

bool Failed(const Commands& commands, const Answers& answers, int index) {
  const v1::CommandResult* answer = answers[static_cast<size_t>(index)];
  if (DoneByItsAtomic(commands, answers, index)) return false;
  if (Unanswered(answer)) return true;
  return MeaningOf(commands[index].verb(), *answer) == Meaning::kFailed ||
         !AsExpected(commands[index], *answer);
}

// The command that the failure is to be laid to; -1 if none failed.
int Culprit(const Commands& commands, const Answers& answers) {
  int first = -1;
  int prompt = -1;
  for (int i = 0; i < commands.size(); ++i) {
    if (!Failed(commands, answers, i)) continue;
    const v1::CommandResult* answer = answers[static_cast<size_t>(i)];
    if (!Unanswered(answer) && !IsCollateral(answer->status())) return i;
    if (first < 0) first = i;
    const bool asked = commands[i].verb() == v1::PROMPT && !Unanswered(answer);
    if (prompt < 0 && asked && answer->status() == 215) prompt = i;
  }
  return prompt >= 0 ? prompt : first;
}

std::string WhyInWords(const Commands& commands, const v1::CommandResult* answer, int index) {
  const v1::Command& command = commands[index];
  const std::string name = CommandInWords(commands, index);
  if (Unanswered(answer)) return name + ": the terminal sent no status";
  if (MeaningOf(command.verb(), *answer) != Meaning::kFailed) {
    const v1::Value* value = ReadValue(command, *answer);
    return name + ": the value is " + ValueInWords(value == nullptr ? "" : value->data()) +
           ", not " + ValueInWords(command.expected());
  }
  const std::string prompt = command.verb() == v1::PROMPT ? PromptInWords(answer->status()) : "";
  if (!prompt.empty()) {
    return prompt + " (" + std::to_string(answer->status()) +
           "): " + ValueInWords(command.prompt().text());
  }
  const bool no_value = command.verb() == v1::GET && IsSuccess(answer->status());
  return name + ": " + StatusInWords(answer->status()) + (no_value ? ", but no value" : "");
}

Failure FailureOf(v1::Verb verb, const v1::CommandResult* answer) {
  if (Unanswered(answer)) return Failure::kNotAnswered;
  switch (answer->status()) {
    case 304:
    case 215:
      return verb == v1::PROMPT ? Failure::kUserNotNow : Failure::kOther;
    case 214:
      return Failure::kUserNotNow;
    case 408:
      return verb == v1::PROMPT ? Failure::kUserNotNow : Failure::kBusy;
    case 417:
    case 420:
    case 503:
    case 504:
    case 506:
    case 510:
    case 512:
    case 514:
      return Failure::kBusy;
    default:
      return Failure::kOther;
  }
}

// What became of the other commands of the Atomic that the culprit is in, if there is one.
std::string FateOfAtomic(const Commands& commands, const Answers& answers, int culprit) {
  const uint32_t group = commands[culprit].atomic();
  if (group == 0) return {};
  bool stuck = false;
  bool done = false;
  for (int i = 0; i < commands.size(); ++i) {
    const v1::CommandResult* answer = answers[static_cast<size_t>(i)];
    if (commands[i].atomic() != group || Unanswered(answer)) continue;
    stuck = stuck || answer->status() == 516;
    done = done || (commands[i].verb() != v1::PROMPT && !Failed(commands, answers, i));
  }
  if (stuck) {
    return "; the terminal could not undo its Atomic (516): read what the commands before it set";
  }
  if (done) return "; the terminal did not undo the other commands of its Atomic";
  return "; nothing of its Atomic was carried out";
}

// An Atomic whose own status is a failure, or whose commands were all undone, without a command to
// blame; empty if there is none.
std::string AtomicInWords(const Commands& commands, const Answers& answers, int index) {
  const uint32_t status = AtomicStatus(commands, answers, index);
  const bool undone = status == 0 && commands[index].atomic() != 0;
  if (status == 0 && !undone) return {};
  return CommandInWords(commands, index) + ": its Atomic failed" +
         (status == 0 ? "" : ": " + StatusInWords(status));
}

Verdict JudgeFailure(const Commands& commands, const Answers& answers, int culprit) {
  const v1::CommandResult* answer = answers[static_cast<size_t>(culprit)];
  const v1::Verb verb = commands[culprit].verb();
  const bool collateral =
      !Unanswered(answer) && IsCollateral(answer->status()) && verb != v1::PROMPT;
  if (collateral) {
    std::string atomic = AtomicInWords(commands, answers, culprit);
    if (!atomic.empty()) {
      v1::CommandResult whole;
      whole.set_status(AtomicStatus(commands, answers, culprit));
      if (whole.status() == 0) whole.set_status(507);
      return {v1::FAILED, atomic + FateOfAtomic(commands, answers, culprit),
              FailureOf(verb, &whole)};
    }
  }
  return {v1::FAILED,
          WhyInWords(commands, answer, culprit) + FateOfAtomic(commands, answers, culprit),
          FailureOf(verb, answer)};
}

// An Atomic that is answered with a failure although each of its commands succeeded; -1 if none.
int FailedAtomic(const Commands& commands, const Answers& answers) {
  for (int i = 0; i < commands.size(); ++i) {
    const uint32_t status = AtomicStatus(commands, answers, i);
    if (status != 0 && !IsSuccess(status)) return i;
  }
  return -1;
}

}  // namespace

Meaning MeaningOf(v1::Verb verb, const v1::CommandResult& result) {
  const uint32_t status = result.status();
  if (verb == v1::EXEC && status == 202) return Meaning::kAccepted;
  if (result.verified()) return Meaning::kDone;
  if (verb == v1::DELETE && (status == 404 || status == 410)) return Meaning::kDone;
  if (!IsSuccess(status)) return Meaning::kFailed;
  if (verb == v1::PROMPT) return status == 200 ? Meaning::kDone : Meaning::kFailed;
  if (verb == v1::GET && status != 200 && status != 204 && result.values().empty()) {
    return Meaning::kFailed;
  }
  return Meaning::kDone;
}

std::string StatusInWords(uint32_t status) {
  std::string out = std::to_string(status);
  const auto found = Words().find(status);
  if (found != Words().end()) out.append(" ").append(found->second);
  return out;
}

std::string ValueInWords(std::string_view value) {
  constexpr size_t kShown = 64;
  std::string_view shown = value.substr(0, kShown);
  // A character is not cut in half.
  while (shown.size() < value.size() && !shown.empty() &&
         (static_cast<unsigned char>(value[shown.size()]) & 0xc0) == 0x80) {
    shown.remove_suffix(1);
  }
  const std::string end = shown.size() < value.size() ? ".." : "";
  const bool text = base::IsUtf8(shown) && std::none_of(shown.begin(), shown.end(), [](char c) {
                      return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t';
                    });
  if (!text) return "hex " + base::Hex(shown) + end;
  return "\"" + std::string(shown) + end + "\"";
}

std::string CommandInWords(const Commands& commands, int index) {
  const v1::Command& command = commands[index];
  std::string out =
      "command " + std::to_string(index + 1) + " of " + std::to_string(commands.size()) + ", ";
  out.append(VerbName(command.verb())).append(" ");
  return out.append(command.verb() == v1::PROMPT ? ValueInWords(command.prompt().text())
                                                 : command.target());
}

Verdict Judge(const Commands& commands,
              const google::protobuf::RepeatedPtrField<v1::CommandResult>& results) {
  Answers answers(static_cast<size_t>(commands.size()), nullptr);
  for (const v1::CommandResult& result : results) {
    if (result.index() < answers.size()) answers[result.index()] = &result;
  }
  const int culprit = Culprit(commands, answers);
  if (culprit >= 0) return JudgeFailure(commands, answers, culprit);
  const int atomic = FailedAtomic(commands, answers);
  if (atomic >= 0) {
    v1::CommandResult whole;
    whole.set_status(AtomicStatus(commands, answers, atomic));
    return {v1::FAILED, AtomicInWords(commands, answers, atomic),
            FailureOf(commands[atomic].verb(), &whole)};
  }
  Verdict verdict{v1::SUCCEEDED, "", Failure::kNone};
  for (int i = 0; i < commands.size(); ++i) {
    const v1::CommandResult* answer = answers[static_cast<size_t>(i)];
    if (answer == nullptr) continue;
    if (MeaningOf(commands[i].verb(), *answer) == Meaning::kAccepted) verdict.state = v1::WAITING;
  }
  return verdict;
}

}  // namespace drover::operations
