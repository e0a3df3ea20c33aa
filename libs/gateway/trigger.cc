#include "libs/gateway/trigger.h"

#include <algorithm>

namespace drover::gateway {
namespace {

using std::chrono::seconds;

constexpr uint32_t kCseqReserve = 16;
constexpr seconds kLongestRetryAfter{3600};  // What a peer may make us wait.
constexpr uint8_t kByGateway = 1;
constexpr uint8_t kByProxy = 2;

class Machine {
 public:
  Machine(const TriggerRules& rules, const Trigger& trigger, TimePoint now)
      : rules_(rules), t_(trigger), now_(now) {
    if (t_.event >= rules_.events) t_.event = 0;  // The profile has changed.
  }

  Step Run(const Event& event) {
    std::visit(*this, event);
    return {t_, actions_};
  }

  void operator()(const Registered& registered) {
    t_.bound = true;
    if (t_.reg_count < UINT32_MAX) ++t_.reg_count;
    t_.step = 0;
    if (periodic() && t_.next_period == TimePoint{}) t_.next_period = now_ + rules_.interval;
    if (registered.new_version) Unblock();
    switch (t_.state) {
      case State::kIdle:
      case State::kDone:
      case State::kFailed:
        return Resume();
      case State::kPending:
        return Arrange();
      case State::kUnreachable:
        t_.attempts = std::min<uint8_t>(t_.attempts, 1);
        return Wait(t_.cause);
      case State::kAnswered:
        if (registered.new_version) Finish(true);
        return;
      case State::kSent:
      case State::kAcked:
        return;
    }
  }

  void operator()(const BindingLost&) {
    t_.bound = false;
    if (t_.state == State::kPending) Arrange();
  }

  void operator()(const WorkQueued& work) {
    t_.work = true;
    t_.expires = t_.open ? std::max(t_.expires, work.expires) : work.expires;
    if (!t_.open) t_.open = true, ++t_.wake;
    if (now_ >= t_.expires) return Expire();
    switch (t_.state) {
      case State::kIdle:
      case State::kDone:
      case State::kFailed:
        if (t_.blocked != Cause::kNone) return Fail(t_.blocked);
        NewCycle();
        return Wait(Cause::kNone);
      case State::kPending:
        return Arrange();
      case State::kAcked:  // The request that is awaited takes this work as well.
        return Tell(Outcome::kDelivered, Cause::kNone);
      case State::kSent:
      case State::kAnswered:
      case State::kUnreachable:
        return;
    }
  }

  void operator()(const WorkGone&) {
    t_.work = false;
    Tell(Outcome::kWithdrawn, Cause::kWithdrawn);
    if (waiting()) Rest(State::kIdle, Cause::kWithdrawn);
  }

  void operator()(const Unblocked&) {
    Unblock();
    if (resting()) Resume();
  }

  void operator()(const Tick&) {
    if (t_.open && now_ >= t_.expires) Expire();
    if (now_ < t_.due) return;
    switch (t_.state) {
      case State::kIdle:
      case State::kDone:
      case State::kFailed:
        NewCycle();
        return Wait(Cause::kNone);
      case State::kPending:
        return Arrange();
      case State::kUnreachable:
        return Wait(t_.cause);
      case State::kSent:  // Whoever sent it died: that says nothing of the gateway.
        return wanted() ? Wait(Cause::kNone) : Rest(State::kIdle, Cause::kNone);
      case State::kAcked:
        return NotAsked();
      case State::kAnswered:
        actions_.closed = Closed::kUnknown;
        return Ended(State::kDone, Cause::kNoResult);
    }
  }

  void operator()(const Admitted&) {
    if (t_.state != State::kPending || !t_.queued) return;
    t_.queued = false;
    if (!wanted()) return Rest(State::kIdle, Cause::kNone);
    if (!t_.bound || t_.hold_until > now_) return Arrange();
    if (t_.attempts >= rules_.max_attempts) return Fail(Cause::kGivenUp);
    Notify();
  }

