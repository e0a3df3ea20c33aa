#include "loadtest/terminal/mo_scomo.h"

#include "loadtest/terminal/testing/bench.h"

namespace drover::terminal {
namespace {

constexpr char kAlert[] = "urn:oma:at:scomo:1.0:OperationComplete ";
constexpr char kApp[] = "SCM/Download/app";
constexpr char kStatus[] = "SCM/Download/app/Status";
constexpr char kDelivered[] = "SCM/Inventory/Delivered/app";
constexpr char kDeployed[] = "SCM/Inventory/Deployed/app";
constexpr char kBrowser[] = "SCM/Inventory/Deployed/Browser";

ModelSpec Phone(ScomoHabits habits = {.root = "SCM"}) {
  return {.manufacturer = "Acme",
          .model = "Phone",
          .kind = "phone",
          .firmware = "6.1.0",
          .objects = {.scomo = habits}};
}

std::string Data(int result, const std::string& identifier) {
  return kAlert + ("<ResultCode>" + std::to_string(result)) + "</ResultCode><Identifier>" +
         identifier + "</Identifier>";
}

class ScomoBench : public Bench {
 public:
  ScomoBench() : Bench(Phone()) {}

  // What a server adds before it asks for the download.
  void Describe(const std::string& url = "http://dl.example.com/app-2.3.dd") {
    AddInterior(kApp);
    Write(kApp + std::string("/PkgID"), "com.example.app");
    Write(kApp + std::string("/Name"), "An app");
    Write(kApp + std::string("/PkgURL"), url);
  }
  int Operate(const std::string& item, const std::string& operation) {
    return Exec(item + "/Operations/" + operation, "job-1");
  }
  std::string OnlyReport() {
    const std::vector<std::string> lines = TakeReports();
    return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " reports";
  }
  void Install() {
    Describe();
    Operate(kApp, "DownloadInstall");
    while (Step()) {
    }
    TakeReports();
  }
};

class ScomoTest : public ScomoBench, public testing::Test {};

TEST_F(ScomoTest, TheTerminalCompletesWhatAServerAdds) {
  AddInterior(kApp);
  EXPECT_EQ(Value(kStatus), "10");
  for (const char* operation : {"Download", "DownloadInstall", "DownloadInstallInactive"}) {
    EXPECT_TRUE(Has(kApp + std::string("/Operations/") + operation)) << operation;
  }
  EXPECT_FALSE(Has(kApp + std::string("/PkgURL")));
}

TEST_F(ScomoTest, TheTerminalCompletesWhatIsAddedAsASubtree) {
  // Two items at once, of which the object hears only as a change of their holder.
  for (const std::string name : {"one", "two"}) {
    Node node;
    node.path = "SCM/Download/" + name;
    node.format = "node";
    tree().Add(std::move(node));
  }
  Host at = host();
  Objects::Changed(at, "./SCM/Download");
  EXPECT_EQ(Value("SCM/Download/one/Status"), "10");
  EXPECT_TRUE(Has("SCM/Download/two/Operations/Download"));
}

TEST_F(ScomoTest, DownloadDelivers) {
  Describe();
  ASSERT_EQ(Operate(kApp, "Download"), 202);
  EXPECT_EQ(Passes(kStatus), "30 40 10");
  EXPECT_EQ(Value(kDelivered + std::string("/PkgID")), "com.example.app");
  EXPECT_EQ(Value(kDelivered + std::string("/Name")), "An app");
  EXPECT_EQ(Value(kDelivered + std::string("/State")), "10");
  EXPECT_FALSE(Has(kDeployed));
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].source, "./SCM/Download/app/Operations/Download");
  EXPECT_EQ(reports[0].target, "./SCM/Inventory/Delivered/app");
  EXPECT_EQ(reports[0].correlator, "job-1");
  EXPECT_EQ(OnlyReport(), Data(1200, "com.example.app"));
}

