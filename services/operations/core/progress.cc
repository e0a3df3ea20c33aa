#include "services/operations/core/progress.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace drover::operations {
namespace {

using Commands = google::protobuf::RepeatedPtrField<v1::Command>;

enum class Progress : uint8_t { kSucceeded, kFailed, kGoesOn, kUnknown };

// What an Exec of `name` means, by the value of `node`.
struct Rule {
  const char* branch;  // SCOMO: the branch that the object is in; else "".
  bool below_operations;
  const char* name;
  const char* node;
  std::vector<int> succeeded;
  std::vector<int> failed;
  std::vector<int> goes_on;
};

const std::vector<Rule>& Rules() {
  static const std::vector<Rule> kRules = {
      {"", false, "download", "State", {50, 60, 70, 80, 90, 100}, {20}, {30, 40}},
      {"", false, "update", "State", {90, 100}, {70, 80}, {60}},
      {"", false, "downloadandupdate", "State", {90, 100}, {20, 70, 80}, {30, 40, 50, 60}},
      {"download", true, "download", "Status", {40}, {20}, {30}},
      {"download", true, "downloadinstall", "Status", {}, {20, 60, 70}, {30, 40, 50}},
      {"download", true, "downloadinstallinactive", "Status", {}, {20, 60, 70}, {30, 40, 50}},
      {"delivered", true, "install", "Status", {}, {50, 60, 70}, {40}},
      {"delivered", true, "installinactive", "Status", {}, {50, 60, 70}, {40}},
      {"delivered", true, "remove", "Status", {}, {20}, {30}},
      {"deployed", true, "activate", "State", {20}, {}, {}},
      {"deployed", true, "deactivate", "State", {10}, {}, {}},
      {"deployed", true, "deactive", "State", {10}, {}, {}},
      {"deployed", true, "remove", "Status", {}, {20}, {30}},
      {"", true, "fullylock", "State", {10}, {}, {}},
      {"", true, "partiallylock", "State", {20}, {}, {}},
      {"", true, "unlock", "State", {30}, {}, {}},
  };
  return kRules;
}

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

// Cuts the last segment off and returns it in lower case.
std::string CutSegment(std::string* uri) {
  const size_t slash = uri->rfind('/');
  if (slash == std::string::npos) return {};
  std::string last = Lower(std::string_view(*uri).substr(slash + 1));
  uri->resize(slash);
  return last;
}

struct Found {
  const Rule* rule = nullptr;
  std::string uri;  // Of the node that tells.
};

Found RuleOf(const v1::Command& exec) {
  if (exec.verb() != v1::EXEC) return {};
  std::string object = exec.target();
  const std::string name = CutSegment(&object);
  std::string parent = object;
  const bool below = CutSegment(&parent) == "operations";
  if (below) object = parent;
  CutSegment(&parent);
  if (!below) parent = object;
  const std::string branch = CutSegment(&parent);
  for (const Rule& rule : Rules()) {
    if (rule.below_operations != below || name != rule.name) continue;
    if (*rule.branch != '\0' && branch != rule.branch) continue;
    return {&rule, object + "/" + rule.node};
  }
  return {};
}

bool Has(const std::vector<int>& values, int value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

std::optional<int> ValueOf(const v1::CommandResult& result) {
  if (result.values().empty()) return std::nullopt;
  const std::string& text = result.values(0).data();
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Progress ProgressOf(const Rule& rule, int value) {
  if (Has(rule.succeeded, value)) return Progress::kSucceeded;
  if (Has(rule.failed, value)) return Progress::kFailed;
  return Has(rule.goes_on, value) ? Progress::kGoesOn : Progress::kUnknown;
}

constexpr char kNoAlert[] = "the terminal accepted it (202), but no alert came";

Verdict JudgeOne(const Rule& rule, const std::string& uri, const v1::CommandResult* result) {
  const std::optional<int> value = result == nullptr ? std::nullopt : ValueOf(*result);
  if (!value) {
    const std::string status =
        result == nullptr || result->status() == 0 ? "no status" : StatusInWords(result->status());
    return {v1::FAILED, std::string(kNoAlert) + "; " + uri + " could not be read: " + status,
            Failure::kNone};
  }
  const std::string says = uri + " is " + std::to_string(*value);
  switch (ProgressOf(rule, *value)) {
    case Progress::kSucceeded:
      return {v1::SUCCEEDED, "no alert came, but " + says + ": it is done", Failure::kNone};
    case Progress::kFailed:
      return {v1::FAILED, "no alert came, but " + says + ": it failed", Failure::kAlertFailed};
    case Progress::kGoesOn:
      return {v1::WAITING, says + ": it goes on", Failure::kNone};
    default:
      return {v1::FAILED, std::string(kNoAlert) + ", and " + says, Failure::kNone};
  }
}

}  // namespace

std::optional<std::string> StateNode(const v1::Command& exec) {
  const Found found = RuleOf(exec);
  return found.rule == nullptr ? std::nullopt : std::optional<std::string>(found.uri);
}

Commands StateReads(const Commands& commands) {
  Commands out;
  for (const v1::Command& command : commands) {
    const std::optional<std::string> node = StateNode(command);
    if (!node) continue;
    v1::Command* get = out.Add();
    get->set_verb(v1::GET);
    get->set_target(*node);
  }
  return out;
}

// One that failed decides, then one that goes on.
Verdict JudgeState(const Commands& commands,
                   const google::protobuf::RepeatedPtrField<v1::CommandResult>& results) {
  Verdict out{v1::SUCCEEDED, "", Failure::kNone};
  uint32_t index = 0;
  for (const v1::Command& command : commands) {
    const Found found = RuleOf(command);
    if (found.rule == nullptr) continue;
    const v1::CommandResult* result = nullptr;
    for (const v1::CommandResult& one : results) result = one.index() == index ? &one : result;
    ++index;
    Verdict verdict = JudgeOne(*found.rule, found.uri, result);
    if (verdict.state == v1::FAILED) return verdict;
    if (out.state == v1::SUCCEEDED) out = std::move(verdict);
  }
  return out;
}

}  // namespace drover::operations
