#include "loadtest/terminal/mo_lawmo.h"

#include "loadtest/terminal/testing/bench.h"

namespace drover::terminal {
namespace {

constexpr char kAlert[] = "urn:oma:at:lawmo:1.0:OperationComplete ";

ModelSpec Phone(LawmoHabits habits = {.root = "LAWMO"}) {
  return {.manufacturer = "Acme",
          .model = "Phone",
          .kind = "phone",
          .firmware = "6.1.0",
          .objects = {.lawmo = habits, .diagmon = {.traps = "Traps"}}};
}

class LawmoTest : public Bench, public testing::Test {
 protected:
  LawmoTest() : Bench(Phone()) {}
  int Operate(const std::string& operation) {
    return Exec("LAWMO/Operations/" + operation, "job-1");
  }
  std::string Outcome(const std::string& operation) {
    EXPECT_EQ(Operate(operation), 202);
    while (Step()) {
    }
    const std::vector<std::string> lines = TakeReports();
    return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " reports";
  }
};

struct LockCase {
  const char* operation;
  const char* state;
};
class LawmoLock : public LawmoTest, public testing::WithParamInterface<LockCase> {};

TEST_P(LawmoLock, MovesState) {
  ASSERT_EQ(Operate(GetParam().operation), 202);
  EXPECT_EQ(Value("LAWMO/State"), "30");
  while (Step()) {
  }
  EXPECT_EQ(Value("LAWMO/State"), GetParam().state);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].source, "./LAWMO/Operations/" + std::string(GetParam().operation));
  EXPECT_EQ(reports[0].correlator, "job-1");
  EXPECT_EQ(TakeReports()[0], kAlert + std::string("1200"));
}

TEST_P(LawmoLock, KnowsItsFailures) {
  for (const int result : LockFailures(GetParam().operation)) {
    objects.Give({GetParam().operation, result});
    EXPECT_EQ(Outcome(GetParam().operation), kAlert + std::to_string(result));
    EXPECT_EQ(Value("LAWMO/State"), "30");
  }
}

TEST_P(LawmoLock, OutlivesAPowerLoss) {
  ASSERT_EQ(Operate(GetParam().operation), 202);
  PowerLoss();
  while (Step()) {
  }
  EXPECT_EQ(Value("LAWMO/State"), GetParam().state);
  EXPECT_EQ(TakeReports().size(), 1U);
}
INSTANTIATE_TEST_SUITE_P(By, LawmoLock,
                         testing::Values(LockCase{"FullyLock", "10"},
                                         LockCase{"PartiallyLock", "20"}, LockCase{"UnLock", "30"}),
                         [](const auto& each) { return each.param.operation; });

TEST_F(LawmoTest, AWipeEmptiesWhatIsListed) {
  Write("LAWMO/AvailableWipeList/Contacts/ToBeWiped", "true");
  EXPECT_EQ(Outcome("Wipe"), kAlert + std::string("1201"));
  EXPECT_TRUE(tree().Children("Personal/Contacts").empty());
  EXPECT_EQ(tree().Children("Personal/Photos").size(), 3U);
  EXPECT_EQ(Value("LAWMO/AvailableWipeList/Contacts/ToBeWiped"), "false");
}

TEST_F(LawmoTest, AWipeOfNothingIsNotPerformed) {
  EXPECT_EQ(Outcome("Wipe"), kAlert + std::string("1406"));
  EXPECT_EQ(tree().Children("Personal/Contacts").size(), 3U);
}

TEST_F(LawmoTest, AWipeThatFailsLeavesEverything) {
  for (const int result : LockFailures("Wipe")) {
    Write("LAWMO/AvailableWipeList/Contacts/ToBeWiped", "true");
    objects.Give({"Wipe", result});
    EXPECT_EQ(Outcome("Wipe"), kAlert + std::to_string(result));
    EXPECT_EQ(tree().Children("Personal/Contacts").size(), 3U);
  }
}

TEST_F(LawmoTest, APowerLossInAWipeEndsWithItDone) {
  Write("LAWMO/AvailableWipeList/Photos/ToBeWiped", "true");
  ASSERT_EQ(Operate("Wipe"), 202);
  PowerLoss();
  while (Step()) {
  }
  EXPECT_TRUE(tree().Children("Personal/Photos").empty());
  EXPECT_EQ(TakeReports(), std::vector<std::string>{kAlert + std::string("1201")});
}

