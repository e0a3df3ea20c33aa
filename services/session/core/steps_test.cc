#include "services/session/core/steps.h"

#include <gtest/gtest.h>

#include "services/session/core/testing/world.h"

namespace drover::session {
namespace {

using Kind = Step::Kind;

// "0-2 plain" of each step, from the first command on.
std::vector<std::string> StepsOf(const std::vector<CommandSpec>& commands) {
  std::vector<std::string> steps;
  for (uint32_t at = 0; at < commands.size();) {
    const Step step = StepAt(commands, at);
    for (uint32_t k = step.begin; k < step.end; ++k) {
      EXPECT_EQ(StepAt(commands, k).begin, step.begin) << "the same from each of its commands";
      EXPECT_EQ(StepAt(commands, k).end, step.end);
    }
    const char* kind = step.kind == Kind::kAtomic   ? " atomic"
                       : step.kind == Kind::kPrompt ? " prompt"
                                                    : " plain";
    steps.push_back(std::to_string(step.begin) + "-" + std::to_string(step.end) + kind);
    at = step.end;
  }
  return steps;
}

TEST(StepAt, SplitsAnOperationIntoRunsAtomicsAndPrompts) {
  using Steps = std::vector<std::string>;
  const CommandSpec plain = Replace("./A", "1");
  const CommandSpec ask = Ask(Prompt::Kind::kConfirm, "?");
  EXPECT_EQ(StepsOf({plain}), Steps({"0-1 plain"}));
  EXPECT_EQ(StepsOf({plain, Get("./B"), Exec("./C")}), Steps({"0-3 plain"}));
  EXPECT_EQ(StepsOf({plain, ask, plain}), Steps({"0-1 plain", "1-2 prompt", "2-3 plain"}));
  EXPECT_EQ(StepsOf({ask, ask}), Steps({"0-1 prompt", "1-2 prompt"}));
  EXPECT_EQ(StepsOf({InAtomic(plain), InAtomic(ask), InAtomic(plain), plain}),
            Steps({"0-3 atomic", "3-4 plain"}));
  EXPECT_EQ(StepsOf({InAtomic(plain, 1), InAtomic(plain, 2)}), Steps({"0-1 atomic", "1-2 atomic"}));
  EXPECT_EQ(StepsOf({InAtomic(plain), plain, InAtomic(plain)}),
            Steps({"0-1 atomic", "1-2 plain", "2-3 atomic"}));
}

TEST(IsDone, KnowsWhichOf2xxMeanIt) {
  for (const uint32_t done : {200, 201, 202, 204, 210, 211, 212, 217}) EXPECT_TRUE(IsDone(done));
  for (const uint32_t other : {0, 101, 213, 214, 215, 216, 304, 404, 418, 500, 507}) {
    EXPECT_FALSE(IsDone(other)) << other;
  }
}

HeldOperation Held(std::vector<CommandSpec> commands, std::vector<uint32_t> statuses) {
  HeldOperation held{Work("op", std::move(commands)), {}};
  for (uint32_t k = 0; k < statuses.size(); ++k) {
    CommandResult result;
    result.index = k;
    result.status = statuses[k];
    result.cmd_id = "1";
    held.results.push_back(std::move(result));
  }
  return held;
}

TEST(EndIfRefused, EndsOnlyWhatIsBehindAGate) {
  const CommandSpec plain = Replace("./A", "1");
  const CommandSpec ask = Ask(Prompt::Kind::kConfirm, "?");
  HeldOperation failed = Held({plain, plain}, {404});
  EndIfRefused(failed);
  EXPECT_EQ(failed.results.size(), 1U) << "a command that fails stops no other";
  HeldOperation no = Held({plain, ask, plain, plain}, {200, 304});
  EndIfRefused(no);
  ASSERT_EQ(no.results.size(), 4U);
  EXPECT_EQ(no.results[3].status, 215U);
  HeldOperation yes = Held({ask, plain}, {200});
  EndIfRefused(yes);
  EXPECT_EQ(yes.results.size(), 1U);
  HeldOperation atomic = Held({InAtomic(plain), InAtomic(plain), plain}, {216, 404});
  EndIfRefused(atomic);
  EXPECT_EQ(atomic.results.size(), 3U);
}

TEST(MayHaveChanged, CountsWhatWasSentAndWhatWasReadBackAsDone) {
  SessionState session;
  session.operations.push_back(Held({Get("./A"), Replace("./A", "1")}, {200}));
  EXPECT_FALSE(MayHaveChanged(session, 0)) << "reading changes nothing";
  SentCommand sent;
  sent.command = 1;
  sent.role = SentCommand::Role::kChunk;
  session.sent = {sent};
  EXPECT_FALSE(MayHaveChanged(session, 0)) << "nor does a piece that is not the last";
  session.sent[0].role = SentCommand::Role::kVerify;
  EXPECT_FALSE(MayHaveChanged(session, 0));
  session.sent[0].role = SentCommand::Role::kCommand;
  EXPECT_TRUE(MayHaveChanged(session, 0));
  session.sent.clear();
  session.operations[0].results.push_back({.index = 1, .status = 200, .verified = true});
  EXPECT_TRUE(MayHaveChanged(session, 0)) << "an older session sent it";
}

}  // namespace
}  // namespace drover::session
