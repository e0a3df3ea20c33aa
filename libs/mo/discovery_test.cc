#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "libs/mo/outcome.h"

namespace drover::mo {
namespace {

using ::testing::ElementsAre;

v1::Operation Read(const std::string& target, uint32_t status) {
  v1::Operation operation;
  v1::Command& command = *operation.add_commands();
  command.set_verb(v1::GET);
  command.set_target(target);
  operation.add_results()->set_status(status);
  return operation;
}

void AddValue(v1::Operation& operation, const std::string& uri, const std::string& format,
              const std::string& data) {
  v1::Value& value = *operation.mutable_results(0)->add_values();
  value.set_uri(uri);
  value.set_format(format);
  value.set_data(data);
}

TEST(NextDiscovery, FallsBackFromTndsToStructDataToAWalk) {
  const auto second = NextDiscovery(Read("./A?list=TNDS", 406));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->form(), v1::DiscoverTree::STRUCT_DATA);
  EXPECT_THAT(second->uris(), ElementsAre("./A"));
  const auto third = NextDiscovery(Read("./A?list=StructData", 406));
  ASSERT_TRUE(third);
  EXPECT_EQ(third->form(), v1::DiscoverTree::WALK);
  EXPECT_THAT(third->uris(), ElementsAre("./A"));
}

TEST(NextDiscovery, EndsWhereAListWasAnsweredOrTheNodeIsNotThere) {
  EXPECT_FALSE(NextDiscovery(Read("./A?list=TNDS", 200)));
  EXPECT_FALSE(NextDiscovery(Read("./A?list=TNDS", 404)));
  EXPECT_FALSE(NextDiscovery(Read("./A?list=StructData", 200)));
  EXPECT_FALSE(NextDiscovery(Read("./A", 405)));
  EXPECT_FALSE(NextDiscovery(Read("./A?prop=ACL", 406)));
}

TEST(NextDiscovery, AWalkGoesOnWithTheChildrenOfWhatItFound) {
  v1::Operation operation = Read(".", 200);
  AddValue(operation, ".", "node", "DevInfo/Con");
  AddValue(operation, "./Leaf", "chr", "a/b");
  const auto next = NextDiscovery(operation);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->form(), v1::DiscoverTree::WALK);
  EXPECT_THAT(next->uris(), ElementsAre("./DevInfo", "./Con"));
}

TEST(NextDiscovery, AListThatWasAnsweredAsAPlainGetIsTheBeginningOfAWalk) {
  v1::Operation operation = Read("./A?list=StructData", 200);
  AddValue(operation, "./A", "node", "B/C");
  const auto next = NextDiscovery(operation);
  ASSERT_TRUE(next);
  EXPECT_THAT(next->uris(), ElementsAre("./A/B", "./A/C"));
}

}  // namespace
}  // namespace drover::mo
