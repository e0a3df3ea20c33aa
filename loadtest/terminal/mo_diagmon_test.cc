#include "loadtest/terminal/mo_diagmon.h"

#include "loadtest/terminal/testing/bench.h"

namespace drover::terminal {
namespace {

constexpr std::string_view kPrefix = "urn:oma:at:diagmon:1.0:";

ModelSpec Phone(DiagMonHabits habits = {.root = "DiagMon", .traps = "DiagMonTraps"}) {
  return {.manufacturer = "Acme",
          .model = "Phone",
          .kind = "phone",
          .firmware = "6.1.0",
          .objects = {.diagmon = habits}};
}

class DiagMonTest : public Bench, public testing::Test {
 protected:
  DiagMonTest() : Bench(Phone()) {}
  int Operate(const std::string& operation) {
    return Exec("DiagMon/Battery/Operations/" + operation, "job-1");
  }
  std::string Line(std::string_view type, const std::string& data) {
    return std::string(kPrefix) + std::string(type) + " " + data;
  }
  void Register() {
    AddInterior("DiagMonTraps/Battery/ServerIDs/1");
    Write("DiagMonTraps/Battery/ServerIDs/1/ServerID", "srv");
  }
  void Measure(int value) {
    Host at = host();
    Sense(at, "Battery", value);
  }
};

TEST_F(DiagMonTest, AStartMeasuresOnce) {
  ASSERT_EQ(Operate("Start"), 202);
  EXPECT_EQ(Value("DiagMon/Battery/DiagMonData/Level"), "");
  EXPECT_EQ(Passes("DiagMon/Battery/Status"), "20 10");
  EXPECT_EQ(Value("DiagMon/Battery/DiagMonData/Level"), "0");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].source, "./DiagMon/Battery");
  EXPECT_EQ(reports[0].correlator, "job-1");
  EXPECT_EQ(TakeReports()[0], Line("OperationComplete", "1200"));
  EXPECT_TRUE(objects.empty());
}

TEST_F(DiagMonTest, EachFailureIsReported) {
  for (const int result : DiagnosticFailures()) {
    objects.Give({"Start", result});
    ASSERT_EQ(Operate("Start"), 202);
    EXPECT_EQ(Passes("DiagMon/Battery/Status"), "20 10");
    EXPECT_EQ(Value("DiagMon/Battery/DiagMonData/Level"), "");
    EXPECT_EQ(TakeReports(),
              std::vector<std::string>{Line("OperationComplete", std::to_string(result))});
  }
}

TEST_F(DiagMonTest, WithAnIntervalItReportsUntilItIsStopped) {
  Write("DiagMon/Battery/DiagMonConfig/ReportInterval", "60");
  ASSERT_EQ(Operate("Start"), 202);
  EXPECT_EQ(Operate("Start"), 403);
  for (int i = 0; i < 3; ++i) {
    const TimePoint before = now();
    ASSERT_TRUE(Step());
    EXPECT_EQ(now() - before, std::chrono::seconds(60));
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].correlator, "");
    EXPECT_EQ(TakeReports()[0], Line("CollectedSimpleDataReport", "Level=0;Temperature=0"));
  }
  EXPECT_EQ(Operate("Stop"), 200);
  EXPECT_EQ(Value("DiagMon/Battery/Status"), "10");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].correlator, "job-1");
  EXPECT_EQ(TakeReports()[0], Line("OperationComplete", "1200"));
  EXPECT_FALSE(Step());
}

TEST_F(DiagMonTest, AReportThatWaitsGivesWayToANewerOne) {
  Write("DiagMon/Battery/DiagMonConfig/ReportInterval", "60");
  ASSERT_EQ(Operate("Start"), 202);
  TickAt(now() + std::chrono::hours(1));
  EXPECT_EQ(reports.size(), 1U);
}

TEST_F(DiagMonTest, AStopOfNothingIsDoneAtOnce) {
  EXPECT_EQ(Operate("Stop"), 200);
  EXPECT_TRUE(reports.empty());
  EXPECT_EQ(Operate("Pause"), 405);
}

TEST_F(DiagMonTest, MeasuringGoesOnAfterAPowerLoss) {
  ASSERT_EQ(Operate("Start"), 202);
  PowerLoss();
  EXPECT_EQ(Passes("DiagMon/Battery/Status"), "20 10");
  EXPECT_EQ(TakeReports(), std::vector<std::string>{Line("OperationComplete", "1200")});
}

TEST_F(DiagMonTest, ATrapFiresOnceAndClearsOnce) {
  Register();
  Measure(50);
  EXPECT_TRUE(reports.empty());
  Measure(10);
  Measure(5);
  EXPECT_EQ(Value("DiagMonTraps/Battery/Active"), "true");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].source, "./DiagMonTraps/Battery");
  EXPECT_EQ(TakeReports()[0], Line("TrapNotification", "10"));
  PowerLoss();
  Measure(11);
  Measure(80);
  EXPECT_EQ(TakeReports(), std::vector<std::string>{Line("TrapInactiveNotification", "11")});
}

TEST_F(DiagMonTest, ATrapHasItsThreshold) {
  Register();
  Write("DiagMonTraps/Battery/TrapConfig/LowerThreshold", "30");
  Measure(30);
  EXPECT_EQ(TakeReports(), std::vector<std::string>{Line("TrapNotification", "30")});
}

TEST_F(DiagMonTest, ATrapWithoutThisServerIsSilent) {
  Measure(1);
  AddInterior("DiagMonTraps/Battery/ServerIDs/1");
  Write("DiagMonTraps/Battery/ServerIDs/1/ServerID", "another");
  Measure(1);
  EXPECT_TRUE(reports.empty());
}

TEST_F(DiagMonTest, ATerminalThatDropsItsTrapsSaysSo) {
  Register();
  Measure(1);
  TakeReports();
  Host at = host();
  DeregisterTraps(at);
  EXPECT_EQ(TakeReports(), std::vector<std::string>{Line("TrapDeregistered", "")});
  EXPECT_EQ(Value("DiagMonTraps/Battery/Active"), "false");
  Measure(50);
  EXPECT_TRUE(reports.empty());
}

TEST(DiagMonOfAModel, MayHaveAnOperatorsId) {
  Bench bench(Phone({.root = "Diag", .id = "urn:oma:mo:oma-diag:1.0"}));
  ASSERT_EQ(bench.Exec("Diag/Radio/Operations/Start"), 202);
  EXPECT_EQ(bench.Passes("Diag/Radio/Status"), "20 10");
}

}  // namespace
}  // namespace drover::terminal
