#include "tools/drover/run.h"

#include <sstream>

#include <gtest/gtest.h>

namespace drover::cli {
namespace {

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

Outcome Drover(const std::vector<std::string>& words, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out;
  std::ostringstream err;
  Console console{in, out, err};
  const int code = Run(words, console, [](const std::string&) { return std::nullopt; });
  return {code, out.str(), err.str()};
}

TEST(Drover, PrintsItsVersion) {
  EXPECT_EQ(Drover({"version"}).out.rfind("drover ", 0), 0u);
  EXPECT_NE(Drover({"version", "-o", "json"}).out.find("\"version\": \""), std::string::npos);
}

TEST(Drover, HelpsOnStandardOutput) {
  const Outcome help = Drover({"op", "submit", "--help"});
  EXPECT_EQ(help.code, 0);
  EXPECT_NE(help.out.find("--idempotency-key"), std::string::npos);
  EXPECT_EQ(help.err, "");
}

TEST(Drover, ExitsWithTwoWhenMisused) {
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {},
           {"fly"},
           {"get"},
           {"get", "devices", "--colour", "red"},
           {"get", "devices", "-o", "html", "--tree", "localhost:1"},
           {"get", "devices", "-l", "model", "--tree", "localhost:1"},
           {"get", "operations", "--state", "GONE", "--operations", "localhost:1"},
           {"describe", "device", "a b"},
           {"tree", "get", "IMEI:1", "/abs"},
           {"op", "submit", "IMEI:1"},
           {"op", "submit", "IMEI:1", "get"},
           {"op", "submit", "IMEI:1", "replace", "./A"},
           {"op", "submit", "IMEI:1", "get", "./A", "-f", "x.yaml"},
           {"op", "submit", "IMEI:1", "get", "./A", "--priority", "10"},
           {"device", "enrol", "IMEI:1"},
           {"device", "rotate-credentials", "IMEI:1"},
           {"decode", "-", "--as", "html"},
           {"completion", "tcsh"},
       }) {
    const Outcome outcome = Drover(words);
    EXPECT_EQ(outcome.code, 2) << outcome.err;
    EXPECT_NE(outcome.err, "");
    EXPECT_EQ(outcome.out, "");
  }
}

TEST(Drover, SaysHowToNameAServiceThatItDoesNotKnow) {
  const Outcome outcome = Drover({"get", "devices"});
  EXPECT_EQ(outcome.code, 2);
  EXPECT_NE(outcome.err.find("DROVER_TREE"), std::string::npos) << outcome.err;
}

TEST(Drover, FailsWhenAServiceDoesNotAnswer) {
  const Outcome outcome =
      Drover({"get", "devices", "--tree", "127.0.0.1:1", "--rpc-timeout", "2s"});
  EXPECT_TRUE(outcome.code == 1 || outcome.code == 5) << outcome.err;
}

TEST(Drover, TakesValuesThatLookLikeWordsOfItsOwn) {
  const std::vector<std::string> submit = {"--operations", "127.0.0.1:1", "--rpc-timeout", "2s",
                                           "op",           "submit",      "IMEI:1"};
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"replace", "./A", "get"},
           {"replace", "./A", "op"},
           {"replace", "--format", "int", "--", "./A", "-5"},
           {"add", "./A"},
           {"exec", "./A", ""},
           {"copy", "./A", "./B", "--wait"},
           {"delete", "./A", "./B", "--label", "x", "--ttl", "2h"},
       }) {
    std::vector<std::string> all = submit;
    all.insert(all.end(), words.begin(), words.end());
    const Outcome outcome = Drover(all);
    EXPECT_TRUE(outcome.code == 1 || outcome.code == 5) << outcome.code << outcome.err;
  }
}

TEST(Drover, DecodesFromStandardInput) {
  const std::string hex =
      "496b1619557be9616812a8df173495b602d0000000123412636f6d2e6d676d747372762e6d616e616765\n";
  const Outcome yaml = Drover({"decode", "-"}, hex);
  EXPECT_EQ(yaml.code, 0) << yaml.err;
  EXPECT_NE(yaml.out.find("session_id: \"1234\""), std::string::npos) << yaml.out;
  const Outcome bad = Drover({"decode", "-"}, "<SyncML>\n<SyncHdr></SyncML>");
  EXPECT_EQ(bad.code, 1);
  EXPECT_NE(bad.err.find("- as xml: octet "), std::string::npos) << bad.err;
  EXPECT_NE(bad.err.find("line 2"), std::string::npos) << bad.err;
  EXPECT_EQ(Drover({"decode", "/nonexistent"}).code, 1);
}

TEST(Drover, CompletesCommandsAndFlags) {
  const Outcome bash = Drover({"completion", "bash"});
  EXPECT_EQ(bash.code, 0);
  EXPECT_NE(bash.out.find("'op submit') words='get replace add delete copy exec"),
            std::string::npos)
      << bash.out;
  EXPECT_NE(Drover({"completion", "zsh"}).out.find("bashcompinit"), std::string::npos);
  EXPECT_NE(
      Drover({"completion", "fish"}).out.find("'__fish_seen_subcommand_from device' -f -a enrol"),
      std::string::npos);
}

}  // namespace
}  // namespace drover::cli
