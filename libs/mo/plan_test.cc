#include "libs/mo/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/mo/testing.h"

namespace drover::mo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::kDevice;
using testing::PlaceWith;
using testing::Planned;

const Place kTerminal = PlaceWith(Object::kFumo, {"./FwUpdate/P1"});

v1::Action Update(v1::FumoUpdate::Method method) {
  v1::Action action;
  action.mutable_fumo_update()->set_method(method);
  if (method == v1::FumoUpdate::PUSH) {
    action.mutable_fumo_update()->set_package("octets");
  } else {
    action.mutable_fumo_update()->set_url("https://dl.example.com/7.dd");
  }
  return action;
}

TEST(PlanOf, FirmwareUpdateExecutesOnlyWhenTheUrlWasTaken) {
  v1::Action action = Update(v1::FumoUpdate::DOWNLOAD_AND_UPDATE);
  EXPECT_THAT(
      Planned(action, kTerminal),
      ElementsAre(
          "prepare: REPLACE ./FwUpdate/P1/DownloadAndUpdate/PkgURL chr=https://dl.example.com/7.dd",
          "update after 0: EXEC ./FwUpdate/P1/DownloadAndUpdate"));
}

TEST(PlanOf, FirmwareUpdateThatExpectsAVersionReadsItAfterwards) {
  v1::Action action = Update(v1::FumoUpdate::DOWNLOAD_AND_UPDATE);
  action.mutable_fumo_update()->set_expect_version("7");
  action.mutable_fumo_update()->set_package_name("pkg");
  action.mutable_fumo_update()->set_package_version("7");
  EXPECT_THAT(
      Planned(action, kTerminal),
      ElementsAre(
          "prepare: REPLACE ./FwUpdate/P1/PkgName chr=pkg",
          "prepare: REPLACE ./FwUpdate/P1/PkgVersion chr=7",
          "prepare: REPLACE ./FwUpdate/P1/DownloadAndUpdate/PkgURL chr=https://dl.example.com/7.dd",
          "update after 0: EXEC ./FwUpdate/P1/DownloadAndUpdate",
          "verify after 1: GET ./DevDetail/FwV expects 7"));
}

TEST(PlanOf, FirmwareUpdateInTwoStepsInstallsWhatWasDownloaded) {
  EXPECT_THAT(
      Planned(Update(v1::FumoUpdate::DOWNLOAD_THEN_UPDATE), kTerminal),
      ElementsAre("prepare: REPLACE ./FwUpdate/P1/Download/PkgURL chr=https://dl.example.com/7.dd",
                  "download after 0: EXEC ./FwUpdate/P1/Download",
                  "install after 1: EXEC ./FwUpdate/P1/Update"));
}

TEST(PlanOf, FirmwareThatIsPushedIsOneLargeObject) {
  EXPECT_THAT(Planned(Update(v1::FumoUpdate::PUSH), kTerminal),
              ElementsAre("push: REPLACE ./FwUpdate/P1/Update/PkgData bin=octets",
                          "install after 0: EXEC ./FwUpdate/P1/Update"));
}

TEST(PlanOf, FirmwareDownloadAndInstallAreHalvesOfAnUpdate) {
  v1::Action download;
  download.mutable_fumo_download()->set_url("https://dl.example.com/7.dd");
  EXPECT_THAT(
      Planned(download, kTerminal),
      ElementsAre("prepare: REPLACE ./FwUpdate/P1/Download/PkgURL chr=https://dl.example.com/7.dd",
                  "download after 0: EXEC ./FwUpdate/P1/Download"));
  v1::Action install;
  install.mutable_fumo_install()->set_expect_version("7");
  EXPECT_THAT(Planned(install, kTerminal),
              ElementsAre("install: EXEC ./FwUpdate/P1/Update",
                          "verify after 0: GET ./DevDetail/FwV expects 7"));
}

