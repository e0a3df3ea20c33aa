// The rows of the state machine, one by one; random lives are in property_test.cc.
#include "libs/gateway/trigger.h"

#include <set>

#include <gtest/gtest.h>

namespace drover::gateway {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const TimePoint kStart{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22)};

class TriggerTest : public ::testing::Test {
 protected:
  const Actions& Do(const Event& event) {
    Step step = Next(rules_, trigger_, event, now_);
    trigger_ = step.trigger;
    last_ = step.actions;
    return last_;
  }
  const Actions& Answer(NotifyOutcome outcome, seconds retry_after = seconds(0)) {
    return Do(NotifyAnswered{.outcome = outcome, .retry_after = retry_after});
  }
  // Registers, queues work and lets the NOTIFY go.
  Send Sent() {
    Do(Registered{});
    Do(WorkQueued{});
    return Go();
  }
  Send Go() {
    const auto actions = Do(Admitted{});
    EXPECT_TRUE(actions.send.has_value()) << Name(trigger_.state);
    return actions.send.value_or(Send{});
  }
  // On to when the machine wants to be told the time.
  const Actions& Later() {
    EXPECT_NE(Due(trigger_), kNever);
    now_ = std::max(now_, Due(trigger_));
    return Do(Tick{});
  }
  void Expect(State state, Cause cause = Cause::kNone) const {
    EXPECT_EQ(Name(trigger_.state), Name(state));
    EXPECT_EQ(Name(trigger_.cause), Name(cause));
  }
  void ExpectReport(const Actions& actions, Outcome outcome, Cause cause = Cause::kNone) const {
    ASSERT_TRUE(actions.report.has_value());
    EXPECT_EQ(Name(actions.report->outcome), Name(outcome));
    EXPECT_EQ(Name(actions.report->cause), Name(cause));
  }

  TriggerRules rules_{.events = 2};
  TimePoint now_ = kStart;
  Trigger trigger_ = NewTrigger(7, kStart);
  Actions last_;
};

TEST_F(TriggerTest, A1TheWholeCycle) {
  EXPECT_FALSE(Do(Registered{}).queue);
  EXPECT_TRUE(Do(WorkQueued{}).queue);
  Expect(State::kPending);
  const Send send = Go();
  EXPECT_EQ(send.event, 0);
  Expect(State::kSent);
  ExpectReport(Answer(NotifyOutcome::kAccepted), Outcome::kDelivered);
  Expect(State::kAcked);
  Do(RequestSeen{.gave_work = true});
  Expect(State::kAnswered);
  EXPECT_EQ(Do(ResultSeen{}).closed, Closed::kDone);
  Expect(State::kDone);
  EXPECT_EQ(Due(trigger_), kNever);
}

TEST_F(TriggerTest, A2WithoutARegistrationNothingIsSent) {
  EXPECT_FALSE(Do(WorkQueued{}).queue);
  Expect(State::kPending);
  EXPECT_EQ(Due(trigger_), kNever);
  EXPECT_TRUE(Do(Registered{}).queue);
}

TEST_F(TriggerTest, A3AfterNWaitsForTheNthRegistration) {
  rules_.policy = Policy::kAfterN;
  rules_.n = 3;
  Do(WorkQueued{});
  EXPECT_FALSE(Do(Registered{}).queue);
  EXPECT_FALSE(Do(Registered{}).queue);
  EXPECT_TRUE(Do(Registered{}).queue);
  Go();
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{});
  EXPECT_FALSE(Do(WorkQueued{}).queue);  // It counts anew from the last NOTIFY.
  for (int i = 0; i < 3; ++i) Do(Registered{});
  EXPECT_TRUE(last_.queue);
}

TEST_F(TriggerTest, A4PeriodicSendsEveryIntervalWithTheSameCallIdAndRisingCseq) {
  rules_.policy = Policy::kPeriodic;
  rules_.interval = seconds(2);
  Do(Registered{});
  uint32_t cseq = 0;
  for (int period = 1; period <= 3; ++period) {
    EXPECT_TRUE(Later().queue || Later().queue);
    EXPECT_EQ(now_, kStart + period * seconds(2));
    const Send send = Go();
    EXPECT_GT(send.cseq, cseq);
    EXPECT_EQ(send.call_serial, 0u);
    cseq = send.cseq;
    Answer(NotifyOutcome::kAccepted);
  }
}

