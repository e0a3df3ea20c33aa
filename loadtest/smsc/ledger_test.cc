#include "loadtest/smsc/ledger.h"

#include <gtest/gtest.h>

namespace drover::smsc {
namespace {

const TimePoint kNow{std::chrono::hours(500'000)};
const Number kTerminal{"8613800138000", 1, 1};
const Number kSource{"10654040", 0, 1};
const sms::Ports kPush{2948, 9200, true};

Part Segment(uint8_t sequence, uint8_t total, std::string payload, uint16_t reference = 7) {
  return {kPush, sms::Concat{reference, total, sequence, true}, std::move(payload)};
}

class LedgerTest : public ::testing::Test {
 protected:
  void Add(const Part& part, uint64_t bind = 1) {
    ledger_.Add(kTerminal, kSource, 4, part, bind, kNow);
  }
  std::vector<std::string> told_;
  Ledger ledger_{3, [this](const Delivered& message) { told_.push_back(message.content); }};
};

TEST_F(LedgerTest, PutsMessagesTogetherAndTellsOfThem) {
  Add(Segment(1, 2, "push "));
  EXPECT_EQ(ledger_.counts().orphans, 1u);
  EXPECT_TRUE(told_.empty());
  Add(Segment(2, 2, "content"));
  Add({kPush, std::nullopt, "single"});
  EXPECT_EQ(told_, (std::vector<std::string>{"push content", "single"}));
  const auto messages = ledger_.Of("8613800138000");
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0]->segments, 2);
  EXPECT_EQ(messages[0]->ports, kPush);
  EXPECT_EQ(messages[1]->segments, 1);
  const LedgerCounts counts = ledger_.counts();
  EXPECT_EQ(counts.messages, 2u);
  EXPECT_EQ(counts.segments, 3u);
  EXPECT_EQ(counts.orphans + counts.duplicate_segments + counts.out_of_order + counts.copies +
                counts.split_over_binds,
            0u);
  EXPECT_TRUE(ledger_.Of("49").empty());
}

TEST_F(LedgerTest, CountsCopiesOfSegmentsBeforeAndAfterTheMessageIsWhole) {
  Add(Segment(1, 2, "a"));
  Add(Segment(1, 2, "a"));
  Add(Segment(2, 2, "b"));
  Add(Segment(2, 2, "b"));
  const LedgerCounts counts = ledger_.counts();
  EXPECT_EQ(counts.messages, 1u);
  EXPECT_EQ(counts.duplicate_segments, 2u);
  EXPECT_EQ(counts.out_of_order, 0u);
  EXPECT_EQ(counts.orphans, 0u);
}

TEST_F(LedgerTest, CountsSegmentsBehindALaterOne) {
  Add(Segment(3, 3, "c"));
  Add(Segment(1, 3, "a"));
  Add(Segment(2, 3, "b"));
  EXPECT_EQ(ledger_.counts().out_of_order, 2u);
  EXPECT_EQ(told_, std::vector<std::string>{"abc"});
}

TEST_F(LedgerTest, CountsMessagesOverSeveralBindsOnce) {
  Add(Segment(1, 3, "a"), 1);
  Add(Segment(2, 3, "b"), 2);
  Add(Segment(3, 3, "c"), 3);
  EXPECT_EQ(ledger_.counts().split_over_binds, 1u);
}

TEST_F(LedgerTest, CountsReferencesThatAreUsedAnewTooSoon) {
  Add(Segment(1, 2, "a"));
  Add(Segment(1, 2, "other"));
  EXPECT_EQ(ledger_.counts().clashes, 1u);
  Add(Segment(2, 2, "b"));
  EXPECT_EQ(told_, std::vector<std::string>{"otherb"});
  EXPECT_EQ(ledger_.counts().orphans, 1u) << "the first one never becomes whole";
}

TEST_F(LedgerTest, CountsWholeMessagesThatCameTwice) {
  Add({kPush, std::nullopt, "same"});
  Add({kPush, std::nullopt, "same"});
  Add({std::nullopt, std::nullopt, "same"});
  EXPECT_EQ(ledger_.counts().copies, 1u) << "to another port it is another message";
}

TEST_F(LedgerTest, ForgetsTheOldestAndGoesOnNumbering) {
  for (const char* text : {"1", "2", "3", "4", "5"}) Add({std::nullopt, std::nullopt, text});
  EXPECT_EQ(ledger_.Of(kTerminal.digits).size(), 3u);
  const auto after = ledger_.After(0, 10);
  ASSERT_EQ(after.size(), 3u);
  EXPECT_EQ(after.front()->number, 3u);
  EXPECT_EQ(after.back()->content, "5");
  EXPECT_EQ(ledger_.After(3, 1).front()->number, 4u);
  EXPECT_TRUE(ledger_.After(5, 10).empty());
  EXPECT_EQ(ledger_.counts().messages, 5u);
}

}  // namespace
}  // namespace drover::smsc
