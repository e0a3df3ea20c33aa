#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/mo/testing.h"

namespace drover::mo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::PlaceWith;
using testing::Planned;

Place Account() {
  return PlaceWith(Object::kDmAcc, {"./DMAcc/a"},
                   {{"./DMAcc/a/ServerID", "drover"},
                    {"./DMAcc/a/AppAuth/1/AAuthLevel", "SRVCRED"},
                    {"./DMAcc/a/AppAuth/2/AAuthLevel", "CLCRED"}});
}

TEST(PlanRotation, WritesBothSecretsInOneAtomicWithoutKnowingThem) {
  v1::Action action;
  action.mutable_rotate_credentials();
  EXPECT_THAT(
      Planned(action, Account()),
      ElementsAre(
          "replace: atomic REPLACE ./DMAcc/a/AppAuth/2/AAuthSecret chr=NEXT_PASSWORD",
          "replace: atomic REPLACE ./DMAcc/a/AppAuth/1/AAuthSecret chr=NEXT_SERVER_PASSWORD"));
  action.mutable_rotate_credentials()->set_client(true);
  EXPECT_THAT(Planned(action, Account()),
              ElementsAre("replace: REPLACE ./DMAcc/a/AppAuth/2/AAuthSecret chr=NEXT_PASSWORD"));
}

TEST(PlanRotation, TheAccountOfDm112HasItsSecretsAsLeaves) {
  v1::Action action;
  action.mutable_rotate_credentials();
  EXPECT_THAT(
      Planned(action, PlaceWith(Object::kDmAcc, {"./SyncML/DMAcc/1"})),
      ElementsAre("replace: atomic REPLACE ./SyncML/DMAcc/1/ClientPW chr=NEXT_PASSWORD",
                  "replace: atomic REPLACE ./SyncML/DMAcc/1/ServerPW chr=NEXT_SERVER_PASSWORD"));
}

TEST(PlanRotation, TheAccountOfDm112IsFoundAtItsPlace) {
  v1::Action action;
  action.mutable_rotate_credentials()->set_client(true);
  EXPECT_THAT(Planned(action, PlaceWith(Object::kDmAcc, {}, {{"./SyncML/DMAcc/1/ServerId", "d"}})),
              ElementsAre("replace: REPLACE ./SyncML/DMAcc/1/ClientPW chr=NEXT_PASSWORD"));
}

TEST(PlanRotation, ChoosesTheAccountByItsServerId) {
  const Place two = PlaceWith(Object::kDmAcc, {"./DMAcc"},
                              {{"./DMAcc/a/ServerID", "drover"},
                               {"./DMAcc/a/AppAuth/2/AAuthLevel", "CLCRED"},
                               {"./DMAcc/b/ServerID", "other"}});
  v1::Action action;
  action.mutable_rotate_credentials();
  EXPECT_THAT(Planned(action, two), ElementsAre(HasSubstr("several DM accounts")));
  action.mutable_rotate_credentials()->set_server_id("drover");
  EXPECT_THAT(Planned(action, two),
              ElementsAre("replace: REPLACE ./DMAcc/a/AppAuth/2/AAuthSecret chr=NEXT_PASSWORD"));
  action.mutable_rotate_credentials()->set_server_id("third");
  EXPECT_THAT(Planned(action, two), ElementsAre(HasSubstr("NOT_FOUND")));
}

TEST(PlanRotation, AnAccountThatWasNotReadIsRefused) {
  v1::Action action;
  action.mutable_rotate_credentials();
  EXPECT_THAT(Planned(action, PlaceWith(Object::kDmAcc, {"./DMAcc/a"})),
              ElementsAre(HasSubstr("FAILED_PRECONDITION: it is not known which entry")));
}

