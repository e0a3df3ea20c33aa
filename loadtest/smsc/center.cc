#include "loadtest/smsc/center.h"

#include <algorithm>

#include "loadtest/fleet/draw.h"
#include "loadtest/smsc/message_ids.h"

namespace drover::smsc {
namespace {

using smpp::CommandStatus;
using smpp::MessageState;

constexpr size_t kReceiptText = 20;

Failure FailureOf(radio::Outcome outcome) {
  switch (outcome) {
    case radio::Outcome::kDelivered:
      return Failure::kNone;
    case radio::Outcome::kLost:
      return Failure::kLost;
    case radio::Outcome::kAbsent:
      return Failure::kAbsent;
    case radio::Outcome::kBusy:
      break;
  }
  return Failure::kBusy;
}

// A number as a number; what else a destination may be gets one of its own, most likely.
radio::Mobile MobileOf(std::string_view digits) {
  radio::Mobile mobile = 0;
  for (const char c : digits) {
    mobile = c >= '0' && c <= '9' ? mobile * 10 + static_cast<uint64_t>(c - '0')
                                  : fleet::Mixed(mobile ^ static_cast<uint8_t>(c));
  }
  return mobile;
}

// registered_delivery: 1 any end, 2 failures, 3 successes.
bool WantsReceipt(uint8_t registered_delivery, bool success) {
  switch (registered_delivery & 3) {
    case 1:
      return true;
    case 2:
      return !success;
    case 3:
      return success;
    default:
      return false;
  }
}

bool IsDatagram(const Submission& s) {
  return (s.esm_class & smpp::esm::kModeMask) == smpp::esm::kDatagram;
}

}  // namespace

Center::Center(const Settings& settings, Ledger& ledger, TimePoint origin)
    : settings_(settings),
      ledger_(ledger),
      origin_(origin),
      radio_(settings.radio.profile, settings.radio.timing, settings.seed),
      next_id_(settings.first_id) {}

double Center::Fraction() {
  return fleet::Fraction(fleet::Mixed(fleet::Mixed(settings_.seed) ^ ++draws_));
}

bool Center::Throttled(TimePoint now) {
  const uint32_t every = settings_.throttle_every;
  if (every > 0 && counts_.submitted % every == 0) return true;
  if (settings_.throttle_above <= 0) return false;
  const double burst = std::max(settings_.throttle_above / 10, 1.0);
  const double seconds = std::chrono::duration<double>(now - filled_).count();
  if (seconds > 0) {
    tokens_ = std::min(tokens_ + seconds * settings_.throttle_above, burst);
    filled_ = now;
  }
  if (tokens_ < 1) return true;
  tokens_ -= 1;
  return false;
}

CommandStatus Center::Admit(const Submission& submission, TimePoint now) {
  ++counts_.submitted;
  if (Throttled(now)) {
    ++counts_.throttled;
    return CommandStatus::kRthrottled;
  }
  for (const auto& [prefix, status] : settings_.refusals) {
    if (!submission.destination.digits.starts_with(prefix)) continue;
    ++counts_.refused;
    return status;
  }
  if (TerminalOf(submission.destination.digits).pending >= settings_.queue_limit) {
    ++counts_.queue_full;
    return CommandStatus::kRmsgQful;
  }
  return CommandStatus::kRok;
}

Center::Terminal& Center::TerminalOf(const std::string& digits) {
  const auto found = terminals_.find(digits);
  if (found != terminals_.end()) return found->second;
  Terminal terminal{.digits = digits, .mobile = MobileOf(digits)};
  return terminals_.emplace(digits, std::move(terminal)).first->second;
}

void Center::Submit(Submission&& submission, TimePoint now) {
  const CommandStatus status = Admit(submission, now);
  if (status != CommandStatus::kRok) {
    Emit(Answer{.sender = std::move(submission.sender), .status = status},
         now + settings_.answer_after, now);
    return;
  }
  const uint64_t id = next_id_++;
  Terminal& terminal = TerminalOf(submission.destination.digits);
  ++terminal.pending;
  Pending& pending = pending_[id];
  pending.submission = std::move(submission);
  pending.terminal = &terminal;
  const Submission& s = pending.submission;
  pending.submitted = now;
  pending.expires = s.expires.value_or(now + settings_.validity);
  pending.held = s.transaction();
  if (!pending.held) {
    if (journalling_) AppendSubmitted(id, s, now, pending.expires, journal_);
    Emit(Answer{.sender = s.sender, .message_id = WriteId(settings_.id_form, id)},
         now + settings_.answer_after, now);
  }
  const TimePoint arrives = s.deliver_after.value_or(now);
  arrives > now ? Schedule(id, pending, arrives, TimerKind::kArrive) : Arrive(id, pending, now);
}

void Center::Schedule(uint64_t id, Pending& pending, TimePoint at, TimerKind kind) {
  timers_.push({at, order_++, kind, ++pending.turn, id, nullptr});
}

void Center::Emit(Effect effect, TimePoint at, TimePoint now) {
  if (at <= now) {
    effects_.push_back(std::move(effect));
    return;
  }
  const uint64_t index = order_++;
  delayed_.emplace(index, std::move(effect));
  timers_.push({at, order_++, TimerKind::kEffect, 0, index, nullptr});
}

std::optional<TimePoint> Center::Due() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.top().at;
}

