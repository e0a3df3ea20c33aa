#include "libs/mo/codes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover::mo {
namespace {

using ::testing::HasSubstr;

struct ResultCase {
  Object object;
  uint32_t code;
  const char* words;
  bool success;
  bool vendor;
};

TEST(ResultOf, HasTheWordsOfEachObjectsTable) {
  constexpr ResultCase kCases[] = {
      {Object::kFumo, 200, "success", true, false},
      {Object::kFumo, 402, "corrupted", false, false},
      {Object::kFumo, 410, "firmware update failed", false, false},
      {Object::kFumo, 411, "URL is malformed", false, false},
      {Object::kFumo, 503, "download failed: network", false, false},
      {Object::kFumo, 277, "success, vendor specific", true, true},
      {Object::kFumo, 461, "client error, vendor specific", false, true},
      {Object::kFumo, 566, "download server error, vendor specific", false, true},
      {Object::kFumo, 699, "", false, false},
      {Object::kScomo, 1200, "success", true, false},
      {Object::kScomo, 1405, "install failed", false, false},
      {Object::kScomo, 1413, "environment type", false, false},
      {Object::kScomo, 1250, "success, vendor specific", true, true},
      {Object::kScomo, 1499, "client error, vendor specific", false, true},
      {Object::kScomo, 1599, "server error, vendor specific", false, true},
      {Object::kLawmo, 1202, "wiped, data and list items", true, false},
      {Object::kLawmo, 1404, "unlock failed", false, false},
      {Object::kLawmo, 1450, "vendor specific", false, true},
      {Object::kDcmo, 1404, "enable failed", false, false},
      {Object::kDcmo, 1204, "", true, false},
      {Object::kDiagMon, 1200, "success", true, false},
  };
  for (const ResultCase& each : kCases) {
    const v1::Outcome::Result result = ResultOf(each.object, each.code);
    EXPECT_EQ(result.code(), each.code);
    EXPECT_THAT(result.words(), HasSubstr(each.words)) << each.code;
    EXPECT_EQ(result.words().empty(), std::string_view(each.words).empty()) << each.code;
    EXPECT_EQ(result.success(), each.success) << each.code;
    EXPECT_EQ(result.vendor(), each.vendor) << each.code;
  }
}

TEST(ResultCodeIn, ReadsANumberOrTheResultCodeOfXml) {
  EXPECT_EQ(ResultCodeIn("200"), 200U);
  EXPECT_EQ(ResultCodeIn(std::string_view(" 1200 \0", 7)), 1200U);
  EXPECT_EQ(ResultCodeIn("<ResultCode>1405</ResultCode><Identifier>x</Identifier>"), 1405U);
  EXPECT_EQ(ResultCodeIn("<r:ResultCode> 1200 </r:ResultCode>"), 1200U);
  EXPECT_EQ(ResultCodeIn(""), std::nullopt);
  EXPECT_EQ(ResultCodeIn("soon"), std::nullopt);
  EXPECT_EQ(ResultCodeIn("-1"), std::nullopt);
}

TEST(EnumerationAt, IsChosenByThePlaceOfTheLeaf) {
  struct {
    Object object;
    const char* uri;
    const char* number;
    const char* words;
  } constexpr kCases[] = {
      {Object::kFumo, "./FUMO/P1/State", "10", "Idle"},
      {Object::kFumo, "./FUMO/P1/State", "60", "Update Progressing"},
      {Object::kFumo, "./FUMO/P1/State", "100", "Update Successful / No Data"},
      {Object::kFumo, "./FUMO/P1/State", "11", ""},
      {Object::kScomo, "./SCM/Download/x/Status", "50", "Install Progressing"},
      {Object::kScomo, "./SCM/Inventory/Delivered/x/Status", "70", "Install Failed / No Data"},
      {Object::kScomo, "./SCM/Inventory/Delivered/x/State", "20", "Installed"},
      {Object::kScomo, "./SCM/Inventory/Deployed/x/State", "20", "Active"},
      {Object::kScomo, "./SCM/Inventory/Deployed/x/Status", "60", "Deactivate Failed"},
      {Object::kLawmo, "./LAWMO/State", "20", "Partially Locked"},
  };
  for (const auto& each : kCases) {
    const auto enumeration = EnumerationAt(each.object, each.uri);
    ASSERT_TRUE(enumeration) << each.uri;
    EXPECT_EQ(WordsOf(*enumeration, each.number), each.words) << each.uri;
  }
  EXPECT_FALSE(EnumerationAt(Object::kFumo, "./FUMO/PkgName"));
  EXPECT_FALSE(EnumerationAt(Object::kDcmo, "./DCMO/1/State"));
}

}  // namespace
}  // namespace drover::mo
