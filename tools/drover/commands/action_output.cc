#include <algorithm>

#include "libs/mo/outcome.h"
#include "tools/drover/commands/action.h"
#include "tools/drover/proto_json.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;

constexpr Column kOutcomeColumns[] = {
    {"DEVICE", "/device_id"}, {"ACTION", "/action"},   {"STEP", "/step"},
    {"STATE", "/state"},      {"OUTCOME", "/summary"}, {"OPERATION", "/operation_id", true},
};
const View kOutcomeView{.name_pointer = "/operation_id", .columns = kOutcomeColumns};

constexpr Column kComponentColumns[] = {
    {"NAME", "/name"},     {"ID", "/id"},       {"VERSION", "/version"}, {"STATE", "/state"},
    {"STATUS", "/status"}, {"GROUP", "/group"}, {"URI", "/uri", true},
};
const View kComponentView{.name_pointer = "/uri", .columns = kComponentColumns};

constexpr Column kFactColumns[] = {
    {"NAME", "/name"}, {"VALUE", "/value"}, {"MEANING", "/words"}, {"URI", "/uri"}};
const View kFactView{.name_pointer = "/uri", .columns = kFactColumns};

constexpr Column kSubmittedColumns[] = {
    {"OPERATION", "/id"},
    {"DEVICE", "/device_id"},
    {"ACTION", "/action"},
    {"COMMANDS", "/commands"},
    {"STATE", "/state"},
    {"LABEL", "/label", true},
    {"PRIORITY", "/priority", true},
    {"AFTER", "/depends_on", true},
};
const View kSubmittedView{.columns = kSubmittedColumns};

template <typename Items>
void PrintItems(Console& console, const Items& items, const View& view) {
  if (items.empty()) return;
  Json list = Json::array();
  for (const auto& item : items) list.push_back(ToJson(item));
  PrintList(console, OutputFormat::kTable, list, view);
}

// Facts of several reads of one terminal are one table.
void PrintDetails(Console& console, const std::vector<v1::Outcome>& outcomes) {
  v1::Outcome all;
  for (const v1::Outcome& outcome : outcomes) {
    all.mutable_facts()->MergeFrom(outcome.facts());
    all.mutable_components()->MergeFrom(outcome.components());
  }
  PrintItems(console, all.components(), kComponentView);
  PrintItems(console, all.facts(), kFactView);
}

// One action that only reads, of one terminal: what it read is what is shown.
bool IsOneReading(const std::vector<v1::Outcome>& outcomes) {
  return !outcomes.empty() && std::ranges::all_of(outcomes, [&](const v1::Outcome& outcome) {
    const bool read = outcome.facts_size() > 0 || outcome.components_size() > 0;
    return outcome.ok() && outcome.device_id() == outcomes.front().device_id() &&
           (read || outcome.step().starts_with("optional")) && outcome.step() != "verify";
  });
}

void PrintTables(Console& console, const std::vector<v1::Outcome>& outcomes, OutputFormat format) {
  const bool prompt = outcomes.size() == 1 && outcomes.front().action() == "prompt";
  if (prompt && outcomes.front().ok()) {
    console.out << outcomes.front().answer() << '\n';
    return;
  }
  if (IsOneReading(outcomes)) return PrintDetails(console, outcomes);
  Json rows = Json::array();
  for (const v1::Outcome& outcome : outcomes) rows.push_back(ToJson(outcome));
  PrintList(console, format, rows, kOutcomeView);
}

}  // namespace

void PrintOutcomes(Console& console, OutputFormat format, const std::vector<Done>& all) {
  std::vector<v1::Outcome> outcomes;
  for (const Done& done : all) outcomes.push_back(mo::OutcomeOf(done.operation, done.more));
  if (IsTable(format)) {
    PrintTables(console, outcomes, format);
  } else {
    Json list = Json::array();
    for (const v1::Outcome& outcome : outcomes) list.push_back(ToJson(outcome));
    PrintList(console, format, list, kOutcomeView);
  }
  for (const v1::Outcome& outcome : outcomes) {
    if (!outcome.next().empty()) {
      console.Note("drover: " + outcome.device_id() + ", " + outcome.action() + ": " +
                   outcome.next());
    }
  }
}

void PrintSubmitted(Console& console, OutputFormat format,
                    const v1::SubmitActionResponse& response) {
  Json list = Json::array();
  for (const v1::Operation& operation : response.operations()) {
    list.push_back(ToJson(operation));
    if (IsTable(format)) FitTable(list.back());
  }
  PrintList(console, format, list, kSubmittedView);
}

ExitCode CodeOf(const std::vector<Done>& all) {
  ExitCode code = ExitCode::kOk;
  for (const Done& done : all) {
    if (!done.in_time) return ExitCode::kTimeout;
    if (!mo::OutcomeOf(done.operation, done.more).ok()) code = ExitCode::kFailure;
  }
  return code;
}

}  // namespace drover::cli