TEST_F(TriggerTest, A5TheCseqOfTheNextCycleIsOneHigher) {
  const Send first = Sent();
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{.gave_work = true});
  Do(ResultSeen{});
  Do(WorkQueued{});
  const Send second = Go();
  EXPECT_EQ(second.cseq, first.cseq + 1);
  EXPECT_EQ(second.call_serial, first.call_serial);
}

TEST_F(TriggerTest, V5CountedByRequestsARepeatGetsAnotherCallId) {
  rules_.cseq_mode = CseqMode::kRequest;
  const Send first = Sent();
  Answer(NotifyOutcome::kUnreachable);
  Later();
  const Send repeat = Go();
  EXPECT_EQ(repeat.cseq, first.cseq);
  EXPECT_NE(repeat.call_serial, first.call_serial);
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{});
  Do(WorkQueued{});
  const Send next = Go();
  EXPECT_EQ(next.cseq, repeat.cseq + 1);
  EXPECT_EQ(next.call_serial, repeat.call_serial);
}

TEST_F(TriggerTest, A10AChallengeIsAnsweredOnceAndASecondOneIsARefusal) {
  const Send first = Sent();
  const auto credentials = Answer(NotifyOutcome::kChallenged).send;
  ASSERT_TRUE(credentials.has_value());
  EXPECT_EQ(credentials->kind, SendKind::kCredentials);
  EXPECT_EQ(credentials->cseq, first.cseq + 1);
  EXPECT_EQ(credentials->call_serial, first.call_serial);
  ExpectReport(Answer(NotifyOutcome::kChallenged), Outcome::kFailed, Cause::kForbidden);
  Expect(State::kFailed, Cause::kForbidden);
  ExpectReport(Do(WorkQueued{}), Outcome::kFailed, Cause::kForbidden);
  EXPECT_TRUE(Do(Unblocked{}).queue);
}

TEST_F(TriggerTest, A10AStaleNonceMayBeAnsweredOnceMore) {
  Sent();
  Answer(NotifyOutcome::kChallenged);
  EXPECT_TRUE(Do(NotifyAnswered{.outcome = NotifyOutcome::kChallenged, .stale = true}).send);
  EXPECT_FALSE(Do(NotifyAnswered{.outcome = NotifyOutcome::kChallenged, .stale = true}).send);
  Expect(State::kFailed, Cause::kForbidden);
}

TEST_F(TriggerTest, A11AProxyAndTheGatewayMayBothChallenge) {
  Sent();
  EXPECT_TRUE(Do(NotifyAnswered{.outcome = NotifyOutcome::kChallenged, .proxy = true}).send);
  EXPECT_TRUE(Answer(NotifyOutcome::kChallenged).send);
  ExpectReport(Answer(NotifyOutcome::kAccepted), Outcome::kDelivered);
}

TEST_F(TriggerTest, A14TheUnreachableAreTriedAfterOneFiveFifteenAndSixtyMinutesThenOnRegistration) {
  Sent();
  for (const minutes wait : {minutes(1), minutes(5), minutes(15), minutes(60)}) {
    EXPECT_FALSE(Answer(NotifyOutcome::kUnreachable).report);
    Expect(State::kUnreachable, Cause::kUnreachable);
    const TimePoint before = now_;
    EXPECT_TRUE(Later().queue);
    EXPECT_EQ(now_ - before, wait);
    Go();
  }
  ExpectReport(Answer(NotifyOutcome::kUnreachable), Outcome::kFailed, Cause::kUnreachable);
  EXPECT_EQ(Due(trigger_), kNever);
  EXPECT_TRUE(Do(Registered{}).queue);
  Go();
  EXPECT_FALSE(Answer(NotifyOutcome::kAccepted).report);  // It was told already.
}

TEST_F(TriggerTest, A15AHopThatAsksForTimeGetsIt) {
  Sent();
  EXPECT_FALSE(Answer(NotifyOutcome::kOverloaded, seconds(3)).queue);
  Expect(State::kPending, Cause::kOverloaded);
  EXPECT_FALSE(Do(Registered{}).queue);
  EXPECT_TRUE(Later().queue);
  EXPECT_EQ(now_, kStart + seconds(3));
  Go();
  ExpectReport(Answer(NotifyOutcome::kAccepted), Outcome::kDelivered);
}