TEST_F(ScomoTest, DownloadInstallDeploys) {
  Describe();
  ASSERT_EQ(Operate(kApp, "DownloadInstall"), 202);
  EXPECT_EQ(Passes(kStatus), "30 40 50 10");
  EXPECT_EQ(Value(kDeployed + std::string("/ID")), "com.example.app");
  EXPECT_EQ(Value(kDeployed + std::string("/Version")), "2.3");
  EXPECT_EQ(Value(kDeployed + std::string("/State")), "20");
  EXPECT_EQ(Value(kDelivered + std::string("/State")), "20");
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].target, "./SCM/Inventory/Deployed/app");
  EXPECT_EQ(OnlyReport(), Data(1200, "com.example.app"));
}

TEST_F(ScomoTest, InstallInactiveIsNotActive) {
  Describe();
  ASSERT_EQ(Operate(kApp, "DownloadInstallInactive"), 202);
  Passes(kStatus);
  EXPECT_EQ(Value(kDeployed + std::string("/State")), "10");
  ASSERT_EQ(Operate(kDeployed, "Activate"), 202);
  EXPECT_EQ(Passes(kDeployed + std::string("/Status")), "50 10");
  EXPECT_EQ(Value(kDeployed + std::string("/State")), "20");
}

TEST_F(ScomoTest, WhatWasDeliveredIsInstalledLater) {
  for (const char* operation : {"Install", "InstallInactive"}) {
    Bench bench(Phone());
    bench.AddInterior(kDelivered);
    bench.Write(kDelivered + std::string("/PkgID"), "com.example.pushed");
    bench.Write(kDelivered + std::string("/Data"), "4.5\n...");
    EXPECT_EQ(bench.Value(kDelivered + std::string("/State")), "10");
    ASSERT_EQ(bench.Exec(kDelivered + std::string("/Operations/") + operation), 202);
    EXPECT_EQ(bench.Passes(kDelivered + std::string("/Status")), "40 10");
    EXPECT_EQ(bench.Value(kDelivered + std::string("/State")), "20");
    EXPECT_EQ(bench.Value(kDeployed + std::string("/Version")), "4.5");
    EXPECT_EQ(bench.Value(kDeployed + std::string("/State")),
              operation == std::string("Install") ? "20" : "10");
  }
}

TEST_F(ScomoTest, RemoveTakesAPackageOrAComponentAway) {
  Install();
  ASSERT_EQ(Operate(kDeployed, "Remove"), 202);
  EXPECT_EQ(Value(kDeployed + std::string("/Status")), "30");
  while (Step()) {
  }
  EXPECT_FALSE(Has(kDeployed));
  EXPECT_EQ(Value(kDelivered + std::string("/State")), "10");
  EXPECT_EQ(OnlyReport(), Data(1200, "com.example.app"));
  ASSERT_EQ(Operate(kDelivered, "Remove"), 202);
  while (Step()) {
  }
  EXPECT_FALSE(Has(kDelivered));
}

TEST_F(ScomoTest, DeactivateLeavesItInstalled) {
  ASSERT_EQ(Operate(kBrowser, "Deactivate"), 202);
  EXPECT_EQ(Passes(kBrowser + std::string("/Status")), "70 10");
  EXPECT_EQ(Value(kBrowser + std::string("/State")), "10");
  EXPECT_EQ(OnlyReport(), Data(1200, "com.example.Browser"));
}

TEST_F(ScomoTest, AnUpgradeChangesTheComponent) {
  Install();
  Write(kApp + std::string("/PkgURL"), "http://dl.example.com/app-3.0.dd");
  ASSERT_EQ(Operate(kApp, "DownloadInstall"), 202);
  while (Step()) {
  }
  EXPECT_EQ(Value(kDeployed + std::string("/Version")), "3.0");
}

TEST_F(ScomoTest, OneOperationOnOneItemAtATime) {
  Describe();
  ASSERT_EQ(Operate(kApp, "DownloadInstall"), 202);
  for (const char* status : {"30", "40", "50"}) {
    EXPECT_EQ(Value(kStatus), status);
    EXPECT_EQ(Operate(kApp, "Download"), 403) << status;
    EXPECT_EQ(Write(kApp + std::string("/PkgURL"), "http://x/y-1.dd"), 403) << status;
    Step();
  }
  ASSERT_EQ(Operate(kBrowser, "Deactivate"), 202);
  EXPECT_EQ(Operate(kBrowser, "Remove"), 403);
}

