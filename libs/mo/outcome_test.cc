#include "libs/mo/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::mo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// An operation with one command, and what was answered to it.
struct Told {
  v1::Operation operation;

  explicit Told(const std::string& action, v1::Verb verb = v1::EXEC,
                const std::string& target = "./A") {
    operation.set_action(action);
    operation.set_id("1");
    operation.set_state(v1::SUCCEEDED);
    Command(verb, target);
  }
  Told& Command(v1::Verb verb, const std::string& target) {
    v1::Command& command = *operation.add_commands();
    command.set_verb(verb);
    command.set_target(target);
    return *this;
  }
  // Of the newest command.
  Told& Status(uint32_t status) {
    v1::CommandResult& result = *operation.add_results();
    result.set_index(static_cast<uint32_t>(operation.commands_size() - 1));
    result.set_status(status);
    return *this;
  }
  Told& Value(const std::string& uri, const std::string& data, const std::string& format = "chr") {
    v1::Value& value = *operation.mutable_results()->rbegin()->add_values();
    value.set_uri(uri);
    value.set_format(format);
    value.set_data(data);
    return *this;
  }
  Told& Alert(const std::string& data) {
    operation.add_alerts()->set_data(data);
    return *this;
  }
  Told& State(v1::State state, const std::string& cause = "") {
    operation.set_state(state);
    operation.set_cause(cause);
    return *this;
  }
  v1::Outcome Outcome() const { return OutcomeOf(operation); }
};

TEST(OutcomeOf, AnAlertsResultIsInWordsWithWhatToDo) {
  struct {
    const char* action;
    v1::State state;
    const char* alert;
    const char* summary;
    const char* next;
  } const kCases[] = {
      {"fumo update/update", v1::SUCCEEDED, "200", "the firmware is updated (result 200, success)",
       ""},
      {"fumo update/update", v1::SUCCEEDED, "251",
       "the firmware is updated (result 251, success, vendor specific)", ""},
      {"fumo update/update", v1::FAILED, "411", "result 411, the URL is malformed or bad",
       "correct the URL"},
      {"fumo update/download", v1::FAILED, "503", "result 503, download failed: network",
       "the network failed: submit it again"},
      {"fumo update/update", v1::FAILED, "461", "result 461, client error, vendor specific", ""},
      {"fumo update/update", v1::FAILED, "699", "result 699", ""},
      {"scomo install/install", v1::FAILED, "<ResultCode>1404</ResultCode>",
       "result 1404, download failed: out of memory",
       "the terminal has no room: remove software first"},
      {"wipe/wipe", v1::SUCCEEDED, "1202", "wiped (result 1202, wiped, data and list items)", ""},
      {"unlock/unlock", v1::FAILED, "1404", "result 1404, unlock failed", ""},
      {"capability enable/enable", v1::FAILED, "1404", "result 1404, enable failed", ""},
      {"diag start/start", v1::SUCCEEDED, "1200", "started (result 1200, success)", ""},
  };
  for (const auto& each : kCases) {
    const v1::Outcome outcome =
        Told(each.action).Status(202).Alert(each.alert).State(each.state).Outcome();
    EXPECT_EQ(outcome.summary(), each.summary) << each.action;
    EXPECT_EQ(outcome.next(), each.next) << each.action;
    EXPECT_EQ(outcome.ok(), each.state == v1::SUCCEEDED) << each.action;
  }
}

TEST(OutcomeOf, AStatusThatFailedKeepsItsCauseAndSaysWhatToDo) {
  const v1::Outcome outcome =
      Told("apn set/add", v1::ADD, "./NAP/x")
          .Status(418)
          .State(v1::FAILED, "command 1 of 1, ADD ./NAP/x: 418 already exists")
          .Outcome();
  EXPECT_EQ(outcome.summary(), "command 1 of 1, ADD ./NAP/x: 418 already exists");
  EXPECT_THAT(outcome.next(), HasSubstr("read it"));
  EXPECT_FALSE(outcome.ok());
}

