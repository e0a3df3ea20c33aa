#include "libs/service/log.h"

#include <gtest/gtest.h>

namespace drover::service {
namespace {

class Logged : public ::testing::Test {
 protected:
  ~Logged() override { ConfigureLog("drover", Level::kInfo, LogFormat::kJson); }
  template <typename F>
  std::string Line(F log) {
    ::testing::internal::CaptureStderr();
    log();
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(Logged, IsOneJsonObjectALine) {
  ConfigureLog("tree", Level::kInfo, LogFormat::kJson);
  const std::string line = Line([] {
    Log(Level::kWarn, "tree.odd", "a \"quote\"\n",
        {{"n", 3}, {"ok", true}, {"r", 0.5}, {"s", "x"}});
  });
  EXPECT_EQ(line.substr(0, 7), "{\"ts\":\"");
  EXPECT_EQ(line.substr(line.find(",\"level\"")),
            ",\"level\":\"warn\",\"service\":\"tree\",\"event\":\"tree.odd\","
            "\"msg\":\"a \\\"quote\\\"\\u000a\",\"n\":3,\"ok\":true,\"r\":0.5,\"s\":\"x\"}\n");
}

TEST_F(Logged, EscapesWhatIsNotUtf8AndKeepsWhatIs) {
  const std::string line = Line([] {
    Log(Level::kInfo, "e", "m", {{"bad", "\xff\x01"}, {"good", "Zürich"}});
  });
  EXPECT_NE(line.find("\"bad\":\"\\u00ff\\u0001\",\"good\":\"Zürich\"}"), std::string::npos)
      << line;
}

TEST_F(Logged, LeavesOutWhatIsBelowTheLevel) {
  ConfigureLog("x", Level::kError, LogFormat::kJson);
  EXPECT_EQ(Line([] { Log(Level::kWarn, "e", "m"); }), "");
}

TEST_F(Logged, CanBeText) {
  ConfigureLog("x", Level::kInfo, LogFormat::kText);
  const std::string line = Line([] { Log(Level::kInfo, "e", "two\nlines", {{"k", 1}}); });
  EXPECT_EQ(line.substr(line.find(' ')), " info  x e: two lines k=1\n");
}

TEST(Redacted, ShowsLittleAndTellsDevicesApart) {
  const std::string one = Redacted("IMEI:493005100592800");
  EXPECT_EQ(one.substr(0, 8), "IMEI:493");
  EXPECT_EQ(one.find("5100592800"), std::string::npos);
  EXPECT_EQ(one, Redacted("IMEI:493005100592800"));
  EXPECT_NE(one, Redacted("IMEI:493005100592801"));
  EXPECT_EQ(Redacted("ab").substr(0, 1), "a");
  EXPECT_EQ(Redacted("").substr(0, 3), "..#");
}

TEST(Sampler, AdmitsABurstAnIntervalAndCountsTheRest) {
  Sampler sampler(2, std::chrono::seconds(10));
  const auto now = std::chrono::steady_clock::now();
  EXPECT_EQ(sampler.Admit(now), 0);
  EXPECT_EQ(sampler.Admit(now), 0);
  EXPECT_EQ(sampler.Admit(now), -1);
  EXPECT_EQ(sampler.Admit(now), -1);
  EXPECT_EQ(sampler.Admit(now + std::chrono::seconds(10)), 2);
  EXPECT_EQ(sampler.Admit(now + std::chrono::seconds(10)), 0);
}

}  // namespace
}  // namespace drover::service