TEST_F(TriggerTest, A16AnEventThatIsRefusedIsFollowedByTheNextAndThenNoMore) {
  Sent();
  EXPECT_TRUE(Do(NotifyAnswered{.outcome = NotifyOutcome::kBadEvent, .allowed = 0b10}).queue);
  const Send next = Go();
  EXPECT_EQ(next.event, 1);
  ExpectReport(Answer(NotifyOutcome::kNoSubscription), Outcome::kFailed, Cause::kBadEvent);
  Expect(State::kFailed, Cause::kBadEvent);
  EXPECT_FALSE(Do(Registered{}).queue);
}

TEST_F(TriggerTest, A16AllowEventsWithoutAnyOfOursEndsItAtOnce) {
  Sent();
  ExpectReport(Do(NotifyAnswered{.outcome = NotifyOutcome::kBadEvent, .allowed = 0}),
               Outcome::kFailed, Cause::kBadEvent);
}

TEST_F(TriggerTest, A16AfterNoSubscriptionOneOtherEventIsTried) {
  rules_.events = 3;
  Sent();
  EXPECT_TRUE(Answer(NotifyOutcome::kNoSubscription).queue);
  EXPECT_EQ(Go().event, 1);
  EXPECT_FALSE(Answer(NotifyOutcome::kNoSubscription).queue);
  Expect(State::kFailed, Cause::kBadEvent);
}

TEST_F(TriggerTest, TheEventThatWorkedIsUsedNextTime) {
  Sent();
  Answer(NotifyOutcome::kBadEvent);
  EXPECT_EQ(Go().event, 1);
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{});
  Do(WorkQueued{});
  EXPECT_EQ(Go().event, 1);
}

TEST_F(TriggerTest, AServerErrorIsTriedOnceMoreWithAnotherCallId) {
  const Send first = Sent();
  EXPECT_TRUE(Answer(NotifyOutcome::kServerError).queue);
  const Send second = Go();
  EXPECT_NE(second.call_serial, first.call_serial);
  EXPECT_GT(second.cseq, first.cseq);
  EXPECT_FALSE(Answer(NotifyOutcome::kServerError).queue);
  Expect(State::kUnreachable, Cause::kServerFault);
}

TEST_F(TriggerTest, WhoIsBusyIsTriedAgainWhenItSaysSoOrAfterAMinute) {
  Sent();
  Answer(NotifyOutcome::kBusy, seconds(7));
  Later();
  EXPECT_EQ(now_, kStart + seconds(7));
  Go();
  Answer(NotifyOutcome::kBusy);
  Later();
  EXPECT_EQ(now_, kStart + seconds(67));
}

TEST_F(TriggerTest, ADeadContactIsDroppedAndARegistrationWaitedFor) {
  Sent();
  EXPECT_TRUE(Answer(NotifyOutcome::kGone).drop_contact);
  Expect(State::kPending, Cause::kGone);
  EXPECT_EQ(Due(trigger_), kNever);
  EXPECT_TRUE(Do(Registered{}).queue);
}

TEST_F(TriggerTest, ARedirectIsFollowedOnce) {
  const Send first = Sent();
  const auto redirected = Answer(NotifyOutcome::kMoved).send;
  ASSERT_TRUE(redirected.has_value());
  EXPECT_EQ(redirected->kind, SendKind::kRedirected);
  EXPECT_EQ(redirected->cseq, first.cseq + 1);
  EXPECT_TRUE(Answer(NotifyOutcome::kMoved).alarm);
  Expect(State::kFailed, Cause::kConfiguration);
}

TEST_F(TriggerTest, WhatIsRefusedForGoodBlocksUntilSomethingChanges) {
  const std::pair<NotifyOutcome, Cause> kFinal[] = {
      {NotifyOutcome::kForbidden, Cause::kForbidden},
      {NotifyOutcome::kBadMessage, Cause::kBadMessage},
      {NotifyOutcome::kUnsupported, Cause::kUnsupported},
      {NotifyOutcome::kRefused, Cause::kRefused},
  };
  for (const auto& [outcome, cause] : kFinal) {
    trigger_ = NewTrigger(7, kStart);
    Sent();
    ExpectReport(Answer(outcome), Outcome::kFailed, cause);
    EXPECT_FALSE(Do(Registered{}).queue);
    EXPECT_TRUE(Do(Registered{.new_version = true}).queue);
  }
}

