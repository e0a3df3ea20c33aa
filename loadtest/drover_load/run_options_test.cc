#include "loadtest/drover_load/run_options.h"

#include <fstream>

#include "loadtest/drover_load/run_meter.h"

namespace drover::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::HasSubstr;

class TheOptionsOfARun : public testing::Test {
 protected:
  void SetUp() override {
    options_.scenario = testing::TempDir() + "/run_options_test.yaml";
    options_.local = true;
    Write("devices: 10\narrivals: {storm: 60s}\n");
  }
  void Write(const std::string& text) const { std::ofstream(options_.scenario) << text; }
  std::string Refusal() const {
    const Result<scenario::Scenario> scenario = ScenarioOf(options_);
    return scenario ? "" : scenario.error().message;
  }
  RunOptions options_;
};

TEST_F(TheOptionsOfARun, StandOverTheScenario) {
  options_.devices = "1M";
  options_.rate = "3k/s";
  options_.duration = "10m";
  options_.concurrency = "500";
  options_.keep_alive = true;
  options_.no_resumption = true;
  options_.endpoints.ingress = "https://dm.example.com/dm";
  const Result<scenario::Scenario> scenario = ScenarioOf(options_);
  ASSERT_TRUE(scenario) << scenario.error();
  EXPECT_EQ(scenario->devices, 1'000'000U);
  EXPECT_EQ(scenario->arrivals.rates, (std::vector<scenario::RatePoint>{{seconds(0), 3000}}));
  EXPECT_EQ(scenario->arrivals.storm.count(), 0);
  EXPECT_EQ(scenario->duration, minutes(10));
  EXPECT_EQ(scenario->transport.concurrency, 500U);
  EXPECT_TRUE(scenario->transport.keep_alive && scenario->transport.tls);
  EXPECT_FALSE(scenario->transport.resumption);
}

TEST_F(TheOptionsOfARun, AreRefusedWithWordsThatHelp) {
  options_.rate = "0/s";
  EXPECT_THAT(Refusal(), HasSubstr("above 0"));
  options_.rate = "fast";
  EXPECT_THAT(Refusal(), HasSubstr("3000/s"));
  options_.rate = "";
  options_.thresholds = "p99<fast";
  EXPECT_THAT(Refusal(), HasSubstr("p99"));
  options_.thresholds = "";
  options_.prepare_only = true;
  EXPECT_THAT(Refusal(), HasSubstr("--local ends its cluster"));
  options_.local = false;
  EXPECT_THAT(Refusal(), HasSubstr("--context"));
  options_.endpoints.context = "context.yaml";
  EXPECT_EQ(Refusal(), "");
  options_.no_prepare = true;
  EXPECT_THAT(Refusal(), HasSubstr("nothing to do"));
}

TEST_F(TheOptionsOfARun, LeaveTheStepsOfAScenarioAndSayWhatTheSustainableRateIs) {
  Write("arrivals: {rate: 100/s, steps: [{rate: 2x, for: 10s}]}\nthresholds: errors=0\n");
  options_.rate = "3k/s";
  const Result<scenario::Scenario> scenario = ScenarioOf(options_);
  ASSERT_TRUE(scenario) << scenario.error();
  EXPECT_DOUBLE_EQ(PlannedSteps(scenario->arrivals).at(0).per_s, 6000);
  EXPECT_EQ(scenario->thresholds, "errors=0");
  options_.duration = "10m";
  EXPECT_THAT(Refusal(), HasSubstr("--duration"));
  options_.duration = "";
  options_.closed = 64;
  EXPECT_THAT(Refusal(), HasSubstr("--closed"));
}

TEST_F(TheOptionsOfARun, NeedThePasswordOfThoseWhoRegisterThemselves) {
  Write("sessions: registration\n");
  EXPECT_THAT(Refusal(), HasSubstr("--enrolment-password-file"));
}

