#include "loadtest/terminal/quirks.h"

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "loadtest/terminal/model.h"

namespace drover::terminal {
namespace {

TEST(Quirks, AreParsedByName) {
  const Result<Quirks> quirks = Quirks::Parse("slow,sessionid-zero");
  ASSERT_TRUE(quirks) << quirks.error();
  EXPECT_TRUE(quirks->Has(Quirk::kSlow));
  EXPECT_TRUE(quirks->Has(Quirk::kSessionIdZero));
  EXPECT_FALSE(quirks->Has(Quirk::kDropAfterSend));
}

TEST(Quirks, ParseNamesTheOneThatIsNotKnown) {
  const Result<Quirks> quirks = Quirks::Parse("slow,fast");
  ASSERT_FALSE(quirks);
  EXPECT_EQ(quirks.error().message, "no such quirk: fast");
}

TEST(Quirks, EachHasOneNameAndFitsTheSet) {
  std::set<std::string_view> names;
  for (const QuirkInfo& info : AllQuirks()) {
    names.insert(info.name);
    EXPECT_FALSE(info.meaning.empty()) << info.name;
    EXPECT_LT(static_cast<int>(info.quirk), 128);
  }
  EXPECT_EQ(names.size(), AllQuirks().size());
}

TEST(Quirks, AreTheTableOfTheDocumentation) {
  std::ifstream page(DROVER_SIMULATOR_PAGE);
  ASSERT_TRUE(page) << DROVER_SIMULATOR_PAGE;
  std::vector<std::string> rows;
  bool here = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) here = line == "## Quirks";
    if (here && line.starts_with("| `")) rows.push_back(line);
  }
  std::vector<std::string> expected;
  for (const QuirkInfo& info : AllQuirks()) {
    expected.push_back("| `" + std::string(info.name) + "` | " + std::string(info.meaning) + " |");
  }
  EXPECT_EQ(rows, expected);
}

TEST(Catalogue, MixesEncodingsSchemesAndVersions) {
  std::set<std::string_view> makers;
  std::set<syncml::Encoding> encodings;
  std::set<AuthScheme> schemes;
  std::set<DmVersion> versions;
  for (const ModelSpec& spec : Catalogue()) {
    makers.insert(spec.manufacturer);
    encodings.insert(spec.encoding);
    schemes.insert(spec.client_scheme);
    versions.insert(spec.version);
  }
  EXPECT_GE(makers.size(), 5U);
  EXPECT_EQ(encodings.size(), 2U);
  EXPECT_EQ(schemes.size(), 3U);
  EXPECT_EQ(versions.size(), 3U);
}

}  // namespace
}  // namespace drover::terminal