TEST_F(TriggerTest, WhoAcceptsAndDoesNotAskIsToldAgain) {
  Sent();
  Answer(NotifyOutcome::kAccepted);
  EXPECT_FALSE(Later().report);
  EXPECT_EQ(now_, kStart + seconds(120));
  Expect(State::kUnreachable, Cause::kNoRequest);
  EXPECT_TRUE(Later().queue);
  EXPECT_EQ(now_, kStart + seconds(180));
}

TEST_F(TriggerTest, AResultThatDoesNotComeIsUnknown) {
  Sent();
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{.gave_work = true});
  EXPECT_EQ(Later().closed, Closed::kUnknown);
  EXPECT_EQ(now_, kStart + seconds(900));
  Expect(State::kDone, Cause::kNoResult);
  EXPECT_EQ(Do(ResultSeen{.good = false}).closed, Closed::kFailed);  // Late is better than never.
}

TEST_F(TriggerTest, ANewVersionIsAResult) {
  rules_.results = Results::kRegistration;
  Sent();
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{.gave_work = true});
  EXPECT_EQ(Do(Registered{}).closed, Closed::kNo);
  EXPECT_EQ(Do(Registered{.new_version = true}).closed, Closed::kDone);
}

TEST_F(TriggerTest, WithoutResultsAnsweredIsDone) {
  rules_.results = Results::kNone;
  Sent();
  Answer(NotifyOutcome::kAccepted);
  EXPECT_EQ(Do(RequestSeen{.gave_work = true}).closed, Closed::kDone);
  Expect(State::kDone);
}

TEST_F(TriggerTest, AGatewayMayAskByItself) {
  Do(WorkQueued{});
  ExpectReport(Do(RequestSeen{.gave_work = true}), Outcome::kDelivered);
  Expect(State::kAnswered);
  Do(ResultSeen{});
  EXPECT_EQ(Do(RequestSeen{}).closed, Closed::kNo);
  Expect(State::kDone);
}

TEST_F(TriggerTest, A23ARepeatedRequestChangesNothing) {
  Sent();
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{.gave_work = true});
  const Trigger before = trigger_;
  Do(RequestSeen{.gave_work = true, .repeated = true});
  EXPECT_EQ(trigger_, before);
}

TEST_F(TriggerTest, ARequestMayOvertakeTheAnswerToTheNotify) {
  Sent();
  ExpectReport(Do(RequestSeen{.gave_work = true}), Outcome::kDelivered);
  EXPECT_FALSE(Answer(NotifyOutcome::kAccepted).report);
  Expect(State::kAnswered);
}

TEST_F(TriggerTest, WorkThatComesWhileTheResultIsAwaitedGetsItsOwnNotify) {
  Sent();
  Answer(NotifyOutcome::kAccepted);
  Do(RequestSeen{.gave_work = true});
  EXPECT_FALSE(Do(WorkQueued{}).queue);
  EXPECT_TRUE(Do(ResultSeen{}).queue);
  Go();
  const Actions actions = Answer(NotifyOutcome::kAccepted);
  ExpectReport(actions, Outcome::kDelivered);
  EXPECT_EQ(actions.report->wake, 2u);
}

TEST_F(TriggerTest, WorkThatComesWhileTheRequestIsAwaitedGoesWithIt) {
  Sent();
  Answer(NotifyOutcome::kAccepted);
  const Actions actions = Do(WorkQueued{});
  ExpectReport(actions, Outcome::kDelivered);
  EXPECT_FALSE(actions.queue);
}

TEST_F(TriggerTest, AWakeUpExpiresAndIsToldOnce) {
  Do(WorkQueued{.expires = kStart + seconds(30)});
  ExpectReport(Later(), Outcome::kExpired, Cause::kExpired);
  EXPECT_EQ(now_, kStart + seconds(30));
  Expect(State::kIdle, Cause::kExpired);
  EXPECT_FALSE(Do(Registered{}).queue);
}

