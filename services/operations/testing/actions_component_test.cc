// Actions from the request to the session that carries them out.
#include <gmock/gmock.h>

#include "services/operations/handlers/submit_action.h"
#include "services/operations/testing/world.h"

namespace drover::operations {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds kSoon{20};
constexpr char kFirst[] = "1@1800000000000000";

// The same of every device but those that have nothing.
class FakeTrees final : public TreeDirectory {
 public:
  std::map<std::string, std::vector<std::string>> roots;  // By identifier.
  std::map<std::string, std::string> leaves;              // URI -> value
  std::set<std::string> empty;                            // Devices.
  std::vector<std::string> rotations;

  Task<tree::v1::FindObjectsResponse> FindObjects(tree::v1::FindObjectsRequest request,
                                                  Deadline) override {
    tree::v1::FindObjectsResponse response;
    for (const std::string& id : request.device_ids()) {
      auto& found = *response.add_found();
      found.set_device_id(id);
      if (empty.contains(id)) continue;
      for (const std::string& root : roots[request.identifier()]) found.add_roots(root);
    }
    co_return response;
  }
  Task<tree::v1::GetSubtreeResponse> GetSubtree(tree::v1::GetSubtreeRequest request,
                                                Deadline) override {
    tree::v1::GetSubtreeResponse response;
    for (const auto& [uri, value] : leaves) {
      if (!uri.starts_with(request.uri())) continue;
      tree::v1::Node& node = *response.add_nodes();
      node.set_uri(uri);
      node.set_format("chr");
      node.set_value(value);
    }
    co_return response;
  }
  Task<tree::v1::PrepareRotationResponse> PrepareRotation(tree::v1::PrepareRotationRequest request,
                                                          Deadline) override {
    rotations.push_back(request.id());
    co_return tree::v1::PrepareRotationResponse();
  }
};

class ActionsTest : public OperationsTest {
 protected:
  ActionsTest() : actions(*world.submitter, world.devices, trees) {
    trees.roots["urn:oma:mo:oma-fumo"] = {"./FUMO/P1"};
    trees.roots["urn:oma:mo:oma-lawmo"] = {"./LAWMO"};
  }
  v1::SubmitActionRequest Request() {
    v1::SubmitActionRequest request;
    request.add_device_ids(device);
    request.set_label("night");
    return request;
  }
  v1::SubmitActionRequest Update() {
    v1::SubmitActionRequest request = Request();
    request.mutable_action()->mutable_fumo_update()->set_url("https://dl/7");
    return request;
  }
  Result<v1::SubmitActionResponse> Submit(v1::SubmitActionRequest request) {
    return world.Await(actions.Submit(std::move(request), In(kSoon)));
  }
  int64_t Stored() { return world.Rows("operations.operations"); }

  FakeTrees trees;
  ActionSubmitter actions;
};

TEST_F(ActionsTest, StoresTheStepsOfAPlanAndHandsThemOutInTheirOrder) {
  const auto submitted = Submit(Update());
  ASSERT_TRUE(submitted) << submitted.error();
  ASSERT_EQ(submitted->operations_size(), 2);
  const v1::Operation& prepare = submitted->operations(0);
  const v1::Operation& update = submitted->operations(1);
  EXPECT_EQ(prepare.action(), "fumo update/prepare");
  EXPECT_EQ(prepare.label(), "night");
  EXPECT_EQ(prepare.commands(0).target(), "./FUMO/P1/DownloadAndUpdate/PkgURL");
  EXPECT_THAT(update.depends_on(), ElementsAre(prepare.id()));
  EXPECT_EQ(world.Read(update.id()).action(), "fumo update/update");

  const v1::AdvanceReply first = world.Advance(Start(kFirst));
  ASSERT_EQ(first.assignments_size(), 1) << "what waits for another is not handed out";
  EXPECT_EQ(first.assignments(0).operation_id(), prepare.id());
  world.Advance(Done(kFirst, 2, first.assignments(0), 200));
  world.RunUntil([&] { return !world.Read(update.id()).blocked(); });
  const v1::AdvanceReply second = world.Advance(Step(kFirst, 3, 10));
  ASSERT_EQ(second.assignments_size(), 1);
  EXPECT_EQ(second.assignments(0).commands(0).target(), "./FUMO/P1/DownloadAndUpdate");
}

TEST_F(ActionsTest, OnlyTheTerminalsOwnIdConfirmsAWipe) {
  v1::SubmitActionRequest wipe = Request();
  wipe.mutable_action()->mutable_lawmo_wipe();
  for (const std::string& typed : {std::string(), device + "0", std::string("yes")}) {
    wipe.mutable_action()->set_confirmed_device_id(typed);
    const auto refused = Submit(wipe);
    ASSERT_FALSE(refused) << typed;
    EXPECT_EQ(refused.error().code, Code::kFailedPrecondition);
    EXPECT_THAT(refused.error().message, HasSubstr("confirmed_device_id"));
  }
  wipe.mutable_action()->set_confirmed_device_id(device);
  wipe.add_device_ids(device + "-b");
  EXPECT_FALSE(Submit(wipe)) << "a confirmation is for one terminal";
  EXPECT_EQ(Stored(), 0);
  wipe.mutable_device_ids()->RemoveLast();
  const auto accepted = Submit(wipe);
  ASSERT_TRUE(accepted) << accepted.error();
  EXPECT_EQ(accepted->operations(0).commands(0).target(), "./LAWMO/Operations/Wipe");
}

TEST_F(ActionsTest, ARepeatGetsTheFirstAnswerWhateverTheTreeShowsByThen) {
  v1::SubmitActionRequest request = Update();
  request.set_idempotency_key("key of " + device);
  const auto first = Submit(request);
  ASSERT_TRUE(first) << first.error();
  trees.roots["urn:oma:mo:oma-fumo"] = {"./Elsewhere"};
  const auto second = Submit(request);
  ASSERT_TRUE(second) << second.error();
  EXPECT_EQ(second->SerializeAsString(), first->SerializeAsString());
  EXPECT_EQ(Stored(), 2);
  request.mutable_action()->mutable_fumo_update()->set_url("https://dl/8");
  const auto other = Submit(request);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Code::kAborted);
}

