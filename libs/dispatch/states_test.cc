// The rows of the state table, one test each, in its order (README.md).
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

TEST(States, NewIsHeldUntilDeliverAfterThenReady) {
  Desk desk;
  Job job = desk.JobFor(1, 2);
  job.deliver_after = desk.now + seconds(30);
  desk.Admit(job);
  EXPECT_FALSE(desk.out.journal.empty()) << "the job is durable before it is acknowledged";
  EXPECT_EQ(desk.StateOf(1), GroupState::kHeld);
  EXPECT_EQ(desk.ViewOf(1).deadline, job.deliver_after + seconds(600));
  desk.After(seconds(29));
  EXPECT_EQ(desk.StateOf(1), GroupState::kHeld);
  desk.After(seconds(1));
  EXPECT_EQ(desk.StateOf(1), GroupState::kReady);
}

TEST(States, NewIsReadyAndItsDeadlineIsNeverBeyondDeliverBefore) {
  Desk desk;
  Job job = desk.JobFor(1, 1);
  job.push_class = PushClass::kBootstrap;
  desk.Admit(job);
  EXPECT_EQ(desk.StateOf(1), GroupState::kReady);
  EXPECT_EQ(desk.ViewOf(1).deadline, desk.now + seconds(3600));
  job.id = JobOf(2);
  job.deliver_before = desk.now + seconds(5);
  desk.Admit(job);
  EXPECT_EQ(desk.ViewOf(2).deadline, desk.now + seconds(5));
}

TEST(States, ReadyStartsWhenABindIsUpAndItsLaneIsFree) {
  Desk desk;
  desk.Admit(1, 2);
  desk.Admit(2, 1);
  EXPECT_TRUE(desk.Take<Send>().empty());
  desk.scheduler->BindUp(1, 0, 20, desk.now, desk.out);
  const Send send = desk.TakeSend();
  EXPECT_EQ(send.ticket.segment, 1);
  EXPECT_EQ(send.total, 2);
  EXPECT_TRUE(send.more_messages);
  EXPECT_EQ(send.validity, seconds(600));
  EXPECT_EQ(desk.StateOf(1), GroupState::kWaitAccept);
  EXPECT_EQ(desk.StateOf(2), GroupState::kReady) << "the lane is busy";
}

TEST(States, SendingIsJournalledBeforeThePduLeaves) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  ASSERT_EQ(desk.out.effects.size(), 1u);
  EXPECT_EQ(desk.out.effects.front().after, desk.out.journal.size());
}

TEST(States, AcceptOpensTheNextSegmentInTheSameTurn) {
  Desk desk = Desk::Up();
  desk.Admit(1, 3);
  for (uint8_t k = 1; k <= 3; ++k) {
    const Send send = desk.TakeSend();
    ASSERT_EQ(send.ticket.segment, k);
    EXPECT_EQ(send.more_messages, k < 3);
    desk.Accept(send, std::to_string(k));
  }
  EXPECT_TRUE(desk.Take<Send>().empty());
  EXPECT_EQ(desk.StateOf(1), GroupState::kWaitAll);
}

TEST(States, AcceptOfGateReceiptWaitsForTheReceiptOfEachSegment) {
  Desk desk = Desk::Up(With(Gate::kReceipt));
  desk.Admit(1, 2);
  desk.Accept(desk.TakeSend(), "a");
  EXPECT_EQ(desk.StateOf(1), GroupState::kWaitReceipt);
  desk.Receipt("a", Arrival::kDelivered);
  const Send second = desk.TakeSend();
  EXPECT_EQ(second.ticket.segment, 2);
  desk.Accept(second, "b");
  desk.Receipt("b", Arrival::kDelivered);
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kDelivered);
}

TEST(States, AcceptOfGateTransactionMeansDelivered) {
  Desk desk = Desk::Up(With(Gate::kTransaction));
  desk.Admit(1, 2);
  desk.Accept(desk.TakeSend(), "");
  EXPECT_EQ(desk.ViewOf(1).delivered, 1);
  desk.Accept(desk.TakeSend(), "");
  const Outcome outcome = desk.Take<Outcome>().at(0);
  EXPECT_EQ(outcome.state, EndState::kDelivered);
  EXPECT_EQ(outcome.code, 1000);
  EXPECT_EQ(outcome.delivered, 2);
}

