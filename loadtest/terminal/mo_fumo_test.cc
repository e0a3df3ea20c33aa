#include "loadtest/terminal/mo_fumo.h"

#include "loadtest/terminal/testing/bench.h"

namespace drover::terminal {
namespace {

constexpr char kState[] = "FUMO/P1/State";
constexpr char kFirmware[] = "DevDetail/FwV";
constexpr char kUrl[] = "https://dl.example.com/fw/pkg-7.1.dd";
constexpr char kPrefix[] = "Reversed-Domain-Name: org.openmobilealliance.dm.firmwareupdate.";

ModelSpec Phone(FumoHabits habits = {}) {
  return {.manufacturer = "Acme",
          .model = "Phone",
          .kind = "phone",
          .firmware = "6.1.0",
          .objects = {.fumo = habits}};
}

class Fumo : public Bench, public testing::Test {
 protected:
  explicit Fumo(const ModelSpec& spec = Phone()) : Bench(spec) {}

  int Begin(const std::string& operation, const std::string& url = kUrl) {
    if (operation != "Update") Write("FUMO/P1/" + operation + "/PkgURL", url);
    return Exec("FUMO/P1/" + operation, "job-1");
  }
  // The one report there is.
  std::string OnlyReport() {
    const std::vector<std::string> lines = TakeReports();
    if (lines.size() != 1) return std::to_string(lines.size()) + " reports";
    return lines[0];
  }
};

TEST_F(Fumo, DownloadAndUpdatePassesThroughItsStates) {
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  EXPECT_EQ(Passes(kState), "30 40 60 100");
  EXPECT_EQ(Value(kFirmware), "7.1");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].code, 1226);
  EXPECT_EQ(reports[0].type, std::string(kPrefix) + "downloadandupdate");
  EXPECT_EQ(reports[0].format, "int");
  EXPECT_EQ(reports[0].data, "200");
  EXPECT_EQ(reports[0].source, "./FUMO/P1");
  EXPECT_EQ(reports[0].correlator, "job-1");
  EXPECT_EQ(reports[0].mark, "informational");
  EXPECT_TRUE(objects.empty());
}

TEST_F(Fumo, DownloadLeavesThePackageForAnUpdate) {
  ASSERT_EQ(Begin("Download"), 202);
  EXPECT_EQ(Passes(kState), "30 40 50");
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "download 200");
  EXPECT_EQ(Value(kFirmware), "6.1.0");
  ASSERT_EQ(Begin("Update"), 202);
  EXPECT_EQ(Passes(kState), "60 90");
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "update 200");
  EXPECT_EQ(Value(kFirmware), "7.1");
  EXPECT_TRUE(objects.empty());
}

TEST_F(Fumo, APushedPackageIsReadyAndNamesItsVersion) {
  EXPECT_EQ(Begin("Update"), 403);
  EXPECT_EQ(Write("FUMO/P1/Update/PkgData", "8.2\nbinary"), 200);
  EXPECT_EQ(Value(kState), "50");
  ASSERT_EQ(Begin("Update"), 202);
  EXPECT_EQ(Passes(kState), "60 90");
  EXPECT_EQ(Value(kFirmware), "8.2");
}

TEST_F(Fumo, PkgVersionNamesAPushedPackageFirst) {
  EXPECT_EQ(Write("FUMO/P1/PkgVersion", "9"), 200);
  EXPECT_EQ(Write("FUMO/P1/Update/PkgData", std::string("\x01\x02", 2)), 200);
  ASSERT_EQ(Begin("Update"), 202);
  Passes(kState);
  EXPECT_EQ(Value(kFirmware), "9");
}

TEST_F(Fumo, ABinaryPackageWithoutANameHasItsDigestForAVersion) {
  EXPECT_EQ(Write("FUMO/P1/Update/PkgData", std::string("\x01\x02", 2)), 200);
  ASSERT_EQ(Begin("Update"), 202);
  Passes(kState);
  EXPECT_EQ(Value(kFirmware).size(), 16U);
}

TEST_F(Fumo, AnEmptyPackageTakesItBack) {
  EXPECT_EQ(Write("FUMO/P1/Update/PkgData", "8.2"), 200);
  EXPECT_EQ(Write("FUMO/P1/Update/PkgData", ""), 200);
  EXPECT_EQ(Value(kState), "10");
  EXPECT_EQ(Begin("Update"), 403);
}

