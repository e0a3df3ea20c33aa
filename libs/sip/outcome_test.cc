#include "libs/sip/outcome.h"

#include <gtest/gtest.h>

#include "libs/sip/testing/request_text.h"

namespace drover::sip {
namespace {

using namespace std::chrono_literals;

TEST(OutcomeOf, FollowsTheTableForAFirstTry) {
  struct Row {
    uint16_t status;
    Outcome outcome;
    Action action;
    bool alarm = false;
    bool marks_event = false;
  };
  const Row table[] = {
      {200, Outcome::kAccepted, Action::kDone},
      {202, Outcome::kAccepted, Action::kDone},
      {299, Outcome::kAccepted, Action::kDone},
      {302, Outcome::kMoved, Action::kRedirect},
      {400, Outcome::kMalformed, Action::kGiveUp, true},
      {416, Outcome::kMalformed, Action::kGiveUp, true},
      {420, Outcome::kMalformed, Action::kGiveUp, true},
      {401, Outcome::kChallenged, Action::kAuthenticate},
      {407, Outcome::kChallenged, Action::kAuthenticate},
      {403, Outcome::kForbidden, Action::kGiveUp},
      {404, Outcome::kGone, Action::kWaitForRegistration},
      {410, Outcome::kGone, Action::kWaitForRegistration},
      {604, Outcome::kGone, Action::kWaitForRegistration},
      {405, Outcome::kUnsupported, Action::kPollAtRegistration},
      {501, Outcome::kUnsupported, Action::kPollAtRegistration},
      {408, Outcome::kUnreachable, Action::kBackOff},
      {480, Outcome::kBusy, Action::kRetryAfter},
      {486, Outcome::kBusy, Action::kRetryAfter},
      {600, Outcome::kBusy, Action::kRetryAfter},
      {481, Outcome::kNoSubscription, Action::kPollAtRegistration, false, true},
      {489, Outcome::kBadEvent, Action::kPollAtRegistration, false, true},
      {482, Outcome::kMisconfigured, Action::kGiveUp, true},
      {483, Outcome::kMisconfigured, Action::kGiveUp, true},
      {513, Outcome::kMisconfigured, Action::kGiveUp, true},
      {500, Outcome::kServerError, Action::kNewCallId},
      {503, Outcome::kOverloaded, Action::kNewCallId},
      {504, Outcome::kServerFault, Action::kBackOff},
      {580, Outcome::kServerFault, Action::kBackOff},
      {603, Outcome::kRefused, Action::kGiveUp},
      {606, Outcome::kRefused, Action::kGiveUp},
      {488, Outcome::kRefused, Action::kGiveUp},
      {0, Outcome::kServerFault, Action::kBackOff},
      {999, Outcome::kServerFault, Action::kBackOff},
  };
  for (const Row& row : table) {
    const OutcomeVerdict verdict = OutcomeOf({.status = row.status});
    EXPECT_EQ(verdict.outcome, row.outcome) << row.status;
    EXPECT_EQ(verdict.action, row.action) << row.status << " " << Name(verdict.action);
    EXPECT_EQ(verdict.alarm, row.alarm) << row.status;
    EXPECT_EQ(verdict.marks_event, row.marks_event) << row.status;
  }
}

TEST(OutcomeOf, NoResponseIsUnreachable) {
  for (const Ending ending : {Ending::kTimeout, Ending::kTransportError}) {
    const OutcomeVerdict verdict = OutcomeOf({.ending = ending});
    EXPECT_EQ(verdict.outcome, Outcome::kUnreachable);
    EXPECT_EQ(verdict.action, Action::kBackOff);
  }
  EXPECT_EQ(OutcomeOf({.ending = Ending::kTransportError, .has_other_target = true}).action,
            Action::kOtherTarget);
}

TEST(OutcomeOf, A10TwoChallengesAreAnsweredAndARefusedAnswerIsForbidden) {
  EXPECT_EQ(OutcomeOf({.status = 401, .challenges_answered = 1}).action, Action::kAuthenticate);
  EXPECT_EQ(OutcomeOf({.status = 407, .challenges_answered = 2}).outcome, Outcome::kForbidden);
  EXPECT_EQ(OutcomeOf({.status = 401, .challenges_answered = 1, .answer_is_refused = true}).outcome,
            Outcome::kForbidden);
}

TEST(OutcomeOf, A16AnotherEventIsTriedWhileTheProfileHasOne) {
  for (const uint16_t status : {481, 489}) {
    EXPECT_EQ(OutcomeOf({.status = status, .has_next_event = true}).action, Action::kNextEvent);
    EXPECT_EQ(OutcomeOf({.status = status}).action, Action::kPollAtRegistration);
    EXPECT_TRUE(OutcomeOf({.status = status, .has_next_event = true}).marks_event);
  }
}

TEST(OutcomeOf, A15RetryAfterPausesTheHop) {
  const OutcomeVerdict verdict = OutcomeOf({.status = 503, .retry_after = 3});
  EXPECT_EQ(verdict.outcome, Outcome::kOverloaded);
  EXPECT_EQ(verdict.action, Action::kPauseHop);
  EXPECT_EQ(verdict.wait, 3s);
  EXPECT_EQ(OutcomeOf({.status = 503, .retry_after = 0xFFFFFFFF}).wait, kMostWait);
  EXPECT_EQ(OutcomeOf({.status = 503, .has_other_target = true}).action, Action::kOtherTarget);
}

TEST(EndedBy, TakesStatusAndRetryAfterOfTheResponse) {
  const auto ended = [](const std::string& fields) {
    const std::string octets = testing::Wire(
        "SIP/2.0 503 Busy\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\nTo: <sip:h>;tag=2\n"
        "From: <sip:h>;tag=1\nCall-ID: 1\nCSeq: 1 NOTIFY\n" +
        fields + "\n");
    return EndedBy(testing::Parsed(octets));
  };
  EXPECT_EQ(ended("Retry-After: 3 (soon)\n").status, 503);
  EXPECT_EQ(ended("Retry-After: 3 (soon)\n").retry_after, 3u);
  EXPECT_EQ(ended("Retry-After: soon\n").retry_after, std::nullopt);
  EXPECT_EQ(ended("").retry_after, std::nullopt);
}

TEST(OutcomeOf, ABusyGatewayIsAskedAgainWhenItSays) {
  EXPECT_EQ(OutcomeOf({.status = 486}).wait, kBusyWait);
  EXPECT_EQ(OutcomeOf({.status = 480, .retry_after = 5}).wait, 5s);
}

TEST(OutcomeOf, NothingIsRepeatedWithoutEnd) {
  EXPECT_EQ(OutcomeOf({.status = 302, .was_redirected = true}).action, Action::kGiveUp);
  EXPECT_EQ(OutcomeOf({.status = 500, .has_new_call_id = true}).action, Action::kBackOff);
  EXPECT_EQ(OutcomeOf({.status = 503, .has_new_call_id = true}).action, Action::kBackOff);
}

TEST(OutcomeOf, EveryStatusHasAVerdictWithAName) {
  for (uint32_t status = 0; status < 1000; ++status) {
    const OutcomeVerdict verdict = OutcomeOf({.status = static_cast<uint16_t>(status)});
    EXPECT_FALSE(Name(verdict.outcome).empty());
    EXPECT_FALSE(Name(verdict.action).empty());
  }
}

}  // namespace
}  // namespace drover::sip