TEST(States, GateBurstWritesAllInOrder) {
  Desk desk = Desk::Up(With(Gate::kBurst));
  desk.Admit(1, 3);
  const std::vector<Send> sends = desk.Take<Send>();
  ASSERT_EQ(sends.size(), 3u);
  for (uint8_t k = 1; k <= 3; ++k) EXPECT_EQ(sends[k - 1].ticket.segment, k);
  desk.Accept(sends[0], "a");
  desk.Refuse(sends[1], Refusal::kThrottle);
  desk.Accept(sends[2], "c");
  desk.After(seconds(3));
  EXPECT_EQ(desk.TakeSend().ticket.segment, 2) << "the hole alone is filled";
}

TEST(States, WholePushIsOnePduWithoutAReference) {
  SmscOptions smsc = With(Gate::kTransaction);
  smsc.whole_push = true;
  Desk desk = Desk::Up(smsc);
  desk.Admit(1, 4);
  const Send send = desk.TakeSend();
  EXPECT_TRUE(send.whole);
  EXPECT_EQ(send.total, 1);
  desk.Accept(send, "");
  EXPECT_EQ(desk.Take<Outcome>().at(0).delivered, 4);
}

TEST(States, WholePushNeedsNoTransactionItsReceiptIsThatOfAllSegments) {
  SmscOptions smsc = With(Gate::kAccept);
  smsc.whole_push = true;
  Desk desk = Desk::Up(smsc);
  desk.Admit(1, 4);
  const Send send = desk.TakeSend();
  EXPECT_TRUE(send.whole);
  desk.Accept(send, "a");
  EXPECT_TRUE(desk.Take<Send>().empty());
  EXPECT_EQ(desk.StateOf(1), GroupState::kWaitAll);
  desk.Receipt("a", Arrival::kDelivered);
  EXPECT_EQ(desk.Take<Outcome>().at(0).delivered, 4);
}

TEST(States, WhatNobodyWantsConfirmedEndsWithItsAcceptance) {
  for (const Gate gate : {Gate::kAccept, Gate::kReceipt}) {
    SmscOptions smsc = With(gate);
    smsc.accept_is_delivered = true;
    Desk desk = Desk::Up(smsc);
    Job job = desk.JobFor(1, 2);
    job.receipts = false;
    desk.Admit(job);
    desk.Accept(desk.TakeSend(), "a");
    desk.Restart();  // That nobody asks is in the journal.
    EXPECT_TRUE(desk.restored);
    desk.scheduler->BindUp(2, 0, 20, desk.now, desk.out);
    desk.After(seconds(3));  // Whether the second one had left is not known.
    desk.Accept(desk.TakeSend(), "b");
    const std::vector<Outcome> outcomes = desk.Take<Outcome>();
    ASSERT_EQ(outcomes.size(), 1u) << Name(gate);
    EXPECT_EQ(outcomes[0].state, EndState::kDelivered);
    EXPECT_EQ(outcomes[0].cause, "handed to bearer");
  }
}

TEST(States, WhatNobodyWantsConfirmedIsLeftToTheSmscOnceAccepted) {
  SmscOptions smsc = With(Gate::kAccept);
  smsc.can_cancel = true;
  Desk desk = Desk::Up(smsc);
  Job job = desk.JobFor(1, 1);
  job.receipts = false;
  desk.Admit(job);
  desk.Accept(desk.TakeSend(), "a");
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kUnknown);
  EXPECT_TRUE(desk.Take<CancelSm>().empty()) << "it may still be on its way to the terminal";
}

TEST(States, ThrottleSlowsTheBindAndWaitsShortlyWithoutCountingAnAttempt) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  for (int i = 0; i < 5; ++i) {  // More often than there are fast retries.
    const Send send = desk.TakeSend();
    ASSERT_EQ(send.ticket.segment, 1) << i;
    desk.Refuse(send, Refusal::kThrottle);
    const std::vector<SlowDown> slower = desk.Take<SlowDown>();
    ASSERT_EQ(slower.size(), 1u);
    EXPECT_LE(slower[0].pace, 0.71);
    EXPECT_EQ(desk.StateOf(1), GroupState::kBackoff);
    const Duration wait = desk.ViewOf(1).next - desk.now;
    EXPECT_GE(wait, seconds(1));
    EXPECT_LE(wait, seconds(2));
    desk.After(seconds(2));
  }
}

