#include "libs/mo/outcome.h"

#include <algorithm>
#include <array>
#include <map>

#include "libs/base/bytes.h"
#include "libs/mo/plan.h"

namespace drover::mo {
namespace {

struct Phrase {
  std::string_view step;  // "fumo update/prepare", or only "/prepare".
  std::string_view words;
};

// What a step that succeeded has done; the first that fits.
constexpr std::array kDone{
    Phrase{"fumo update/update", "the firmware is updated"},
    Phrase{"fumo update/prepare", "the terminal has the package's URL"},
    Phrase{"fumo update/push", "the package is on the terminal"},
    Phrase{"fumo download/prepare", "the terminal has the package's URL"},
    Phrase{"fumo update/install", "the firmware is installed"},
    Phrase{"fumo install/install", "the firmware is installed"},
    Phrase{"/verify", "the terminal runs the expected firmware"},
    Phrase{"/download", "the package is downloaded"},
    Phrase{"scomo install/prepare", "the terminal has the package's URL"},
    Phrase{"/deliver", "the package is on the terminal"},
    Phrase{"scomo install/install", "the software is installed"},
    Phrase{"scomo remove/remove", "removed"},
    Phrase{"scomo activate/activate", "activated"},
    Phrase{"scomo deactivate/deactivate", "deactivated"},
    Phrase{"lock/lock", "locked"},
    Phrase{"unlock/unlock", "unlocked"},
    Phrase{"wipe/wipe", "wiped"},
    Phrase{"factory-reset/reset", "reset to what it was made as"},
    Phrase{"/configure", "configured"},
    Phrase{"capability enable/enable", "enabled"},
    Phrase{"capability disable/disable", "disabled"},
    Phrase{"diag start/start", "started"},
    Phrase{"diag stop/stop", "stopped"},
    Phrase{"diag trap enable/enable", "the trap is set"},
    Phrase{"diag trap disable/disable", "the trap is not set any more"},
    Phrase{"/add", "the account is added"},
    Phrase{"/change", "the account is changed"},
    Phrase{"/delete", "the account is deleted"},
    Phrase{"credentials rotate/replace",
           "the terminal has its next secrets; they hold when it has used them"},
    Phrase{"acl set/replace", "the ACL is set"},
};

struct Hint {
  uint32_t status;
  std::string_view words;
};

// What an operator can do about a Status.
constexpr std::array kStatusHints{
    Hint{304, "the user said no; ask again later"},
    Hint{403,
         "the object does not allow it in its present state: look at it with the status command"},
    Hint{404, "the terminal has no such node: read its tree (drover tree discover) or give --root"},
    Hint{405,
         "the terminal does not allow the command there: read its tree (drover tree discover)"},
    Hint{406, "the terminal has not got this feature"},
    Hint{408, "the user did not answer in time; ask again"},
    Hint{418, "it is there already: read it (.. get) so that it is known, then set it again"},
    Hint{420, "the terminal has no room: remove something first"},
    Hint{425, "the terminal's ACL forbids it: drover acl get"},
    Hint{507, "nothing of it was taken over; the command that failed is the one to look at"},
    Hint{516, "the terminal could not undo what it had begun: read what it has now"},
};

// Of results; the thousands of SCOMO and its kin mean what the hundreds of FUMO mean only where
// they are listed.
struct ResultHint {
  Object object;
  uint32_t code;
  std::string_view words;
};
constexpr std::array kResultHints{
    ResultHint{Object::kFumo, 402, "check the package where it is downloaded from"},
    ResultHint{Object::kFumo, 403, "take the package of this model and version"},
    ResultHint{Object::kFumo, 404, "sign the package with the key that the maker accepts"},
    ResultHint{Object::kFumo, 407, "look at the download server, then submit it again"},
    ResultHint{Object::kFumo, 411, "correct the URL"},
    ResultHint{Object::kFumo, 412, "look at the download server, then submit it again"},
    ResultHint{Object::kFumo, 500, "look at the download server, then submit it again"},
    ResultHint{Object::kFumo, 501, "the terminal has no room for the package"},
    ResultHint{Object::kFumo, 502, "the terminal has no room for the update"},
    ResultHint{Object::kFumo, 503, "the network failed: submit it again"},
    ResultHint{Object::kScomo, 1402, "look at the download server and the network, then again"},
    ResultHint{Object::kScomo, 1404, "the terminal has no room: remove software first"},
    ResultHint{Object::kScomo, 1406, "the terminal has no room: remove software first"},
    ResultHint{Object::kScomo, 1407, "sign the package with the key that the maker accepts"},
    ResultHint{Object::kScomo, 1413, "take the package of this terminal's environment"},
};

std::string_view DoneWords(std::string_view action) {
  const auto found = std::ranges::find_if(kDone, [&](const Phrase& phrase) {
    return phrase.step == action || (phrase.step.starts_with('/') && action.ends_with(phrase.step));
  });
  return found == kDone.end() ? std::string_view("done") : found->words;
}

std::string Shown(const std::string& octets) {
  return base::IsUtf8(octets) ? octets : "base64:" + base::Base64(octets);
}

std::string_view Path(std::string_view uri) { return uri.substr(0, uri.find('?')); }

std::string_view LastSegment(std::string_view uri) { return uri.substr(uri.rfind('/') + 1); }

std::vector<const v1::Value*> ValuesOf(const v1::Operation& operation,
                                       std::span<const v1::Value> more) {
  std::vector<const v1::Value*> values;
  for (const v1::CommandResult* result : LastResults(operation)) {
    if (result == nullptr) continue;
    for (const v1::Value& value : result->values()) values.push_back(&value);
  }
  for (const v1::Value& value : more) values.push_back(&value);
  return values;
}

// ---- Facts and components

bool IsLeaf(const v1::Value& value) { return value.format() != "node"; }

void AddFact(const ActionStep& step, const v1::Value& value, v1::Outcome& outcome) {
  v1::Outcome::Fact& fact = *outcome.add_facts();
  fact.set_uri(value.uri());
  fact.set_name(value.uri().ends_with("?prop=ACL") ? "ACL"
                                                   : std::string(LastSegment(Path(value.uri()))));
  fact.set_value(Shown(value.data()));
  if (!step.object) return;
  const auto enumeration = EnumerationAt(*step.object, value.uri());
  if (enumeration) fact.set_words(std::string(WordsOf(*enumeration, value.data())));
}

// The component that a leaf is of, and the leaf below it.
struct Part {
  std::string unit;
  std::string group;
  std::string_view leaf;
};

std::optional<Part> SoftwarePart(std::string_view uri) {
  for (const std::string_view group :
       {"/Inventory/Deployed/", "/Inventory/Delivered/", "/Download/"}) {
    const size_t at = uri.find(group);
    if (at == std::string_view::npos) continue;
    const size_t name = at + group.size();
    const size_t end = uri.find('/', name);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view word = group.substr(1, group.size() - 2);
    return Part{std::string(uri.substr(0, end)), std::string(LastSegment(word)),
                uri.substr(end + 1)};
  }
  return std::nullopt;
}

std::optional<Part> CapabilityPart(std::string_view uri) {
  const size_t slash = uri.rfind('/');
  if (slash == std::string_view::npos) return std::nullopt;
  return Part{std::string(uri.substr(0, slash)), "", uri.substr(slash + 1)};
}

void SetSoftware(const Part& part, const v1::Value& value, v1::Outcome::Component& component) {
  const std::string text = Shown(value.data());
  const auto words = [&] {
    const auto enumeration = EnumerationAt(Object::kScomo, value.uri());
    const std::string_view named = enumeration ? WordsOf(*enumeration, text) : std::string_view();
    return named.empty() ? text : std::string(named);
  };
  component.set_group(part.group);
  if (part.leaf == "ID" || part.leaf == "PkgID") component.set_id(text);
  if (part.leaf == "Name") component.set_name(text);
  if (part.leaf == "Version") component.set_version(text);
  if (part.leaf == "State") component.set_state(words());
  if (part.leaf == "Status") component.set_status(words());
}

void SetCapability(const Part& part, const v1::Value& value, v1::Outcome::Component& component) {
  const std::string text = Shown(value.data());
  if (part.leaf == "Property") component.set_name(text);
  if (part.leaf == "Group") component.set_group(text);
  if (part.leaf == "Enabled") component.set_state(text == "true" ? "enabled" : "disabled");
  if (part.leaf == "Attached") component.set_status(text == "true" ? "attached" : "not attached");
}

void AddComponents(Object object, const std::vector<const v1::Value*>& values,
                   v1::Outcome& outcome) {
  const bool software = object == Object::kScomo;
  std::map<std::string, v1::Outcome::Component> components;
  for (const v1::Value* value : values) {
    if (!IsLeaf(*value)) continue;
    const auto part = software ? SoftwarePart(value->uri()) : CapabilityPart(value->uri());
    if (!part) continue;
    v1::Outcome::Component& component = components[part->unit];
    component.set_uri(part->unit);
    software ? SetSoftware(*part, *value, component) : SetCapability(*part, *value, component);
  }
  for (auto& [unit, component] : components) {
    // A node below a capability (DCMOConfig) is no capability.
    if (!software && component.name().empty() && component.state().empty()) continue;
    if (component.name().empty()) component.set_name(std::string(LastSegment(unit)));
    *outcome.add_components() = std::move(component);
  }
}

// ---- Prompts

const v1::Command* PromptOf(const v1::Operation& operation, size_t& index) {
  for (int i = 0; i < operation.commands_size(); ++i) {
    if (operation.commands(i).verb() != v1::PROMPT) continue;
    index = static_cast<size_t>(i);
    return &operation.commands(i);
  }
  return nullptr;
}

std::string RefusalWords(uint32_t status) {
  switch (status) {
    case 304:
      return "no";
    case 214:
    case 215:
      return "cancelled";
    case 408:
      return "no answer";
    case 406:
      return "the terminal cannot ask this";
    case 412:
      return "the terminal did not understand the question";
    case 416:
      return "the terminal cannot show this: too long, or too many choices";
    default:
      return "";
  }
}

void AddChoices(const v1::Prompt& prompt, const v1::CommandResult& result, v1::Outcome& outcome) {
  std::string answer;
  for (const v1::Value& value : result.values()) {
    const std::optional<uint32_t> number = ResultCodeIn(value.data());
    if (!number || *number == 0) continue;
    outcome.add_chosen(*number);
    const bool known = *number <= static_cast<uint32_t>(prompt.choices_size());
    answer.append(answer.empty() ? "" : ", ")
        .append(known ? prompt.choices(static_cast<int>(*number - 1)) : std::to_string(*number));
  }
  outcome.set_answer(answer);
}

void AddAnswer(const v1::Operation& operation, v1::Outcome& outcome) {
  size_t index = 0;
  const v1::Command* const command = PromptOf(operation, index);
  if (command == nullptr) return;
  const v1::CommandResult* const result = LastResults(operation)[index];
  if (result == nullptr) return;
  if (result->status() != 200) return outcome.set_answer(RefusalWords(result->status()));
  switch (command->prompt().kind()) {
    case v1::Prompt::CONFIRM:
      return outcome.set_answer("yes");
    case v1::Prompt::DISPLAY:
      return outcome.set_answer("shown");
    case v1::Prompt::TEXT_INPUT:
      return outcome.set_answer(result->values().empty() ? "" : Shown(result->values(0).data()));
    default:
      return AddChoices(command->prompt(), *result, outcome);
  }
}

// ---- Result and words

void AddResult(const v1::Operation& operation, const ActionStep& step, v1::Outcome& outcome) {
  for (const v1::AlertResult& alert : operation.alerts()) {
    const std::optional<uint32_t> code = ResultCodeIn(alert.data());
    if (code) *outcome.mutable_result() = ResultOf(step.object.value_or(Object::kFumo), *code);
  }
}

// The Status that failed, the first of them that is not only the consequence of another.
uint32_t FailedStatus(const v1::Operation& operation) {
  uint32_t status = 0;
  for (const v1::CommandResult* result : LastResults(operation)) {
    if (result == nullptr || result->verified()) continue;
    const uint32_t code = result->status();
    const bool consequence = code == 215 || code == 216;
    const bool failed = code >= 300 || code == 214 || consequence;
    if (!failed) continue;
    if (!consequence) return code;
    if (status == 0) status = code;
  }
  return status;
}

void AddHint(const v1::Operation& operation, const ActionStep& step, v1::Outcome& outcome) {
  if (operation.state() != v1::FAILED) return;
  if (outcome.has_result() && step.object) {
    const auto hint = std::ranges::find_if(kResultHints, [&](const ResultHint& each) {
      return each.object == *step.object && each.code == outcome.result().code();
    });
    if (hint != kResultHints.end()) outcome.set_next(std::string(hint->words));
    return;
  }
  const uint32_t status = FailedStatus(operation);
  const auto hint = std::ranges::find(kStatusHints, status, &Hint::status);
  if (hint != kStatusHints.end()) outcome.set_next(std::string(hint->words));
}

std::string ResultWords(const v1::Outcome::Result& result) {
  std::string out = "result " + std::to_string(result.code());
  return result.words().empty() ? out : out + ", " + result.words();
}

// "State 60 Update Progressing, FwV 6.1.0"
std::string FactWords(const v1::Outcome& outcome) {
  std::string out;
  for (const v1::Outcome::Fact& fact : outcome.facts()) {
    out.append(out.empty() ? "" : ", ").append(fact.name()).append(" ");
    out.append(fact.words().empty() ? fact.value() : fact.words() + " (" + fact.value() + ")");
  }
  return out;
}

constexpr int kFewFacts = 4;

std::string SuccessWords(const v1::Operation& operation, const ActionStep& step,
                         const v1::Outcome& outcome) {
  if (step.action == "prompt") return "answer: " + outcome.answer();
  if (outcome.components_size() > 0) {
    return std::to_string(outcome.components_size()) + " found";
  }
  const bool verified = step.step == "verify";
  if (outcome.facts_size() > 0 && outcome.facts_size() <= kFewFacts && !verified) {
    return FactWords(outcome);
  }
  if (outcome.facts_size() > kFewFacts) return std::to_string(outcome.facts_size()) + " values";
  std::string out(DoneWords(operation.action()));
  if (verified) out.append(": ").append(FactWords(outcome));
  if (outcome.has_result()) out.append(" (").append(ResultWords(outcome.result())).append(")");
  return out;
}

std::string WaitingWords(const v1::Operation& operation) {
  if (operation.blocked()) return "waits for its turn";
  switch (operation.state()) {
    case v1::RUNNING:
      return "the terminal has it";
    case v1::WAITING:
      return "the terminal has accepted it and reports when it is done";
    case v1::NOTIFIED:
      return "the terminal has been told to come";
    default:
      return "waits for the terminal to come";
  }
}

std::string SummaryOf(const v1::Operation& operation, const ActionStep& step,
                      const v1::Outcome& outcome) {
  if (operation.state() < v1::SUCCEEDED) return WaitingWords(operation);
  if (operation.state() == v1::SUCCEEDED) return SuccessWords(operation, step, outcome);
  if (outcome.ok()) return "not there";
  if (step.action == "prompt" && !outcome.answer().empty()) return "answer: " + outcome.answer();
  if (outcome.has_result() && !outcome.result().success()) return ResultWords(outcome.result());
  return operation.cause().empty() ? v1::State_Name(operation.state()) : operation.cause();
}

bool IsOk(const v1::Operation& operation, const ActionStep& step) {
  if (operation.state() == v1::SUCCEEDED) return true;
  if (operation.state() != v1::FAILED || !IsOptional(step.step)) return false;
  const uint32_t status = FailedStatus(operation);
  return status == 404 || status == 405 || status == 406 || status == 425;
}

bool Reads(const ActionStep& step) {
  return step.step != "ask" && step.action != "prompt" && step.action != "tree discover";
}

std::optional<Object> ObjectOfAction(std::string_view action) {
  const auto begins = [action](std::string_view word) {
    return action == word || (action.starts_with(word) && action[word.size()] == ' ');
  };
  if (begins("fumo")) return Object::kFumo;
  if (begins("scomo")) return Object::kScomo;
  if (begins("capability")) return Object::kDcmo;
  if (begins("diag trap")) return Object::kDiagMonTrap;
  if (begins("diag")) return Object::kDiagMon;
  for (const std::string_view word : {"lock", "unlock", "wipe", "factory-reset"}) {
    if (begins(word)) return Object::kLawmo;
  }
  return std::nullopt;
}

}  // namespace

ActionStep StepOf(std::string_view action) {
  const size_t slash = action.rfind('/');
  ActionStep out{.action = action.substr(0, slash)};
  if (slash != std::string_view::npos) out.step = action.substr(slash + 1);
  out.object = ObjectOfAction(out.action);
  return out;
}

std::vector<const v1::CommandResult*> LastResults(const v1::Operation& operation) {
  std::vector<const v1::CommandResult*> last(static_cast<size_t>(operation.commands_size()));
  for (const v1::CommandResult& result : operation.results()) {
    if (result.index() < last.size()) last[result.index()] = &result;
  }
  return last;
}

v1::Outcome OutcomeOf(const v1::Operation& operation, std::span<const v1::Value> more) {
  const ActionStep step = StepOf(operation.action());
  v1::Outcome outcome;
  outcome.set_operation_id(operation.id());
  outcome.set_device_id(operation.device_id());
  outcome.set_action(std::string(step.action));
  outcome.set_step(std::string(step.step));
  outcome.set_state(operation.state());
  const std::vector<const v1::Value*> values = ValuesOf(operation, more);
  if (step.action == "scomo inventory" || step.action == "capability list") {
    AddComponents(*step.object, values, outcome);
  } else if (Reads(step)) {
    for (const v1::Value* value : values) {
      if (IsLeaf(*value)) AddFact(step, *value, outcome);
    }
  }
  if (step.action == "prompt") AddAnswer(operation, outcome);
  AddResult(operation, step, outcome);
  outcome.set_ok(IsOk(operation, step));
  outcome.set_summary(SummaryOf(operation, step, outcome));
  AddHint(operation, step, outcome);
  if (outcome.ok()) outcome.clear_next();
  return outcome;
}

}  // namespace drover::mo
