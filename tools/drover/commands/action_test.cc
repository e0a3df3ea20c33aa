#include "tools/drover/commands/action.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/drover/run.h"

namespace drover::cli {
namespace {

namespace v1 = operations::v1;
using ::testing::HasSubstr;

struct Ran {
  int code;
  std::string out;
  std::string err;
};

Ran Drover(const std::vector<std::string>& words, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Console console{in, out, err};
  std::vector<std::string> all = {"--operations", "127.0.0.1:1",   "--tree",
                                  "127.0.0.1:1",  "--rpc-timeout", "2s"};
  all.insert(all.end(), words.begin(), words.end());
  const int code = Run(all, console, [](const std::string&) { return std::nullopt; });
  return {code, out.str(), err.str()};
}

TEST(ActionVerbs, SayWhatIsMissingOrWrongBeforeAnythingIsSubmitted) {
  struct {
    std::vector<std::string> words;
    const char* says;
  } const kCases[] = {
      {{"fumo", "update", "IMEI:1"}, "--url is missing"},
      {{"fumo", "update", "--url", "http://x"}, "say which terminals"},
      {{"fumo", "update", "IMEI:1", "-l", "model=X", "--url", "http://x"}, "say which terminals"},
      {{"fumo", "update", "IMEI:1", "--method", "magic", "--url", "x"}, "--method magic"},
      {{"fumo", "update", "IMEI:1", "--method", "push"}, "--package FILE is missing"},
      {{"fumo", "update", "IMEI:1", "--method", "push", "--package", "/etc/hostname", "--url", "x"},
       "no --url"},
      {{"fumo", "download", "IMEI:1"}, "--url is required"},
      {{"fumo", "status", "IMEI:1", "--priority", "10"}, "--priority"},
      {{"fumo", "status", "IMEI:1", "--ttl", "soon"}, "soon"},
      {{"fumo", "status", "IMEI:1", "--not-before", "soon"}, "--not-before soon"},
      {{"scomo", "install", "IMEI:1"}, "--id is required"},
      {{"scomo", "remove", "IMEI:1"}, "expected ID COMPONENT"},
      {{"scomo", "activate", "IMEI:1", "a", "b"}, "expected ID COMPONENT"},
      {{"lock", "IMEI:1", "--partial", "--status"}, "--partial excludes --status"},
      {{"wipe", "IMEI:1"}, "say --yes"},
      {{"wipe", "IMEI:1", "IMEI:2", "--yes"}, "one terminal at a time"},
      {{"wipe", "IMEI:1", "--yes", "--confirm-device", "IMEI:2"}, "IMEI:2 is not IMEI:1"},
      {{"factory-reset", "IMEI:1", "--yes"}, "nothing was typed"},
      {{"capability", "disable", "IMEI:1"}, "expected ID CAPABILITY"},
      {{"diag", "start", "IMEI:1"}, "expected ID FUNCTION"},
      {{"apn", "set", "IMEI:1", "--apn", "x"}, "--name is required"},
      {{"mail", "set", "IMEI:1", "--name", "work"}, "--imap, --pop3 or --smtp"},
      {{"mail", "set", "IMEI:1", "--name", "work", "--imap", "h:99999"}, "HOST:PORT"},
      {{"prompt", "IMEI:1"}, "say what to ask"},
      {{"prompt", "IMEI:1", "--confirm", "a", "--display", "b"}, "one thing at a time"},
      {{"prompt", "IMEI:1", "--choose", "a"}, "--choice TEXT is missing"},
      {{"prompt", "IMEI:1", "--input", "a", "--input-kind", "colour"}, "--input-kind colour"},
      {{"acl", "set", "IMEI:1", "./A"}, "expected ID URI ACL"},
      {{"tree", "discover", "IMEI:1", "/abs"}, ""},
      {{"tree", "discover", "IMEI:1", "--form", "guess"}, "--form guess"},
  };
  for (const auto& each : kCases) {
    const Ran ran = Drover(each.words);
    EXPECT_EQ(ran.code, 2) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(each.says));
    EXPECT_EQ(ran.out, "");
  }
}

TEST(ActionVerbs, GetAsFarAsTheServiceWhenAllIsSaid) {
  const std::vector<std::vector<std::string>> kCases = {
      {"fumo", "update", "IMEI:1,IMEI:2", "--url", "http://x", "--expect-version", "7", "--confirm",
       "Now?", "--retries", "3", "--not-before", "2h"},
      {"fumo", "install", "IMEI:1", "IMEI:2"},
      {"scomo", "inventory", "IMEI:1", "--root", "./SCM"},
      {"scomo", "remove", "IMEI:1", "mail", "--delivered"},
      {"lock", "IMEI:1", "--no-notify-user"},
      {"unlock", "IMEI:1"},
      {"wipe", "IMEI:1", "--yes", "--confirm-device", "imei:1", "--item", "contacts"},
      {"capability", "enable", "IMEI:1", "camera", "wifi"},
      {"diag", "trap", "enable", "IMEI:1", "low-battery"},
      {"diag", "data", "IMEI:1"},
      {"apn", "set", "IMEI:1", "--name", "internet", "--apn", "x", "--dns", "192.0.2.1"},
      {"mail", "set", "IMEI:1", "--name", "work", "--imap", "h:993", "--smtp", "h"},
      {"browser", "get", "IMEI:1"},
      {"mms", "delete", "IMEI:1", "--name", "x"},
      {"params", "get", "IMEI:1", "./A", "./B"},
      {"prompt", "IMEI:1", "--choose-many", "Which?", "--choice", "a", "--choice", "b", "--default",
       "1-2", "--max-display", "60s"},
      {"credentials", "rotate", "IMEI:1"},
      {"acl", "set", "IMEI:1", "./A", ""},
      {"tree", "discover", "IMEI:1", "./A"},
  };
  for (const auto& words : kCases) {
    const Ran ran = Drover(words);
    EXPECT_TRUE(ran.code == 1 || ran.code == 5) << words[0] << ran.code << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("the operations service")) << words[0];
  }
}

