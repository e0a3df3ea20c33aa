#include "services/sip/core/plan.h"

#include <gtest/gtest.h>

namespace drover::gateways {
namespace {

using operations::v1::Assignment;
using operations::v1::Command;
using operations::v1::OperationReport;
using operations::v1::Verb;

const TimePoint kNow{std::chrono::seconds(1'760'000'000)};
constexpr char kFirmware[] = "./Gateway/Files/version";
constexpr char kReboot[] = "./Gateway/Reboot";

Command Cmd(Verb verb, const std::string& target, const std::string& data = {}) {
  Command command;
  command.set_verb(verb);
  command.set_target(target);
  if (data.empty()) return command;
  command.set_data(data);
  command.set_has_data(true);
  return command;
}
Command Param(const std::string& name, const std::string& value) {
  return Cmd(operations::v1::REPLACE, kConfigRoot + name, value);
}
Command Exec(const std::string& target, const std::string& data = {}) {
  return Cmd(operations::v1::EXEC, target, data);
}
Command Get(const std::string& target) { return Cmd(operations::v1::GET, target); }

Assignment Op(const std::string& id, std::vector<Command> commands, bool uncertain = false) {
  Assignment out;
  out.set_operation_id(id);
  out.set_uncertain(uncertain);
  for (Command& command : commands) *out.add_commands() = std::move(command);
  return out;
}

std::vector<uint32_t> StatusesOf(const OperationReport& report) {
  std::vector<uint32_t> out;
  for (const auto& result : report.results()) out.push_back(result.status());
  return out;
}

class PlanTest : public ::testing::Test {
 protected:
  PlanTest() {
    gateway_.id = "001122-A";
    gateway_.record.set_vendor("Acme");
    gateway_.record.set_model("Box");
    gateway_.record.set_file_version("1.0");
    gateway_.record.set_file_name("fw-1.img");
    context_.files_url = "https://dm.example.com/gw/v1/file/";
    context_.profile = &profile_;
  }
  Planned Plan(std::vector<Assignment> assignments) {
    return PlanResponse(std::move(assignments), gateway_, context_);
  }
  // What the plan sends becomes the open session.
  void Open(const Planned& planned) {
    v1::Session& session = *gateway_.record.mutable_session();
    session.mutable_sent()->Assign(planned.sent.begin(), planned.sent.end());
    session.set_version(planned.version);
    session.set_file_name(planned.file_name);
  }
  std::vector<OperationReport> Told(const gateway::WorkResult& result) {
    set_.clear();
    return Conclude(gateway_, result, kNow, &set_);
  }
  static std::vector<std::string> SentIds(const Planned& planned) {
    std::vector<std::string> out;
    for (const v1::Sent& sent : planned.sent) out.push_back(sent.assignment().operation_id());
    return out;
  }
  // "op DISPOSITION" of each report.
  static std::vector<std::string> Reported(const std::vector<OperationReport>& reports) {
    std::vector<std::string> out;
    for (const OperationReport& report : reports) {
      out.push_back(report.operation_id() + " " +
                    OperationReport::Disposition_Name(report.disposition()));
    }
    return out;
  }
  void Refuses(const Assignment& assignment, const std::string& because) {
    const Planned planned = Plan({assignment});
    ASSERT_EQ(planned.reports.size(), 1U);
    EXPECT_EQ(planned.reports[0].disposition(), OperationReport::REFUSED);
    EXPECT_NE(planned.reports[0].cause().find(because), std::string::npos)
        << planned.reports[0].cause();
    EXPECT_TRUE(planned.sent.empty());
    EXPECT_FALSE(planned.gives_work());
  }

  gateway::Profile profile_ = *gateway::FindProfile(gateway::BuiltInProfiles(), "default");
  Gateway gateway_;
  PlanContext context_;
  std::vector<gateway::Param> set_;
};

using Strings = std::vector<std::string>;
using Numbers = std::vector<uint32_t>;

// --- Ways ----------------------------------------------------------------------------------------

TEST_F(PlanTest, EachCommandTravelsInItsWay) {
  struct Row {
    Command command;
    Way way;
  };
  const Row rows[] = {
      {Param("sip.proxy", "a"), Way::kParam},
      {Cmd(operations::v1::ADD, "./Gateway/Config/x", "1"), Way::kParam},
      {Exec(kFirmware, "fw-2.img"), Way::kFile},
      {Exec("./Gateway/Files/config", "c.xml"), Way::kFile},
      {Exec("./Gateway/Files/cert", "c.pem"), Way::kFile},
      {Exec("./Gateway/Files/log", "l.txt"), Way::kFile},
      {Exec(kReboot), Way::kReboot},
      {Exec("./Gateway/Response", "<r/>"), Way::kPrepared},
  };
  for (const Row& row : rows) {
    const Planned planned = Plan({Op("one", {row.command})});
    ASSERT_EQ(planned.sent.size(), 1U) << row.command.target();
    EXPECT_EQ(planned.sent[0].ways(0), static_cast<uint32_t>(row.way)) << row.command.target();
    EXPECT_TRUE(planned.gives_work()) << row.command.target();
    EXPECT_TRUE(planned.reports.empty()) << row.command.target();
  }
}

TEST_F(PlanTest, WhatAGatewayCannotDoIsRefusedAndTheCommandNamed) {
  const char* const there = "./Gateway/Files/<type>";
  Refuses(Op("one", {Cmd(operations::v1::DELETE, "./Gateway/Config/x")}), there);
  Refuses(Op("one", {Exec("./Elsewhere")}), there);
  Refuses(Op("one", {Exec("./Gateway/Files/music", "a.mp3")}), there);
  Refuses(Op("one", {Param("", "nameless")}), there);
  Refuses(Op("one", {Param("x", "1"), Exec("./Elsewhere")}), "commands[1]: ");
  Command secret = Param("x", "");
  secret.set_secret(static_cast<operations::v1::Secret>(1));
  Refuses(Op("one", {secret}), "no DM account");
}

TEST_F(PlanTest, WhatNoDocumentCouldCarryIsRefusedBeforeItIsSent) {
  Refuses(Op("one", {Param("x", std::string(8193, 'v'))}), "8192");
  Refuses(Op("one", {Param(std::string(256, 'n'), "1")}), "255");
  Refuses(Op("one", {Param("x", "bell \a")}), "");
  Refuses(Op("one", {Param("x", "bad \xFF")}), "");
  Refuses(Op("one", {Exec(kFirmware)}), "");
  Refuses(Op("one", {Exec(kFirmware, "https://x.example/..")}), "");
  std::vector<Command> many;
  for (int i = 0; i < 250; ++i) many.push_back(Param("p" + std::to_string(i), "v"));
  Refuses(Op("one", many), "too many elements");
  std::vector<Command> long_ones;
  for (int i = 0; i < 8; ++i) long_ones.push_back(Param(std::to_string(i), std::string(8192, '&')));
  Refuses(Op("one", long_ones), "");
}

TEST_F(PlanTest, ARefusedOperationLeavesNoNodesBehind) {
  Refuses(Op("one", {Cmd(operations::v1::REPLACE, "./FUMO/PkgVersion", "2"), Param("x", "\a")}),
          "");
  EXPECT_TRUE(gateway_.record.nodes().empty());
}

TEST_F(PlanTest, ValuesArriveAsTheyWereGiven) {
  const std::string value = "a<b>&\"'\n\xC3\xA9";
  const Planned planned = Plan({Op("one", {Param("sip.proxy", value), Param("empty", "")})});
  ASSERT_EQ(planned.response.params.size(), 2U);
  EXPECT_EQ(planned.response.params[0], (gateway::Param{"sip.proxy", value}));
  EXPECT_EQ(planned.response.params[1], (gateway::Param{"empty", ""}));
}

// --- Order ---------------------------------------------------------------------------------------

TEST_F(PlanTest, OneResponseTakesParametersThenFilesThenTheReboot) {
  const Planned planned = Plan({Op("a", {Param("x", "1")}),
                                Op("b", {Param("y", "2"), Exec("./Gateway/Files/config", "c.xml")}),
                                Op("c", {Exec(kReboot)})});
  EXPECT_EQ(SentIds(planned), (Strings{"a", "b", "c"}));
  EXPECT_TRUE(planned.reports.empty());
  EXPECT_EQ(planned.response.params.size(), 2U);
  ASSERT_EQ(planned.response.files.size(), 1U);
  EXPECT_EQ(planned.response.reboot, true);
}

TEST_F(PlanTest, WhatDoesNotFitAndAllThatFollowsKeepsItsTurn) {
  const Planned planned = Plan({Op("a", {Exec(kReboot)}), Op("b", {Param("x", "1")}),
                                Op("c", {Exec(kReboot)}), Op("d", {Get("./DevInfo/Man")})});
  EXPECT_EQ(SentIds(planned), (Strings{"a"}));
  EXPECT_EQ(Reported(planned.reports), (Strings{"b RETURNED", "c RETURNED", "d RETURNED"}));
  EXPECT_TRUE(planned.response.params.empty());
}

TEST_F(PlanTest, AnOperationThatWantsAnotherOrderIsRefusedAndWhatFollowsIsNotHeldUp) {
  const Planned planned =
      Plan({Op("a", {Exec(kReboot), Param("x", "1")}), Op("b", {Param("y", "2")})});
  EXPECT_EQ(Reported(planned.reports), (Strings{"a REFUSED"}));
  EXPECT_NE(planned.reports[0].cause().find("split the operation"), std::string::npos);
  EXPECT_EQ(SentIds(planned), (Strings{"b"}));
}

TEST_F(PlanTest, WhatIsTooMuchForOneResponseWaitsForTheNext) {
  std::vector<Assignment> work;
  for (int i = 0; i < 12; ++i) {
    work.push_back(Op(std::to_string(i), {Param("p", std::string(8000, 'v'))}));
  }
  std::vector<std::string> done;
  for (int round = 0; round < 4 && !work.empty(); ++round) {
    const Planned planned = Plan(work);
    ASSERT_FALSE(planned.sent.empty());
    for (const std::string& id : SentIds(planned)) done.push_back(id);
    EXPECT_EQ(planned.sent.size() + planned.reports.size(), work.size());
    for (const OperationReport& report : planned.reports) {
      EXPECT_EQ(report.disposition(), OperationReport::RETURNED);
    }
    work.erase(work.begin(), work.begin() + static_cast<std::ptrdiff_t>(planned.sent.size()));
  }
  EXPECT_TRUE(work.empty());
  EXPECT_EQ(done.size(), 12U);
  EXPECT_EQ(done.front(), "0");
  EXPECT_EQ(done.back(), "11");
}

// --- Prepared ------------------------------------------------------------------------------------

TEST_F(PlanTest, V8APreparedResponseStandsAlone) {
  const std::string octets = "<r>\r\n as the firmware wants it </r>\n";
  const Assignment prepared = Op("p", {Exec("./Gateway/Response", octets)});
  Planned planned = Plan({prepared, Op("a", {Param("x", "1")})});
  EXPECT_EQ(planned.prepared, octets);
  EXPECT_EQ(SentIds(planned), (Strings{"p"}));
  EXPECT_EQ(Reported(planned.reports), (Strings{"a RETURNED"}));
  planned = Plan({Op("a", {Param("x", "1")}), prepared});
  EXPECT_EQ(planned.prepared, "");
  EXPECT_EQ(Reported(planned.reports), (Strings{"p RETURNED"}));
  Refuses(Op("p", {Exec("./Gateway/Response", octets), Exec(kReboot)}), "split the operation");
  Refuses(Op("p", {Param("x", "1"), Exec("./Gateway/Response", octets)}), "split the operation");
}

TEST_F(PlanTest, V8APreparedResponseMayHave64KiB) {
  const std::string most(65'536, 'x');
  EXPECT_EQ(Plan({Op("p", {Exec("./Gateway/Response", most)})}).prepared, most);
  Refuses(Op("p", {Exec("./Gateway/Response", most + "x")}), "64 KiB");
}

// --- Files and versions --------------------------------------------------------------------------

TEST_F(PlanTest, FilesHaveNameWayAndPath) {
  struct Row {
    const char* data;
    bool agreed;
    const char *name, *path;
    gateway::Protocol method;
  };
  const Row rows[] = {
      {"fw.img", false, "fw.img", "https://dm.example.com/gw/v1/file/fw.img",
       gateway::Protocol::kHttps},
      {"fw.img", true, "fw.img", "", gateway::Protocol::kHttp},
      {"http://x.example/a/fw.img?k=1", false, "fw.img", "http://x.example/a/fw.img?k=1",
       gateway::Protocol::kHttp},
      {"tftp://x.example/fw.img", false, "fw.img", "tftp://x.example/fw.img",
       gateway::Protocol::kTftp},
      {"gopher://x.example/fw.img#a/b", false, "fw.img", "gopher://x.example/fw.img#a/b",
       gateway::Protocol::kHttp},
  };
  context_.protocol = gateway::Protocol::kHttp;
  for (const Row& row : rows) {
    profile_.fileserver_agreed = row.agreed;
    const Planned planned = Plan({Op("f", {Exec("./Gateway/Files/config", row.data)})});
    ASSERT_EQ(planned.response.files.size(), 1U) << row.data;
    const gateway::File& file = planned.response.files[0];
    EXPECT_EQ(file.type, gateway::FileType::kConfig);
    EXPECT_EQ(file.name, row.name) << row.data;
    EXPECT_EQ(file.download_path, row.path) << row.data;
    EXPECT_EQ(file.download_method, row.method) << row.data;
    EXPECT_EQ(planned.version + planned.file_name, "") << "no version file";
  }
}

TEST_F(PlanTest, FumoNodesAreKeptUntilTheUpdateThatUsesThem) {
  Planned planned = Plan({Op("n", {Cmd(operations::v1::REPLACE, "./FUMO/PkgVersion", "2.0")})});
  ASSERT_EQ(Reported(planned.reports), (Strings{"n DONE"}));
  EXPECT_EQ(StatusesOf(planned.reports[0]), (Numbers{200}));
  EXPECT_FALSE(planned.gives_work());
  planned = Plan({Op("u", {Cmd(operations::v1::REPLACE, "./FUMO/DownloadAndUpdate/PkgURL",
                               "https://x.example/fw-2.img"),
                           Exec("./FUMO/DownloadAndUpdate")})});
  ASSERT_EQ(planned.response.files.size(), 1U);
  EXPECT_EQ(planned.response.files[0].type, gateway::FileType::kVersion);
  EXPECT_EQ(planned.response.files[0].version, "2.0");
  EXPECT_EQ(planned.response.files[0].download_path, "https://x.example/fw-2.img");
  EXPECT_EQ(planned.version, "2.0");
  EXPECT_EQ(planned.file_name, "fw-2.img");
  Open(planned);
  EXPECT_EQ(StatusesOf(Told({})[0]), (Numbers{200, 200}));
}

TEST_F(PlanTest, TheVersionThatRunsTellsNothingOfAnotherUpdate) {
  Plan({Op("n", {Cmd(operations::v1::REPLACE, "./FUMO/PkgVersion", "2.0")})});
  gateway_.record.set_file_version("2.0");
  const Planned planned = Plan({Op("u", {Exec("./FUMO/DownloadAndUpdate", "fw-3.img")})});
  EXPECT_EQ(planned.version, "");
  EXPECT_EQ(planned.file_name, "fw-3.img");
  Open(planned);
  EXPECT_FALSE(Runs(gateway_.record.session(), "2.0", "fw-2.img"));
}

TEST_F(PlanTest, V10AModelsTargetIsAVersionFileUnlessTheGatewayRunsIt) {
  context_.target_version = "3.0";
  context_.target_file.name = "fw-3.img";
  context_.target_file.sha256 = std::string(64, 'a');
  Planned planned = Plan({Op("a", {Param("x", "1")})});
  ASSERT_EQ(planned.response.files.size(), 1U);
  EXPECT_EQ(planned.response.files[0].version, "3.0");
  EXPECT_EQ(planned.response.files[0].sha256, std::string(64, 'a'));
  EXPECT_EQ(planned.version, "3.0");
  planned = Plan({Op("a", {Exec(kFirmware, "fw-2.img")})});
  ASSERT_EQ(planned.response.files.size(), 1U) << "one version at a time";
  EXPECT_EQ(planned.response.files[0].name, "fw-2.img");
  EXPECT_TRUE(Plan({Op("p", {Exec("./Gateway/Response", "<r/>")})}).response.files.empty());
  EXPECT_TRUE(Plan({Op("a", {Exec(kReboot)}), Op("b", {Param("x", "1")})}).response.files.empty())
      << "what was returned comes first";
  gateway_.record.set_file_version("3.0");
  EXPECT_FALSE(Plan({}).gives_work());
  gateway_.record.set_file_version("1.0");
  EXPECT_TRUE(Plan({}).gives_work());
  context_.target_file.name = "../etc";
  EXPECT_FALSE(Plan({}).gives_work()) << "not what a gateway could read";
}

TEST_F(PlanTest, RunsAsksForTheVersionOrElseTheFile) {
  struct Row {
    const char *version, *file_name, *runs, *names;
    bool expected;
  };
  const Row rows[] = {
      {"2", "f", "2", "", true},  {"2", "f", "1", "f", false}, {"", "f", "1", "f", true},
      {"", "f", "1", "g", false}, {"", "", "", "", false},
  };
  for (const Row& row : rows) {
    v1::Session session;
    session.set_version(row.version);
    session.set_file_name(row.file_name);
    EXPECT_EQ(Runs(session, row.runs, row.names), row.expected) << row.version << row.file_name;
  }
}

// --- Reading -------------------------------------------------------------------------------------

TEST_F(PlanTest, ReadingAloneIsAnsweredAtOnce) {
  const Planned planned = Plan({Op("r", {Get("./DevInfo/DevId"), Get("./DevDetail/FwV"),
                                         Get("./Gateway/Ip"), Get("./Nowhere")})});
  EXPECT_FALSE(planned.gives_work());
  ASSERT_EQ(Reported(planned.reports), (Strings{"r DONE"}));
  const OperationReport& report = planned.reports[0];
  EXPECT_EQ(StatusesOf(report), (Numbers{200, 200, 404, 404}));
  EXPECT_EQ(report.results(0).values(0).data(), "001122-A");
  EXPECT_EQ(report.results(1).values(0).data(), "1.0");
}

TEST_F(PlanTest, ReadingBesideWorkTellsWhatIsTrueAfterIt) {
  Open(Plan({Op("r", {Exec(kFirmware, "fw-2.img"), Get("./DevDetail/FwV")})}));
  gateway_.record.set_file_version("2.0");
  const std::vector<OperationReport> reports = Told({});
  EXPECT_EQ(reports[0].results(1).values(0).data(), "2.0");
}

// --- Uncertain -----------------------------------------------------------------------------------

TEST_F(PlanTest, AnUncertainOperationThatHasHappenedIsVerifiedNotRepeated) {
  gateway_.record.set_answered_ms(1000);
  gateway_.record.set_registered_ms(2000);
  Planned planned = Plan({Op("u", {Exec(kReboot), Get("./DevInfo/Man")}, true)});
  ASSERT_EQ(Reported(planned.reports), (Strings{"u DONE"}));
  EXPECT_TRUE(planned.reports[0].results(0).verified());
  EXPECT_EQ(StatusesOf(planned.reports[0]), (Numbers{200, 200}));
  EXPECT_FALSE(planned.gives_work());
  gateway_.record.set_registered_ms(500);
  EXPECT_EQ(SentIds(Plan({Op("u", {Exec(kReboot)}, true)})), (Strings{"u"}));
}

TEST_F(PlanTest, AnUncertainUpdateIsDoneIfItsVersionRuns) {
  (*gateway_.record.mutable_nodes())["./FUMO/PkgVersion"] = "2.0";
  const Assignment update = Op("u", {Exec("./FUMO/DownloadAndUpdate", "fw-2.img")}, true);
  EXPECT_EQ(SentIds(Plan({update})), (Strings{"u"}));
  gateway_.record.set_file_version("2.0");
  EXPECT_EQ(Reported(Plan({update}).reports), (Strings{"u DONE"}));
  const Assignment by_name = Op("u", {Exec(kFirmware, "http://x.example/fw-1.img")}, true);
  EXPECT_EQ(Reported(Plan({by_name}).reports), (Strings{"u DONE"})) << "its file is the one named";
}

TEST_F(PlanTest, UncertainParametersAndPreparedResponsesAreJustGivenAgain) {
  gateway_.record.set_registered_ms(2000);
  EXPECT_EQ(SentIds(Plan({Op("u", {Param("x", "1"), Exec(kReboot)}, true)})), (Strings{"u"}));
  EXPECT_EQ(SentIds(Plan({Op("u", {Exec("./Gateway/Response", "<r/>")}, true)})), (Strings{"u"}));
  EXPECT_EQ(SentIds(Plan({Op("u", {Exec("./Gateway/Files/config", "fw-1.img")}, true)})),
            (Strings{"u"}));
}

// --- Calls ---------------------------------------------------------------------------------------

TEST_F(PlanTest, WhatRebootsWaitsForTheEndOfACall) {
  gateway_.record.set_in_call(true);
  context_.target_version = "9";
  context_.target_file.name = "fw-9.img";
  for (const Command& command :
       {Exec(kReboot), Exec(kFirmware, "f"), Exec("./FUMO/DownloadAndUpdate", "f")}) {
    const Planned planned = Plan({Op("a", {Param("x", "1")}), Op("b", {command})});
    EXPECT_EQ(SentIds(planned), (Strings{"a"})) << command.target();
    EXPECT_EQ(Reported(planned.reports), (Strings{"b RETURNED"})) << command.target();
    EXPECT_TRUE(planned.held_for_call);
    EXPECT_TRUE(planned.response.files.empty()) << "nor the model's target";
  }
  EXPECT_EQ(SentIds(Plan({Op("c", {Exec("./Gateway/Files/config", "c.xml")})})), (Strings{"c"}));
  profile_.voice_safe = false;
  EXPECT_EQ(SentIds(Plan({Op("b", {Exec(kReboot)})})), (Strings{"b"}));
}

// --- Conclude ------------------------------------------------------------------------------------

TEST_F(PlanTest, AGoodResultIsDoneWithTheParametersThatWereSet) {
  Open(Plan({Op("a", {Param("x", "1"), Param("y", "2")}), Op("b", {Exec(kReboot)})}));
  const std::vector<OperationReport> reports = Told({});
  EXPECT_EQ(Reported(reports), (Strings{"a DONE", "b DONE"}));
  EXPECT_EQ(StatusesOf(reports[0]), (Numbers{200, 200}));
  EXPECT_EQ(reports[0].results(1).index(), 1U);
  EXPECT_EQ(reports[0].results(0).at().seconds(), 1'760'000'000);
  EXPECT_EQ(set_, (std::vector<gateway::Param>{{"x", "1"}, {"y", "2"}}));
}

TEST_F(PlanTest, AFailureIsOfWhatTheActionNames) {
  struct Row {
    const char* action;
    Numbers statuses;  // Of parameter, file, reboot.
    size_t set;
  };
  const Row rows[] = {
      {"config", {500, 215, 215}, 0},  {"version", {200, 500, 215}, 1},
      {"upgrade", {200, 500, 215}, 1}, {"download", {200, 500, 215}, 1},
      {"file", {200, 500, 215}, 1},    {"cert", {200, 500, 215}, 1},
      {"reboot", {200, 200, 500}, 1},  {"", {500, 500, 500}, 0},
      {"dancing", {500, 500, 500}, 0},
  };
  Open(Plan({Op("a", {Param("x", "1"), Exec(kFirmware, "f"), Exec(kReboot)})}));
  for (const Row& row : rows) {
    gateway::WorkResult result;
    result.status = gateway::Status::kError;
    result.action = row.action;
    result.code = 7;
    result.detail = "no room";
    const std::vector<OperationReport> reports = Told(result);
    EXPECT_EQ(Reported(reports), (Strings{"a DONE"})) << row.action;
    EXPECT_EQ(StatusesOf(reports[0]), row.statuses) << row.action;
    EXPECT_EQ(set_.size(), row.set) << row.action;
    for (const auto& one : reports[0].results()) {
      ASSERT_EQ(one.values_size(), one.status() == 500 ? 1 : 0) << row.action;
      if (one.status() == 500) {
        EXPECT_EQ(one.values(0).data(), "code 7: no room");
      }
    }
  }
}

TEST_F(PlanTest, APreparedResponseFailsWhateverIsNamed) {
  Open(Plan({Op("p", {Exec("./Gateway/Response", "<r/>")})}));
  gateway::WorkResult result;
  result.status = gateway::Status::kUnauthorized;
  result.action = "config";
  EXPECT_EQ(StatusesOf(Told(result)[0]), (Numbers{500}));
}

TEST_F(PlanTest, ABusyGatewayHasDoneNothing) {
  Open(Plan({Op("a", {Param("x", "1")}), Op("b", {Exec(kReboot)})}));
  gateway::WorkResult result;
  result.status = gateway::Status::kBusy;
  EXPECT_EQ(Reported(Told(result)), (Strings{"a RETURNED", "b RETURNED"}));
  EXPECT_TRUE(set_.empty());
}

TEST_F(PlanTest, WithoutAResultWhatWasSentIsUncertain) {
  Open(Plan({Op("a", {Param("x", "1")}), Op("b", {Exec(kReboot)})}));
  EXPECT_EQ(Reported(Abandon(gateway_)), (Strings{"a LOST", "b LOST"}));
}

}  // namespace
}  // namespace drover::gateways
