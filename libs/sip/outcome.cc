#include "libs/sip/outcome.h"

#include <algorithm>
#include <iterator>

namespace drover::sip {
namespace {

using std::chrono::seconds;

seconds Wait(const TriggerEnd& end, seconds otherwise) {
  return end.retry_after ? std::min(seconds(*end.retry_after), kMostWait) : otherwise;
}

OutcomeVerdict Challenged(const TriggerEnd& end) {
  if (end.answer_is_refused || end.challenges_answered >= kMaxChallenges) {
    return {.outcome = Outcome::kForbidden, .action = Action::kGiveUp};
  }
  return {.outcome = Outcome::kChallenged, .action = Action::kAuthenticate};
}

OutcomeVerdict WrongEvent(const TriggerEnd& end, Outcome outcome) {
  return {.outcome = outcome,
          .action = end.has_next_event ? Action::kNextEvent : Action::kPollAtRegistration,
          .marks_event = true};
}

OutcomeVerdict ServerError(const TriggerEnd& end, Outcome outcome) {
  return {.outcome = outcome,
          .action = end.has_new_call_id ? Action::kBackOff : Action::kNewCallId};
}

OutcomeVerdict Overloaded(const TriggerEnd& end) {
  if (!end.retry_after) {
    if (end.has_other_target) {
      return {.outcome = Outcome::kOverloaded, .action = Action::kOtherTarget};
    }
    return ServerError(end, Outcome::kOverloaded);
  }
  return {
      .outcome = Outcome::kOverloaded, .action = Action::kPauseHop, .wait = Wait(end, seconds(0))};
}

OutcomeVerdict OfClientError(const TriggerEnd& end) {
  switch (end.status) {
    case 400:
    case 413:
    case 414:
    case 415:
    case 416:
    case 420:
    case 421:
      return {.outcome = Outcome::kMalformed, .action = Action::kGiveUp, .alarm = true};
    case 401:
    case 407:
      return Challenged(end);
    case 403:
      return {.outcome = Outcome::kForbidden, .action = Action::kGiveUp};
    case 404:
    case 410:
      return {.outcome = Outcome::kGone, .action = Action::kWaitForRegistration};
    case 405:
      return {.outcome = Outcome::kUnsupported, .action = Action::kPollAtRegistration};
    case 408:
    case 430:
      return {.outcome = Outcome::kUnreachable, .action = Action::kBackOff};
    case 480:
    case 486:
      return {
          .outcome = Outcome::kBusy, .action = Action::kRetryAfter, .wait = Wait(end, kBusyWait)};
    case 481:
      return WrongEvent(end, Outcome::kNoSubscription);
    case 482:
    case 483:
      return {.outcome = Outcome::kMisconfigured, .action = Action::kGiveUp, .alarm = true};
    case 489:
      return WrongEvent(end, Outcome::kBadEvent);
    default:
      return {.outcome = Outcome::kRefused, .action = Action::kGiveUp};
  }
}

OutcomeVerdict OfServerError(const TriggerEnd& end) {
  switch (end.status) {
    case 500:
      return ServerError(end, Outcome::kServerError);
    case 501:
      return {.outcome = Outcome::kUnsupported, .action = Action::kPollAtRegistration};
    case 503:
      return Overloaded(end);
    case 513:
      return {.outcome = Outcome::kMisconfigured, .action = Action::kGiveUp, .alarm = true};
    default:
      return {.outcome = Outcome::kServerFault, .action = Action::kBackOff};
  }
}

OutcomeVerdict OfGlobalFailure(const TriggerEnd& end) {
  switch (end.status) {
    case 600:
      return {
          .outcome = Outcome::kBusy, .action = Action::kRetryAfter, .wait = Wait(end, kBusyWait)};
    case 604:
      return {.outcome = Outcome::kGone, .action = Action::kWaitForRegistration};
    default:
      return {.outcome = Outcome::kRefused, .action = Action::kGiveUp};
  }
}

}  // namespace

TriggerEnd EndedBy(const Message& response) {
  TriggerEnd end{.ending = Ending::kResponse, .status = response.status()};
  RetryAfter retry_after;
  const std::optional<std::string_view> value = response.Find(HeaderId::kRetryAfter);
  if (value && ParseRetryAfter(*value, retry_after)) end.retry_after = retry_after.seconds;
  return end;
}

OutcomeVerdict OutcomeOf(const TriggerEnd& end) {
  if (end.ending != Ending::kResponse) {
    const bool other = end.ending == Ending::kTransportError && end.has_other_target;
    return {.outcome = Outcome::kUnreachable,
            .action = other ? Action::kOtherTarget : Action::kBackOff};
  }
  switch (end.status / 100) {
    case 2:
      return {.outcome = Outcome::kAccepted, .action = Action::kDone};
    case 3:
      return {.outcome = Outcome::kMoved,
              .action = end.was_redirected ? Action::kGiveUp : Action::kRedirect};
    case 4:
      return OfClientError(end);
    case 5:
      return OfServerError(end);
    case 6:
      return OfGlobalFailure(end);
    default:
      return {.outcome = Outcome::kServerFault, .action = Action::kBackOff};
  }
}

std::string_view Name(Outcome outcome) {
  constexpr std::string_view kNames[] = {
      "accepted",  "moved",         "malformed",    "challenged", "forbidden",
      "gone",      "unsupported",   "unreachable",  "busy",       "no_subscription",
      "bad_event", "misconfigured", "server_error", "overloaded", "server_fault",
      "refused"};
  static_assert(std::size(kNames) == static_cast<size_t>(Outcome::kRefused) + 1);
  return kNames[static_cast<size_t>(outcome)];
}

std::string_view Name(Action action) {
  constexpr std::string_view kNames[] = {"done",
                                         "redirect",
                                         "authenticate",
                                         "next_event",
                                         "new_call_id",
                                         "other_target",
                                         "retry_after",
                                         "pause_hop",
                                         "back_off",
                                         "wait_for_registration",
                                         "poll_at_registration",
                                         "give_up"};
  static_assert(std::size(kNames) == static_cast<size_t>(Action::kGiveUp) + 1);
  return kNames[static_cast<size_t>(action)];
}

}  // namespace drover::sip
