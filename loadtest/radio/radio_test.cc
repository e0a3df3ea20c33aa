#include "loadtest/radio/radio.h"

#include <gtest/gtest.h>

#include "loadtest/radio/inbox.h"

namespace drover::radio {
namespace {

constexpr Mobile kMobile = 8613800138000;

TEST(Radio, PagesAfreshUnlessTheSegmentBeforeKeptTheLink) {
  Radio radio({.loss = 0}, {}, 1);
  const Attempt first = radio.Try(kMobile, /*more_messages=*/true, 0);
  EXPECT_EQ(first.done_at, 4 * kSecond);
  EXPECT_EQ(radio.TurnAt(kMobile, first.done_at), first.done_at) << "no queue on a kept link";
  const Attempt second = radio.Try(kMobile, /*more_messages=*/false, first.done_at);
  EXPECT_EQ(second.done_at, first.done_at + 3 * kSecond / 2);
  const Attempt third = radio.Try(kMobile, false, second.done_at);
  EXPECT_EQ(third.done_at, second.done_at + 4 * kSecond) << "nobody said that more would follow";
}

TEST(Radio, LosesTheGivenShareAndTakesEightSecondsToSeeIt) {
  Radio radio({.loss = 0.2}, {}, 7);
  int lost = 0;
  for (Mobile mobile = 1; mobile <= 20'000; ++mobile) {
    const Attempt attempt = radio.Try(mobile, false, 0);
    if (attempt.outcome != Outcome::kLost) continue;
    ++lost;
    EXPECT_EQ(attempt.done_at, 8 * kSecond);
  }
  EXPECT_NEAR(lost, 4000, 200);
}

TEST(Radio, TerminalsAreThereAsLongAsTheirProfileSays) {
  Radio radio({.present_s = 30, .absent_s = 300, .loss = 0}, {}, 3);
  int there = 0;
  for (Mobile mobile = 1; mobile <= 5'000; ++mobile) {
    for (Us at = 0; at < 1000 * kSecond; at += 100 * kSecond) {
      there += radio.IsPresent(mobile, at) ? 1 : 0;
    }
  }
  EXPECT_NEAR(there / 50'000.0, 30.0 / 330, 0.01);
}

TEST(Radio, ATerminalComesAndGoesAlikeWhateverIsSentToIt) {
  const Profile profile{.present_s = 60, .absent_s = 60};
  Radio quiet(profile, {}, 5);
  Radio used(profile, {}, 5);
  for (Us at = 0; at < 2000 * kSecond; at += 7 * kSecond) {
    used.Try(kMobile, true, at);
    EXPECT_EQ(quiet.IsPresent(kMobile, at), used.IsPresent(kMobile, at));
    EXPECT_EQ(quiet.ReturnsAt(kMobile, at), used.ReturnsAt(kMobile, at));
  }
}

TEST(Radio, RefusesHalfOfWhatComesWhileAnotherOneIsUnderWay) {
  Radio radio({.loss = 0, .busy = 0.5}, {}, 11);
  int busy = 0;
  for (Mobile mobile = 1; mobile <= 10'000; ++mobile) {
    radio.Try(mobile, false, 0);
    busy += radio.Try(mobile, false, kSecond).outcome == Outcome::kBusy ? 1 : 0;
  }
  EXPECT_NEAR(busy, 5000, 250);
}

TEST(Radio, QueuesFiveSecondsInTheMean) {
  Radio radio({}, {}, 13);
  Us waited = 0;
  for (Mobile mobile = 1; mobile <= 20'000; ++mobile) waited += radio.TurnAt(mobile, 0);
  EXPECT_NEAR(static_cast<double>(waited) / 20'000 / kSecond, 5.0, 0.15);
}

TEST(TimeScale, MapsBothWays) {
  const TimeScale scale(1'000'000, 100);
  EXPECT_EQ(scale.ModelOf(1'010'000), kSecond);
  EXPECT_EQ(scale.RealOf(kSecond), 1'010'000);
}

Segment Part(uint16_t ref, uint8_t number, std::string_view octets) {
  return {.originator = "10654040", .ref = ref, .total = 3, .number = number, .octets = octets};
}

TEST(Inbox, PutsSegmentsTogetherInAnyOrderAndDropsCopies) {
  Inbox inbox;
  EXPECT_FALSE(inbox.Receive(Part(5, 3, "c"), 0));
  EXPECT_FALSE(inbox.Receive(Part(5, 1, "a"), 0));
  EXPECT_FALSE(inbox.Receive(Part(5, 1, "a"), 0));
  EXPECT_FALSE(inbox.Receive(Part(6, 2, "x"), 0)) << "another reference number";
  const auto message = inbox.Receive(Part(5, 2, "b"), 0);
  ASSERT_TRUE(message);
  EXPECT_EQ(*message, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(inbox.copies(), 1u);
  EXPECT_EQ(inbox.in_part(), 1u);
}

TEST(Inbox, TakesAnImpossibleNumberForAMessageOfItsOwn) {
  Inbox inbox;
  EXPECT_TRUE(inbox.Receive(Part(5, 0, "a"), 0));
  EXPECT_TRUE(inbox.Receive(Part(5, 4, "a"), 0));
  EXPECT_TRUE(inbox.Receive({.total = 1, .octets = "a"}, 0));
}

TEST(Inbox, ForgetsTheOldestSetsAndThoseThatStayInPart) {
  Inbox inbox(2, 10 * kSecond);
  inbox.Receive(Part(1, 1, "a"), 0);
  inbox.Receive(Part(2, 1, "a"), 0);
  inbox.Receive(Part(3, 1, "a"), 0);
  EXPECT_EQ(inbox.in_part(), 2u);
  inbox.Receive(Part(4, 1, "a"), 11 * kSecond);
  EXPECT_EQ(inbox.in_part(), 1u);
  EXPECT_EQ(inbox.forgotten(), 3u);
}

}  // namespace
}  // namespace drover::radio
