#include "libs/dmtree/facts.h"

#include <gtest/gtest.h>

namespace drover::dmtree {
namespace {

TEST(Facts, AreFoundByUriAndByName) {
  for (const Fact fact : kFacts) {
    EXPECT_EQ(FactAt(UriOf(fact)), fact);
    EXPECT_EQ(FactNamed(Name(fact)), fact);
  }
  EXPECT_EQ(FactAt("./DevDetail/FwV"), Fact::kFirmwareVersion);
  EXPECT_EQ(FactNamed("language"), Fact::kLanguage);
}

TEST(Facts, AreNoOtherNodes) {
  for (const char* uri : {"", ".", "./DevInfo", "./DevInfo/DevId", "./DevInfo/Man/x", "DevInfo/Man",
                          "./devinfo/man"}) {
    EXPECT_EQ(FactAt(uri), std::nullopt) << uri;
  }
  EXPECT_EQ(FactNamed("imei"), std::nullopt);
}

}  // namespace
}  // namespace drover::dmtree
