#include "loadtest/fleet/judge.h"

namespace drover::fleet {
namespace {

using syncml::CommandKind;
using End = BelievedOperation::End;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Judging : public testing::Test {
 protected:
  void SetUp() override {
    const terminal::Model model(SpecOf({.work = Work::kGetReplace}), {"srv", "http://srv/dm"});
    plan_ = PlanOf({population_, Work::kGetReplace, 5, "IMEI:1", model.blueprint()}).value();
  }
  static terminal::Execution Executed(const PlannedCommand& command, uint16_t status = 200) {
    terminal::Execution execution;
    execution.kind = command.kind;
    execution.uri = command.uri;
    execution.status = status;
    const bool get = command.kind == CommandKind::kGet;
    execution.digest = terminal::DigestOf(get ? command.expected : command.data);
    return execution;
  }
  BelievedOperation Believed(size_t operation, End end, uint32_t status) const {
    BelievedOperation believed;
    believed.label = plan_[operation].label;
    believed.end = end;
    for (const PlannedCommand& command : plan_[operation].commands) {
      BelievedCommand& each = believed.commands.emplace_back();
      each.kind = command.kind;
      each.uri = command.uri;
      each.data = command.data;
      each.status = status;
      if (command.kind == CommandKind::kGet) each.reported = command.expected;
    }
    return believed;
  }
  const PlannedCommand& get() const { return plan_[0].commands[0]; }
  const PlannedCommand& replace() const { return plan_[1].commands[0]; }

  Population population_;
  Plan plan_;
  DoneCounts done_;
};

TEST_F(Judging, CountsEachCommandByItself) {
  EXPECT_THAT(Enter(plan_, {Executed(replace()), Executed(get()), Executed(replace())}, done_),
              IsEmpty());
  EXPECT_EQ(done_.Of(0), 1U);
  EXPECT_EQ(done_.Of(1), 2U);
}

TEST_F(Judging, StopsCountingAtFifteen) {
  for (int i = 0; i < 40; ++i) (void)Enter(plan_, {Executed(replace())}, done_);
  EXPECT_EQ(done_.Of(1), 15U);
  EXPECT_EQ(done_.Of(0), 0U);
  EXPECT_EQ(done_.Of(2), 0U);
}

TEST_F(Judging, NamesWhatBelongsToNoOperation) {
  terminal::Execution other = Executed(replace());
  other.digest += 1;
  terminal::Execution read = Executed(get());
  read.uri = "./DevDetail/FwV";
  const auto foreign = Enter(plan_, {other, read, Executed(replace(), 404)}, done_);
  ASSERT_THAT(foreign, SizeIs(1));
  EXPECT_THAT(foreign[0], HasSubstr("./NAP/internet/ADDR"));
  EXPECT_EQ(done_.bits(), 0U);
}

TEST_F(Judging, AgreesWhenBothSidesSayDone) {
  (void)Enter(plan_, {Executed(get()), Executed(get()), Executed(replace())}, done_);
  EXPECT_THAT(Compare(plan_, done_, Believed(0, End::kSucceeded, 200)), IsEmpty());
  EXPECT_THAT(Compare(plan_, done_, Believed(1, End::kSucceeded, 200)), IsEmpty());
}

TEST_F(Judging, AgreesWhenBothSidesSayNotYet) {
  EXPECT_THAT(Compare(plan_, done_, Believed(1, End::kOpen, 0)), IsEmpty());
  EXPECT_THAT(Compare(plan_, done_, Believed(1, End::kFailed, 404)), IsEmpty());
}

TEST_F(Judging, FindsWhatIsBelievedAndWasNeverExecuted) {
  const auto found = Compare(plan_, done_, Believed(1, End::kSucceeded, 200));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Difference::Kind::kLost);
}

TEST_F(Judging, FindsWhatWasExecutedTwice) {
  (void)Enter(plan_, {Executed(replace()), Executed(replace())}, done_);
  const auto found = Compare(plan_, done_, Believed(1, End::kSucceeded, 200));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Difference::Kind::kDoubled);
}

TEST_F(Judging, FindsWhatWasExecutedAndNobodyKnows) {
  (void)Enter(plan_, {Executed(replace())}, done_);
  EXPECT_THAT(Compare(plan_, done_, Believed(1, End::kUncertain, 0)), IsEmpty());
  EXPECT_THAT(Compare(plan_, done_, Believed(1, End::kFailed, 0)), IsEmpty());
  for (const BelievedOperation& believed :
       {Believed(1, End::kOpen, 0), Believed(1, End::kFailed, 404)}) {
    const auto found = Compare(plan_, done_, believed);
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_EQ(found[0].kind, Difference::Kind::kDifferent);
  }
}

TEST_F(Judging, FindsAnotherValueAnotherCommandAndAnotherOperation) {
  (void)Enter(plan_, {Executed(get()), Executed(replace())}, done_);
  BelievedOperation read = Believed(0, End::kSucceeded, 200);
  read.commands[0].reported = "IMEI:2";
  EXPECT_THAT(Compare(plan_, done_, read), SizeIs(1));
  BelievedOperation write = Believed(1, End::kSucceeded, 200);
  write.commands[0].data = "iot-6.example";
  EXPECT_THAT(Compare(plan_, done_, write), SizeIs(1));
  BelievedOperation other = Believed(1, End::kSucceeded, 200);
  other.label = "exec";
  EXPECT_THAT(Compare(plan_, done_, other), SizeIs(1));
}

TEST_F(Judging, FindsAnOperationThatSucceededWithoutTheStatusOfACommand) {
  (void)Enter(plan_, {Executed(replace())}, done_);
  EXPECT_THAT(Compare(plan_, done_, Believed(1, End::kSucceeded, 0)), SizeIs(1));
}

}  // namespace
}  // namespace drover::fleet
