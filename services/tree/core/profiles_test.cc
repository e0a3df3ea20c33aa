#include "services/tree/core/profiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/tree/core/families.h"

namespace drover::tree {
namespace {

v1::Profile Of(const std::string& family) {
  v1::Profile profile;
  profile.set_manufacturer("Acme");
  profile.set_model("X1");
  profile.set_family(family);
  return profile;
}

v1::Traits Traits(const v1::Profile& profile, std::optional<std::string_view> large = {}) {
  return TraitsOf(profile.SerializeAsString(), large);
}

TEST(TraitsOf, AreNoneOfATerminalThatNothingIsKnownOf) {
  EXPECT_EQ(TraitsOf("", std::nullopt).ByteSizeLong(), 0U);
  EXPECT_EQ(TraitsOf("no profile", std::nullopt).ByteSizeLong(), 0U);
}

TEST(TraitsOf, AreTheFamilysWhereTheProfileSaysNothing) {
  v1::Profile profile = Of("libdmclient");
  profile.mutable_traits()->set_atomic(v1::YES);
  profile.mutable_traits()->set_max_msg_size(4096);
  const v1::Traits traits = Traits(profile);
  EXPECT_EQ(traits.atomic(), v1::YES);
  EXPECT_EQ(traits.copy(), v1::NO);
  EXPECT_EQ(traits.max_msg_size(), 4096U);
  EXPECT_TRUE(traits.zero_nonce_ascii());
}

TEST(TraitsOf, TakeLargeObjectsFromTheTerminalWhenNobodyElseSays) {
  EXPECT_EQ(TraitsOf("", "true").large_objects(), v1::YES);
  EXPECT_EQ(TraitsOf("", "false").large_objects(), v1::NO);
  EXPECT_EQ(TraitsOf("", "perhaps").large_objects(), v1::SUPPORT_UNSPECIFIED);
  EXPECT_EQ(Traits(Of("libdmclient"), "true").large_objects(), v1::NO);
}

TEST(CheckProfile, NamesTheFieldThatIsNotRight) {
  EXPECT_TRUE(CheckProfile(Of("windows")));
  EXPECT_TRUE(CheckProfile(Of("")));
  v1::Profile profile = Of("palm");
  EXPECT_THAT(CheckProfile(profile).error().message, testing::HasSubstr("aosp, libdmclient, s60"));
  profile = Of("");
  profile.clear_manufacturer();
  EXPECT_THAT(CheckProfile(profile).error().message, testing::HasSubstr("manufacturer"));
  profile = Of("");
  (*profile.mutable_objects())["urn:oma:mo:oma-fumo:1.0"] = "FUMO";
  EXPECT_THAT(CheckProfile(profile).error().message, testing::HasSubstr("objects"));
  profile = Of("");
  profile.mutable_traits()->set_atomic(static_cast<v1::Support>(9));
  EXPECT_FALSE(CheckProfile(profile));
}

TEST(ObjectsIn, AreFoundWithAndWithoutTheirVersion) {
  v1::Profile profile = Of("");
  (*profile.mutable_objects())["urn:oma:mo:oma-fumo:1.0"] = "./FUMO";
  (*profile.mutable_objects())["urn:oma:mo:oma-fumo:1.1"] = "./FUMO2";
  (*profile.mutable_objects())["urn:oma:mo:oma-fumo-like:1.0"] = "./Other";
  using testing::ElementsAre;
  EXPECT_THAT(ObjectsIn(profile, "urn:oma:mo:oma-fumo:1.1"), ElementsAre("./FUMO2"));
  EXPECT_THAT(ObjectsIn(profile, "urn:oma:mo:oma-fumo"), ElementsAre("./FUMO", "./FUMO2"));
  EXPECT_THAT(ObjectsIn(profile, "urn:oma:mo:oma-scomo"), ElementsAre());
  EXPECT_TRUE(IsObject("org.openmobilealliance/1.0/w7", "urn:oma:mo:oma-dm-dmacc"));
  EXPECT_TRUE(IsObject("org.openmobilealliance/1.0/w7", "org.openmobilealliance/1.0/w7"));
  EXPECT_FALSE(IsObject("org.openmobilealliance/1.0/w7", "urn:oma:mo:oma-fumo"));
}

TEST(Families, AreThoseOfTheQuirkTable) {
  std::vector<std::string_view> names;
  for (const Family& family : Families()) names.push_back(family.name);
  EXPECT_THAT(names, testing::ElementsAre("aosp", "libdmclient", "s60", "nokia", "windows",
                                          "mediatek", "verizon", "samsung"));
  EXPECT_EQ(FindFamily("palm"), nullptr);
}

}  // namespace
}  // namespace drover::tree