TEST_F(Fumo, OneUpdateAtATime) {
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  for (const char* state : {"30", "40", "60"}) {
    EXPECT_EQ(Value(kState), state);
    for (const char* operation : {"Download", "Update", "DownloadAndUpdate"}) {
      EXPECT_EQ(Exec("FUMO/P1/" + std::string(operation)), 403) << operation << " in " << state;
    }
    EXPECT_EQ(Write("FUMO/P1/Update/PkgData", "8"), 403) << state;
    Step();
  }
  while (Step()) {
  }
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "downloadandupdate 200");
}

TEST_F(Fumo, OnlyItsOperationsAreExecuted) {
  EXPECT_EQ(Exec("FUMO/P1"), 405);
  EXPECT_EQ(Exec("FUMO/P1/State"), 405);
}

TEST_F(Fumo, EachFailureOfADownloadEndsIn20) {
  for (const int result : FirmwareFailures()) {
    objects.Give({"Download", result});
    ASSERT_EQ(Begin("Download"), 202);
    EXPECT_EQ(Passes(kState), "30 20") << result;
    EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "download " + std::to_string(result));
    EXPECT_EQ(Value(kFirmware), "6.1.0");
  }
}

TEST_F(Fumo, EachFailureOfAnUpdateEndsIn70) {
  for (const int result : FirmwareFailures()) {
    ASSERT_EQ(Write("FUMO/P1/Update/PkgData", "8"), 200);
    objects.Give({"Update", result});
    ASSERT_EQ(Begin("Update"), 202);
    EXPECT_EQ(Passes(kState), "60 70") << result;
    EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "update " + std::to_string(result));
    EXPECT_EQ(Value(kFirmware), "6.1.0");
  }
}

TEST_F(Fumo, EachFailureOfDownloadAndUpdateEndsWhereItHappens) {
  for (const int result : FirmwareFailures()) {
    const bool in_update = result == 410 || result == 502;
    objects.Give({"", result});
    ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
    EXPECT_EQ(Passes(kState), in_update ? "30 40 60 80" : "30 20") << result;
    ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0].mark, "critical");
    EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "downloadandupdate " + std::to_string(result));
    EXPECT_EQ(Value(kFirmware), "6.1.0");
  }
}

TEST_F(Fumo, AVendorsSuccessIsOne) {
  objects.Give({"DownloadAndUpdate", 251});
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  EXPECT_EQ(Passes(kState), "30 40 60 100");
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "downloadandupdate 251");
}

TEST_F(Fumo, AUrlCanAskForItsResult) {
  ASSERT_EQ(Begin("DownloadAndUpdate", "http://dl.example.com/pkg-7.dd?result=402"), 202);
  EXPECT_EQ(Passes(kState), "30 20");
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "downloadandupdate 402");
}

TEST_F(Fumo, AUrlThatIsNoneFailsWith411) {
  for (const char* url : {"", "ftp://x/pkg-7", "pkg-7.dd"}) {
    ASSERT_EQ(Begin("Download", url), 202) << url;
    EXPECT_EQ(Passes(kState), "30 20") << url;
    EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "download 411") << url;
  }
}

TEST_F(Fumo, ChanceDrawsFromAllFailures) {
  policy.failure_permille = 1000;
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  Passes(kState);
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "downloadandupdate 400");
}

TEST_F(Fumo, CleanUpGoesBackToIdle) {
  policy.clean_up = std::chrono::seconds(5);
  ASSERT_EQ(Begin("Download"), 202);
  EXPECT_EQ(Passes(kState), "30 40 50");
  ASSERT_EQ(Begin("Update"), 202);
  EXPECT_EQ(Passes(kState), "60 90 100 10");
  objects.Give({"", 410});
  ASSERT_EQ(Write("FUMO/P1/Update/PkgData", "8"), 200);
  ASSERT_EQ(Begin("Update"), 202);
  EXPECT_EQ(Passes(kState), "60 70 80 10");
  ASSERT_EQ(Begin("Download", "none"), 202);
  EXPECT_EQ(Passes(kState), "30 20 10");
  EXPECT_EQ(Value("FUMO/P1/Update/PkgData"), "");
  EXPECT_EQ(TakeReports().size(), 4U);
  EXPECT_TRUE(objects.empty());
}