TEST_F(TriggerTest, WorkThatIsWithdrawnIsNotTold) {
  Do(Registered{});
  Do(WorkQueued{});
  ExpectReport(Do(WorkGone{}), Outcome::kWithdrawn, Cause::kWithdrawn);
  EXPECT_FALSE(Do(Admitted{}).send);
  Expect(State::kIdle, Cause::kWithdrawn);
}

TEST_F(TriggerTest, A22AfterACrashTheCseqIsSixteenFurtherAndTheRequestStillCounts) {
  const Send send = Sent();
  const auto kept = Unpack(Pack(trigger_));
  ASSERT_TRUE(kept) << kept.error();
  EXPECT_EQ(*kept, trigger_);
  trigger_ = Resume(*kept);
  Do(TakenOver{});
  Expect(State::kSent);
  Later();
  Expect(State::kPending);  // At once: that the sender died says nothing of the gateway.
  EXPECT_EQ(Go().cseq, send.cseq + 17);
  ExpectReport(Do(RequestSeen{.gave_work = true}), Outcome::kDelivered);
}

TEST_F(TriggerTest, AfterATakeoverWhatWaitedForThePacerWaitsAgain) {
  Do(Registered{});
  Do(WorkQueued{});
  EXPECT_TRUE(Do(TakenOver{}).queue);
}

TEST_F(TriggerTest, TheCseqEndsBelowTwoToThePowerOf31) {
  trigger_.cseq = kMostCseq;
  const Send send = Sent();
  EXPECT_EQ(send.cseq, 1u);
  EXPECT_EQ(send.call_serial, 1u);
  trigger_.cseq = kMostCseq - 3;
  EXPECT_EQ(Resume(trigger_).cseq, 16u);
  EXPECT_EQ(Resume(trigger_).call_serial, 2u);
}

TEST(NotifyOutcomes, EveryFinalStatusHasOne) {
  const std::pair<int, NotifyOutcome> kTable[] = {
      {200, NotifyOutcome::kAccepted},       {202, NotifyOutcome::kAccepted},
      {302, NotifyOutcome::kMoved},          {400, NotifyOutcome::kBadMessage},
      {401, NotifyOutcome::kChallenged},     {403, NotifyOutcome::kForbidden},
      {404, NotifyOutcome::kGone},           {405, NotifyOutcome::kUnsupported},
      {407, NotifyOutcome::kChallenged},     {408, NotifyOutcome::kUnreachable},
      {410, NotifyOutcome::kGone},           {416, NotifyOutcome::kBadMessage},
      {420, NotifyOutcome::kBadMessage},     {480, NotifyOutcome::kBusy},
      {481, NotifyOutcome::kNoSubscription}, {482, NotifyOutcome::kConfiguration},
      {483, NotifyOutcome::kConfiguration},  {486, NotifyOutcome::kBusy},
      {489, NotifyOutcome::kBadEvent},       {500, NotifyOutcome::kServerError},
      {501, NotifyOutcome::kUnsupported},    {502, NotifyOutcome::kServerFault},
      {503, NotifyOutcome::kServerError},    {504, NotifyOutcome::kServerFault},
      {513, NotifyOutcome::kConfiguration},  {600, NotifyOutcome::kBusy},
      {603, NotifyOutcome::kRefused},        {604, NotifyOutcome::kGone},
      {606, NotifyOutcome::kRefused},
  };
  for (const auto& [status, outcome] : kTable) {
    EXPECT_EQ(Name(OutcomeOf(status)), Name(outcome)) << status;
  }
  EXPECT_EQ(OutcomeOf(503, true), NotifyOutcome::kOverloaded);
  std::set<std::string_view> names;
  for (int status = 200; status < 700; ++status) names.insert(Name(OutcomeOf(status)));
  EXPECT_FALSE(names.contains("?"));
}

TEST(TriggerIds, CallIdAndTagAreTheGatewaysOwn) {
  const Trigger a = NewTrigger(1, kStart), b = NewTrigger(2, kStart);
  EXPECT_EQ(CallId(a, "drover.example"), CallId(a, "drover.example"));
  EXPECT_NE(CallId(a, "drover.example"), CallId(b, "drover.example"));
  EXPECT_TRUE(CallId(a, "drover.example").ends_with("-0@drover.example"));
  EXPECT_NE(FromTag(a), FromTag(b));
  EXPECT_EQ(FromTag(a).size(), 12u);
}

}  // namespace
}  // namespace drover::gateway
