#include "libs/smpp/rate_control.h"

#include <gtest/gtest.h>

#include "libs/smpp/testing/pair.h"

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;

constexpr Time kStart{1h};

// How many single segments go out in this time, when one is tried each millisecond.
int TakenIn(RateControl& rate, Time& now, std::chrono::milliseconds time) {
  int taken = 0;
  for (const Time end = now + time; now < end; now += 1ms) {
    while (rate.Take(1, now)) ++taken;
  }
  return taken;
}

TEST(RateControl, LetsThroughWhatWasAgreed) {
  RateControl rate({.tps = 100}, 10);
  Time now = kStart;
  EXPECT_NEAR(TakenIn(rate, now, 10s), 1000, 20 + 1) << "and what was saved up";
}

TEST(RateControl, LetsEverythingThroughWithoutALimit) {
  RateControl rate({}, 10);
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(rate.Take(5, kStart));
}

TEST(RateControl, TakesAWholeGroupOrNothing) {
  RateControl rate({.tps = 10, .burst = 1s}, 10);
  EXPECT_TRUE(rate.Take(7, kStart));
  EXPECT_FALSE(rate.Take(4, kStart));
  EXPECT_EQ(rate.ReadyAt(4, kStart), kStart + 100ms);
  EXPECT_TRUE(rate.Take(4, kStart + 100ms));
  EXPECT_FALSE(rate.Take(25, kStart + 900ms));
  EXPECT_TRUE(rate.Take(25, kStart + 1100ms)) << "more than the bucket holds, once it is full";
  EXPECT_EQ(rate.ReadyAt(1, kStart + 1100ms), kStart + 1100ms + 1600ms) << "and owes the rest";
}

TEST(RateControl, SlowsDownWhenThrottledAndRecovers) {
  RateControl rate({.tps = 100}, 10);
  Time now = kStart;
  TakenIn(rate, now, 1s);
  rate.Throttled(now, now);
  EXPECT_EQ(TakenIn(rate, now, 1s), 0) << "held";
  EXPECT_NEAR(rate.share(now), 0.7, 0.001);
  EXPECT_EQ(rate.window(now), 7u);
  EXPECT_NEAR(TakenIn(rate, now, 1s), 71, 2);
  EXPECT_NEAR(rate.share(now), 0.72, 0.001);
  now += 14s;
  EXPECT_NEAR(rate.share(now), 1.0, 0.001);
  EXPECT_EQ(rate.window(now), 10u);
}

TEST(RateControl, CutsOnceForAWholeWindowOfThrottledAnswers) {
  RateControl rate({.tps = 100}, 10);
  for (int i = 0; i < 50; ++i) rate.Throttled(kStart, kStart + std::chrono::milliseconds(10 + i));
  EXPECT_NEAR(rate.share(kStart + 100ms), 0.7, 0.001);
  EXPECT_FALSE(rate.Take(1, kStart + 1058ms)) << "held since the last of them";
  rate.Throttled(kStart + 1100ms, kStart + 1200ms);
  EXPECT_NEAR(rate.share(kStart + 1200ms), 0.7 * 0.7, 0.01);
  Time now = kStart + 2s;
  for (int i = 0; i < 1000; ++i, now += 1ms) rate.Throttled(now, now);
  EXPECT_GE(rate.share(now), 0.02) << "but never to nothing";
  EXPECT_EQ(rate.window(now), 1u);
}

TEST(RateControl, HeedsAFullQueueOnlyWhenThereAreMany) {
  RateControl rate({.tps = 100}, 10);
  rate.QueueFull(kStart, kStart);
  rate.QueueFull(kStart, kStart + 2s);
  rate.QueueFull(kStart, kStart + 4s);
  EXPECT_EQ(rate.share(kStart + 4s), 1.0);
  rate.QueueFull(kStart + 4s, kStart + 4100ms);
  rate.QueueFull(kStart + 4s, kStart + 4200ms);
  EXPECT_NEAR(rate.share(kStart + 4200ms), 0.7, 0.001);
}