TEST(ActionVerbs, WipeTakesTheIdThatIsTyped) {
  EXPECT_THAT(Drover({"wipe", "IMEI:1", "--yes"}, "IMEI:2\n").err,
              HasSubstr("IMEI:2 is not IMEI:1"));
  const Ran right = Drover({"wipe", "IMEI:1", "--yes"}, "imei:1\n");
  EXPECT_THAT(right.err, HasSubstr("Type the id of the terminal to wipe IMEI:1: "));
  EXPECT_THAT(right.err, HasSubstr("the operations service"));
}

Done Operation(const std::string& action, v1::State state) {
  Done done;
  done.operation.set_id("op-1");
  done.operation.set_device_id("IMEI:1");
  done.operation.set_action(action);
  done.operation.set_state(state);
  return done;
}

void AddRead(Done& done, const std::string& uri, const std::string& data) {
  const auto index = static_cast<uint32_t>(done.operation.commands_size());
  done.operation.add_commands()->set_target(uri);
  v1::CommandResult& result = *done.operation.add_results();
  result.set_index(index);
  result.set_status(200);
  v1::Value& value = *result.add_values();
  value.set_uri(uri);
  value.set_data(data);
}

std::pair<std::string, std::string> Printed(OutputFormat format, const std::vector<Done>& all) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Console console{in, out, err};
  PrintOutcomes(console, format, all);
  return {out.str(), err.str()};
}

TEST(PrintOutcomes, ARowForEachStepAndWhatToDoOnStandardError) {
  Done prepare = Operation("fumo update/prepare", v1::SUCCEEDED);
  Done update = Operation("fumo update/update", v1::FAILED);
  update.operation.add_alerts()->set_data("411");
  const auto [out, err] = Printed(OutputFormat::kTable, {prepare, update});
  EXPECT_THAT(out, HasSubstr("the terminal has the package's URL"));
  EXPECT_THAT(out, HasSubstr("result 411, the URL is malformed or bad"));
  EXPECT_THAT(err, HasSubstr("IMEI:1, fumo update: correct the URL"));
  EXPECT_EQ(CodeOf({prepare, update}), ExitCode::kFailure);
  EXPECT_EQ(CodeOf({prepare}), ExitCode::kOk);
}

TEST(PrintOutcomes, AReadingIsShownAsWhatWasRead) {
  Done status = Operation("fumo status/read", v1::SUCCEEDED);
  AddRead(status, "./FUMO/State", "50");
  Done optional = Operation("fumo status/optional", v1::FAILED);
  AddRead(optional, "./FUMO/PkgName", "");
  optional.operation.mutable_results(0)->set_status(404);
  optional.operation.mutable_results(0)->clear_values();
  const auto [out, err] = Printed(OutputFormat::kTable, {status, optional});
  EXPECT_THAT(out, HasSubstr("State  50     Ready to Update"));
  EXPECT_EQ(err, "");
  EXPECT_EQ(CodeOf({status, optional}), ExitCode::kOk);
}

TEST(PrintOutcomes, AnAnswerOfTheUserIsTheOutput) {
  Done prompt = Operation("prompt/ask", v1::SUCCEEDED);
  AddRead(prompt, "", "");
  prompt.operation.mutable_commands(0)->set_verb(v1::PROMPT);
  prompt.operation.mutable_commands(0)->mutable_prompt()->set_kind(v1::Prompt::CONFIRM);
  EXPECT_EQ(Printed(OutputFormat::kTable, {prompt}).first, "yes\n");
  EXPECT_THAT(Printed(OutputFormat::kJson, {prompt}).first, HasSubstr("\"answer\": \"yes\""));
}

}  // namespace
}  // namespace drover::cli
