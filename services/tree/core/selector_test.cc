#include "services/tree/core/selector.h"

#include <gtest/gtest.h>

namespace drover::tree {
namespace {

TEST(ParseSelector, TakesFactsAndStatus) {
  const Result<Selector> selector =
      ParseSelector({{"status", "disabled"}, {"model", "M1"}, {"manufacturer", "Acme"}});
  ASSERT_TRUE(selector) << selector.error();
  EXPECT_EQ(selector->status, DeviceStatus::kDisabled);
  ASSERT_EQ(selector->facts.size(), 2U);
  EXPECT_EQ(selector->facts[0].first, Fact::kManufacturer);
  EXPECT_EQ(selector->facts[1].second, "M1");
}

TEST(ParseSelector, RefusesAKeyThatItDoesNotKnowAndSaysWhichItDoes) {
  const Result<Selector> selector = ParseSelector({{"colour", "red"}});
  ASSERT_FALSE(selector);
  EXPECT_NE(selector.error().message.find("colour"), std::string::npos);
  EXPECT_NE(selector.error().message.find("firmware_version"), std::string::npos);
}

TEST(ParseSelector, RefusesValuesThatNoTerminalHas) {
  EXPECT_FALSE(ParseSelector({{"status", "lost"}}));
  EXPECT_FALSE(ParseSelector({{"model", std::string("\0", 1)}}));
  EXPECT_FALSE(ParseSelector({{"model", std::string(129, 'm')}}));
}

TEST(PageToken, ComesBackAsTheDeviceItWasMadeOf) {
  const Selector selector = *ParseSelector({{"model", "M1"}});
  const DeviceId last("urn:uuid:1");
  const Result<DeviceId> parsed = ParsePageToken(selector, PageToken(selector, last));
  ASSERT_TRUE(parsed) << parsed.error();
  EXPECT_EQ(*parsed, last);
  EXPECT_TRUE(ParsePageToken(selector, "")->empty());
}

TEST(PageToken, IsRefusedByAnotherList) {
  const Selector selector = *ParseSelector({{"model", "M1"}});
  const std::string token = PageToken(selector, DeviceId("a"));
  EXPECT_FALSE(ParsePageToken(*ParseSelector({{"model", "M2"}}), token));
  EXPECT_FALSE(ParsePageToken(*ParseSelector({{"language", "M1"}}), token));
  EXPECT_FALSE(ParsePageToken(*ParseSelector({}), token));
}

TEST(PageToken, IsRefusedWhenItIsNone) {
  const Selector all;
  EXPECT_FALSE(ParsePageToken(all, "xyz"));
  EXPECT_FALSE(ParsePageToken(all, "00"));
  EXPECT_FALSE(ParsePageToken(all, PageToken(all, DeviceId("a")).substr(0, 16)));
}

TEST(PageSize, IsFiveHundredUnlessAsked) {
  EXPECT_EQ(*PageSize(0), 500);
  EXPECT_EQ(*PageSize(1000), 1000);
  EXPECT_FALSE(PageSize(1001));
  EXPECT_FALSE(PageSize(-1));
}

}  // namespace
}  // namespace drover::tree
