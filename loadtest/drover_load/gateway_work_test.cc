#include "loadtest/drover_load/gateway_work.h"

#include <gtest/gtest.h>

namespace drover::load {
namespace {

namespace v1 = operations::v1;

TEST(GatewaysOfASeed, HaveSerialNumbersThatNoOtherSeedHas) {
  const gwsim::Population one = GatewaysOf(7, 10);
  const gwsim::Population other = GatewaysOf(8, 10);
  EXPECT_EQ(gwsim::Serial(one, 3), "00D09E-L0007-0000003");
  EXPECT_EQ(gwsim::NumberOfSerial(one, "00D09E-L0007-0000003"), 3u);
  EXPECT_EQ(gwsim::NumberOfSerial(other, "00D09E-L0007-0000003"), std::nullopt);
  EXPECT_NE(gwsim::SipUser(one, 3), gwsim::SipUser(other, 3));
}

TEST(GatewayWork, IsDrawnInTheSharesOfTheScenario) {
  scenario::Gateways gateways;
  gateways.work = fleet::Shares<GatewayWork>(
      {{GatewayWork::kConfig, 0.5}, {GatewayWork::kReboot, 0.3}, {GatewayWork::kNone, 0.2}});
  std::map<GatewayWork, int> counts;
  for (uint32_t i = 0; i < 10'000; ++i) ++counts[GatewayWorkOf(gateways, 5, i)];
  EXPECT_NEAR(counts[GatewayWork::kConfig], 5000, 200);
  EXPECT_NEAR(counts[GatewayWork::kReboot], 3000, 200);
  EXPECT_NEAR(counts[GatewayWork::kNone], 2000, 200);
  EXPECT_EQ(GatewayWorkOf(gateways, 5, 77), GatewayWorkOf(gateways, 5, 77));
}

TEST(AGatewaysOperation, SaysWhatIsToBeDone) {
  const gwsim::Population population = GatewaysOf(7, 10);
  v1::SubmitOperationsRequest request;
  for (const GatewayWork work : {GatewayWork::kConfig, GatewayWork::kReboot, GatewayWork::kRead}) {
    AddGatewayOperation(work, population, 3, "load.x.7", request);
  }
  ASSERT_EQ(request.operations_size(), 3);
  EXPECT_EQ(request.operations(0).device_id(), "00D09E-L0007-0000003");
  EXPECT_EQ(request.operations(0).label(), "load.x.7.gw-config");
  EXPECT_EQ(request.operations(0).commands(0).target(), "./Gateway/Config/LoadValue");
  EXPECT_EQ(request.operations(0).commands(0).data(), "value-of-00D09E-L0007-0000003");
  EXPECT_EQ(request.operations(1).commands(0).verb(), v1::EXEC);
  EXPECT_EQ(request.operations(1).commands(0).target(), "./Gateway/Reboot");
  EXPECT_EQ(request.operations(2).commands(0).verb(), v1::GET);
}

TEST(FinishesWork, IsAskedOfThoseThatCan) {
  gwsim::Habits habits;
  EXPECT_TRUE(FinishesWork(habits, GatewayWork::kConfig, false));
  const auto with = [](auto change) {
    gwsim::Habits changed;
    change(changed);
    return FinishesWork(changed, GatewayWork::kReboot, false);
  };
  EXPECT_TRUE(with([](gwsim::Habits&) {}));
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.silent = true; }));
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.events.clear(); })) << "an ordinary phone";
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.loss = 0.1; }));
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.forgets = true; }));
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.posts_result = false; }));
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.restart_every = std::chrono::seconds(5); }));
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.private_contact = true; })) << "nobody finds it";
  EXPECT_FALSE(with([](gwsim::Habits& h) { h.in_call = true; })) << "it does not reboot then";
  habits.in_call = habits.private_contact = true;
  EXPECT_TRUE(FinishesWork(habits, GatewayWork::kConfig, true));
}

TEST(MatchGateway, ComparesWhatOperationsBelievesWithWhatWasDone) {
  const GatewayDone set{.params = 1, .value = "v"};
  const GatewayDone rebooted{.reboots = 1};
  using enum GatewayMatch;
  struct Case {
    GatewayWork work;
    v1::State state;
    GatewayDone done;
    GatewayMatch match;
  };
  const Case cases[] = {
      {GatewayWork::kConfig, v1::SUCCEEDED, set, kRight},
      {GatewayWork::kConfig, v1::SUCCEEDED, {}, kLost},
      {GatewayWork::kConfig, v1::SUCCEEDED, {.params = 1, .value = "w"}, kDifferent},
      {GatewayWork::kConfig, v1::SUCCEEDED, {.params = 2, .value = "v"}, kDoubled},
      {GatewayWork::kConfig, v1::SUCCEEDED, {.params = 1, .reboots = 1, .value = "v"}, kDifferent},
      {GatewayWork::kConfig, v1::FAILED, set, kDifferent},
      {GatewayWork::kConfig, v1::FAILED, {}, kUnfinished},
      {GatewayWork::kConfig, v1::NOTIFIED, {}, kUnfinished},
      {GatewayWork::kConfig, v1::RUNNING, set, kUnfinished},
      {GatewayWork::kReboot, v1::SUCCEEDED, rebooted, kRight},
      {GatewayWork::kReboot, v1::SUCCEEDED, {}, kLost},
      {GatewayWork::kReboot, v1::SUCCEEDED, {.reboots = 2}, kDoubled},
      {GatewayWork::kRead, v1::SUCCEEDED, {}, kRight},
      {GatewayWork::kRead, v1::SUCCEEDED, {.others = 1}, kDifferent},
  };
  for (const Case& each : cases) {
    EXPECT_EQ(Name(MatchGateway(each.work, each.state, each.done, "v")), Name(each.match))
        << GatewayLabel(each.work) << " " << v1::State_Name(each.state);
  }
}

}  // namespace
}  // namespace drover::load