  void operator()(const TakenOver&) {
    if (t_.state != State::kPending) return;  // What was sent is found lost when it is due.
    t_.queued = false;
    Arrange();
  }

  void operator()(const NotifyAnswered& answer) {
    if (t_.state != State::kSent) return;  // A request overtook it.
    switch (answer.outcome) {
      case NotifyOutcome::kAccepted:
        return Accepted();
      case NotifyOutcome::kMoved:
        return Moved();
      case NotifyOutcome::kChallenged:
        return Challenged(answer);
      case NotifyOutcome::kForbidden:
        return Block(Cause::kForbidden);
      case NotifyOutcome::kBadMessage:
        actions_.alarm = true;
        return Block(Cause::kBadMessage);
      case NotifyOutcome::kUnsupported:
        return Block(Cause::kUnsupported);
      case NotifyOutcome::kRefused:
        return Block(Cause::kRefused);
      case NotifyOutcome::kGone:
        actions_.drop_contact = true;
        t_.bound = false;
        return Wait(Cause::kGone);
      case NotifyOutcome::kUnreachable:
        return BackOff(Cause::kUnreachable);
      case NotifyOutcome::kBusy:
        return Hold(answer.retry_after, Cause::kBusy);
      case NotifyOutcome::kOverloaded:
        return Hold(answer.retry_after, Cause::kOverloaded);
      case NotifyOutcome::kNoSubscription:
      case NotifyOutcome::kBadEvent:
        return NextEvent(answer);
      case NotifyOutcome::kConfiguration:
        actions_.alarm = true;
        return Fail(Cause::kConfiguration);
      case NotifyOutcome::kServerError:
        return ServerError();
      case NotifyOutcome::kServerFault:
        return BackOff(Cause::kServerFault);
    }
  }

  void operator()(const RequestSeen& request) {
    if (request.repeated) return;
    if (rules_.cseq_mode == CseqMode::kRequest) Raise(1), t_.cseq_used = false;
    Tell(Outcome::kDelivered, Cause::kNone);
    t_.work = false;
    t_.hold_until = {};
    NewCycle();
    if (!request.gave_work) {
      if (t_.state != State::kAnswered) Rest(State::kDone, Cause::kNone);
      return;
    }
    Enter(State::kAnswered, Cause::kNone);
    t_.due = now_ + rules_.t_result;
    if (rules_.results == Results::kNone) Finish(true);
  }

  void operator()(const ResultSeen& result) {
    if (t_.state == State::kAnswered) return Finish(result.good);
    actions_.closed = result.good ? Closed::kDone : Closed::kFailed;  // Late, but told.
  }

 private:
  bool periodic() const { return rules_.policy == Policy::kPeriodic; }
  // Whether there is a reason to tell the gateway anything.
  bool wanted() const { return t_.work || t_.open || periodic(); }
  bool resting() const {
    return t_.state == State::kIdle || t_.state == State::kDone || t_.state == State::kFailed;
  }
  bool waiting() const { return t_.state == State::kPending || t_.state == State::kUnreachable; }

  void Enter(State state, Cause cause) {
    t_.state = state;
    t_.cause = cause;
    t_.since = now_;
    t_.due = kNever;
    t_.queued = false;
  }

  void Tell(Outcome outcome, Cause cause) {
    if (!t_.open) return;
    actions_.report = {t_.wake, outcome, cause};
    t_.open = false;
    t_.expires = kNever;
  }

  void NewCycle() {
    t_.attempts = 0;
    t_.step = 0;
    t_.tried = 0;
    t_.no_subscription = false;
    t_.retried_500 = false;
  }

  void Unblock() {
    t_.blocked = Cause::kNone;
    t_.tried = 0;
    t_.no_subscription = false;
    t_.event = 0;
  }

  // Pending until whatever is missing has come.
  void Wait(Cause cause) {
    Enter(State::kPending, cause);
    Arrange();
  }

  void Arrange() {
    t_.due = kNever;
    if (!t_.bound) {
      t_.queued = false;
    } else if (t_.hold_until > now_) {
      t_.queued = false;
      t_.due = t_.hold_until;
    } else if (!t_.queued && (t_.attempts > 0 || PolicyAllows())) {
      t_.queued = true;
      actions_.queue = true;
    }
  }