TEST_F(ScomoTest, ItemsAreWorkedOnAtTheSameTime) {
  Describe();
  ASSERT_EQ(Operate(kApp, "Download"), 202);
  ASSERT_EQ(Operate(kBrowser, "Remove"), 202);
  while (Step()) {
  }
  EXPECT_EQ(TakeReports().size(), 2U);
}

TEST_F(ScomoTest, WhatIsDeletedMeanwhileEndsInAnError) {
  Install();
  for (const std::string& item :
       {std::string(kApp), std::string(kDelivered), std::string(kDeployed)}) {
    const std::string operation = item == kApp         ? "DownloadInstall"
                                  : item == kDelivered ? "Install"
                                                       : "Deactivate";
    ASSERT_EQ(Operate(item, operation), 202);
    tree().Remove(item);
    while (Step()) {
    }
    EXPECT_FALSE(Has(item));
    EXPECT_EQ(OnlyReport(), Data(1412, "com.example.app"));
  }
}

TEST_F(ScomoTest, OnlyOperationsAreExecuted) {
  Describe();
  EXPECT_EQ(Exec("SCM"), 405);
  EXPECT_EQ(Exec("SCM/Inventory"), 405);
  EXPECT_EQ(Exec(kApp), 405);
  EXPECT_EQ(Exec(kStatus), 405);
}

// What each result leaves behind.
struct Failure {
  const char* item;
  const char* operation;
  int result;
  const char* statuses;
};
std::vector<Failure> EachFailure() {
  std::vector<Failure> failures;
  const auto each = [&failures](const char* item, const char* operation, const char* statuses) {
    for (const int result : SoftwareFailures(operation)) {
      failures.push_back({item, operation, result, statuses});
    }
  };
  each(kApp, "Download", "30 20");
  each(kDelivered, "Install", "40 50");
  each(kDelivered, "InstallInactive", "40 50");
  each(kDelivered, "Remove", "30 20");
  each(kDeployed, "Remove", "30 20");
  each(kDeployed, "Activate", "50 40");
  each(kDeployed, "Deactivate", "70 60");
  each(kApp, "DownloadInstall", "30 20");
  each(kApp, "DownloadInstallInactive", "30 20");
  for (Failure& failure : failures) {
    const bool in_install =
        failure.result == 1405 || failure.result == 1406 || failure.result == 1413;
    if (!in_install) continue;
    const bool without_data = failure.result == 1406;
    if (failure.item == kApp) {
      failure.statuses = without_data ? "30 40 50 70" : "30 40 50 60";
    } else if (without_data) {
      failure.statuses = "40 60";
    }
  }
  return failures;
}

TEST_F(ScomoTest, EachFailureIsShownAndReported) {
  const std::vector<Failure> failures = EachFailure();
  EXPECT_GT(failures.size(), 80U);
  for (const Failure& at : failures) {
    SCOPED_TRACE(std::string(at.item) + " " + at.operation + " " + std::to_string(at.result));
    ScomoBench bench;
    bench.Install();
    const std::string before = bench.Value(at.item + std::string("/State"));
    bench.objects.Give({at.operation, at.result});
    ASSERT_EQ(bench.Operate(at.item, at.operation), 202);
    EXPECT_EQ(bench.Passes(at.item + std::string("/Status")), at.statuses);
    ASSERT_EQ(bench.reports.size(), 1U);
    EXPECT_EQ(bench.reports[0].mark, "critical");
    EXPECT_EQ(bench.reports[0].target, "");
    EXPECT_EQ(bench.OnlyReport(), Data(at.result, "com.example.app"));
    EXPECT_EQ(bench.Value(at.item + std::string("/State")), before);
    EXPECT_TRUE(bench.objects.empty());
  }
}

