#include "libs/sms/reassembly.h"

#include <gtest/gtest.h>

namespace drover::sms {
namespace {

using std::chrono::seconds;

Udh Part(uint16_t reference, uint8_t total, uint8_t sequence, bool wide = true,
         std::optional<Ports> ports = {}) {
  return {.ports = ports, .concat = Concat{reference, total, sequence, wide}, .others = {}};
}

class ReassemblerTest : public testing::Test {
 protected:
  // The content of the message, or "-".
  std::string Add(const Udh& udh, std::string_view payload, std::string_view from = "138") {
    const auto message = reassembler_->Add(from, udh, payload, now_);
    if (!message) return "-";
    id_ = message->id;
    return message->content;
  }
  void With(const ReassemblyLimits& limits) { reassembler_.emplace(limits); }
  const ReassemblyCounts& counts() const { return reassembler_->counts(); }

  std::optional<Reassembler> reassembler_{std::in_place};
  TimePoint now_;
  uint64_t id_ = 0;
};

TEST_F(ReassemblerTest, TakesPartsInAnyOrder) {
  EXPECT_EQ(Add(Part(1, 3, 3), "c"), "-");
  EXPECT_EQ(Add(Part(1, 3, 1), "a"), "-");
  EXPECT_EQ(Add(Part(1, 3, 2), "b"), "abc");
  EXPECT_NE(id_, 0U);
  EXPECT_EQ(counts().whole, 1U);
}

TEST_F(ReassemblerTest, DropsCopiesOfParts) {
  EXPECT_EQ(Add(Part(1, 2, 2), "b"), "-");
  EXPECT_EQ(Add(Part(1, 2, 2), "b"), "-");
  EXPECT_EQ(Add(Part(1, 2, 1), "a"), "ab");
  EXPECT_EQ(counts().duplicates, 1U);
}

TEST_F(ReassemblerTest, TakesPartsThatMakeNoSenseAsMessages) {
  for (const Udh& udh :
       {Udh{}, Part(1, 0, 0), Part(1, 0, 1), Part(1, 2, 0), Part(1, 2, 3), Part(1, 1, 1)}) {
    EXPECT_EQ(Add(udh, "alone"), "alone");
    EXPECT_EQ(id_, 0U);
  }
  EXPECT_EQ(reassembler_->sets(), 0U);
  EXPECT_EQ(counts().singles, 6U);
}

TEST_F(ReassemblerTest, KeepsApartWhatDiffersInAnyOfItsKey) {
  const Ports ports{16998, 16998};
  EXPECT_EQ(Add(Part(1, 2, 1), "a"), "-");
  EXPECT_EQ(Add(Part(1, 2, 2), "b", "139"), "-");
  EXPECT_EQ(Add(Part(2, 2, 2), "b"), "-");
  EXPECT_EQ(Add(Part(1, 3, 2), "b"), "-");
  EXPECT_EQ(Add(Part(1, 2, 2, false), "b"), "-");
  EXPECT_EQ(Add(Part(1, 2, 2, true, ports), "b"), "-");
  EXPECT_EQ(reassembler_->sets(), 6U);
  EXPECT_EQ(Add(Part(1, 2, 2), "b"), "ab");
}

TEST_F(ReassemblerTest, BringsAMessageAgainUntilItIsSettled) {
  EXPECT_EQ(Add(Part(1, 2, 1), "a"), "-");
  EXPECT_EQ(Add(Part(1, 2, 2), "b"), "ab");
  EXPECT_EQ(Add(Part(1, 2, 2), "b"), "ab");
  reassembler_->Settle(id_, now_);
  EXPECT_EQ(reassembler_->octets(), 2 * kPartOctets);
  EXPECT_EQ(Add(Part(1, 2, 2), "b"), "-");
  EXPECT_EQ(Add(Part(1, 2, 1), "a"), "-");
  EXPECT_EQ(reassembler_->sets(), 1U);
  now_ += seconds(60);
  reassembler_->Expire(now_);
  EXPECT_EQ(reassembler_->sets(), 0U);
  EXPECT_EQ(counts().expired, 0U);
  EXPECT_EQ(counts().whole, 1U);
}

TEST_F(ReassemblerTest, BeginsAnewWhenAReferenceIsUsedAgain) {
  EXPECT_EQ(Add(Part(1, 2, 1), "old"), "-");
  EXPECT_EQ(Add(Part(1, 2, 1), "new "), "-");
  EXPECT_EQ(counts().reused, 1U);
  EXPECT_EQ(Add(Part(1, 2, 2), "message"), "new message");
  reassembler_->Settle(id_, now_);
  EXPECT_EQ(Add(Part(1, 2, 2), "third"), "-");
  EXPECT_EQ(Add(Part(1, 2, 1), "the "), "the third");
  EXPECT_EQ(counts().reused, 1U);
  EXPECT_EQ(reassembler_->sets(), 1U);
}

TEST_F(ReassemblerTest, ForgetsSetsThatTakeTooLong) {
  With({.timeout = seconds(100)});
  EXPECT_EQ(Add(Part(1, 2, 1), "a"), "-");
  now_ += seconds(99);
  EXPECT_EQ(Add(Part(2, 2, 1), "c"), "-");
  now_ += seconds(1);
  EXPECT_EQ(Add(Part(1, 2, 2), "b"), "-");
  EXPECT_EQ(counts().expired, 1U);
  EXPECT_EQ(Add(Part(2, 2, 2), "d"), "cd");
}

TEST_F(ReassemblerTest, DropsTheOldestSetOfAnOriginatorThatHasTooMany) {
  With({.sets_per_originator = 2});
  EXPECT_EQ(Add(Part(9, 2, 1), "x", "139"), "-");
  for (const uint16_t reference : {1, 2, 3}) EXPECT_EQ(Add(Part(reference, 2, 1), "a"), "-");
  EXPECT_EQ(counts().dropped, 1U);
  EXPECT_EQ(Add(Part(3, 2, 2), "b"), "ab");
  EXPECT_EQ(Add(Part(2, 2, 2), "b"), "ab");
  EXPECT_EQ(Add(Part(9, 2, 2), "y", "139"), "xy");
}

TEST_F(ReassemblerTest, DropsTheOldestOfAllWhenThereAreTooMany) {
  With({.sets = 3});
  for (const char* from : {"1", "2", "3", "4"}) EXPECT_EQ(Add(Part(1, 2, 1), "a", from), "-");
  EXPECT_EQ(reassembler_->sets(), 3U);
  EXPECT_EQ(counts().dropped, 1U);
  EXPECT_EQ(Add(Part(1, 2, 2), "b", "4"), "ab");
  EXPECT_EQ(Add(Part(1, 2, 2), "b", "2"), "ab");
}

TEST_F(ReassemblerTest, DropsSettledSetsBeforeUnfinishedOnes) {
  With({.sets = 2});
  EXPECT_EQ(Add(Part(1, 2, 1), "a", "1"), "-");
  EXPECT_EQ(Add(Part(1, 2, 1), "a", "2"), "-");
  EXPECT_EQ(Add(Part(1, 2, 2), "b", "2"), "ab");
  reassembler_->Settle(id_, now_);
  EXPECT_EQ(Add(Part(1, 2, 1), "a", "3"), "-");
  EXPECT_EQ(counts().dropped, 0U);
  EXPECT_EQ(Add(Part(1, 2, 2), "b", "1"), "ab");
}

TEST_F(ReassemblerTest, HoldsNoMoreOctetsThanAllowed) {
  With({.octets = 100 + kPartOctets});
  EXPECT_EQ(Add(Part(1, 2, 1), std::string(60, 'a'), "1"), "-");
  EXPECT_EQ(Add(Part(1, 2, 1), std::string(60, 'b'), "2"), "-");
  EXPECT_EQ(reassembler_->octets(), 60 + kPartOctets);
  EXPECT_EQ(counts().dropped, 1U);
  EXPECT_EQ(Add(Part(1, 2, 1), std::string(101, 'c'), "3"), "-");
  EXPECT_EQ(counts().dropped, 2U);
  EXPECT_EQ(reassembler_->octets(), 60 + kPartOctets);
}

TEST_F(ReassemblerTest, CountsPartsWithoutContentToo) {
  With({.octets = 10 * kPartOctets});
  for (uint16_t from = 0; from < 100; ++from) {
    for (uint8_t k = 1; k <= 5; ++k) Add(Part(1, 5, k), "", std::to_string(from));
    reassembler_->Settle(id_, now_);
    EXPECT_LE(reassembler_->octets(), 10 * kPartOctets);
  }
  EXPECT_EQ(counts().whole, 100U);
  EXPECT_EQ(counts().dropped, 0U);
}

}  // namespace
}  // namespace drover::sms
