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

Place Lawmo() {
  return PlaceWith(Object::kLawmo, {"./LAWMO"},
                   {{"./LAWMO/AvailableWipeList/1/ListItemName", "contacts"},
                    {"./LAWMO/AvailableWipeList/1/ToBeWiped", "false"},
                    {"./LAWMO/AvailableWipeList/2/ListItemName", "photos"},
                    {"./LAWMO/AvailableWipeList/2/ToBeWiped", "true"}});
}

TEST(PlanLawmo, LocksAndUnlocks) {
  v1::Action action;
  action.mutable_lawmo_lock();
  EXPECT_THAT(Planned(action, Lawmo()), ElementsAre("lock: EXEC ./LAWMO/Operations/FullyLock"));
  action.mutable_lawmo_lock()->set_partial(true);
  action.mutable_lawmo_lock()->set_notify_user(v1::OFF);
  EXPECT_THAT(Planned(action, Lawmo()),
              ElementsAre("configure: REPLACE ./LAWMO/LAWMOConfig/NotifyUser bool=false",
                          "lock after 0: EXEC ./LAWMO/Operations/PartiallyLock"));
  action.mutable_lawmo_unlock();
  EXPECT_THAT(Planned(action, Lawmo()), ElementsAre("unlock: EXEC ./LAWMO/Operations/UnLock"));
  action.mutable_lawmo_status();
  EXPECT_THAT(Planned(action, Lawmo()), ElementsAre("read: GET ./LAWMO/State"));
}

TEST(PlanLawmo, WipesOnlyWhatIsNamedAndOnlyAfterEveryMarkWasTaken) {
  v1::Action action;
  action.mutable_lawmo_wipe()->add_items("Contacts");
  action.set_confirmed_device_id("imei:493005100592800");
  EXPECT_THAT(
      Planned(action, Lawmo()),
      ElementsAre("configure: atomic REPLACE ./LAWMO/AvailableWipeList/1/ToBeWiped bool=true",
                  "configure: atomic REPLACE ./LAWMO/AvailableWipeList/2/ToBeWiped bool=false",
                  "wipe after 0: EXEC ./LAWMO/Operations/Wipe"));
  action.mutable_lawmo_wipe()->set_items(0, "nothing");
  EXPECT_THAT(Planned(action, Lawmo()), ElementsAre(HasSubstr("NOT_FOUND")));
  EXPECT_THAT(Planned(action, PlaceWith(Object::kLawmo, {"./LAWMO"})),
              ElementsAre(HasSubstr("FAILED_PRECONDITION: it is not known what can be wiped")));
}

TEST(PlanLawmo, WipeAndFactoryResetWantTheTerminalsIdTyped) {
  for (const bool reset : {false, true}) {
    v1::Action action;
    action.mutable_lawmo_wipe()->set_factory_reset(reset);
    EXPECT_THAT(Planned(action, Lawmo()),
                ElementsAre(HasSubstr("FAILED_PRECONDITION: action.confirmed_device_id")));
    action.set_confirmed_device_id("IMEI:493005100592818");
    EXPECT_THAT(Planned(action, Lawmo()), ElementsAre(HasSubstr("was confirmed for")));
    action.set_confirmed_device_id("not an id");
    EXPECT_THAT(Planned(action, Lawmo()), ElementsAre(HasSubstr("was confirmed for")));
    action.set_confirmed_device_id(kDevice);
    EXPECT_THAT(Planned(action, Lawmo()),
                ElementsAre(reset ? "reset: EXEC ./LAWMO/Operations/FactoryReset"
                                  : "wipe: EXEC ./LAWMO/Operations/Wipe"));
  }
}

