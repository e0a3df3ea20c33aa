#include "libs/service/flag_parser.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

namespace drover::service {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<Flag> SomeFlags() {
  using Kind = Flag::Kind;
  return {{"config", Kind::kString, "", "file"},
          {"redis-url", Kind::kString, "redis://localhost", "Redis"},
          {"password-file", Kind::kFile, "", "secret"},
          {"workers", Kind::kInt, "4", "how many", 1, 64},
          {"ttl", Kind::kDuration, "10s", "how long", 1'000, 60'000},
          {"verbose", Kind::kBool, "false", "more words"},
          {"mode", Kind::kChoice, "soft", "how", INT64_MIN, INT64_MAX, "soft|hard"}};
}

class Flagged : public ::testing::Test {
 protected:
  Flagged() {
    std::string pattern = std::filesystem::temp_directory_path() / "drover-flags-XXXXXX";
    folder_ = mkdtemp(pattern.data());
  }
  ~Flagged() override { std::filesystem::remove_all(folder_); }
  std::string File(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name) << content;
    return folder_ / name;
  }
  std::vector<std::string> Parse(const std::vector<std::string>& arguments,
                                 const FlagParser::Environment& environment = {}) {
    return parser_.Parse(arguments, environment);
  }

  std::filesystem::path folder_;
  FlagParser parser_{SomeFlags()};
};

TEST_F(Flagged, TakeTheCommandLineBeforeTheEnvironmentBeforeTheFileBeforeTheDefault) {
  const std::string file = File("c.yaml", "workers: 3\nttl: 3s\nredis-url: file\n");
  EXPECT_THAT(
      Parse({"--workers", "1", "--config", file}, {{"DROVER_WORKERS", "2"}, {"DROVER_TTL", "2s"}}),
      IsEmpty());
  EXPECT_EQ(parser_.flags().Int("workers"), 1);
  EXPECT_EQ(parser_.flags().Duration("ttl"), std::chrono::seconds(2));
  EXPECT_EQ(parser_.flags().String("redis-url"), "file");
  EXPECT_EQ(parser_.flags().String("mode"), "soft");
}

TEST_F(Flagged, AreWrittenWithASpaceOrAnEqualsSign) {
  EXPECT_THAT(Parse({"--workers=7", "--verbose", "--mode", "hard"}), IsEmpty());
  EXPECT_EQ(parser_.flags().Int("workers"), 7);
  EXPECT_TRUE(parser_.flags().Bool("verbose"));
  EXPECT_EQ(parser_.flags().String("mode"), "hard");
}

TEST_F(Flagged, ReportEveryErrorAtOnceAndWhereItCameFrom) {
  const std::string file = File("c.yaml", "mode: medium\nwrokers: 1\nttl: {a: b}\n");
  const auto errors =
      Parse({"--config", file, "--workers", "99", "--nothing", "x", "stray", "--redis-url"},
            {{"DROVER_TTL", "5 parsecs"}, {"DROVER_VERBOSE", "maybe"}, {"DROVER_WORKER", "1"}});
  EXPECT_THAT(errors,
              ::testing::UnorderedElementsAre(
                  HasSubstr("--workers (command line): '99' is not within 1 .. 64"),
                  HasSubstr("--nothing: no such flag"), HasSubstr("'stray' is not a flag"),
                  HasSubstr("--redis-url: needs a value"),
                  HasSubstr("--ttl (environment DROVER_TTL): '5 parsecs' is not a duration"),
                  HasSubstr("'maybe' is neither true nor false"),
                  HasSubstr("DROVER_WORKER: no such variable; did you mean DROVER_WORKERS?"),
                  HasSubstr(":1): 'medium' is none of soft|hard"),
                  HasSubstr(":2: wrokers: no such flag; did you mean workers?"),
                  HasSubstr(":3: ttl: is neither a value nor a list")));
}

TEST_F(Flagged, LeaveVariablesOfOtherProgramsAlone) {
  EXPECT_THAT(Parse({}, {{"DROVER_TEST_REDIS_URL", "x"}, {"DROVER_PORTAL_THEME", "y"}}), IsEmpty());
}

TEST_F(Flagged, AreGivenOnce) {
  EXPECT_THAT(Parse({"--workers", "1", "--workers", "2"}), ElementsAre("--workers: given twice"));
}

TEST_F(Flagged, ReadSecretsFromFilesAndNeverShowThem) {
  const std::string file = File("secret", "s3cr3t \n");
  EXPECT_THAT(Parse({"--password-file", file, "--redis-url", "redis://me:hidden@host/0"}),
              IsEmpty());
  EXPECT_EQ(parser_.flags().Secret("password-file"), "s3cr3t");
  const std::string shown = parser_.PrintConfig();
  EXPECT_THAT(shown, HasSubstr("password-file: \"" + file + "\"  # command line; content masked"));
  EXPECT_THAT(shown, HasSubstr("redis-url: \"redis://me:****@host/0\""));
  EXPECT_THAT(shown, HasSubstr("workers: \"4\"  # default"));
  EXPECT_THAT(shown, ::testing::Not(HasSubstr("s3cr3t")));
}

TEST_F(Flagged, RefuseSecretsThatAreMissingOrEmpty) {
  EXPECT_THAT(Parse({"--password-file", "/nowhere"}),
              ElementsAre(HasSubstr("cannot read the file /nowhere")));
  FlagParser other{SomeFlags()};
  EXPECT_THAT(other.Parse({"--password-file", File("empty", "\n")}, {}),
              ElementsAre(HasSubstr("is empty")));
}

TEST_F(Flagged, PrintConfigCanBeReadBack) {
  Parse({"--redis-url", "a \"quoted\" \\ value", "--workers", "9"});
  const std::string file = File("printed.yaml", parser_.PrintConfig());
  // All but --config itself, which names no further file.
  std::string text = parser_.PrintConfig();
  text.erase(0, text.find('\n') + 1);
  FlagParser again{SomeFlags()};
  EXPECT_THAT(again.Parse({"--config", File("again.yaml", text)}, {}), IsEmpty());
  EXPECT_EQ(again.flags().String("redis-url"), "a \"quoted\" \\ value");
  EXPECT_EQ(again.flags().Int("workers"), 9);
}

TEST_F(Flagged, AskForHelp) {
  Parse({"--help"});
  EXPECT_TRUE(parser_.help());
  EXPECT_THAT(parser_.Help(), HasSubstr("--mode soft|hard\n      how [default: soft]"));
}

TEST(ParseDuration, KnowsItsUnitsAndNothingElse) {
  EXPECT_EQ(*ParseDuration("250ms"), std::chrono::milliseconds(250));
  EXPECT_EQ(*ParseDuration("5m"), std::chrono::minutes(5));
  EXPECT_EQ(*ParseDuration("7d"), std::chrono::hours(7 * 24));
  for (const char* text : {"", "5", "ms", "-1s", "1.5s", "5 s", "99999999999999999d"}) {
    EXPECT_FALSE(ParseDuration(text)) << text;
  }
}

}  // namespace
}  // namespace drover::service
