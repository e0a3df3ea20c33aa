#include "loadtest/gateway/habits.h"

#include <fstream>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace drover::gwsim {
namespace {

TEST(GatewayIdentity, IsTheSameForTheSameSeedAndFoundByItsNames) {
  const Population population{.seed = 7, .first = 100, .count = 50};
  EXPECT_EQ(Serial(population, 142), "00D09E-GW0000142");
  EXPECT_EQ(SipUser(population, 142), "69600000142");
  EXPECT_EQ(NumberOfSerial(population, "00D09E-GW0000142"), 142u);
  EXPECT_EQ(NumberOfSipUser(population, "69600000149"), 149u);
  for (const char* other :
       {"69600000150", "69600000099", "6960000014", "696000001x2", "", "69600"}) {
    EXPECT_FALSE(NumberOfSipUser(population, other)) << other;
  }
  EXPECT_EQ(HttpPassword(population, 142), HttpPassword({.seed = 7}, 142));
  EXPECT_NE(HttpPassword(population, 142), SipPassword(population, 142));
  EXPECT_NE(HttpPassword(population, 142), HttpPassword({.seed = 8}, 142));
}

TEST(GatewayMix, SharesAreThoseOfTheWeights) {
  const auto mix = ParseMix("plain=60,silent=30,snom=10");
  ASSERT_TRUE(mix) << mix.error();
  const Population population{.count = 20'000};
  size_t found[3] = {};
  for (uint32_t i = 0; i < population.count; ++i) ++found[PartOf(*mix, population, i)];
  EXPECT_NEAR(static_cast<double>(found[0]), 12'000, 300);
  EXPECT_NEAR(static_cast<double>(found[1]), 6'000, 300);
  EXPECT_NEAR(static_cast<double>(found[2]), 2'000, 300);
}

TEST(GatewayMix, WhatIsWrongIsNamed) {
  EXPECT_TRUE(ParseMix(DefaultMix()));
  EXPECT_EQ(ParseMix("plain=60,nobody=1").error().message,
            "there are no gateways called \"nobody\"; docs/gateway-simulator.md has them all");
  EXPECT_EQ(ParseMix("plain=x").error().message, "\"plain=x\": a weight is a number, as in snom=5");
  EXPECT_FALSE(ParseMix(""));
  EXPECT_FALSE(ParseMix("plain=0"));
}

TEST(GatewayHabits, AreAllInTheDocumentation) {
  std::ifstream file(DROVER_GATEWAY_PAGE);
  std::stringstream page;
  page << file.rdbuf();
  std::set<std::string> names;
  for (const Habits& habits : BuiltInHabits()) {
    EXPECT_TRUE(names.insert(habits.name).second) << habits.name;
    EXPECT_NE(page.str().find("| `" + habits.name + "` |"), std::string::npos) << habits.name;
    EXPECT_FALSE(habits.about.empty());
  }
}

}  // namespace
}  // namespace drover::gwsim
