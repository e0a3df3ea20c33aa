#include "libs/registration/msisdn.h"

#include <gtest/gtest.h>

namespace drover::registration {
namespace {

const NumberingRules kChina{.country_code = "86", .trunk_prefix = "0", .national_digits = 11};

struct Row {
  Address address;
  const char* msisdn;  // Empty: refused.
};

TEST(NormaliseMsisdn, WritesE164) {
  const Row rows[] = {
      {{"8613800138000", 1, 1}, "8613800138000"},
      {{"+8613800138000", 1, 1}, "8613800138000"},
      {{"008613800138000", 1, 1}, "8613800138000"},
      {{"+86 138-0013.8000", 0, 0}, "8613800138000"},
      {{"008613800138000", 0, 1}, "8613800138000"},
      {{"008613800138000", 2, 1}, "8613800138000"},
      {{"8613800138000", 0, 1}, "8613800138000"},
      {{"13800138000", 2, 1}, "8613800138000"},
      {{"013800138000", 2, 1}, "8613800138000"},
      {{"13800138000", 2, 8}, "8613800138000"},
      {{"13800138000", 0, 1}, "8613800138000"},
      {{"13800138000", 4, 1}, "8613800138000"},
      {{"13800138000", 1, 1}, "13800138000"},
      {{" 8613800138000", 1, 1}, "8613800138000"},
      {{"12345", 1, 1}, "12345"},
      {{"123456789012345", 1, 1}, "123456789012345"},
      {{"", 1, 1}, ""},
      {{"+", 1, 1}, ""},
      {{"1234", 1, 1}, ""},
      {{"1234567890123456", 1, 1}, ""},
      {{"Drover", 5, 0}, ""},
      {{"Drover", 0, 0}, ""},
      {{"1380013800x", 2, 1}, ""},
      {{"10654040", 3, 1}, ""},
      {{"10654040", 6, 1}, ""},
      {{"460001234567890", 1, 6}, ""},
      {{"8613800138000", 1, 3}, ""},
      {{"++8613800138000", 1, 1}, ""},
  };
  for (const Row& row : rows) {
    const Result<std::string> msisdn = NormaliseMsisdn(row.address, kChina);
    EXPECT_EQ(msisdn.has_value(), *row.msisdn != '\0') << row.address.digits;
    if (msisdn) {
      EXPECT_EQ(*msisdn, row.msisdn) << row.address.digits;
    }
  }
}

TEST(NormaliseMsisdn, WithoutRulesUnknownIsInternationalAndNationalIsRefused) {
  EXPECT_EQ(NormaliseMsisdn({"13800138000", 0, 1}, {}).value(), "13800138000");
  EXPECT_FALSE(NormaliseMsisdn({"13800138000", 2, 1}, {}));
}

TEST(NormaliseMsisdn, KeepsALeadingZeroWhereThereIsNoTrunkPrefix) {
  EXPECT_EQ(
      NormaliseMsisdn({"0612345678", 2, 1}, {.country_code = "39", .trunk_prefix = ""}).value(),
      "390612345678");
}

TEST(NormaliseMsisdn, IsAtRestOnWhatItWrote) {
  for (const char* digits : {"8613800138000", "4917012345678", "12345"}) {
    const std::string once = NormaliseMsisdn({digits, 1, 1}, kChina).value();
    EXPECT_EQ(NormaliseMsisdn({once, 1, 1}, kChina).value(), once);
  }
}

}  // namespace
}  // namespace drover::registration