TEST(OutcomeOf, TheStatusToActOnIsNotTheRollbackThatFollowedFromIt) {
  Told told("apn set/add", v1::ADD, "./NAP/x");
  told.Status(216).Command(v1::ADD, "./NAP/x/ADDR").Status(425).State(v1::FAILED, "cause");
  EXPECT_THAT(told.Outcome().next(), HasSubstr("ACL"));
}

TEST(OutcomeOf, WhatIsUnderWayIsSaidToo) {
  struct {
    v1::State state;
    bool blocked;
    const char* summary;
  } const kCases[] = {
      {v1::PENDING, false, "waits for the terminal to come"},
      {v1::PENDING, true, "waits for its turn"},
      {v1::NOTIFIED, false, "the terminal has been told to come"},
      {v1::RUNNING, false, "the terminal has it"},
      {v1::WAITING, false, "the terminal has accepted it and reports when it is done"},
  };
  for (const auto& each : kCases) {
    Told told("lock/lock");
    told.State(each.state).operation.set_blocked(each.blocked);
    EXPECT_EQ(told.Outcome().summary(), each.summary);
  }
  EXPECT_EQ(Told("lock/lock").State(v1::EXPIRED, "its time passed").Outcome().summary(),
            "its time passed");
}

TEST(OutcomeOf, StatesAreInWords) {
  const v1::Outcome outcome = Told("fumo status/read", v1::GET, "./FUMO/State")
                                  .Status(200)
                                  .Value("./FUMO/State", "60", "int")
                                  .Command(v1::GET, "./DevDetail/FwV")
                                  .Status(200)
                                  .Value("./DevDetail/FwV", "6.1.0")
                                  .Outcome();
  EXPECT_EQ(outcome.summary(), "State Update Progressing (60), FwV 6.1.0");
  ASSERT_EQ(outcome.facts_size(), 2);
  EXPECT_EQ(outcome.facts(0).words(), "Update Progressing");
  EXPECT_EQ(outcome.facts(1).uri(), "./DevDetail/FwV");
}

TEST(OutcomeOf, AnOptionalNodeThatIsNotThereIsNoFailure) {
  Told told("fumo status/optional", v1::GET, "./FUMO/PkgName");
  told.Status(404).State(v1::FAILED, "404 not found");
  EXPECT_TRUE(told.Outcome().ok());
  EXPECT_EQ(told.Outcome().summary(), "not there");
  told.operation.mutable_results(0)->set_status(500);
  EXPECT_FALSE(told.Outcome().ok());
}

TEST(OutcomeOf, AnInventoryIsItsComponents) {
  const v1::Outcome outcome = Told("scomo inventory/read", v1::GET, "./SCM?list=StructData")
                                  .Status(200)
                                  .Value("./SCM", "Download/Inventory", "node")
                                  .Value("./SCM/Inventory/Deployed/7/ID", "com.example.mail")
                                  .Value("./SCM/Inventory/Deployed/7/Name", "Mail")
                                  .Value("./SCM/Inventory/Deployed/7/Version", "2.1")
                                  .Value("./SCM/Inventory/Deployed/7/State", "20", "int")
                                  .Value("./SCM/Inventory/Delivered/p/PkgID", "pkg-1")
                                  .Value("./SCM/Inventory/Delivered/p/Status", "50", "int")
                                  .Outcome();
  ASSERT_EQ(outcome.components_size(), 2);
  EXPECT_EQ(outcome.summary(), "2 found");
  const v1::Outcome::Component& package = outcome.components(0);
  EXPECT_EQ(package.id(), "pkg-1");
  EXPECT_EQ(package.group(), "Delivered");
  EXPECT_EQ(package.status(), "Install Failed / Have Data");
  const v1::Outcome::Component& mail = outcome.components(1);
  EXPECT_EQ(mail.name(), "Mail");
  EXPECT_EQ(mail.version(), "2.1");
  EXPECT_EQ(mail.state(), "Active");
  EXPECT_EQ(mail.uri(), "./SCM/Inventory/Deployed/7");
}