TEST_F(LawmoTest, AFactoryResetMakesTheTreeTheModels) {
  tree().SetValue("DevDetail/FwV", "7");
  tree().SetValue("NAP/internet/ADDR", "iot.example");
  tree().SetValue("DMAcc/1/AppAuth/1/AAuthSecret", "new");
  Write("LAWMO/AvailableWipeList/Contacts/ToBeWiped", "true");
  ASSERT_EQ(Operate("FullyLock"), 202);
  while (Step()) {
  }
  TakeReports();
  EXPECT_EQ(Outcome("FactoryReset"), kAlert + std::string("1200"));
  EXPECT_EQ(Value("NAP/internet/ADDR"), "internet.example");
  EXPECT_EQ(Value("LAWMO/State"), "30");
  EXPECT_EQ(Value("LAWMO/AvailableWipeList/Contacts/ToBeWiped"), "false");
  EXPECT_EQ(Value("DevDetail/FwV"), "7");
  EXPECT_EQ(Value("DMAcc/1/AppAuth/1/AAuthSecret"), "new");
}

TEST_F(LawmoTest, AFactoryResetWaitsForTheEndOfTheSession) {
  tree().SetValue("NAP/internet/ADDR", "iot.example");
  in_session = true;
  ASSERT_EQ(Operate("FactoryReset"), 202);
  TickAt(now() + std::chrono::hours(1));
  EXPECT_EQ(Value("NAP/internet/ADDR"), "iot.example");
  in_session = false;
  TickAt(now());
  EXPECT_EQ(Value("NAP/internet/ADDR"), "internet.example");
}

TEST_F(LawmoTest, AFactoryResetDeregistersTraps) {
  AddInterior("Traps/Battery/ServerIDs/1");
  Write("Traps/Battery/ServerIDs/1/ServerID", "srv");
  ASSERT_EQ(Operate("FactoryReset"), 202);
  while (Step()) {
  }
  EXPECT_EQ(TakeReports(), (std::vector<std::string>{"urn:oma:at:diagmon:1.0:TrapDeregistered ",
                                                     kAlert + std::string("1200")}));
}

TEST_F(LawmoTest, NothingIsResetWhileSomethingIsUnderWay) {
  Write("FUMO/P1/Download/PkgURL", "http://x/pkg-7.dd");
  ASSERT_EQ(Exec("FUMO/P1/Download"), 202);
  EXPECT_EQ(Operate("FactoryReset"), 403);
  while (Step()) {
  }
  EXPECT_EQ(Operate("FactoryReset"), 202);
}

TEST_F(LawmoTest, OneOperationAtATimeAndNoOther) {
  ASSERT_EQ(Operate("FullyLock"), 202);
  EXPECT_EQ(Operate("UnLock"), 403);
  EXPECT_EQ(Operate("Explode"), 405);
  EXPECT_EQ(Exec("LAWMO/Operations"), 405);
  EXPECT_EQ(Exec("LAWMO"), 405);
}

class SynchronousLawmo : public Bench, public testing::Test {
 protected:
  SynchronousLawmo()
      : Bench(Phone({.root = "LAWMO", .answering = Answering::kAtOnce, .removes_items = true})) {}
};

TEST_F(SynchronousLawmo, AnswersWhenItIsDone) {
  EXPECT_EQ(Exec("LAWMO/Operations/FullyLock", "job"), 200);
  EXPECT_EQ(Value("LAWMO/State"), "10");
  EXPECT_TRUE(reports.empty());
}

TEST_F(SynchronousLawmo, AnswersAFailureWith500) {
  objects.Give({"FullyLock", 1402});
  EXPECT_EQ(Exec("LAWMO/Operations/FullyLock"), 500);
  EXPECT_EQ(Value("LAWMO/State"), "30");
}

TEST_F(SynchronousLawmo, TakesItemsOffTheList) {
  Write("LAWMO/AvailableWipeList/Contacts/ToBeWiped", "true");
  EXPECT_EQ(Exec("LAWMO/Operations/Wipe"), 200);
  EXPECT_FALSE(Has("LAWMO/AvailableWipeList/Contacts"));
  EXPECT_TRUE(tree().Children("Personal/Contacts").empty());
}

TEST_F(SynchronousLawmo, SaysYesToAResetBeforeItIsGone) {
  tree().SetValue("NAP/internet/ADDR", "iot.example");
  in_session = true;
  EXPECT_EQ(Exec("LAWMO/Operations/FactoryReset"), 200);
  EXPECT_EQ(Value("NAP/internet/ADDR"), "iot.example");
  in_session = false;
  while (Step()) {
  }
  EXPECT_EQ(Value("NAP/internet/ADDR"), "internet.example");
  EXPECT_TRUE(reports.empty());
}

}  // namespace
}  // namespace drover::terminal