TEST(RateControl, HeedsCongestion) {
  RateControl rate({.tps = 100}, 10);
  rate.Congested(79, kStart, kStart);
  EXPECT_EQ(rate.share(kStart), 1.0);
  rate.Congested(95, kStart, kStart);
  EXPECT_NEAR(rate.share(kStart), 0.9, 0.001);
  rate.Congested(95, kStart, kStart + 100ms);
  EXPECT_NEAR(rate.share(kStart + 100ms), 0.9, 0.001) << "once a second";
  rate.Congested(85, kStart, kStart + 1s);
  EXPECT_NEAR(rate.share(kStart + 2s), 0.9, 0.001) << "stays";
  rate.Congested(100, kStart + 2s, kStart + 2s);
  EXPECT_NEAR(rate.share(kStart + 2s), 0.63, 0.001);
  EXPECT_FALSE(rate.Take(1, kStart + 2900ms));
}

TEST(RateControl, LeavesThrottlingToWhoSendsIfToldSo) {
  RateControl rate({.adapts = false}, 10);
  rate.Throttled(kStart, kStart);
  rate.Congested(100, kStart, kStart);
  for (int i = 0; i < 10; ++i) rate.QueueFull(kStart, kStart);
  EXPECT_EQ(rate.share(kStart), 1.0);
  EXPECT_EQ(rate.window(kStart), 10u);
  EXPECT_TRUE(rate.Take(1, kStart));
}

TEST(SessionRate, StopsSendingAndSaysWhenItMayGoOn) {
  testing::Pair pair({.window = 100, .rate = {.tps = 10, .burst = 300ms}});
  pair.Accept();
  pair.Connect();
  EXPECT_EQ(pair.Submit(1, {.segments = 3}), Sent::kSent);
  EXPECT_EQ(pair.Submit(2, {.segments = 0}), Sent::kSent) << "of the same group";
  EXPECT_EQ(pair.Submit(3), Sent::kThrottled);
  pair.Run();
  EXPECT_EQ(pair.at_esme.readies, 0);
  EXPECT_EQ(pair.esme.next_deadline(), pair.now + 100ms);
  pair.Pass(100ms);
  EXPECT_EQ(pair.at_esme.readies, 1);
  EXPECT_EQ(pair.Submit(3), Sent::kSent);
}

TEST(SessionRate, KeepsToTheRateOverTime) {
  testing::Pair pair({.window = 100, .rate = {.tps = 50, .burst = 100ms}});
  pair.Accept();
  uint64_t sent = 0;
  const auto fill = [&] {
    while (pair.Submit(sent + 1) == Sent::kSent) ++sent;
  };
  pair.at_esme.on_bound = fill;
  pair.at_esme.on_ready = fill;
  pair.Connect();
  pair.Pass(10s);
  EXPECT_NEAR(static_cast<double>(sent), 500, 6);
  EXPECT_EQ(pair.at_esme.answers.size(), sent);
}

TEST(SessionRate, HoldsOnWhenTheSmscThrottles) {
  testing::Pair pair({.window = 10, .rate = {.tps = 100}});
  pair.at_smsc.on_request = [&](const testing::Recorder::Request& request) {
    pair.smsc.RespondBare(request.id, CommandStatus::kRthrottled, pair.now);
  };
  pair.Connect();
  pair.Submit(1);
  pair.Run();
  EXPECT_EQ(pair.at_esme.answers.at(0).status, CommandStatus::kRthrottled);
  EXPECT_EQ(pair.Submit(2), Sent::kThrottled);
  pair.Pass(999ms);
  EXPECT_EQ(pair.at_esme.readies, 0);
  pair.Pass(1ms);
  EXPECT_EQ(pair.at_esme.readies, 1);
  EXPECT_EQ(pair.esme.window(pair.now), 7u);
  EXPECT_EQ(pair.esme.counters().throttled, 1u);
}

TEST(SessionRate, HeedsCongestionStateOfAnswers) {
  testing::Pair pair({.interface_version = kVersion50, .rate = {.tps = 100}},
                     {.interface_version = kVersion50});
  pair.at_smsc.on_request = [&](const testing::Recorder::Request& request) {
    std::string octets;
    TlvWriter(octets).Number(Tag::kCongestionState, 100);
    pair.smsc.Respond(request.id, SubmitSmResp{.message_id = "m", .tlvs = Tlvs(octets)}, pair.now);
  };
  pair.Connect();
  pair.Submit(1);
  pair.Run();
  EXPECT_EQ(pair.at_esme.answers.at(0).status, CommandStatus::kRok);
  EXPECT_EQ(pair.Submit(2), Sent::kThrottled);
}

}  // namespace
}  // namespace drover::smpp
