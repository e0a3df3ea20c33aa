#include "services/operations/core/alerts.h"

#include <gtest/gtest.h>

namespace drover::operations {
namespace {

constexpr char kDownloadAndUpdate[] = "org.openmobilealliance.dm.firmwareupdate.downloadandupdate";

Stored Update(std::string id, v1::State state, std::string target = "./FUMO/P1/DownloadAndUpdate") {
  Stored out;
  out.id = id;
  out.state = state;
  v1::Command* exec = out.spec.add_commands();
  exec->set_verb(v1::EXEC);
  exec->set_target(std::move(target));
  out.spec.set_correlator(std::move(id));
  return out;
}

v1::AlertResult Alert(std::string type, std::string source, std::string correlator = "") {
  v1::AlertResult out;
  out.set_type(std::move(type));
  out.set_source(std::move(source));
  out.set_correlator(std::move(correlator));
  out.set_data("200");
  return out;
}

int Match(const v1::AlertResult& alert, const std::vector<Stored>& operations) {
  std::vector<const Stored*> pointers;
  for (const Stored& operation : operations) pointers.push_back(&operation);
  return MatchAlert(alert, pointers);
}

TEST(MatchAlert, GoesByTheCorrelatorFirst) {
  const std::vector<Stored> all = {Update("a", v1::WAITING), Update("b", v1::WAITING)};
  EXPECT_EQ(Match(Alert(kDownloadAndUpdate, "./FUMO/P1", "b"), all), 1);
}

TEST(MatchAlert, GoesByTheCorrelatorWhateverTypeAndSource) {
  EXPECT_EQ(Match(Alert("com.example.other", "", "a"), {Update("a", v1::WAITING)}), 0);
}

TEST(MatchAlert, FallsBackOnSourceAndTypeWithoutACorrelator) {
  const std::vector<Stored> all = {Update("a", v1::WAITING, "./FUMO/P1/Download"),
                                   Update("b", v1::WAITING)};
  EXPECT_EQ(Match(Alert(kDownloadAndUpdate, "./FUMO/P1"), all), 1);
}

TEST(MatchAlert, FallsBackWhenTheCorrelatorIsNobodys) {
  EXPECT_EQ(Match(Alert(kDownloadAndUpdate, "./FUMO/P1", "stale"), {Update("a", v1::WAITING)}), 0);
}

struct FallbackCase {
  const char* type;
  const char* source;
  const char* target;
  int match;
};

class FallbackTest : public testing::TestWithParam<FallbackCase> {};

TEST_P(FallbackTest, IsAsTheTableSays) {
  const FallbackCase& c = GetParam();
  EXPECT_EQ(Match(Alert(c.type, c.source), {Update("a", v1::WAITING, c.target)}), c.match)
      << c.type << " " << c.source;
}

INSTANTIATE_TEST_SUITE_P(
    Table, FallbackTest,
    testing::Values(
        FallbackCase{"Reversed-Domain-Name: org.openmobilealliance.dm.firmwareupdate.update",
                     "./FUMO/P1", "./FUMO/P1/Update", 0},
        FallbackCase{"REVERSED-DOMAIN-NAME:org.OpenMobileAlliance.dm.FirmwareUpdate.Download",
                     "FUMO/P1/Download", "./FUMO/P1/Download", 0},
        FallbackCase{"org.openmobilealliance.dm.firmwareupdate.download", "./FUMO/P1",
                     "./FUMO/P1/Update", -1},
        FallbackCase{kDownloadAndUpdate, "./FUMO/P2", "./FUMO/P1/DownloadAndUpdate", -1},
        FallbackCase{kDownloadAndUpdate, "./FUMO/P", "./FUMO/P1/DownloadAndUpdate", -1},
        FallbackCase{kDownloadAndUpdate, "", "./FUMO/P1/DownloadAndUpdate", 0},
        FallbackCase{"org.openmobilealliance.dm.firmwareupdate.devicerequest", "./FUMO/P1",
                     "./FUMO/P1/DownloadAndUpdate", -1},
        FallbackCase{"urn:oma:at:lawmo:1.0:OperationComplete", "./LAWMO/Operations/Wipe",
                     "./LAWMO/Operations/Wipe", 0},
        FallbackCase{"com.example.heartbeat", "./FUMO/P1", "./FUMO/P1/DownloadAndUpdate", -1}));

TEST(MatchAlert, PrefersWaitingToRunning) {
  const std::vector<Stored> all = {Update("a", v1::RUNNING), Update("b", v1::WAITING)};
  EXPECT_EQ(Match(Alert(kDownloadAndUpdate, "./FUMO/P1"), all), 1);
}

TEST(MatchAlert, LeavesWhatTheTerminalHasNotGot) {
  EXPECT_EQ(Match(Alert(kDownloadAndUpdate, "./FUMO/P1", "a"), {Update("a", v1::PENDING)}), -1);
}

struct CodeCase {
  const char* data;
  v1::State state;
  const char* cause;
};

class CodeTest : public testing::TestWithParam<CodeCase> {};

TEST_P(CodeTest, IsJudgedAsTheTableSays) {
  v1::AlertResult alert = Alert(kDownloadAndUpdate, "./FUMO/P1");
  alert.set_data(GetParam().data);
  const Verdict verdict = JudgeAlert(alert);
  EXPECT_EQ(verdict.state, GetParam().state);
  EXPECT_EQ(verdict.cause, GetParam().cause);
}

#define CODE(n) "the terminal reported result code " #n
INSTANTIATE_TEST_SUITE_P(
    Table, CodeTest,
    testing::Values(
        CodeCase{"200", v1::SUCCEEDED, ""}, CodeCase{" 250 ", v1::SUCCEEDED, ""},
        CodeCase{"299", v1::SUCCEEDED, ""}, CodeCase{"1200", v1::SUCCEEDED, ""},
        CodeCase{"1299", v1::SUCCEEDED, ""}, CodeCase{"300", v1::FAILED, CODE(300)},
        CodeCase{"1300", v1::FAILED, CODE(1300)},
        CodeCase{"401", v1::FAILED, CODE(401) ": user cancelled"},
        CodeCase{"402", v1::FAILED, CODE(402) ": corrupted firmware update package"},
        CodeCase{"460", v1::FAILED, CODE(460) ": client error, vendor specific"},
        CodeCase{"503", v1::FAILED, CODE(503) ": download failed, network"},
        CodeCase{"555", v1::FAILED, CODE(555) ": alternate download server error, vendor specific"},
        CodeCase{"", v1::FAILED, "the alert that ended it carries no result code"},
        CodeCase{"200x", v1::FAILED, "the alert that ended it carries no result code"}));

}  // namespace
}  // namespace drover::operations
