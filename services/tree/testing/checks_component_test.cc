// Whether terminals can carry out commands, and where their management objects are; on real
// PostgreSQL.
#include "services/tree/testing/cluster.h"

namespace drover::tree {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

const char* const kDdf =
    "<MgmtTree><VerDTD>1.2</VerDTD><Node><NodeName>DevInfo</NodeName><DFProperties><AccessType>"
    "<Get/></AccessType><DFFormat><node/></DFFormat></DFProperties></Node><Node><NodeName>Con"
    "</NodeName><DFProperties><AccessType><Get/></AccessType><DFFormat><node/></DFFormat>"
    "</DFProperties><Node><NodeName/><DFProperties><AccessType><Add/><Get/></AccessType><DFFormat>"
    "<node/></DFFormat><Occurrence><ZeroOrN>2</ZeroOrN></Occurrence></DFProperties><Node><NodeName>"
    "Port</NodeName><DFProperties><AccessType><Get/><Replace/></AccessType><DFFormat><int/>"
    "</DFFormat></DFProperties></Node></Node></Node></MgmtTree>";

v1::TreeCommand Command(v1::TreeCommand::Verb verb, const std::string& target,
                        const std::string& format = "") {
  v1::TreeCommand command;
  command.set_verb(verb);
  command.set_target(target);
  command.set_format(format);
  return command;
}

class Checks : public ClusterTest {
 protected:
  void Enrol(const std::string& prefix, int count, const std::string& model) {
    v1::EnrolDevicesRequest request;
    for (int i = 0; i < count; ++i) {
      v1::NewDevice& device = *request.add_devices();
      device = NewDeviceOf(count == 1 ? prefix : prefix + std::to_string(i));
      device.set_manufacturer("Acme");
      device.set_model(model);
    }
    const auto enrolled = Await(parts_->device_service.Enrol(std::move(request), In(seconds(30))));
    ASSERT_TRUE(enrolled) << enrolled.error();
  }
  void Describe(const std::string& model) {
    v1::ImportDdfRequest request;
    request.set_document(kDdf);
    request.set_manufacturer("Acme");
    request.set_model(model);
    const auto imported = Await(parts_->model_service.Import(std::move(request), In(seconds(30))));
    ASSERT_TRUE(imported) << imported.error();
    now_ += seconds(1);  // A DDF is told from the one before by when it was imported.
  }
  Result<v1::CheckCommandsResponse> Ask1000(const std::vector<std::string>& devices,
                                            const std::vector<v1::TreeCommand>& commands) {
    v1::CheckCommandsRequest request;
    for (const std::string& device : devices) request.add_device_ids(device);
    for (const v1::TreeCommand& command : commands) *request.add_commands() = command;
    return Await(parts_->tree_service.Check(std::move(request), In(seconds(30))));
  }
  // "<index> <node>: <reason>"
  std::vector<std::string> Check(const std::string& device,
                                 const std::vector<v1::TreeCommand>& commands) {
    const auto response = Ask1000({device}, commands);
    std::vector<std::string> found;
    if (!response) return {response.error().message};
    for (const auto& violation : response->violations()) {
      EXPECT_EQ(violation.device_id(), device);
      found.push_back(std::to_string(violation.index()) + " " + violation.node() + ": " +
                      violation.reason());
    }
    return found;
  }
  std::vector<std::string> Find(const std::string& device, const std::string& identifier) {
    v1::FindObjectsRequest request;
    request.add_device_ids(device);
    request.set_identifier(identifier);
    const auto response = Await(parts_->tree_service.Find(request, In(seconds(30))));
    EXPECT_TRUE(response) << response.error();
    return {response->found(0).roots().begin(), response->found(0).roots().end()};
  }
};

TEST_F(Checks, WhatTheDdfForbidsIsNamed) {
  Enrol("d", 1, "X1");
  const std::vector<v1::TreeCommand> commands = {
      Command(v1::TreeCommand::GET, "./Con/a/Port"), Command(v1::TreeCommand::GET, "./Con/a/Proxy"),
      Command(v1::TreeCommand::REPLACE, "./Con/a/Port", "chr"),
      Command(v1::TreeCommand::EXEC, "./Con/a")};
  EXPECT_TRUE(Check("d", commands).empty()) << "nothing is known of the model";
  Describe("X1");
  EXPECT_THAT(Check("d", commands),
              ElementsAre("1 ./Con/a/Proxy: no such node in the DDF of Acme X1",
                          "2 ./Con/a/Port: format is int, not chr, in the DDF of Acme X1",
                          "3 ./Con/a: no Exec in its AccessType in the DDF of Acme X1"));
}

TEST_F(Checks, ADdfThatIsImportedAnewCountsAtOnce) {
  Enrol("d", 1, "X1");
  Describe("X1");
  EXPECT_FALSE(Check("d", {Command(v1::TreeCommand::GET, "./New")}).empty());
  v1::ImportDdfRequest request;
  request.set_document("<MgmtTree><Node><NodeName>New</NodeName></Node></MgmtTree>");
  request.set_manufacturer("Acme");
  request.set_model("X1");
  ASSERT_TRUE(Await(parts_->model_service.Import(std::move(request), In(seconds(30)))));
  EXPECT_TRUE(Check("d", {Command(v1::TreeCommand::GET, "./New")}).empty());
}

TEST_F(Checks, NodesThatThereAreEnoughOfAreNotAdded) {
  Enrol("d", 1, "X1");
  Describe("X1");
  const v1::TreeCommand add = Command(v1::TreeCommand::ADD, "./Con/c", "node");
  Ask(Reporting("d", {{"./Con/a", "", now_, "node"}, {"./Con/a/Port", "1", now_}}));
  EXPECT_TRUE(Check("d", {add}).empty());
  Ask(Reporting("d", {{"./Con/b", "", now_, "node"}}));
  EXPECT_THAT(Check("d", {add}),
              ElementsAre("0 ./Con/c: the DDF of Acme X1 allows 2 such nodes, and there are 2"));
}

TEST_F(Checks, AnAclThatIsKnownSaysWhoMay) {
  Enrol("d", 1, "X1");
  v1::TreeRequest report = Reporting("d", {{"./A", "1", now_}});
  report.mutable_apply_report()->mutable_nodes(0)->set_has_acl(true);
  report.mutable_apply_report()->mutable_nodes(0)->set_acl("Get=*&Replace=com.other");
  ASSERT_EQ(Ask(std::move(report)).code(), 0U);
  EXPECT_THAT(Check("d", {Command(v1::TreeCommand::GET, "./A"),
                          Command(v1::TreeCommand::REPLACE, "./A", "chr")}),
              ElementsAre("1 ./A: its ACL lets com.other Replace ./A, not drover"));
}

TEST_F(Checks, LimitsThatTheTerminalReportedCount) {
  Enrol("d", 1, "X1");
  Ask(Reporting("d", {{"./DevDetail/URI/MaxDepth", "3", now_},
                      {"./DevDetail/URI/MaxTotLen", "0", now_},
                      {"./DevDetail/URI/MaxSegLen", "4", now_}}));
  EXPECT_THAT(Check("d", {Command(v1::TreeCommand::GET, "./A/B/C"),
                          Command(v1::TreeCommand::GET, "./A/B/C/D"),
                          Command(v1::TreeCommand::GET, "./Alpha")}),
              ElementsAre(testing::StartsWith("1 ./DevDetail/URI: "),
                          testing::StartsWith("2 ./DevDetail/URI: ")));
}

TEST_F(Checks, ATndsObjectIsCheckedNodeByNode) {
  Enrol("d", 1, "X1");
  Describe("X1");
  v1::TreeCommand add = Command(v1::TreeCommand::ADD, "./Con/a", "xml");
  add.set_type("application/vnd.syncml.dmtnds+xml");
  add.set_tnds(
      "<MgmtTree><VerDTD>1.2</VerDTD><Node><NodeName>a</NodeName><Node><NodeName>Gate</NodeName>"
      "<Value>1</Value></Node></Node></MgmtTree>");
  EXPECT_THAT(Check("d", {add}), ElementsAre("0 ./Con/a/Gate: no such node in the DDF of Acme X1"));
  add.set_tnds("<Tree/>");
  EXPECT_THAT(Check("d", {add}), ElementsAre(testing::StartsWith("command 0: ")));
}

TEST_F(Checks, AThousandTerminalsOfFewModelsAreCheckedAtOnce) {
  for (const char* model : {"X1", "X2", "X3"}) {
    Enrol(std::string(model) + "-", 333, model);
    Describe(model);
  }
  std::vector<std::string> devices;
  for (const char* model : {"X1", "X2", "X3"}) {
    for (int i = 0; i < 333; ++i) devices.push_back(std::string(model) + "-" + std::to_string(i));
  }
  std::vector<v1::TreeCommand> commands;
  for (int i = 0; i < 20; ++i) {
    const std::string connection = "./Con/" + std::to_string(i) + "/Port";
    commands.push_back(Command(v1::TreeCommand::REPLACE, connection, i == 7 ? "chr" : "int"));
  }
  const auto start = std::chrono::steady_clock::now();
  const auto response = Ask1000(devices, commands);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - start;
  ASSERT_TRUE(response) << response.error();
  EXPECT_EQ(response->violations_size(), 999);
  EXPECT_EQ(response->violations(500).index(), 7U);
  RecordProperty("milliseconds_of_999_terminals_and_20_commands", std::to_string(took.count()));
}

TEST_F(Checks, ManagementObjectsAreFoundByTheTypeOfInteriorNodes) {
  Enrol("d", 1, "X1");
  Ask(Reporting("d", {{"./FUMO/1", "", now_, "node", "urn:oma:mo:oma-fumo:1.0"},
                      {"./FUMO/1/PkgName", "urn:oma:mo:oma-fumo:1.0", now_},
                      {"./Vendor/Lock", "", now_, "node", "urn:oma:mo:oma-lawmo:1.1"},
                      {"./Leaf", "", now_, "chr", "urn:oma:mo:oma-lawmo:1.0"},
                      {"./Other", "", now_, "node", "urn:oma:mo:oma-lawmolike:1.0"}}));
  EXPECT_THAT(Find("d", "urn:oma:mo:oma-fumo:1.0"), ElementsAre("./FUMO/1"));
  EXPECT_THAT(Find("d", "urn:oma:mo:oma-fumo"), ElementsAre("./FUMO/1"));
  EXPECT_THAT(Find("d", "urn:oma:mo:oma-fumo:2.0"), ElementsAre());
  EXPECT_THAT(Find("d", "urn:oma:mo:oma-lawmo"), ElementsAre("./Vendor/Lock"));
}

TEST_F(Checks, ManagementObjectsThatNoNodeTellsOfAreTheProfiles) {
  Enrol("d", 1, "X1");
  v1::SetProfileRequest request;
  request.mutable_profile()->set_manufacturer("Acme");
  (*request.mutable_profile()->mutable_objects())["urn:oma:mo:oma-fumo:1.0"] = "./Update";
  ASSERT_TRUE(Await(parts_->model_service.Set(request, In(seconds(30)))));
  EXPECT_THAT(Find("d", "urn:oma:mo:oma-fumo"), ElementsAre("./Update"));
  EXPECT_THAT(Find("d", "urn:oma:mo:oma-scomo"), ElementsAre());
  EXPECT_THAT(Find("nobody", "urn:oma:mo:oma-fumo"), ElementsAre());
  Ask(Reporting("d", {{"./Here", "", now_, "node", "urn:oma:mo:oma-fumo:1.0"}}));
  EXPECT_THAT(Find("d", "urn:oma:mo:oma-fumo"), ElementsAre("./Here"));
}

}  // namespace
}  // namespace drover::tree
