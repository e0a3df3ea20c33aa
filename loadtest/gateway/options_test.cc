#include "loadtest/gateway/options.h"

#include <gtest/gtest.h>

namespace drover::gwsim {
namespace {

CommandLine Line() {
  CommandLine line;
  line.servers = {"http://127.0.0.1:8080"};
  return line;
}

std::string Why(const CommandLine& line) {
  const auto options = OptionsFrom(line);
  return options ? "" : options.error().message;
}

TEST(GatewayOptions, DefaultsAreAMixOfAHundred) {
  const auto options = OptionsFrom(Line());
  ASSERT_TRUE(options) << options.error();
  EXPECT_EQ(options->population.count, 100u);
  EXPECT_GT(options->mix.parts.size(), 10u);
  EXPECT_EQ(options->interval, std::chrono::hours(1));
}

TEST(GatewayOptions, WhatIsWrongIsNamed) {
  CommandLine line;
  EXPECT_EQ(Why(line), "--server: where do gateways register?");
  line = Line();
  line.count = "11M";
  EXPECT_EQ(Why(line), "--count and --first: gateways have numbers below 10000000");
  line = Line();
  line.mix = "nobody";
  EXPECT_EQ(Why(line).substr(0, 7), "--mix: ");
  line = Line();
  line.transport = "sctp";
  EXPECT_EQ(Why(line), "--transport: udp, tcp or tls");
  line.transport = "tls";
  EXPECT_EQ(Why(line), "--transport tls needs --tls-certificate and --tls-key");
  line = Line();
  line.interval = "soon";
  EXPECT_EQ(Why(line).substr(0, 12), "--interval: ");
}

}  // namespace
}  // namespace drover::gwsim