TEST(PlanOf, FirmwareStatusReadsTheOptionalNodesThatAreKnownAndTriesThoseOfAnUnreadTerminal) {
  v1::Action action;
  action.mutable_fumo_status();
  EXPECT_THAT(Planned(action, PlaceWith(Object::kFumo, {"./FUMO"},
                                        {{"./FUMO/State", "10"}, {"./FUMO/PkgName", "x"}})),
              ElementsAre("read: GET ./FUMO/State", "read: GET ./DevDetail/FwV",
                          "read: GET ./FUMO/PkgName"));
  EXPECT_THAT(
      Planned(action, kTerminal),
      ElementsAre("read: GET ./FwUpdate/P1/State", "read: GET ./DevDetail/FwV",
                  "optional: GET ./FwUpdate/P1/PkgName", "optional: GET ./FwUpdate/P1/PkgVersion"));
}

TEST(PlanOf, AsksTheUserFirstAndInsideTheFirstStep) {
  v1::Action action = Update(v1::FumoUpdate::PUSH);
  action.set_confirm("Install now?");
  EXPECT_THAT(Planned(action, kTerminal),
              ElementsAre("push: PROMPT Install now?",
                          "push: REPLACE ./FwUpdate/P1/Update/PkgData bin=octets",
                          "install after 0: EXEC ./FwUpdate/P1/Update"));
}

TEST(PlanOf, TakesTheRootThatIsGivenElseTheOneFoundElseTheUsualOneIfAllowed) {
  v1::Action action;
  action.mutable_lawmo_unlock();
  const Place unknown = PlaceWith(Object::kLawmo, {});
  EXPECT_THAT(Planned(action, unknown), ElementsAre(HasSubstr("NOT_FOUND: it is not known where")));
  action.set_usual_root(true);
  EXPECT_THAT(Planned(action, unknown), ElementsAre("unlock: EXEC ./LAWMO/Operations/UnLock"));
  EXPECT_THAT(Planned(action, PlaceWith(Object::kLawmo, {"./Sec"})),
              ElementsAre("unlock: EXEC ./Sec/Operations/UnLock"));
  action.set_root("./Other");
  EXPECT_THAT(Planned(action, PlaceWith(Object::kLawmo, {"./Sec"})),
              ElementsAre("unlock: EXEC ./Other/Operations/UnLock"));
  action.clear_root();
  EXPECT_THAT(Planned(action, PlaceWith(Object::kLawmo, {"./A", "./B"})),
              ElementsAre(HasSubstr("FAILED_PRECONDITION: the terminal has several")));
}

TEST(PlanOf, RefusesWhatSaysTooLittleByTheNameOfItsField) {
  const Place place = PlaceWith(Object::kFumo, {"./FUMO"});
  EXPECT_THAT(Planned(v1::Action(), place), ElementsAre(HasSubstr("INVALID_ARGUMENT: action")));
  v1::Action update;
  update.mutable_fumo_update();
  EXPECT_THAT(Planned(update, place), ElementsAre(HasSubstr("action.fumo_update.url")));
  update.mutable_fumo_update()->set_method(v1::FumoUpdate::PUSH);
  EXPECT_THAT(Planned(update, place), ElementsAre(HasSubstr("action.fumo_update.package")));
  v1::Action bad_root;
  bad_root.mutable_fumo_status();
  bad_root.set_root("/etc");
  EXPECT_THAT(Planned(bad_root, place), ElementsAre(HasSubstr("INVALID_ARGUMENT: root")));
}

TEST(OperationsOf, NamesStepsAndCountsDependenciesFromThePlansPlaceInItsRequest) {
  const v1::Action action = Update(v1::FumoUpdate::DOWNLOAD_THEN_UPDATE);
  const Result<Plan> plan = PlanOf(action, kTerminal);
  ASSERT_TRUE(plan);
  v1::NewOperation base;
  base.set_label("night");
  base.set_priority(7);
  const auto operations = OperationsOf(*plan, action, kTerminal, base, 10);
  ASSERT_EQ(operations.size(), 3U);
  EXPECT_EQ(operations[0].action(), "fumo update/prepare");
  EXPECT_EQ(operations[0].device_id(), kDevice);
  EXPECT_TRUE(operations[0].depends_on().empty());
  EXPECT_EQ(operations[2].action(), "fumo update/install");
  EXPECT_EQ(operations[2].label(), "night");
  EXPECT_EQ(operations[2].priority(), 7);
  EXPECT_THAT(operations[2].depends_on(), ElementsAre("#11"));
}

}  // namespace
}  // namespace drover::mo
