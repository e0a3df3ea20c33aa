// The rows of the state table that end a group or take it back (README.md).
#include <gtest/gtest.h>

#include "libs/dispatch/testing/desk.h"

namespace drover::dispatch {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Desk;
using testing::JobOf;

SmscOptions With(Gate gate) { return {.gate = gate}; }

TEST(States, CancelOfWhatHasNotLeftIsDoneAtOnce) {
  Desk desk;
  desk.Admit(1, 2);
  EXPECT_EQ(desk.scheduler->Cancel(JobOf(1), desk.now, desk.out), CancelResult::kCancelled);
  const Outcome outcome = desk.Take<Outcome>().at(0);
  EXPECT_EQ(outcome.state, EndState::kCancelled);
  EXPECT_EQ(outcome.code, 1000);
  EXPECT_EQ(desk.scheduler->Cancel(JobOf(9), desk.now, desk.out), CancelResult::kUnknownJob);
}

TEST(States, CancelAsksForEachAcceptedSegmentAndEndsCancelled) {
  Desk desk = Desk::Up();
  const GroupId group = desk.Admit(1, 2);
  desk.Accept(desk.TakeSend(), "a");
  desk.Accept(desk.TakeSend(), "b");
  EXPECT_EQ(desk.scheduler->Cancel(JobOf(1), desk.now, desk.out), CancelResult::kAsked);
  EXPECT_EQ(desk.Take<CancelSm>().size(), 2u);
  desk.scheduler->CancelAnswer(group, 1, true, desk.now, desk.out);
  EXPECT_EQ(desk.StateOf(1), GroupState::kCancelling);
  desk.scheduler->CancelAnswer(group, 2, true, desk.now, desk.out);
  const std::vector<Effect> effects = desk.out.effects;
  EXPECT_EQ(desk.Take<CancelDone>().at(0).code, 1000);
  desk.out.effects = effects;
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kCancelled);
}

TEST(States, CancelThatComesTooLateIs2008AndTheGroupGoesOn) {
  Desk desk = Desk::Up();
  const GroupId group = desk.Admit(1, 2);
  desk.Accept(desk.TakeSend(), "a");
  desk.Accept(desk.TakeSend(), "b");
  desk.scheduler->Cancel(JobOf(1), desk.now, desk.out);
  desk.scheduler->CancelAnswer(group, 1, true, desk.now, desk.out);
  desk.out.effects.clear();
  desk.scheduler->CancelAnswer(group, 2, false, desk.now, desk.out);
  const std::vector<Effect> effects = desk.out.effects;
  EXPECT_EQ(desk.Take<CancelDone>().at(0).code, 2008);
  desk.out.effects = effects;
  EXPECT_EQ(desk.TakeSend().ticket.segment, 1) << "which was taken back meanwhile";
}

TEST(States, CancelOfWhatArrivedInPartIsNotPossible) {
  Desk desk = Desk::Up(With(Gate::kTransaction));
  desk.Admit(1, 2);
  desk.Accept(desk.TakeSend(), "");
  EXPECT_EQ(desk.scheduler->Cancel(JobOf(1), desk.now, desk.out), CancelResult::kNotPossible);
}

TEST(States, ReplaceCancelsEvenWhatArrivedInPartAndTheNewJobFollows) {
  Desk desk = Desk::Up(With(Gate::kTransaction));
  desk.Admit(1, 3);
  const Send first = desk.TakeSend();
  desk.Accept(first, "");
  const GroupId next =
      desk.scheduler->Replace(JobOf(1), desk.JobFor(2, 2), desk.now, desk.out).value();
  const std::vector<Effect> effects = desk.out.effects;
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kCancelled);
  desk.out.effects = effects;
  const Send send = desk.Take<Send>().back();
  EXPECT_EQ(send.ticket.group, next);
  EXPECT_NE(send.ref, first.ref);
  EXPECT_EQ(desk.scheduler->Replace(JobOf(1), desk.JobFor(3, 1), desk.now, desk.out).error().code,
            Code::kNotFound);
}

TEST(States, TheDeadlineExpiresTheGroupAndSaysHowFarItCame) {
  Desk desk = Desk::Up(With(Gate::kTransaction));
  desk.Admit(1, 4);
  desk.Accept(desk.TakeSend(), "");
  desk.Accept(desk.TakeSend(), "");
  desk.Refuse(desk.TakeSend(), Refusal::kTemporarySlow);
  desk.scheduler->BindDown(1, desk.now, desk.out);
  desk.After(seconds(600));
  const Outcome outcome = desk.Take<Outcome>().at(0);
  EXPECT_EQ(outcome.state, EndState::kExpired);
  EXPECT_EQ(outcome.code, 4000);
  EXPECT_EQ(outcome.cause, "2 of 4 delivered; SMPP 0x0000000b");
}

TEST(States, TheDeadlineIsUnknownIfAllWereAcceptedAndNoReceiptCame) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  desk.Accept(desk.TakeSend(), "a");
  desk.After(seconds(600));
  const std::vector<Effect> effects = desk.out.effects;
  EXPECT_EQ(desk.Take<CancelSm>().size(), 1u);
  desk.out.effects = effects;
  const Outcome outcome = desk.Take<Outcome>().at(0);
  EXPECT_EQ(outcome.state, EndState::kUnknown);
  EXPECT_EQ(outcome.cause, "no receipt");
}

TEST(States, ATransactionMayAnswerUntilTheDeadlineAndTenSecondsMore) {
  Desk desk = Desk::Up(With(Gate::kTransaction));
  desk.Admit(1, 1);
  const Send send = desk.TakeSend();
  desk.After(seconds(609));
  EXPECT_TRUE(desk.Take<Outcome>().empty());
  desk.Accept(send, "");
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kDelivered);
}

TEST(States, ConfigurationFaultsParkTheSmscAndBurnNoMessages) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  desk.Refuse(desk.TakeSend(), Refusal::kConfiguration);
  EXPECT_EQ(desk.Take<SmscParked>().size(), 1u);
  Job other = desk.JobFor(2, 1);
  other.destination = "8613800138001";
  desk.Admit(other);
  desk.After(seconds(59));
  EXPECT_TRUE(desk.Take<Send>().empty());
  desk.After(seconds(1));
  EXPECT_EQ(desk.Take<Send>().size(), 2u);
}

}  // namespace
}  // namespace drover::dispatch
