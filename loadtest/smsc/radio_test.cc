#include "loadtest/smsc/radio.h"

#include <gtest/gtest.h>

namespace drover::smsc {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const TimePoint kStart{hours(500'000)};

TEST(Radio, IsTheSameForTheSameSeedAndTerminal) {
  RadioSettings settings;
  settings.loss = 0.3;
  settings.present_mean = settings.absent_mean = seconds(60);
  const auto run = [&](uint64_t seed, std::string_view terminal) {
    Radio radio(settings, seed, terminal);
    std::string outcomes;
    for (int i = 0; i < 100; ++i) {
      const Attempt attempt = radio.Begin(kStart + seconds(20 * i));
      outcomes += static_cast<char>('0' + static_cast<int>(attempt.outcome));
      radio.End(attempt, kStart + seconds(20 * i) + attempt.takes, false);
    }
    return outcomes;
  };
  EXPECT_EQ(run(1, "8613800138000"), run(1, "8613800138000"));
  EXPECT_NE(run(1, "8613800138000"), run(2, "8613800138000"));
  EXPECT_NE(run(1, "8613800138000"), run(1, "8613800138001"));
}

TEST(Radio, LosesTheShareItIsToldTo) {
  RadioSettings settings;
  settings.loss = 0.05;
  int lost = 0;
  Radio radio(settings, 1, "49");
  for (int i = 0; i < 20'000; ++i) {
    const Attempt attempt = radio.Begin(kStart);
    if (attempt.outcome == Outcome::kLost) ++lost;
    radio.End(attempt, kStart, false);
  }
  EXPECT_NEAR(lost / 20'000.0, 0.05, 0.006);
}

TEST(Radio, TerminalsComeAndGoByTheirMeans) {
  RadioSettings settings;
  settings.present_mean = seconds(600);
  settings.absent_mean = seconds(60);
  int there = 0;
  for (int i = 0; i < 2'000; ++i) {
    Radio radio(settings, 7, std::to_string(i));
    if (radio.Present(kStart)) ++there;
  }
  EXPECT_NEAR(there / 2000.0, 600.0 / 660, 0.02) << "at the beginning";
  Radio radio(settings, 7, "49");
  there = 0;
  for (int i = 0; i < 100'000; ++i) {
    if (radio.Present(kStart + seconds(10 * i))) ++there;
  }
  EXPECT_NEAR(there / 100'000.0, 600.0 / 660, 0.02) << "over time";
}

TEST(Radio, SaysWhenAnAbsentTerminalReturns) {
  RadioSettings settings;
  settings.present_mean = settings.absent_mean = seconds(60);
  Radio radio(settings, 3, "49");
  TimePoint now = kStart;
  for (int i = 0; i < 1000; ++i, now += seconds(37)) {
    const bool there = radio.Present(now);
    const TimePoint back = radio.ReturnsAt(now);
    EXPECT_EQ(there, back == now);
    EXPECT_TRUE(radio.Present(back));
    now = std::max(now, back);
  }
}

TEST(Radio, ALinkIsKeptForTheNextSegmentIfMoreWereAnnounced) {
  RadioSettings settings;
  Radio radio(settings, 1, "49");
  const Attempt first = radio.Begin(kStart);
  EXPECT_EQ(first.takes, settings.paged);
  radio.End(first, kStart + first.takes, true);
  const TimePoint then = kStart + first.takes + seconds(1);
  EXPECT_EQ(radio.QueueWait(then), Span{0});
  const Attempt second = radio.Begin(then);
  EXPECT_EQ(second.takes, settings.followed);
  radio.End(second, then + second.takes, false);
  EXPECT_EQ(radio.Begin(then + second.takes + seconds(1)).takes, settings.paged);
}

TEST(Radio, TwoAtATimeFindTheTerminalBusyAsOftenAsItIsTold) {
  RadioSettings settings;
  int busy = 0;
  for (int i = 0; i < 4'000; ++i) {
    Radio radio(settings, 1, std::to_string(i));
    EXPECT_EQ(radio.Begin(kStart).outcome, Outcome::kDelivered);
    if (radio.Begin(kStart).outcome == Outcome::kBusy) ++busy;
  }
  EXPECT_NEAR(busy / 4000.0, 0.5, 0.03);
}

}  // namespace
}  // namespace drover::smsc