  bool PolicyAllows() {
    switch (rules_.policy) {
      case Policy::kImmediate:
        return true;
      case Policy::kAfterN:
        return t_.reg_count >= rules_.n;
      case Policy::kPeriodic:
        if (t_.next_period == TimePoint{}) t_.next_period = now_ + rules_.interval;
        if (now_ >= t_.next_period) return true;
        t_.due = t_.next_period;
        return false;
    }
    return true;
  }

  // Nothing to do until something happens or the next period comes.
  void Rest(State state, Cause cause) {
    Enter(state, cause);
    AwaitPeriod();
  }
  void AwaitPeriod() {
    const bool comes = periodic() && t_.bound && t_.blocked == Cause::kNone;
    t_.due = comes ? t_.next_period : kNever;
  }

  // From rest: goes on with work that is left.
  void Resume() {
    if (t_.blocked != Cause::kNone) return;
    if (!t_.work) return AwaitPeriod();
    NewCycle();
    Wait(t_.cause);
  }

  // Of what a response carried. Work that was queued since needs another NOTIFY.
  void Ended(State state, Cause cause) {
    Rest(state, cause);
    if (t_.blocked != Cause::kNone && t_.open) return Fail(t_.blocked);
    if (t_.work) Resume();
  }
  void Finish(bool good) {
    actions_.closed = good ? Closed::kDone : Closed::kFailed;
    Ended(good ? State::kDone : State::kFailed, good ? Cause::kNone : Cause::kBadResult);
  }

  void Fail(Cause cause) {
    Tell(Outcome::kFailed, cause);
    Rest(State::kFailed, cause);
  }
  void Block(Cause cause) {
    t_.blocked = cause;
    Fail(cause);
  }
  void Expire() {
    Tell(Outcome::kExpired, Cause::kExpired);
    t_.work = false;
    if (waiting()) Rest(State::kIdle, Cause::kExpired);
  }

  void Hold(seconds retry_after, Cause cause) {
    const seconds wait = retry_after > seconds(0) ? retry_after : rules_.busy_retry;
    t_.hold_until = now_ + std::min(wait, kLongestRetryAfter);
    Wait(cause);
  }

  void BackOff(Cause cause) {
    if (!wanted()) return Rest(State::kIdle, cause);
    Enter(State::kUnreachable, cause);
    if (t_.step < rules_.back_off.size()) {
      t_.due = now_ + rules_.back_off[t_.step++];
    } else {
      Tell(Outcome::kFailed, cause);  // From now on only a registration helps.
    }
  }

  void NotAsked() {
    if (!periodic() || now_ < t_.next_period) return BackOff(Cause::kNoRequest);
    t_.attempts = 0;
    Wait(Cause::kNoRequest);
  }

  void Notify() {
    ++t_.attempts;
    t_.reg_count = 0;
    t_.rounds = 0;
    t_.challenged = 0;
    t_.redirected = false;
    if (periodic())
      t_.next_period = std::max(t_.next_period, now_ - rules_.interval) + rules_.interval;
    if (rules_.cseq_mode == CseqMode::kTransaction) {
      Raise(1);
    } else if (t_.cseq_used) {
      ++t_.call_serial;
      t_.cseq = std::max(t_.cseq, 1U);
    }
    SendNow(SendKind::kFirst);
  }

  void SendNow(SendKind kind) {
    t_.cseq_used = true;
    Enter(State::kSent, Cause::kNone);
    t_.due = now_ + rules_.t_sent;
    actions_.send = {kind, t_.event, t_.call_serial, t_.cseq};
  }

  void Raise(uint32_t by) {
    if (t_.cseq > kMostCseq - by) {
      ++t_.call_serial;
      t_.cseq = 0;
    }
    t_.cseq += by;
  }