TEST_F(ScomoTest, AUrlDecidesWhatABadUrlIs) {
  Describe("nothing");
  ASSERT_EQ(Operate(kApp, "Download"), 202);
  EXPECT_EQ(Passes(kStatus), "30 20");
  EXPECT_EQ(OnlyReport(), Data(1402, "com.example.app"));
  Write(kApp + std::string("/PkgURL"), "http://dl.example.com/app-1.dd?result=1407");
  ASSERT_EQ(Operate(kApp, "Download"), 202);
  EXPECT_EQ(Passes(kStatus), "30 20");
  EXPECT_EQ(OnlyReport(), Data(1407, "com.example.app"));
}

struct PowerLossCase {
  const char* name;
  int steps;
  uint32_t resume;
  uint32_t complete;
  const char* statuses;
  int result;
  bool deployed;
};
class ScomoPowerLoss : public ScomoTest, public testing::WithParamInterface<PowerLossCase> {};

TEST_P(ScomoPowerLoss, LeavesOneReportAndAnInventoryThatFits) {
  const PowerLossCase& at = GetParam();
  policy.resume_permille = at.resume;
  policy.complete_permille = at.complete;
  Describe();
  ASSERT_EQ(Operate(kApp, "DownloadInstall"), 202);
  for (int i = 0; i < at.steps; ++i) Step();
  PowerLoss();
  EXPECT_EQ(Passes(kStatus), at.statuses);
  EXPECT_EQ(OnlyReport(), Data(at.result, "com.example.app"));
  EXPECT_EQ(Has(kDeployed), at.deployed);
  EXPECT_TRUE(objects.empty());
}

INSTANTIATE_TEST_SUITE_P(
    At, ScomoPowerLoss,
    testing::Values(PowerLossCase{"DownloadResumed", 0, 1000, 0, "30 40 50 10", 1200, true},
                    PowerLossCase{"DownloadNotResumed", 0, 0, 1000, "30 20", 1402, false},
                    PowerLossCase{"BetweenDownloadAndInstall", 1, 0, 1000, "40 50 10", 1200, true},
                    PowerLossCase{"InstallCompleted", 2, 0, 1000, "50 10", 1200, true},
                    PowerLossCase{"InstallRolledBack", 2, 0, 0, "50 60", 1405, false},
                    PowerLossCase{"Reported", 3, 0, 0, "10", 1200, true}),
    [](const auto& each) { return each.param.name; });

TEST_F(ScomoTest, PowerLossDoesNotStopARemoval) {
  Install();
  ASSERT_EQ(Operate(kDeployed, "Remove"), 202);
  PowerLoss();
  while (Step()) {
  }
  EXPECT_FALSE(Has(kDeployed));
  EXPECT_EQ(OnlyReport(), Data(1200, "com.example.app"));
}

TEST(ScomoOfAModel, SpellsDeactivateAndItsReportAsItLikes) {
  Bench bench(Phone({.root = "Vendor/Apps", .deactive = true, .bare_result = true}));
  const std::string mail = "Vendor/Apps/Inventory/Deployed/Mail";
  EXPECT_FALSE(bench.Has(mail + "/Operations/Deactivate"));
  ASSERT_EQ(bench.Exec(mail + "/Operations/Deactive"), 202);
  while (bench.Step()) {
  }
  EXPECT_EQ(bench.Value(mail + "/State"), "10");
  ASSERT_EQ(bench.reports.size(), 1U);
  EXPECT_EQ(bench.reports[0].format, "int");
  EXPECT_EQ(bench.reports[0].data, "1200");
}

TEST(ScomoOfAModel, WithSlotsHasThemForGood) {
  Bench bench(Phone({.root = "SCM", .slots = true, .failed_without_data = 70}));
  EXPECT_TRUE(bench.Has("SCM/Download/2/PkgURL"));
  bench.Write("SCM/Download/1/PkgURL", "http://dl.example.com/app-1.0.dd");
  ASSERT_EQ(bench.Exec("SCM/Download/1/Operations/Download"), 202);
  EXPECT_EQ(bench.Passes("SCM/Download/1/Status"), "30 40 10");
  bench.objects.Give({"Install", 1406});
  ASSERT_EQ(bench.Exec("SCM/Inventory/Delivered/1/Operations/Install"), 202);
  EXPECT_EQ(bench.Passes("SCM/Inventory/Delivered/1/Status"), "40 70");
}

}  // namespace
}  // namespace drover::terminal