TEST(TheMeter, CountsWhoIsToldToComeBackApartAndHowLongThatTook) {
  report::RunRecord record;
  const auto start = RunMeter::SteadyClock::now();
  RunMeter meter(record, start);
  meter.Refused();
  meter.Good({milliseconds(10), milliseconds(8), seconds(5)});
  meter.TurnedAway();
  meter.GivenUp();
  EXPECT_THAT(meter.Turn(start + seconds(1), 0, 2), HasSubstr("100.00%"));
  EXPECT_EQ(record.totals.refused, 1U);
  EXPECT_EQ(record.totals.failed, 0U);
  EXPECT_EQ(record.totals.turned_away, 1U);
  EXPECT_EQ(record.totals.given_up, 1U);
  EXPECT_EQ(record.seconds[0].refused, 1U);
  EXPECT_NEAR(record.seconds[0].accepted.p99, 8, 0.1);
  EXPECT_NEAR(record.accepted_latency.PercentileMs(50), 8, 0.1);
  EXPECT_NEAR(record.deferred_latency.PercentileMs(50), 5000, 10);
}

TEST(TheMeter, CountsWhatEndsInAStepInIt) {
  report::RunRecord record;
  const auto start = RunMeter::SteadyClock::now();
  RunMeter meter(record, start);
  meter.BeginStep("0.5x", 500, start);
  meter.Due();
  meter.Good({milliseconds(1), milliseconds(1), milliseconds(1)});
  meter.BeginStep("2x", 2000, start + seconds(30));
  meter.Due();
  meter.Refused();
  meter.Failed("timeout");
  meter.EndSteps(start + seconds(40));
  meter.Good({milliseconds(1), milliseconds(1), milliseconds(1)});
  ASSERT_EQ(record.steps.size(), 2U);
  EXPECT_EQ(record.steps[0].name, "0.5x");
  EXPECT_DOUBLE_EQ(record.steps[0].duration_s, 30);
  EXPECT_EQ(record.steps[0].good, 1U);
  EXPECT_EQ(record.steps[0].accepted.count(), 1U);
  EXPECT_DOUBLE_EQ(record.steps[1].begin_s, 30);
  EXPECT_DOUBLE_EQ(record.steps[1].duration_s, 10);
  EXPECT_EQ(record.steps[1].due, 1U);
  EXPECT_EQ(record.steps[1].good, 0U);
  EXPECT_EQ(record.steps[1].refused, 1U);
  EXPECT_EQ(record.steps[1].failed, 1U);
}

TEST(TheMeter, CountsSecondBySecondAndInAll) {
  report::RunRecord record;
  const auto start = RunMeter::SteadyClock::now();
  RunMeter meter(record, start);
  meter.Due();
  meter.Due();
  meter.Started(milliseconds(1));
  meter.Started(milliseconds(50));
  meter.Exchanged(0, milliseconds(2));
  meter.Exchanged(7, milliseconds(3));
  meter.Good({milliseconds(10), milliseconds(8), milliseconds(10)});
  meter.Failed("timeout");
  meter.Lag(milliseconds(4));
  const std::string line = meter.Turn(start + seconds(1), 3, 2);
  EXPECT_THAT(line, HasSubstr("50.00%"));
  EXPECT_THAT(line, HasSubstr("in flight 3; errors: timeout 1"));
  meter.Failed("connect");
  meter.Failed("timeout");
  (void)meter.Turn(start + seconds(2), 0, 2);
  ASSERT_EQ(record.seconds.size(), 2U);
  EXPECT_EQ(record.seconds[0].due, 2U);
  EXPECT_EQ(record.seconds[0].late_starts, 1U);
  EXPECT_EQ(record.seconds[0].in_flight, 3U);
  EXPECT_DOUBLE_EQ(record.seconds[0].lag_ms, 4);
  EXPECT_NEAR(record.seconds[0].session.p50, 10, 0.1);
  EXPECT_EQ(record.seconds[1].good, 0U);
  EXPECT_EQ(record.seconds[1].session.count, 0U);
  EXPECT_EQ(record.error_kinds, (std::vector<std::string>{"timeout", "connect"}));
  EXPECT_EQ(record.errors, (std::vector<uint64_t>{2, 1}));
  EXPECT_EQ(record.totals.started, 2U);
  EXPECT_EQ(record.totals.failed, 3U);
  EXPECT_EQ(record.session_latency.count(), 1U);
  EXPECT_EQ(record.exchange_latency[0].count(), 1U);
  EXPECT_EQ(record.exchange_latency[3].count(), 1U);
}

}  // namespace
}  // namespace drover::load
