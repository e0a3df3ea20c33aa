#include "loadtest/drover_load/fleet.h"

namespace drover::load {
namespace {

std::vector<terminal::ModelSpec> AllModels() {
  return {terminal::Catalogue().begin(), terminal::Catalogue().end()};
}

TEST(Fleet, IsTheSameForTheSameSeed) {
  const Fleet one({}, AllModels(), 30, 7);
  const Fleet other({}, AllModels(), 30, 7);
  const auto a = one.Enrolments();
  const auto b = other.Enrolments();
  ASSERT_EQ(a.size(), 30U);
  for (size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].SerializeAsString(), b[i].SerializeAsString());
  }
}

TEST(Fleet, DealsOutTheModelsInTurn) {
  const Fleet fleet({}, AllModels(), 30, 7);
  EXPECT_EQ(fleet[0].model().spec().model, terminal::Catalogue()[0].model);
  EXPECT_EQ(fleet[1].model().spec().model, terminal::Catalogue()[1].model);
  EXPECT_EQ(fleet.IndexOf(fleet[9].device_id()), 9);
  EXPECT_EQ(fleet.IndexOf("IMEI:0"), -1);
}

}  // namespace
}  // namespace drover::load
