#include "tools/drover/output.h"

#include <sstream>

#include <gtest/gtest.h>

#include "tools/drover/yaml.h"

namespace drover::cli {
namespace {

constexpr Column kColumns[] = {
    {"DEVICE", "/id"}, {"STATE", "/state"}, {"FIRST", "/list/0/x"}, {"MODEL", "/model", true}};
constexpr View kView{.columns = kColumns};

Json Items() {
  return Json::parse(R"([{"id":"IMEI:1","state":"SUCCEEDED","model":"caf\u00e9\n"},
                         {"id":"X","state":"FAILED","list":[{"x":7}]}])");
}

std::string Printed(OutputFormat format, bool colour = false) {
  std::istringstream in;
  std::ostringstream out;
  std::ostringstream err;
  Console console{in, out, err, colour};
  PrintList(console, format, Items(), kView);
  return out.str();
}

TEST(PrintList, LinesUpTables) {
  EXPECT_EQ(Printed(OutputFormat::kTable),
            "DEVICE  STATE      FIRST\n"
            "IMEI:1  SUCCEEDED  -\n"
            "X       FAILED     7\n");
  EXPECT_EQ(Printed(OutputFormat::kWide),
            "DEVICE  STATE      FIRST  MODEL\n"
            "IMEI:1  SUCCEEDED  -      caf\xC3\xA9 \n"
            "X       FAILED     7      -\n");
}

TEST(PrintList, ColoursStatesOnTerminals) {
  EXPECT_NE(Printed(OutputFormat::kTable, true).find("\x1b[31mFAILED\x1b[0m"), std::string::npos);
}

TEST(PrintList, WritesEveryOtherFormat) {
  EXPECT_EQ(Printed(OutputFormat::kName), "IMEI:1\nX\n");
  EXPECT_EQ(Json::parse(Printed(OutputFormat::kJson)), Items());
  const std::string lines = Printed(OutputFormat::kNdjson);
  EXPECT_EQ(std::ranges::count(lines, '\n'), 2);
  EXPECT_EQ(Printed(OutputFormat::kYaml).rfind("- id: IMEI:1\n", 0), 0u);
}

TEST(OutputFormat, IsKnownByName) {
  EXPECT_EQ(OutputFormatOf("ndjson"), OutputFormat::kNdjson);
  EXPECT_EQ(OutputFormatOf("xml"), std::nullopt);
}

TEST(ToYaml, QuotesTextThatWouldReadAsSomethingElse) {
  const Json json = {{"a", "12"}, {"b", 12}, {"c", "true"}, {"d", true}, {"e", nullptr}, {"f", ""}};
  const std::string text = ToYaml(json);
  EXPECT_EQ(text, "a: \"12\"\nb: 12\nc: \"true\"\nd: true\ne: ~\nf: \"\"\n");
}

TEST(ParseYamlMaps, ReadsDocumentsListsAndJsonLines) {
  EXPECT_EQ(ParseYamlMaps("a: 1\n---\n- b: 2\n- c: 3\n", "f").value().size(), 3u);
  const auto lines = ParseYamlMaps("{\"a\":\"x\"}\n\n{\"a\":\"y\"}\n", "f").value();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[1].entries[0].second.scalar, "y");
  EXPECT_EQ(lines[1].place, "f:3");
  EXPECT_TRUE(ParseYamlMaps("", "f").value().empty());
}

TEST(ParseYamlMaps, NamesTheLineOfWhatIsWrong) {
  for (const char* text :
       {"a: 1\nb: [\n", "- a: 1\n- text\n", "a: 1\na: 2\n", "text", "? [x]\n: y"}) {
    const auto maps = ParseYamlMaps(text, "f");
    ASSERT_FALSE(maps) << text;
    EXPECT_EQ(maps.error().message.rfind("f:", 0), 0u) << maps.error().message;
  }
}

}  // namespace
}  // namespace drover::cli