TEST_F(Fumo, ANewUpdateMayBeginBeforeTheCleanUp) {
  policy.clean_up = std::chrono::hours(1);
  ASSERT_EQ(Begin("Download", "none"), 202);
  Step();
  EXPECT_EQ(Value(kState), "20");
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  EXPECT_EQ(Passes(kState), "30 40 60 100 10");
  EXPECT_EQ(TakeReports().size(), 2U);
}

TEST_F(Fumo, InstallingWaitsForTheEndOfTheSession) {
  in_session = true;
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  TickAt(now() + std::chrono::hours(1));
  EXPECT_EQ(Value(kState), "60");
  in_session = false;
  TickAt(now());
  EXPECT_EQ(Value(kState), "100");
}

TEST_F(Fumo, TimeThatJumpsTakesAllSteps) {
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  TickAt(now() + std::chrono::hours(100));
  EXPECT_EQ(Value(kState), "100");
  EXPECT_EQ(TakeReports().size(), 1U);
}

struct PowerLossCase {
  const char* name;
  int steps;  // Already taken when power is lost.
  uint32_t resume;
  uint32_t complete;
  const char* states;  // From then on.
  int result;
  const char* version;
};
class FumoPowerLoss : public Fumo, public testing::WithParamInterface<PowerLossCase> {};

TEST_P(FumoPowerLoss, LeavesOneReportAndTheVersionThatRuns) {
  const PowerLossCase& at = GetParam();
  policy.resume_permille = at.resume;
  policy.complete_permille = at.complete;
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  for (int i = 0; i < at.steps; ++i) Step();
  PowerLoss();
  EXPECT_GE(objects.next_due().value_or(now()), now());
  EXPECT_EQ(Passes(kState), at.states);
  EXPECT_EQ(Value(kFirmware), at.version);
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "downloadandupdate " + std::to_string(at.result));
  EXPECT_TRUE(objects.empty());
}

INSTANTIATE_TEST_SUITE_P(
    At, FumoPowerLoss,
    testing::Values(PowerLossCase{"DownloadResumed", 0, 1000, 0, "30 40 60 100", 200, "7.1"},
                    PowerLossCase{"DownloadNotResumed", 0, 0, 1000, "30 20", 503, "6.1.0"},
                    PowerLossCase{"BetweenDownloadAndUpdate", 1, 0, 0, "40 60 100", 200, "7.1"},
                    PowerLossCase{"UpdateCompleted", 2, 0, 1000, "60 100", 200, "7.1"},
                    PowerLossCase{"UpdateRolledBack", 2, 1000, 0, "60 80", 410, "6.1.0"},
                    PowerLossCase{"UpdatedNotReported", 3, 0, 0, "60 100", 200, "7.1"},
                    PowerLossCase{"Reported", 4, 0, 0, "100", 200, "7.1"}),
    [](const auto& each) { return each.param.name; });

TEST_F(Fumo, PowerLossInAnUpdateOfAKeptPackageRollsBackTo70) {
  policy.complete_permille = 0;
  ASSERT_EQ(Write("FUMO/P1/Update/PkgData", "8"), 200);
  ASSERT_EQ(Begin("Update"), 202);
  PowerLoss();
  EXPECT_EQ(Passes(kState), "60 70");
  EXPECT_EQ(OnlyReport(), std::string(kPrefix) + "update 410");
  EXPECT_EQ(Value(kFirmware), "6.1.0");
  EXPECT_EQ(Value("FUMO/P1/Update/PkgData"), "8");
}

TEST_F(Fumo, PowerLossKeepsAPackageThatWaits) {
  ASSERT_EQ(Begin("Download"), 202);
  Passes(kState);
  PowerLoss();
  EXPECT_EQ(Value(kState), "50");
  ASSERT_EQ(Begin("Update"), 202);
  Passes(kState);
  EXPECT_EQ(Value(kFirmware), "7.1");
}