TEST(States, QueueFullIsTheNumbersMatterFirstAndTheBindsThen) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  desk.Refuse(desk.TakeSend(), Refusal::kQueueFull);
  EXPECT_TRUE(desk.Take<SlowDown>().empty());
  Job other = desk.JobFor(2, 1);
  other.destination = "8613800138001";
  desk.Admit(other);
  desk.Refuse(desk.TakeSend(), Refusal::kQueueFull);
  EXPECT_EQ(desk.Take<SlowDown>().size(), 1u);
}

TEST(States, TemporaryIsRetriedFastTwiceThenBacksOffAndLeavesTheLaneToUrgentSingles) {
  Desk desk = Desk::Up();
  desk.Admit(1, 2);
  for (int retry = 0; retry < 2; ++retry) {
    desk.Refuse(desk.TakeSend(), Refusal::kTemporary);
    EXPECT_EQ(desk.ViewOf(1).next - desk.now, seconds(2));
    desk.After(seconds(2));
  }
  desk.Refuse(desk.TakeSend(), Refusal::kTemporary);
  EXPECT_EQ(desk.StateOf(1), GroupState::kBackoff);
  const Duration wait = desk.ViewOf(1).next - desk.now;
  EXPECT_GE(wait, milliseconds(13'500));
  EXPECT_LE(wait, milliseconds(16'500));

  desk.Admit(2, 1);
  Job group = desk.JobFor(3, 2);
  group.priority = Priority::kHigh;
  desk.Admit(group);
  EXPECT_TRUE(desk.Take<Send>().empty()) << "neither as urgent, nor a group";
  Job urgent = desk.JobFor(4, 1);
  urgent.priority = Priority::kHigh;
  desk.scheduler->Cancel(JobOf(3), desk.now, desk.out);
  const GroupId single = desk.Admit(urgent);
  EXPECT_EQ(desk.TakeSend().ticket.group, single);
}

TEST(States, TemporaryThriceIsPermanentAtTheThirdTime) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  for (int i = 0; i < 2; ++i) {
    desk.Refuse(desk.TakeSend(), Refusal::kTemporaryThrice);
    desk.After(seconds(2));
  }
  desk.Refuse(desk.TakeSend(), Refusal::kTemporaryThrice);
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kUndeliverable);
}

TEST(States, PermanentCancelsWhatWasAcceptedAndFails) {
  Desk desk = Desk::Up();
  desk.Admit(1, 3);
  desk.Accept(desk.TakeSend(), "a");
  desk.Refuse(desk.TakeSend(), Refusal::kPermanent);
  const std::vector<Effect> effects = desk.out.effects;
  const CancelSm cancel = desk.Take<CancelSm>().at(0);
  EXPECT_EQ(cancel.message_id, "a");
  EXPECT_FALSE(cancel.wanted);
  desk.out.effects = effects;
  const Outcome outcome = desk.Take<Outcome>().at(0);
  EXPECT_EQ(outcome.state, EndState::kUndeliverable);
  EXPECT_EQ(outcome.code, 4000);
  EXPECT_EQ(outcome.cause, "0 of 3 delivered; SMPP 0x0000000b");
}

TEST(States, NoResponseKeepsReferenceAndNumberAndSaysMaybeSent) {
  Desk desk = Desk::Up();
  desk.Admit(1, 2);
  const Send first = desk.TakeSend();
  desk.After(seconds(10));
  EXPECT_EQ(desk.StateOf(1), GroupState::kBackoff);
  EXPECT_LE(desk.ViewOf(1).next - desk.now, seconds(2));
  desk.After(seconds(2));
  const Send again = desk.TakeSend();
  EXPECT_EQ(again.ticket.segment, 1);
  EXPECT_EQ(again.ref, first.ref);
  EXPECT_NE(again.ticket.attempt, first.ticket.attempt);
  EXPECT_TRUE(again.maybe_sent);
}

TEST(States, ALateResponseIsAsGoodAsOneInTime) {
  Desk desk = Desk::Up();
  desk.Admit(1, 2);
  const Send first = desk.TakeSend();
  desk.After(seconds(10));
  desk.Accept(first, "a");
  EXPECT_EQ(desk.TakeSend().ticket.segment, 2);
}

TEST(States, ABindThatIsLostIsFollowedByAnotherOneOfItsSmsc) {
  Desk desk = Desk::Up();
  desk.Admit(1, 3);
  desk.Accept(desk.TakeSend(), "a");
  const Send second = desk.TakeSend();
  desk.scheduler->BindDown(1, desk.now, desk.out);
  desk.After(seconds(2));
  EXPECT_TRUE(desk.Take<Send>().empty());
  EXPECT_EQ(desk.StateOf(1), GroupState::kSending);
  desk.scheduler->BindUp(2, 0, 20, desk.now, desk.out);
  const Send again = desk.TakeSend();
  EXPECT_EQ(again.bind, 2u);
  EXPECT_EQ(again.ticket.segment, 2);
  EXPECT_EQ(again.ref, second.ref);
}

TEST(States, AnotherSmscStartsOverWithANewReference) {
  Options options;
  options.smscs.push_back({.name = "other"});
  Desk desk = Desk::Up({}, options);
  desk.Admit(1, 3);
  desk.Accept(desk.TakeSend(), "a");
  const Send second = desk.TakeSend();
  desk.scheduler->BindDown(1, desk.now, desk.out);
  desk.scheduler->BindUp(2, 1, 20, desk.now, desk.out);
  desk.After(seconds(2));
  desk.After(seconds(29));
  EXPECT_TRUE(desk.Take<Send>().empty()) << "its own SMSC may come back";
  desk.After(seconds(1));
  const Send again = desk.TakeSend();
  EXPECT_EQ(again.smsc, 1);
  EXPECT_EQ(again.ticket.segment, 1);
  EXPECT_NE(again.ref, second.ref);
}

TEST(States, WaitAllEndsDeliveredWithTheLastReceipt) {
  Desk desk = Desk::Up();
  desk.Admit(1, 2);
  desk.Accept(desk.TakeSend(), "a");
  desk.Accept(desk.TakeSend(), "b");
  desk.Receipt("b", Arrival::kDelivered);
  EXPECT_EQ(desk.StateOf(1), GroupState::kWaitAll);
  desk.Receipt("a", Arrival::kDelivered);
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kDelivered);
}

TEST(States, AReceiptOfATemporaryFailureSendsThatSegmentAgain) {
  Desk desk = Desk::Up();
  desk.Admit(1, 2);
  const Send first = desk.TakeSend();
  desk.Accept(first, "a");
  desk.Accept(desk.TakeSend(), "b");
  desk.Receipt("a", Arrival::kTemporary);
  EXPECT_EQ(desk.StateOf(1), GroupState::kBackoff);
  desk.ToNext();
  const Send again = desk.TakeSend();
  EXPECT_EQ(again.ticket.segment, 1);
  EXPECT_EQ(again.ref, first.ref);
  EXPECT_FALSE(again.more_messages) << "nothing follows it";
}

TEST(States, AReceiptOfAnAbsentSubscriberWaitsForTheAlert) {
  SmscOptions smsc;
  smsc.alert = AlertMode::kDeliveryPendingFlag;
  Desk desk = Desk::Up(smsc);
  desk.Admit(1, 1);
  desk.Accept(desk.TakeSend(), "a");
  desk.Receipt("a", Arrival::kAbsent);
  EXPECT_EQ(desk.StateOf(1), GroupState::kAlertWait);
  desk.scheduler->Alert("8613800138000", desk.now, desk.out);
  EXPECT_EQ(desk.ViewOf(1).next - desk.now, seconds(3));
  desk.After(seconds(3));
  EXPECT_EQ(desk.TakeSend().ticket.segment, 1);
}

TEST(States, WithoutAlertsAnAbsentSubscriberIsABackoff) {
  Desk desk = Desk::Up();
  desk.Admit(1, 1);
  desk.Refuse(desk.TakeSend(), Refusal::kAbsent);
  EXPECT_EQ(desk.StateOf(1), GroupState::kBackoff);
  desk.scheduler->Alert("8613800138000", desk.now, desk.out);
  EXPECT_GT(desk.ViewOf(1).next - desk.now, seconds(10));
}

TEST(States, AReceiptOfAPermanentFailureCancelsTheRest) {
  Desk desk = Desk::Up();
  desk.Admit(1, 2);
  desk.Accept(desk.TakeSend(), "a");
  desk.Accept(desk.TakeSend(), "b");
  desk.Receipt("a", Arrival::kNoSuchSubscriber);
  const std::vector<Effect> effects = desk.out.effects;
  EXPECT_EQ(desk.Take<CancelSm>().at(0).message_id, "b");
  desk.out.effects = effects;
  const Outcome outcome = desk.Take<Outcome>().at(0);
  EXPECT_EQ(outcome.code, 2003);
  EXPECT_EQ(outcome.cause, "0 of 2 delivered; receipt UNDELIV");
}

TEST(States, WaitAllAsksByQuerySmWhenNoReceiptComes) {
  SmscOptions smsc;
  smsc.can_query = true;
  Desk desk = Desk::Up(smsc);
  const GroupId group = desk.Admit(1, 1);
  desk.Accept(desk.TakeSend(), "a");
  desk.After(seconds(60));
  EXPECT_EQ(desk.Take<QuerySm>().at(0).message_id, "a");
  desk.scheduler->QueryAnswer(group, 1, {}, desk.now, desk.out);
  desk.After(seconds(119));
  EXPECT_TRUE(desk.Take<QuerySm>().empty());
  desk.After(seconds(1));
  EXPECT_EQ(desk.Take<QuerySm>().size(), 1u);
  desk.scheduler->QueryAnswer(group, 1, {.arrival = Arrival::kDelivered}, desk.now, desk.out);
  EXPECT_EQ(desk.Take<Outcome>().at(0).state, EndState::kDelivered);
}

TEST(States, BackoffReacquiresTheLaneWhenTheUrgentSingleIsThrough) {
  Desk desk = Desk::Up();
  const GroupId group = desk.Admit(1, 2);
  desk.Refuse(desk.TakeSend(), Refusal::kTemporarySlow);
  Job urgent = desk.JobFor(2, 1);
  urgent.priority = Priority::kHigh;
  desk.Admit(urgent);
  const Send single = desk.TakeSend();
  desk.Accept(single, "u");
  desk.After(seconds(20));
  EXPECT_TRUE(desk.Take<Send>().empty()) << "its time has come, its lane is taken";
  desk.Receipt("u", Arrival::kDelivered);
  EXPECT_EQ(desk.TakeSend().ticket.group, group);
}

TEST(States, AGroupThatItsTerminalMayHaveForgottenStartsOverWithANewReference) {
  SmscOptions smsc = With(Gate::kTransaction);
  Options options;
  options.t_group_notification = hours(100);
  options.backoff = {hours(25)};
  Desk desk = Desk::Up(smsc, options);
  desk.Admit(1, 2);
  const Send first = desk.TakeSend();
  desk.Accept(first, "");
  desk.Refuse(desk.TakeSend(), Refusal::kTemporarySlow);
  desk.ToNext();
  const Send again = desk.TakeSend();
  EXPECT_EQ(again.ticket.segment, 1);
  EXPECT_NE(again.ref, first.ref);
  EXPECT_EQ(desk.ViewOf(1).delivered, 0);
}

TEST(States, AMessageFromTheTerminalEndsAlertWaitAsWell) {
  SmscOptions smsc = With(Gate::kTransaction);
  smsc.alert = AlertMode::kMobileOriginated;
  Desk desk = Desk::Up(smsc);
  desk.Admit(1, 1);
  desk.Refuse(desk.TakeSend(), Refusal::kAbsent);
  EXPECT_EQ(desk.StateOf(1), GroupState::kAlertWait);
  desk.scheduler->Alert("8613800138000", desk.now, desk.out);
  EXPECT_GT(desk.ViewOf(1).next - desk.now, seconds(10)) << "no set_dpf was asked for";
  desk.scheduler->MobileOriginated("8613800138000", desk.now, desk.out);
  desk.After(seconds(3));
  EXPECT_EQ(desk.TakeSend().ticket.segment, 1);
}

TEST(States, AnAlertBeforeTheRefusalIsNotLost) {
  SmscOptions smsc = With(Gate::kTransaction);
  smsc.alert = AlertMode::kDeliveryPendingFlag;
  Desk desk = Desk::Up(smsc);
  desk.Admit(1, 1);
  const Send send = desk.TakeSend();
  desk.scheduler->Alert("8613800138000", desk.now, desk.out);
  desk.Refuse(send, Refusal::kAbsent);
  EXPECT_EQ(desk.ViewOf(1).next - desk.now, seconds(3));
}

}  // namespace
}  // namespace drover::dispatch