  void Accepted() {
    Tell(Outcome::kDelivered, Cause::kNone);
    Enter(State::kAcked, Cause::kNone);
    t_.due = now_ + rules_.t_request;
    if (periodic()) t_.due = std::min(t_.due, t_.next_period);
  }

  void Challenged(const NotifyAnswered& answer) {
    const uint8_t by = answer.proxy ? kByProxy : kByGateway;
    const bool again = (t_.challenged & by) != 0;
    if (t_.rounds >= rules_.max_rounds || (again && !answer.stale)) {
      return Block(Cause::kForbidden);
    }
    ++t_.rounds;
    t_.challenged |= by;
    Raise(1);
    SendNow(SendKind::kCredentials);
  }

  void Moved() {
    if (t_.redirected) {
      actions_.alarm = true;
      return Fail(Cause::kConfiguration);
    }
    t_.redirected = true;
    Raise(1);
    SendNow(SendKind::kRedirected);
  }

  void NextEvent(const NotifyAnswered& answer) {
    t_.tried |= static_cast<uint8_t>(1U << t_.event);
    uint32_t left = ((1U << rules_.events) - 1) & ~static_cast<uint32_t>(t_.tried);
    if (answer.outcome == NotifyOutcome::kNoSubscription) {
      if (t_.no_subscription) left = 0;
      t_.no_subscription = true;
    } else if (answer.allowed) {
      left &= *answer.allowed;
    }
    if (left == 0) return Block(Cause::kBadEvent);
    uint8_t next = 0;
    while ((left >> next & 1) == 0) ++next;
    t_.event = next;
    Wait(Cause::kBadEvent);
  }

  // Often a CSeq that is lower than the gateway remembers.
  void ServerError() {
    if (t_.retried_500) return BackOff(Cause::kServerFault);
    t_.retried_500 = true;
    ++t_.call_serial;
    t_.cseq_used = false;
    Wait(Cause::kServerFault);
  }

  const TriggerRules& rules_;
  Trigger t_;
  TimePoint now_;
  Actions actions_;
};

}  // namespace

Trigger NewTrigger(uint64_t call_seed, TimePoint now) {
  Trigger trigger;
  trigger.since = now;
  trigger.call_seed = call_seed;
  return trigger;
}

Step Next(const TriggerRules& rules, const Trigger& trigger, const Event& event, TimePoint now) {
  return Machine(rules, trigger, now).Run(event);
}

TimePoint Due(const Trigger& trigger) {
  return trigger.open ? std::min(trigger.due, trigger.expires) : trigger.due;
}

Trigger Resume(const Trigger& kept) {
  Trigger trigger = kept;
  if (trigger.cseq > kMostCseq - kCseqReserve) {
    ++trigger.call_serial;
    trigger.cseq = 0;
  }
  trigger.cseq += kCseqReserve;
  return trigger;
}

NotifyOutcome OutcomeOf(int status, bool has_retry_after) {
  switch (status) {
    case 401:
    case 407:
      return NotifyOutcome::kChallenged;
    case 403:
      return NotifyOutcome::kForbidden;
    case 404:
    case 410:
    case 604:
      return NotifyOutcome::kGone;
    case 405:
    case 501:
      return NotifyOutcome::kUnsupported;
    case 408:
      return NotifyOutcome::kUnreachable;
    case 480:
    case 486:
    case 600:
      return NotifyOutcome::kBusy;
    case 481:
      return NotifyOutcome::kNoSubscription;
    case 482:
    case 483:
    case 513:
      return NotifyOutcome::kConfiguration;
    case 489:
      return NotifyOutcome::kBadEvent;
    case 500:
      return NotifyOutcome::kServerError;
    case 503:
      return has_retry_after ? NotifyOutcome::kOverloaded : NotifyOutcome::kServerError;
    default:
      break;
  }
  if (status < 300) return NotifyOutcome::kAccepted;
  if (status < 400) return NotifyOutcome::kMoved;
  if (status < 500) return NotifyOutcome::kBadMessage;
  return status < 600 ? NotifyOutcome::kServerFault : NotifyOutcome::kRefused;
}

}  // namespace drover::gateway