TEST(OutcomeOf, CapabilitiesAreComponentsAndValuesOfAWalkCount) {
  std::vector<v1::Value> walked(3);
  const auto set = [](v1::Value& value, const char* uri, const char* data) {
    value.set_uri(uri);
    value.set_data(data);
  };
  set(walked[0], "./DCMO/1/Property", "camera");
  set(walked[1], "./DCMO/1/Enabled", "false");
  set(walked[2], "./DCMO/1/DCMOConfig/NotifyUser", "true");
  Told told("capability list/read", v1::GET, "./DCMO?list=StructData");
  told.Status(406).State(v1::FAILED);
  const v1::Outcome outcome = OutcomeOf(told.operation, walked);
  ASSERT_EQ(outcome.components_size(), 1);
  EXPECT_EQ(outcome.components(0).name(), "camera");
  EXPECT_EQ(outcome.components(0).state(), "disabled");
}

TEST(OutcomeOf, AnswersOfTheUserAreInWords) {
  struct {
    v1::Prompt::Kind kind;
    uint32_t status;
    std::vector<std::string> values;
    const char* answer;
  } const kCases[] = {
      {v1::Prompt::DISPLAY, 200, {}, "shown"},
      {v1::Prompt::CONFIRM, 200, {}, "yes"},
      {v1::Prompt::CONFIRM, 304, {}, "no"},
      {v1::Prompt::CONFIRM, 214, {}, "cancelled"},
      {v1::Prompt::CONFIRM, 408, {}, "no answer"},
      {v1::Prompt::TEXT_INPUT, 200, {"Jane"}, "Jane"},
      {v1::Prompt::SINGLE_CHOICE, 200, {"2"}, "Cellular"},
      {v1::Prompt::MULTIPLE_CHOICE, 200, {"2", "1"}, "Cellular, Wi-Fi"},
      {v1::Prompt::MULTIPLE_CHOICE, 200, {"9"}, "9"},
      {v1::Prompt::SINGLE_CHOICE,
       416,
       {},
       "the terminal cannot show this: too long, or too many choices"},
  };
  for (const auto& each : kCases) {
    Told told("prompt/ask", v1::PROMPT, "");
    v1::Prompt& prompt = *told.operation.mutable_commands(0)->mutable_prompt();
    prompt.set_kind(each.kind);
    prompt.add_choices("Wi-Fi");
    prompt.add_choices("Cellular");
    told.Status(each.status).State(each.status == 200 ? v1::SUCCEEDED : v1::FAILED);
    for (const std::string& value : each.values) told.Value("", value);
    const v1::Outcome outcome = told.Outcome();
    EXPECT_EQ(outcome.answer(), each.answer);
    EXPECT_EQ(outcome.summary(), std::string("answer: ") + each.answer);
    const bool chooses = each.kind >= v1::Prompt::SINGLE_CHOICE;
    EXPECT_EQ(outcome.chosen_size(), chooses ? static_cast<int>(each.values.size()) : 0);
  }
}

TEST(OutcomeOf, TheLastAttemptCounts) {
  Told told("fumo status/read", v1::GET, "./FUMO/State");
  told.Status(503).Status(200).Value("./FUMO/State", "10");
  EXPECT_EQ(told.Outcome().summary(), "State Idle (10)");
}

TEST(OutcomeOf, OctetsThatAreNoTextAreShownAsBase64) {
  Told told("params get/nodes", v1::GET, "./A/B");
  told.Status(200).Value("./A/B", std::string("\xff\x00", 2), "bin");
  EXPECT_EQ(told.Outcome().facts(0).value(), "base64:/wA=");
}

TEST(StepOf, TellsActionStepAndObject) {
  const ActionStep step = StepOf("diag trap enable/enable");
  EXPECT_EQ(step.action, "diag trap enable");
  EXPECT_EQ(step.step, "enable");
  EXPECT_EQ(step.object, Object::kDiagMonTrap);
  EXPECT_EQ(StepOf("lock/lock").object, Object::kLawmo);
  EXPECT_EQ(StepOf("apn set/add").object, std::nullopt);
  EXPECT_EQ(StepOf("").action, "");
}

}  // namespace
}  // namespace drover::mo
