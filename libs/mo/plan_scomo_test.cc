#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/mo/testing.h"

namespace drover::mo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PlaceWith;
using testing::Planned;

Place Terminal() {
  return PlaceWith(Object::kScomo, {"./SCM"},
                   {{"./SCM/Inventory/Deployed/7/ID", "com.example.mail"},
                    {"./SCM/Inventory/Deployed/7/Name", "Mail"},
                    {"./SCM/Inventory/Deployed/8/ID", "com.example.game"},
                    {"./SCM/Inventory/Deployed/8/Operations/Deactive", ""},
                    {"./SCM/Inventory/Delivered/p1/PkgID", "pkg-1"}});
}

TEST(PlanScomo, InventoryIsOneReadOfAllOfIt) {
  v1::Action action;
  action.mutable_scomo_inventory();
  EXPECT_THAT(Planned(action, Terminal()), ElementsAre("read: GET ./SCM?list=StructData"));
}

TEST(PlanScomo, InstallFromAUrlMakesTheDownloadNodeAndExecutesIt) {
  v1::Action action;
  action.mutable_scomo_install()->set_package_id("pkg/2");
  action.mutable_scomo_install()->set_url("https://dl.example.com/2");
  EXPECT_THAT(
      Planned(action, Terminal()),
      ElementsAre("prepare: atomic ADD ./SCM/Download/pkg%2F2 node",
                  "prepare: atomic ADD ./SCM/Download/pkg%2F2/PkgID chr=pkg/2",
                  "prepare: atomic ADD ./SCM/Download/pkg%2F2/PkgURL chr=https://dl.example.com/2",
                  "install after 0: EXEC ./SCM/Download/pkg%2F2/Operations/DownloadInstall"));
  action.mutable_scomo_install()->set_inactive(true);
  EXPECT_THAT(Planned(action, Terminal()).back(), HasSubstr("/DownloadInstallInactive"));
  action.mutable_scomo_install()->set_download_only(true);
  EXPECT_THAT(Planned(action, Terminal()).back(),
              "download after 0: EXEC ./SCM/Download/pkg%2F2/Operations/Download");
}

TEST(PlanScomo, InstallTakesASlotThatTheTerminalKeepsFree) {
  v1::Action action;
  action.mutable_scomo_install()->set_package_id("p");
  action.mutable_scomo_install()->set_url("u");
  EXPECT_THAT(Planned(action, PlaceWith(Object::kScomo, {"./SCM"},
                                        {{"./SCM/Download/1/PkgID", "other"},
                                         {"./SCM/Download/2/PkgID", ""},
                                         {"./SCM/Download/2/PkgURL", ""}})),
              ElementsAre("prepare: atomic REPLACE ./SCM/Download/2/PkgID chr=p",
                          "prepare: atomic REPLACE ./SCM/Download/2/PkgURL chr=u",
                          "install after 0: EXEC ./SCM/Download/2/Operations/DownloadInstall"));
}

TEST(PlanScomo, InstallOfAPackageInTheSessionKeepsTheLargeObjectOutOfTheAtomic) {
  v1::Action action;
  action.mutable_scomo_install()->set_package_id("new");
  action.mutable_scomo_install()->set_package("octets");
  action.set_root("./SCM");
  EXPECT_THAT(
      Planned(action, Terminal()),
      ElementsAre("deliver: atomic ADD ./SCM/Inventory/Delivered/new node",
                  "deliver: atomic ADD ./SCM/Inventory/Delivered/new/PkgID chr=new",
                  "deliver: ADD ./SCM/Inventory/Delivered/new/Data bin=octets",
                  "install after 0: EXEC ./SCM/Inventory/Delivered/new/Operations/Install"));
}

TEST(PlanScomo, InstallOfWhatIsDeliveredFindsItByItsPackageId) {
  v1::Action action;
  action.mutable_scomo_install()->set_package_id("pkg-1");
  EXPECT_THAT(Planned(action, Terminal()),
              ElementsAre("install: EXEC ./SCM/Inventory/Delivered/p1/Operations/Install"));
}

TEST(PlanScomo, ComponentsAreFoundByIdNameOrNode) {
  v1::Action action;
  for (const char* name : {"com.example.mail", "mail", "7"}) {
    action.mutable_scomo_activate()->set_component(name);
    EXPECT_THAT(Planned(action, Terminal()),
                ElementsAre("activate: EXEC ./SCM/Inventory/Deployed/7/Operations/Activate"));
  }
  action.mutable_scomo_remove()->set_component("Mail");
  EXPECT_THAT(Planned(action, Terminal()),
              ElementsAre("remove: EXEC ./SCM/Inventory/Deployed/7/Operations/Remove"));
  action.mutable_scomo_remove()->set_component("pkg-1");
  action.mutable_scomo_remove()->set_delivered(true);
  EXPECT_THAT(Planned(action, Terminal()),
              ElementsAre("remove: EXEC ./SCM/Inventory/Delivered/p1/Operations/Remove"));
  action.mutable_scomo_activate()->set_component("nothing");
  EXPECT_THAT(Planned(action, Terminal()),
              ElementsAre(HasSubstr("NOT_FOUND: the terminal has no software component nothing")));
}

TEST(PlanScomo, DeactivateIsSpelledAsTheTreeHasIt) {
  v1::Action action;
  action.mutable_scomo_deactivate()->set_component("Mail");
  EXPECT_THAT(Planned(action, Terminal()),
              ElementsAre("deactivate: EXEC ./SCM/Inventory/Deployed/7/Operations/Deactivate"));
  action.mutable_scomo_deactivate()->set_component("com.example.game");
  EXPECT_THAT(Planned(action, Terminal()),
              ElementsAre("deactivate: EXEC ./SCM/Inventory/Deployed/8/Operations/Deactive"));
}

}  // namespace
}  // namespace drover::mo
