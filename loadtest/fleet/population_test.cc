#include "loadtest/fleet/population.h"

#include <map>

namespace drover::fleet {
namespace {

using terminal::AuthScheme;
using terminal::DmVersion;
using terminal::Quirk;

Population Everything() {
  Population population;
  population.encodings =
      Shares<syncml::Encoding>({{syncml::Encoding::kXml, 0.25}, {syncml::Encoding::kWbxml, 0.75}});
  population.versions = Shares<DmVersion>({{DmVersion::k11, 0.5}, {DmVersion::k12, 0.5}});
  population.client_schemes =
      Shares<AuthScheme>({{AuthScheme::kMd5, 0.9}, {AuthScheme::kNone, 0.1}});
  population.quirks = {{Quirk::kSlow, 0.1}, {Quirk::kNoLargeObjects, 0.5}};
  population.work = Shares<Work>({{Work::kPoll, 0.4},
                                  {Work::kFirmwareUpdate, 0.2},
                                  {Work::kLargeObject, 0.2},
                                  {Work::kRegistration, 0.2}});
  return population;
}

TEST(TraitsOf, FallIntoTheirShares) {
  std::map<Work, int> work;
  int xml = 0;
  int slow = 0;
  constexpr int kTerminals = 20'000;
  for (uint64_t i = 0; i < kTerminals; ++i) {
    const Traits traits = TraitsOf(Everything(), 9, i);
    ++work[traits.work];
    if (traits.encoding == syncml::Encoding::kXml) ++xml;
    if (traits.quirks.Has(Quirk::kSlow)) ++slow;
  }
  EXPECT_NEAR(xml, kTerminals * 0.25, kTerminals * 0.02);
  EXPECT_NEAR(slow, kTerminals * 0.1, kTerminals * 0.02);
  EXPECT_NEAR(work[Work::kFirmwareUpdate], kTerminals * 0.2 * 0.9, kTerminals * 0.02);
  EXPECT_EQ(work[Work::kGet], 0);
}

TEST(TraitsOf, AreTheSameForTheSameSeedOnly) {
  int same = 0;
  for (uint64_t i = 0; i < 100; ++i) {
    EXPECT_EQ(TraitsOf(Everything(), 1, i), TraitsOf(Everything(), 1, i));
    if (TraitsOf(Everything(), 1, i) == TraitsOf(Everything(), 2, i)) ++same;
  }
  EXPECT_LT(same, 60);
}

TEST(TraitsOf, LetTheWorkHaveWhatItNeeds) {
  for (uint64_t i = 0; i < 2000; ++i) {
    const Traits traits = TraitsOf(Everything(), 3, i);
    const Work work = traits.work;
    EXPECT_FALSE(work == Work::kFirmwareUpdate && traits.version == DmVersion::k11);
    EXPECT_FALSE(work == Work::kLargeObject && traits.quirks.Has(Quirk::kNoLargeObjects));
    EXPECT_FALSE(work == Work::kRegistration && traits.server_scheme != AuthScheme::kNone);
    EXPECT_FALSE(work != Work::kPoll && traits.client_scheme == AuthScheme::kNone);
  }
}

}  // namespace
}  // namespace drover::fleet
