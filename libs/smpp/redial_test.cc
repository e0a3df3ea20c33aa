#include "libs/smpp/redial.h"

#include <gtest/gtest.h>

namespace drover::smpp {
namespace {

using namespace std::chrono_literals;

constexpr End kLost{.cause = EndCause::kLinkLost};
End Refused(CommandStatus status) { return {.cause = EndCause::kBindRefused, .status = status}; }

TEST(Redial, DoublesUpToAMinute) {
  Redial redial({.jitter = 0}, 1);
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    EXPECT_EQ(redial.After(kLost, 0ms), expected);
  }
  for (int i = 0; i < 100; ++i) EXPECT_EQ(redial.After(kLost, 5s), 60s);
  EXPECT_EQ(redial.After(kLost, 10s), 1s) << "bound for long enough";
}

TEST(Redial, SpreadsOut) {
  Redial redial({}, 7);
  bool longer = false;
  for (int i = 0; i < 50; ++i) {
    const auto wait = redial.After(kLost, 1h);
    EXPECT_GE(wait, 1s);
    EXPECT_LE(wait, 1200ms);
    longer = longer || wait > 1050ms;
  }
  EXPECT_TRUE(longer);
}

TEST(Redial, WaitsForAnOldBindToBeForgotten) {
  Redial redial({.jitter = 0}, 1);
  EXPECT_EQ(redial.After(Refused(CommandStatus::kRalyBnd), 0ms), 60s);
  EXPECT_FALSE(Redial::NeedsOperator(Refused(CommandStatus::kRalyBnd)));
}

TEST(Redial, DoesNotHammerWithAWrongPassword) {
  for (const CommandStatus status :
       {CommandStatus::kRinvPaswd, CommandStatus::kRinvSysId, CommandStatus::kRinvSysTyp}) {
    Redial redial({.jitter = 0}, 1);
    EXPECT_EQ(redial.After(Refused(status), 0ms), 60s);
    EXPECT_TRUE(Redial::NeedsOperator(Refused(status)));
  }
  Redial redial({.jitter = 0}, 1);
  EXPECT_EQ(redial.After(Refused(CommandStatus::kRbindFail), 0ms), 10s);
  EXPECT_EQ(redial.After(Refused(CommandStatus::kRsysErr), 0ms), 2s);
}

TEST(Redial, ComesBackSoonAfterThePeersUnbind) {
  Redial redial({.jitter = 0}, 1);
  EXPECT_EQ(redial.After({.cause = EndCause::kPeerUnbound}, 1h), 5s);
  EXPECT_EQ(redial.After({.cause = EndCause::kPeerUnbound}, 0ms), 5s);
}

}  // namespace
}  // namespace drover::smpp
