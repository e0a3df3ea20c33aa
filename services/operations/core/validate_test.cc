#include "services/operations/core/validate.h"

#include <gtest/gtest.h>

#include "services/operations/core/times.h"

namespace drover::operations {
namespace {

using std::chrono::hours;

v1::Command Command(v1::Verb verb, std::string target) {
  v1::Command out;
  out.set_verb(verb);
  out.set_target(std::move(target));
  return out;
}

v1::Command With(v1::Command command, std::string format, std::string data) {
  command.set_format(std::move(format));
  command.set_data(std::move(data));
  command.set_has_data(true);
  return command;
}

v1::SubmitOperationsRequest Request(v1::Command command) {
  v1::SubmitOperationsRequest out;
  v1::NewOperation* operation = out.add_operations();
  operation->set_device_id("IMEI:493005100592800");
  *operation->add_commands() = std::move(command);
  return out;
}

// "" when it is valid, else the field that is refused.
std::string Refused(const v1::SubmitOperationsRequest& request) {
  const Result<void> result = Validate(request, {});
  if (result) return "";
  EXPECT_EQ(result.error().code, Code::kInvalidArgument);
  return result.error().message.substr(0, result.error().message.find(':'));
}

struct CommandCase {
  const char* name;
  v1::Command command;
  const char* field;  // Of the command; "": it is valid.
};

class ValidateCommandTest : public testing::TestWithParam<CommandCase> {};

TEST_P(ValidateCommandTest, IsAsTheTableSays) {
  const std::string field = GetParam().field;
  const std::string expected = field.empty() ? "" : "operations[0].commands[0]." + field;
  EXPECT_EQ(Refused(Request(GetParam().command)), expected) << GetParam().name;
}

v1::Command Copy(std::string source, std::string target) {
  v1::Command out = Command(v1::COPY, std::move(target));
  out.set_source(std::move(source));
  return out;
}

v1::Command Formatted(v1::Command command, std::string format) {
  command.set_format(std::move(format));
  return command;
}

v1::Command Unflagged(v1::Command command) {
  command.set_has_data(false);
  return command;
}

INSTANTIATE_TEST_SUITE_P(
    Table, ValidateCommandTest,
    testing::Values(
        CommandCase{"get", Command(v1::GET, "./DevInfo"), ""},
        CommandCase{"get root", Command(v1::GET, "."), ""},
        CommandCase{"get list", Command(v1::GET, "./DevInfo?list=Struct"), ""},
        CommandCase{"get nothing", Command(v1::GET, ""), "target"},
        CommandCase{"get absolute", Command(v1::GET, "/DevInfo"), "target"},
        CommandCase{"get long", Command(v1::GET, "./" + std::string(1023, 'a')), "target"},
        CommandCase{"get data", With(Command(v1::GET, "./A"), "", "x"), "data"},
        CommandCase{"get format", Formatted(Command(v1::GET, "./A"), "chr"), "format"},
        CommandCase{"no verb", Command(v1::VERB_UNSPECIFIED, "./A"), "verb"},
        CommandCase{"replace", With(Command(v1::REPLACE, "./A"), "", "x"), ""},
        CommandCase{"replace by nothing", With(Command(v1::REPLACE, "./A"), "chr", ""), ""},
        CommandCase{"replace name", With(Command(v1::REPLACE, "./A?prop=Name"), "", "B"), ""},
        CommandCase{"replace list", With(Command(v1::REPLACE, "./A?list=Struct"), "", "B"),
                    "target"},
        CommandCase{"replace without", Command(v1::REPLACE, "./A"), "has_data"},
        CommandCase{"replace unflagged", Unflagged(With(Command(v1::REPLACE, "./A"), "", "x")),
                    "has_data"},
        CommandCase{"replace node", Formatted(Command(v1::REPLACE, "./A"), "node"), "format"},
        CommandCase{"replace null", Formatted(Command(v1::REPLACE, "./A"), "null"), ""},
        CommandCase{"replace root", With(Command(v1::REPLACE, "."), "", "x"), "target"},
        CommandCase{"replace int", With(Command(v1::REPLACE, "./A"), "int", "-17"), ""},
        CommandCase{"replace int text", With(Command(v1::REPLACE, "./A"), "int", "17x"), "data"},
        CommandCase{"replace int big", With(Command(v1::REPLACE, "./A"), "int", "2147483648"),
                    "data"},
        CommandCase{"replace bool", With(Command(v1::REPLACE, "./A"), "bool", "true"), ""},
        CommandCase{"replace bool 1", With(Command(v1::REPLACE, "./A"), "bool", "1"), "data"},
        CommandCase{"replace bytes", With(Command(v1::REPLACE, "./A"), "bin", "\xff\xfe"), ""},
        CommandCase{"replace bad text", With(Command(v1::REPLACE, "./A"), "chr", "\xff\xfe"),
                    "data"},
        CommandCase{"replace format", With(Command(v1::REPLACE, "./A"), "utf8", "x"), "format"},
        CommandCase{"add", With(Command(v1::ADD, "./A/B"), "chr", "x"), ""},
        CommandCase{"add node", Formatted(Command(v1::ADD, "./A/B"), "node"), ""},
        CommandCase{"add node data", With(Command(v1::ADD, "./A/B"), "node", "x"), "data"},
        CommandCase{"add without", Command(v1::ADD, "./A/B"), "has_data"},
        CommandCase{"delete", Command(v1::DELETE, "./A/B"), ""},
        CommandCase{"delete root", Command(v1::DELETE, "./"), "target"},
        CommandCase{"delete data", With(Command(v1::DELETE, "./A"), "", ""), "data"},
        CommandCase{"copy", Copy("./A", "./B"), ""},
        CommandCase{"copy sourceless", Command(v1::COPY, "./B"), "source"},
        CommandCase{"copy itself", Copy("./A", "./A"), "source"},
        CommandCase{"copy property", Copy("./A?prop=Name", "./B"), "source"},
        CommandCase{"get source", [] {
                      v1::Command command = Command(v1::GET, "./A");
                      command.set_source("./B");
                      return command;
                    }(), "source"},
        CommandCase{"exec", Command(v1::EXEC, "./FUMO/P1/Update"), ""},
        CommandCase{"exec argument", With(Command(v1::EXEC, "./A"), "chr", "now"), ""},
        CommandCase{"exec property", Command(v1::EXEC, "./A?prop=Name"), "target"}));

TEST(Validate, NamesTheOperationAndTheCommand) {
  v1::SubmitOperationsRequest request = Request(Command(v1::GET, "./A"));
  v1::NewOperation* second = request.add_operations();
  second->set_device_id("IMEI:2");
  *second->add_commands() = Command(v1::GET, "./A");
  *second->add_commands() = Command(v1::GET, "./A/../B");
  EXPECT_EQ(Refused(request), "operations[1].commands[1].target");
}

TEST(Validate, BoundsWhatARequestHolds) {
  EXPECT_EQ(Refused({}), "operations");
  v1::SubmitOperationsRequest many = Request(Command(v1::GET, "./A"));
  while (many.operations_size() < 1000) *many.add_operations() = many.operations(0);
  EXPECT_EQ(Refused(many), "");
  *many.add_operations() = many.operations(0);
  EXPECT_EQ(Refused(many), "operations");
}

TEST(Validate, BoundsWhatAnOperationHolds) {
  v1::SubmitOperationsRequest request = Request(Command(v1::GET, "./A"));
  v1::NewOperation& operation = *request.mutable_operations(0);
  while (operation.commands_size() < 64) *operation.add_commands() = operation.commands(0);
  EXPECT_EQ(Refused(request), "");
  *operation.add_commands() = operation.commands(0);
  EXPECT_EQ(Refused(request), "operations[0].commands");
  operation.clear_commands();
  EXPECT_EQ(Refused(request), "operations[0].commands");
  *operation.add_commands() =
      With(Command(v1::REPLACE, "./A"), "bin", std::string((1 << 20) + 1, 'x'));
  EXPECT_EQ(Refused(request), "operations[0].commands");
}

TEST(Validate, ChecksTheFieldsOfAnOperation) {
  v1::SubmitOperationsRequest request = Request(Command(v1::GET, "./A"));
  v1::NewOperation& operation = *request.mutable_operations(0);
  const v1::NewOperation good = operation;
  operation.clear_device_id();
  EXPECT_EQ(Refused(request), "operations[0].device_id");
  operation = good;
  operation.set_priority(10);
  EXPECT_EQ(Refused(request), "operations[0].priority");
  operation = good;
  std::string label;
  for (int i = 0; i < 64; ++i) label += "é";
  operation.set_label(label);
  EXPECT_EQ(Refused(request), "");
  operation.set_label(label + "x");
  EXPECT_EQ(Refused(request), "operations[0].label");
  operation = good;
  operation.mutable_ttl();
  EXPECT_EQ(Refused(request), "operations[0].ttl");
  operation.mutable_ttl()->set_seconds(3600 * 24 * 366);
  EXPECT_EQ(Refused(request), "");
  operation.mutable_ttl()->set_seconds(3600 * 24 * 367);
  EXPECT_EQ(Refused(request), "operations[0].ttl");
}

TEST(NormaliseDevices, GivesATerminalTheOneSpellingOfItsId) {
  v1::SubmitOperationsRequest request = Request(Command(v1::GET, "./A"));
  request.mutable_operations(0)->set_device_id("urn:imei:49300510059280");
  NormaliseDevices(&request);
  EXPECT_EQ(request.operations(0).device_id(), "IMEI:493005100592800");
}

TEST(Accept, FillsInWhatWasLeftOut) {
  const TimePoint now(std::chrono::seconds(1'800'000'000));
  const v1::NewOperation wanted = Request(Command(v1::GET, "./A")).operations(0);
  const v1::Operation operation = Accept(wanted, "id-1", {}, hours(24), now);
  EXPECT_EQ(operation.id(), "id-1");
  EXPECT_EQ(operation.priority(), 4);
  EXPECT_EQ(operation.state(), v1::PENDING);
  EXPECT_EQ(operation.correlator(), "");
  EXPECT_EQ(FromProto(operation.expires_at()), now + hours(24));
  ASSERT_EQ(operation.history_size(), 1);
  EXPECT_EQ(operation.history(0).state(), v1::PENDING);
}

TEST(Accept, GivesAnExecACorrelator) {
  v1::NewOperation wanted = Request(Command(v1::EXEC, "./A")).operations(0);
  wanted.mutable_ttl()->set_seconds(60);
  wanted.set_priority(9);
  const TimePoint now(std::chrono::seconds(1'800'000'000));
  const v1::Operation operation = Accept(wanted, "id-1", {}, hours(24), now);
  EXPECT_EQ(operation.correlator(), "id-1");
  EXPECT_EQ(operation.priority(), 9);
  EXPECT_EQ(FromProto(operation.expires_at()), now + std::chrono::minutes(1));
}

}  // namespace
}  // namespace drover::operations