void Center::Advance(TimePoint now) {
  while (!timers_.empty() && timers_.top().at <= now) {
    const Timer timer = timers_.top();
    timers_.pop();
    Fire(timer);
  }
}

void Center::Fire(const Timer& timer) {
  if (timer.kind == TimerKind::kReturn) {
    // If it has gone again meanwhile there is a later timer.
    if (radio_.IsPresent(timer.terminal->mobile, Us(timer.at))) Returned(*timer.terminal, timer.at);
    return;
  }
  if (timer.kind == TimerKind::kEffect) {
    auto node = delayed_.extract(timer.id);
    effects_.push_back(std::move(node.mapped()));
    return;
  }
  const auto found = pending_.find(timer.id);
  if (found == pending_.end() || found->second.turn != timer.turn) return;
  Pending& pending = found->second;
  switch (timer.kind) {
    case TimerKind::kArrive:
      return Arrive(timer.id, pending, timer.at);
    case TimerKind::kBegin:
      return Begin(timer.id, pending, timer.at);
    default:
      return End(timer.id, pending, timer.at);
  }
}

// It waits its turn among all that the SMSC has to send.
void Center::Arrive(uint64_t id, Pending& pending, TimePoint now) {
  const TimePoint turn = At(radio_.TurnAt(pending.terminal->mobile, Us(now)));
  Schedule(id, pending, std::min(turn, std::max(pending.expires, now)), TimerKind::kBegin);
}

void Center::Begin(uint64_t id, Pending& pending, TimePoint now) {
  if (now >= pending.expires) return Finish(id, MessageState::kExpired, pending.last, now);
  ++counts_.attempts;
  ++pending.attempts;
  const Submission& s = pending.submission;
  const bool more = s.more || pending.next_part + 1 < s.parts.size();
  const radio::Attempt attempt = radio_.Try(pending.terminal->mobile, more, Us(now));
  pending.outcome = attempt.outcome;
  const double ack_loss = settings_.radio.ack_loss;
  pending.unheard = ack_loss > 0 && Fraction() < ack_loss;
  pending.on_air = true;
  Schedule(id, pending, At(attempt.done_at), TimerKind::kEnd);
}

void Center::End(uint64_t id, Pending& pending, TimePoint now) {
  const Submission& s = pending.submission;
  pending.on_air = false;
  Failure failure = FailureOf(pending.outcome);
  if (failure == Failure::kNone) {
    ledger_.Add(s.destination, s.source, s.data_coding, s.parts[pending.next_part], s.sender.bind,
                now);
    if (pending.unheard) failure = Failure::kLost;
    if (journalling_) {
      AppendSegment(id, s, s.parts[pending.next_part], !pending.unheard, now, journal_);
    }
  }
  failure == Failure::kNone ? Succeeded(id, pending, now) : Failed(id, pending, failure, now);
}

void Center::Succeeded(uint64_t id, Pending& pending, TimePoint now) {
  pending.fast_retries = 0;
  pending.attempts = 0;
  if (++pending.next_part == pending.submission.parts.size()) {
    return Finish(id, MessageState::kDelivered, Failure::kNone, now);
  }
  Schedule(id, pending, now, TimerKind::kBegin);
}

void Center::Failed(uint64_t id, Pending& pending, Failure failure, TimePoint now) {
  pending.last = failure;
  const Submission& s = pending.submission;
  const bool absent = failure == Failure::kAbsent;
  if (pending.held) {
    const bool again = s.parts.size() > 1 && !absent &&
                       pending.fast_retries < settings_.fast_retries &&
                       now + settings_.fast_retry_after < pending.expires;
    if (!again) return Finish(id, MessageState::kUndeliverable, failure, now);
    ++pending.fast_retries;
    Schedule(id, pending, now + settings_.fast_retry_after, TimerKind::kBegin);
    return;
  }
  const bool used_up = settings_.attempts > 0 && pending.attempts >= settings_.attempts;
  if (used_up || IsDatagram(s)) return Finish(id, MessageState::kUndeliverable, failure, now);
  Retry(id, pending, now);
}

void Center::Retry(uint64_t id, Pending& pending, TimePoint now) {
  Terminal& terminal = *pending.terminal;
  const size_t step = std::min<size_t>(pending.attempts, settings_.retries.size());
  Span pause{0};
  if (step > 0) {  // +-10 %
    const auto middle = static_cast<double>(settings_.retries[step - 1].count());
    pause = Span(static_cast<int64_t>((0.9 + 0.2 * Fraction()) * middle));
  }
  Schedule(id, pending, std::min(now + pause, pending.expires), TimerKind::kBegin);
  if (settings_.resume_on_return && pending.last == Failure::kAbsent) {
    terminal.resume.push_back(id);
    AwaitReturn(terminal, now);
  }
}