TEST_F(Fumo, PowerLossOnPowerLossStillEndsWithOneReport) {
  ASSERT_EQ(Begin("DownloadAndUpdate"), 202);
  for (int i = 0; i < 20; ++i) {
    PowerLoss();
    if (i % 3 == 0) Step();
  }
  Passes(kState);
  EXPECT_EQ(TakeReports().size(), 1U);
  EXPECT_EQ(Value(kFirmware), Value(kState) == "100" ? "7.1" : "6.1.0");
}

class SynchronousFumo : public Fumo {
 protected:
  SynchronousFumo() : Fumo(Phone({.root = "FwUpdate/Main", .answering = Answering::kAtOnce})) {}
};

TEST_F(SynchronousFumo, AnswersWhenItIsDone) {
  Write("FwUpdate/Main/DownloadAndUpdate/PkgURL", kUrl);
  EXPECT_EQ(Exec("FwUpdate/Main/DownloadAndUpdate", "job"), 200);
  EXPECT_EQ(Value("FwUpdate/Main/State"), "100");
  EXPECT_EQ(Value(kFirmware), "7.1");
  EXPECT_TRUE(reports.empty());
}

TEST_F(SynchronousFumo, AnswersItsFailure) {
  objects.Give({"", 402});
  Write("FwUpdate/Main/Download/PkgURL", kUrl);
  EXPECT_EQ(Exec("FwUpdate/Main/Download", "job"), 402);
  EXPECT_EQ(Value("FwUpdate/Main/State"), "20");
  EXPECT_TRUE(reports.empty());
}

TEST_F(SynchronousFumo, KeepsWhatItDownloadedForTheUpdate) {
  Write("FwUpdate/Main/Download/PkgURL", kUrl);
  EXPECT_EQ(Exec("FwUpdate/Main/Download", "a"), 200);
  EXPECT_EQ(Value("FwUpdate/Main/State"), "50");
  EXPECT_EQ(Exec("FwUpdate/Main/Update", "b"), 200);
  EXPECT_EQ(Value(kFirmware), "7.1");
  EXPECT_TRUE(reports.empty());
}

TEST(FumoOfAModel, ThatKeepsPackagesEndsIn90Or70) {
  Bench bench(Phone({.keeps_package = true}));
  bench.Write("FUMO/P1/DownloadAndUpdate/PkgURL", kUrl);
  EXPECT_EQ(bench.Exec("FUMO/P1/DownloadAndUpdate"), 202);
  EXPECT_EQ(bench.Passes(kState), "30 40 60 90");
  bench.objects.Give({"", 410});
  EXPECT_EQ(bench.Exec("FUMO/P1/DownloadAndUpdate"), 202);
  EXPECT_EQ(bench.Passes(kState), "30 40 60 70");
}

TEST(FumoOfAModel, WithLittleRoomRefusesALargePackage) {
  Bench bench(Phone({.max_package_octets = 10}));
  EXPECT_EQ(bench.Write("FUMO/P1/Update/PkgData", "12345678901"), 420);
  EXPECT_EQ(bench.Value(kState), "10");
  EXPECT_EQ(bench.Write("FUMO/P1/Update/PkgData", "1234567890"), 200);
}

TEST(FumoOfAModel, HasOnlyTheWaysOfItsHabits) {
  Bench bench(Phone(
      {.root = "Vendor/Acme/Fota", .download = false, .push = true, .download_and_update = false}));
  EXPECT_FALSE(bench.Has("Vendor/Acme/Fota/Download"));
  EXPECT_FALSE(bench.Has("Vendor/Acme/Fota/DownloadAndUpdate"));
  EXPECT_TRUE(bench.Has("Vendor/Acme/Fota/Update/PkgData"));
  EXPECT_FALSE(bench.Has("FUMO"));
}

TEST(FirmwareRequest, NamesWhoAsks) {
  EXPECT_EQ(FirmwareRequest(Phone(), false).type, std::string(kPrefix) + "devicerequest");
  EXPECT_EQ(FirmwareRequest(Phone(), true).type, std::string(kPrefix) + "userrequest");
  EXPECT_EQ(FirmwareRequest(Phone(), true).source, "./FUMO/P1");
}

}  // namespace
}  // namespace drover::terminal