TEST(PlanDcmo, CapabilitiesAreFoundByTheirPropertyBelowARootOrAsOne) {
  v1::Action action;
  action.mutable_dcmo_set()->set_capability("Camera");
  action.mutable_dcmo_set()->set_enabled(false);
  const auto disable = ElementsAre("disable: EXEC ./DCMO/1/Operations/Disable");
  EXPECT_THAT(Planned(action, PlaceWith(Object::kDcmo, {"./DCMO"},
                                        {{"./DCMO/1/Property", "camera"},
                                         {"./DCMO/2/Property", "bluetooth"}})),
              disable);
  EXPECT_THAT(Planned(action, PlaceWith(Object::kDcmo, {"./DCMO/1", "./DCMO/2"},
                                        {{"./DCMO/1/Property", "camera"},
                                         {"./DCMO/2/Property", "bluetooth"}})),
              disable);
  action.mutable_dcmo_set()->set_user_may_enable(v1::OFF);
  action.mutable_dcmo_set()->set_notify_user(v1::ON);
  action.set_root("./DCMO");
  EXPECT_THAT(
      Planned(action, PlaceWith(Object::kDcmo, {})),
      ElementsAre("configure: atomic REPLACE ./DCMO/Camera/DCMOConfig/DenyUserEnable bool=true",
                  "configure: atomic REPLACE ./DCMO/Camera/DCMOConfig/NotifyUser bool=true",
                  "disable after 0: EXEC ./DCMO/Camera/Operations/Disable"));
  v1::Action list;
  list.mutable_dcmo_list();
  EXPECT_THAT(
      Planned(list, PlaceWith(Object::kDcmo, {"./DCMO/1", "./DCMO/2"})),
      ElementsAre("read: GET ./DCMO/1?list=StructData", "read: GET ./DCMO/2?list=StructData"));
}

TEST(PlanDiag, StartsStopsAndReadsFunctions) {
  const Place place = PlaceWith(Object::kDiagMon, {"./DiagMon/battery"},
                                {{"./DiagMon/battery/DiagMonName", "BatteryInfo"}});
  v1::Action action;
  action.mutable_diag_start()->set_function("batteryinfo");
  action.mutable_diag_start()->set_config("interval=60");
  EXPECT_THAT(
      Planned(action, place),
      ElementsAre("configure: REPLACE ./DiagMon/battery/DiagMonConfig/ConfigParms chr=interval=60",
                  "start after 0: EXEC ./DiagMon/battery/Operations/Start"));
  action.mutable_diag_stop()->set_function("battery");
  EXPECT_THAT(Planned(action, place), ElementsAre("stop: EXEC ./DiagMon/battery/Operations/Stop"));
  action.mutable_diag_data();
  EXPECT_THAT(Planned(action, place), ElementsAre("read: GET ./DiagMon/battery?list=StructData"));
  action.mutable_diag_start()->clear_function();
  EXPECT_THAT(Planned(action, place), ElementsAre(HasSubstr("INVALID_ARGUMENT")));
}

TEST(PlanDiag, TrapsAreSwitchedByWhatTheTreeHas) {
  v1::Action action;
  action.mutable_diag_trap()->set_trap("low-battery");
  action.mutable_diag_trap()->set_enabled(true);
  EXPECT_THAT(Planned(action, PlaceWith(Object::kDiagMonTrap, {"./Traps"},
                                        {{"./Traps/1/TrapID", "low-battery"}})),
              ElementsAre("enable: REPLACE ./Traps/1/Enabled bool=true"));
  EXPECT_THAT(Planned(action, PlaceWith(Object::kDiagMonTrap, {"./Traps/1"},
                                        {{"./Traps/1/TrapID", "low-battery"},
                                         {"./Traps/1/Operations/", "Enable/Disable"}})),
              ElementsAre("enable: EXEC ./Traps/1/Operations/Enable"));
}

TEST(PlanDiag, WhereServersRegisterWithATrapThisOneDoes) {
  Place place = PlaceWith(Object::kDiagMonTrap, {"./Traps/1"},
                          {{"./Traps/1/TrapID", "Battery"},
                           {"./Traps/1/ServerIDs/", ""},
                           {"./DMAcc/1/ServerID", "drover"}});
  v1::Action action;
  action.mutable_diag_trap()->set_trap("battery");
  action.mutable_diag_trap()->set_enabled(true);
  EXPECT_THAT(Planned(action, place), ElementsAre(HasSubstr("server_id: is missing")));
  place.roots[Object::kDmAcc] = {"./DMAcc/1"};
  EXPECT_THAT(Planned(action, place),
              ElementsAre("enable: ADD ./Traps/1/ServerIDs/drover node",
                          "enable: ADD ./Traps/1/ServerIDs/drover/ServerID chr=drover"));
  place.tree.Add("./Traps/1/ServerIDs/7/ServerID", false, "drover");
  EXPECT_THAT(Planned(action, place), ElementsAre("enable: GET ./Traps/1/ServerIDs/7/ServerID"));
  action.mutable_diag_trap()->set_enabled(false);
  EXPECT_THAT(Planned(action, place), ElementsAre("disable: DELETE ./Traps/1/ServerIDs/7"));
}

}  // namespace
}  // namespace drover::mo