void Center::Finish(uint64_t id, MessageState end, Failure failure, TimePoint now) {
  auto node = pending_.extract(id);
  Pending& pending = node.mapped();
  --pending.terminal->pending;
  ++(end == MessageState::kDelivered ? counts_.delivered
     : end == MessageState::kExpired ? counts_.expired
     : end == MessageState::kDeleted ? counts_.cancelled
                                     : counts_.undeliverable);
  const State state{end, now, failure};
  Remember(id, state);
  if (journalling_) AppendFinal({id, end, failure, now}, journal_);
  Tell(id, pending, state, AwaitAlert(pending, state, now), now);
}

// True: an alert will follow.
bool Center::AwaitAlert(const Pending& pending, const State& state, TimePoint now) {
  const Submission& s = pending.submission;
  const bool wanted = settings_.alerts && s.set_dpf && state.failure == Failure::kAbsent;
  if (!wanted || state.state == MessageState::kDelivered) return false;
  pending.terminal->alerts.push_back({s.sender, s.source});
  AwaitReturn(*pending.terminal, now);
  return true;
}

// The answer that was held, or a receipt.
void Center::Tell(uint64_t id, Pending& pending, const State& state, bool dpf, TimePoint now) {
  Submission& s = pending.submission;
  const bool success = state.state == MessageState::kDelivered;
  const bool receipt = !pending.held && WantsReceipt(s.registered_delivery, success);
  if (!receipt) Receipted(id);  // Nothing is owed.
  if (pending.held) {
    if (!success) ++counts_.failed;
    const bool expired = state.state == MessageState::kExpired;
    Emit(Answer{.sender = std::move(s.sender),
                .status = success ? CommandStatus::kRok : CommandStatus::kRdeliveryFailure,
                .message_id = success ? WriteId(settings_.id_form, id) : std::string(),
                .failure = expired ? Failure::kExpired : state.failure,
                .dpf = dpf},
         now + settings_.answer_after, now);
  } else if (receipt) {
    ++counts_.receipts;
    Emit(SendReceipt{.id = id,
                     .sender = std::move(s.sender),
                     .terminal = std::move(s.destination),
                     .source = std::move(s.source),
                     .message_id = WriteId(settings_.receipt_id_form, id),
                     .state = state.state,
                     .failure = state.failure,
                     .submitted = pending.submitted,
                     .done = now,
                     .text = s.parts.front().payload.substr(0, kReceiptText)},
         now + settings_.receipt_after, now);
  }
}

void Center::Receipted(uint64_t id) {
  if (journalling_) AppendReceipted(id, journal_);
}

void Center::AwaitReturn(Terminal& terminal, TimePoint now) {
  if (terminal.return_timer) return;
  terminal.return_timer = true;
  timers_.push({At(radio_.ReturnsAt(terminal.mobile, Us(now))), order_++, TimerKind::kReturn, 0, 0,
                &terminal});
}

void Center::Returned(Terminal& terminal, TimePoint now) {
  if (!terminal.return_timer) return;  // It was heard of before.
  terminal.return_timer = false;
  for (Waiting& waiting : std::exchange(terminal.alerts, {})) {
    ++counts_.alerts;
    effects_.emplace_back(SendAlert{std::move(waiting.sender), Number{terminal.digits, 1, 1},
                                    std::move(waiting.source)});
  }
  for (const uint64_t id : std::exchange(terminal.resume, {})) {
    const auto found = pending_.find(id);
    if (found == pending_.end() || found->second.on_air) continue;
    Schedule(id, found->second, now, TimerKind::kBegin);
  }
}

void Center::HeardFrom(std::string_view terminal, TimePoint now) {
  const auto found = terminals_.find(std::string(terminal));
  if (found != terminals_.end()) Returned(found->second, now);
}

void Center::Remember(uint64_t id, const State& state) {
  final_[id] = state;
  final_order_.push_back(id);
  if (final_order_.size() <= settings_.keep_final) return;
  final_.erase(final_order_.front());
  final_order_.pop_front();
}

std::optional<Center::State> Center::Query(std::string_view message_id) const {
  const auto id = ReadId(settings_.id_form, message_id);
  if (!id) return std::nullopt;
  if (pending_.contains(*id)) return State{};
  const auto found = final_.find(*id);
  if (found == final_.end()) return std::nullopt;
  return found->second;
}

CommandStatus Center::Cancel(std::string_view message_id, TimePoint now) {
  const auto id = ReadId(settings_.id_form, message_id);
  if (!id) return CommandStatus::kRinvMsgId;
  const auto found = pending_.find(*id);
  if (found == pending_.end()) {
    return final_.contains(*id) ? CommandStatus::kRcancelFail : CommandStatus::kRinvMsgId;
  }
  if (found->second.on_air || found->second.next_part > 0) return CommandStatus::kRcancelFail;
  Finish(*id, MessageState::kDeleted, Failure::kNone, now);
  return CommandStatus::kRok;
}

}  // namespace drover::smsc
