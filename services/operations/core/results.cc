#include "services/operations/core/results.h"

#include <map>
#include <vector>

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
    default:
      return "command";
  }
}

bool IsSuccess(uint32_t status) {
  return status >= 200 && status <= 299 && !(status >= 213 && status <= 216);
}

}  // namespace

Meaning MeaningOf(v1::Verb verb, const v1::CommandResult& result) {
  const uint32_t status = result.status();
  if (result.verified()) return Meaning::kDone;
  if (verb == v1::DELETE && (status == 404 || status == 410)) return Meaning::kDone;
  if (!IsSuccess(status)) return Meaning::kFailed;
  if (verb == v1::EXEC && status == 202) return Meaning::kAccepted;
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

std::string CommandInWords(const google::protobuf::RepeatedPtrField<v1::Command>& commands,
                           int index) {
  std::string out =
      "command " + std::to_string(index + 1) + " of " + std::to_string(commands.size()) + ", ";
  out.append(VerbName(commands[index].verb())).append(" ").append(commands[index].target());
  return out;
}

Verdict Judge(const google::protobuf::RepeatedPtrField<v1::Command>& commands,
              const google::protobuf::RepeatedPtrField<v1::CommandResult>& results) {
  std::vector<const v1::CommandResult*> answers(static_cast<size_t>(commands.size()), nullptr);
  for (const v1::CommandResult& result : results) {
    if (result.index() < answers.size()) answers[result.index()] = &result;
  }
  Verdict verdict{v1::SUCCEEDED, ""};
  for (int i = 0; i < commands.size(); ++i) {
    const v1::CommandResult* answer = answers[static_cast<size_t>(i)];
    if (answer == nullptr || (answer->status() == 0 && !answer->verified())) {
      return {v1::FAILED, CommandInWords(commands, i) + ": the terminal sent no status"};
    }
    const Meaning meaning = MeaningOf(commands[i].verb(), *answer);
    if (meaning == Meaning::kFailed) {
      const bool no_value = commands[i].verb() == v1::GET && IsSuccess(answer->status());
      return {v1::FAILED, CommandInWords(commands, i) + ": " + StatusInWords(answer->status()) +
                              (no_value ? ", but no value" : "")};
    }
    if (meaning == Meaning::kAccepted) verdict.state = v1::WAITING;
  }
  return verdict;
}

}  // namespace drover::operations
