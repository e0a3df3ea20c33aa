#include "tools/drover/profile_file.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tools/drover/proto_json.h"
#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

TEST(ParseProfileFile, ReadsEachKindOfKey) {
  const auto profiles = ParseProfileFile(R"(manufacturer: Acme
model: X1
family: windows
note: "sold until 2012: many"
traits:
  atomic: no
  copy: yes
  max_msg_size: 4096
  prompt_text_limit: 100
  no_correlator: true
objects:
  urn:oma:mo:oma-fumo:1.0: ./FUMO
---
manufacturer: Acme
)",
                                         "p.yaml");
  ASSERT_TRUE(profiles) << profiles.error();
  ASSERT_EQ(profiles->size(), 2U);
  const tree::v1::Profile& profile = profiles->front();
  EXPECT_EQ(profile.family(), "windows");
  EXPECT_EQ(profile.traits().atomic(), tree::v1::NO);
  EXPECT_EQ(profile.traits().copy(), tree::v1::YES);
  EXPECT_EQ(profile.traits().max_msg_size(), 4096U);
  EXPECT_EQ(profile.traits().prompt_text_limit(), 100U);
  EXPECT_TRUE(profile.traits().no_correlator());
  EXPECT_EQ(profile.objects().at("urn:oma:mo:oma-fumo:1.0"), "./FUMO");
  const auto again = ParseProfileFile(ToYaml(ToJson(profile)), "again.yaml");
  ASSERT_TRUE(again) << again.error();
  EXPECT_EQ(again->front().DebugString(), profile.DebugString()) << "what get prints, set reads";
}

TEST(ParseProfileFile, NamesTheLine) {
  for (const char* text :
       {"model: X1\n", "manufacturer: A\ntraits: {atomic: perhaps}\n",
        "manufacturer: A\ntraits: {teleport: yes}\n", "manufacturer: A\ncolour: red\n",
        "manufacturer: A\ntraits: {max_msg_size: -1}\n", "manufacturer: A\nobjects: [x]\n", ""}) {
    const auto profiles = ParseProfileFile(text, "p.yaml");
    ASSERT_FALSE(profiles) << text;
    EXPECT_EQ(profiles.error().message.rfind("p.yaml", 0), 0U) << profiles.error().message;
  }
}

}  // namespace
}  // namespace drover::cli