TEST(PlanAcl, ReadsAndReplacesTheProperty) {
  v1::Action action;
  action.mutable_acl_get()->set_uri("./Con");
  EXPECT_THAT(Planned(action, {}), ElementsAre("read: GET ./Con?prop=ACL"));
  action.mutable_acl_set()->set_uri("./Con");
  action.mutable_acl_set()->set_acl("Get=*&Replace=drover");
  EXPECT_THAT(Planned(action, {}),
              ElementsAre("replace: REPLACE ./Con?prop=ACL chr=Get=*&Replace=drover"));
  action.mutable_acl_set()->set_acl("Look=*");
  EXPECT_THAT(Planned(action, {}), ElementsAre(HasSubstr("INVALID_ARGUMENT: action.acl_set.acl")));
  action.mutable_acl_get()->set_uri("./Con?prop=ACL");
  EXPECT_THAT(Planned(action, {}), ElementsAre(HasSubstr("INVALID_ARGUMENT: action.uri")));
}

TEST(PlanDiscovery, AsksInEachForm) {
  v1::Action action;
  action.mutable_discover_tree();
  EXPECT_THAT(Planned(action, {}), ElementsAre("tnds: GET .?list=TNDS"));
  action.mutable_discover_tree()->add_uris("./Con");
  action.mutable_discover_tree()->set_form(v1::DiscoverTree::STRUCT_DATA);
  EXPECT_THAT(Planned(action, {}), ElementsAre("struct-data: GET ./Con?list=StructData"));
  action.mutable_discover_tree()->add_uris("./Mail");
  EXPECT_THAT(Planned(action, {}), ElementsAre(HasSubstr("only a walk takes several")));
  action.mutable_discover_tree()->set_form(v1::DiscoverTree::WALK);
  EXPECT_THAT(Planned(action, {}), ElementsAre("walk: GET ./Con", "walk: GET ./Mail"));
}

TEST(PlanDiscovery, ALongWalkIsSeveralOperations) {
  v1::Action action;
  action.mutable_discover_tree()->set_form(v1::DiscoverTree::WALK);
  for (int i = 0; i < 130; ++i) {
    action.mutable_discover_tree()->add_uris("./N/" + std::to_string(i));
  }
  const Result<Plan> plan = PlanOf(action, {});
  ASSERT_TRUE(plan);
  ASSERT_EQ(plan->size(), 3U);
  EXPECT_EQ((*plan)[2].name, "walk-3");
  EXPECT_EQ((*plan)[2].commands.size(), 2U);
}

TEST(PlanParams, ReadsTheGroupsAndNodesThatAreNamed) {
  v1::Action action;
  action.mutable_params_get()->add_groups(v1::ParamsGet::DEV_INFO);
  action.mutable_params_get()->add_uris("./Con/APN");
  EXPECT_THAT(Planned(action, {}),
              ElementsAre("device-info: GET ./DevInfo/DevId", "device-info: GET ./DevInfo/Man",
                          "device-info: GET ./DevInfo/Mod", "device-info: GET ./DevInfo/DmV",
                          "device-info: GET ./DevInfo/Lang", "nodes: GET ./Con/APN"));
  v1::Action all;
  all.mutable_params_get()->add_groups(v1::ParamsGet::ALL);
  const auto lines = Planned(all, PlaceWith(Object::kNap, {"./NAP"}));
  EXPECT_EQ(lines.size(), 15U);
  EXPECT_EQ(lines.back(), "optional-connectivity: GET ./NAP?list=StructData");
  all.mutable_params_get()->clear_groups();
  EXPECT_THAT(Planned(all, {}), ElementsAre(HasSubstr("INVALID_ARGUMENT")));
  all.mutable_params_get()->add_groups(v1::ParamsGet::CONNECTIVITY);
  EXPECT_THAT(Planned(all, {}), ElementsAre(HasSubstr("NOT_FOUND")));
}

TEST(PlanPrompt, AsksWithEveryOptionAsItIs) {
  v1::Action action;
  v1::Prompt& prompt = *action.mutable_ask_user()->mutable_prompt();
  EXPECT_THAT(Planned(action, {}), ElementsAre(HasSubstr("prompt.text: is missing")));
  prompt.set_kind(v1::Prompt::SINGLE_CHOICE);
  prompt.set_text("Bearer?");
  prompt.add_choices("Wi-Fi");
  EXPECT_THAT(Planned(action, {}), ElementsAre("ask: PROMPT Bearer?"));
}

}  // namespace
}  // namespace drover::mo