TEST_F(ActionsTest, AllTerminalsOrNoneUnlessTheUnfitMayBeLeftOut) {
  const std::string strange = device + "-s";
  const std::string unknown = device + "-u";
  const std::string disabled = device + "-d";
  trees.empty = {strange};
  world.devices.unknown = {unknown};
  world.devices.disabled = {disabled};
  v1::SubmitActionRequest request = Update();
  for (const std::string& id : {strange, unknown, disabled}) request.add_device_ids(id);
  EXPECT_FALSE(Submit(request));
  EXPECT_EQ(Stored(), 0);
  request.set_skip_unfit(true);
  const auto submitted = Submit(request);
  ASSERT_TRUE(submitted) << submitted.error();
  EXPECT_EQ(submitted->operations_size(), 2);
  std::map<std::string, std::string> unfit;
  for (const auto& each : submitted->unfit()) unfit[each.device_id()] = each.reason();
  ASSERT_EQ(unfit.size(), 3U);
  EXPECT_THAT(unfit[strange], HasSubstr("it is not known where"));
  EXPECT_THAT(unfit[unknown], HasSubstr("enrol"));
  EXPECT_THAT(unfit[disabled], HasSubstr("disabled"));
}

TEST_F(ActionsTest, WhatAModelForbidsIsNotStoredUnlessUnchecked) {
  world.devices.forbidden["./FUMO/P1/DownloadAndUpdate"] = "";
  v1::SubmitActionRequest request = Update();
  const auto refused = Submit(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kInvalidArgument);
  EXPECT_EQ(Stored(), 0);
  request.set_unchecked(true);
  EXPECT_TRUE(Submit(request));
  EXPECT_EQ(Stored(), 2);
}

TEST_F(ActionsTest, SecretsArePreparedFirstButNotForADryRun) {
  trees.roots["urn:oma:mo:oma-dm-dmacc"] = {"./DMAcc/1"};
  trees.leaves = {{"./DMAcc/1/AppAuth/1/AAuthLevel", "CLCRED"}};
  v1::SubmitActionRequest request = Request();
  request.mutable_action()->mutable_rotate_credentials();
  request.set_dry_run(true);
  const auto plan = Submit(request);
  ASSERT_TRUE(plan) << plan.error();
  EXPECT_EQ(plan->operations(0).commands(0).secret(), v1::NEXT_PASSWORD);
  EXPECT_THAT(trees.rotations, IsEmpty());
  EXPECT_EQ(Stored(), 0);
  request.set_dry_run(false);
  const auto submitted = Submit(request);
  ASSERT_TRUE(submitted) << submitted.error();
  EXPECT_THAT(trees.rotations, ElementsAre(device));
  EXPECT_FALSE(submitted->operations(0).commands(0).has_data());
  EXPECT_EQ(Stored(), 1);
}

TEST_F(ActionsTest, NamesTheFieldThatIsWrong) {
  v1::SubmitActionRequest request = Update();
  request.add_device_ids(device);
  EXPECT_THAT(Submit(request).error().message, HasSubstr("device_ids[1]: is there twice"));
  request.clear_device_ids();
  EXPECT_THAT(Submit(request).error().message, HasSubstr("device_ids"));
  request = Update();
  request.mutable_action()->mutable_fumo_update()->clear_url();
  EXPECT_THAT(Submit(request).error().message, HasSubstr("action.fumo_update.url"));
  request = Update();
  request.set_label(std::string(65, 'x'));
  EXPECT_THAT(Submit(request).error().message, HasSubstr("label"));
}

}  // namespace
}  // namespace drover::operations
