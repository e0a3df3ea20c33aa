#include "services/sip/handlers/triggers.h"

#include <algorithm>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>

#include "libs/service/log.h"
#include "services/sip/core/plan.h"
#include "services/sip/core/times.h"

namespace drover::gateways {
namespace {

using gateway::Actions;

constexpr std::chrono::seconds kTimeout{10};
constexpr std::chrono::milliseconds kEvery{250};
constexpr std::chrono::seconds kBeatEvery{5};
constexpr std::chrono::seconds kAlive{20};      // Since its last beat a process counts as there.
constexpr std::chrono::seconds kCallPause{60};  // Until a gateway in a call is looked at again.
constexpr int kSlice = 256;
constexpr int kTries = 4;

std::string SentInWords(const gateway::Profile& profile, const gateway::Send& send) {
  const auto& event = profile.events[send.event % profile.events.size()];
  return gateway::EventHeader(event) + ", CSeq " + std::to_string(send.cseq);
}

std::string AnswerInWords(const Notified& notified) {
  if (notified.status == 0) return notified.reason;
  return std::to_string(notified.status) + " " + notified.reason;
}

void NoteSent(Gateway& gateway, const gateway::Profile& profile, const Actions& actions,
              TimePoint now) {
  if (actions.send) Note(gateway, now, "notify-sent", SentInWords(profile, *actions.send));
}

}  // namespace

Triggers::Triggers(asio::io_context& loop, Store& store, PgGateways& table, Models& models,
                   Sender& sender, OperationsPort& operations, const gateway::PacingOptions& pacing,
                   std::string owner, Clock clock, Metrics& metrics)
    : loop_(loop),
      store_(store),
      table_(table),
      models_(models),
      sender_(sender),
      operations_(operations),
      pacing_(pacing, clock()),
      owner_(std::move(owner)),
      clock_(std::move(clock)),
      metrics_(metrics),
      timer_(loop.get_executor()) {}

Process Triggers::Run() {
  while (!stopping_) {
    woken_ = false;
    const Result<size_t> done = co_await Turn();
    if (!done) {
      metrics_.Failed("triggers");
      service::Log(service::Level::kWarn, "sip.triggers_failed",
                   "triggers were not looked at; they are again by themselves",
                   {{"cause", done.error().message}});
    }
    if (stopping_ || (done && (woken_ || *done >= kSlice))) continue;
    const TimePoint now = clock_();
    const auto until_room = pacing_.AdmitAt(now) - now;
    const auto pause =
        std::clamp<std::chrono::microseconds>(until_room, std::chrono::milliseconds(5), kEvery);
    timer_.expires_after(until_room.count() > 0 ? pause : std::chrono::microseconds(kEvery));
    boost::system::error_code ignored;
    co_await timer_.async_wait(asio::redirect_error(kAwait, ignored));
  }
}

void Triggers::Stop() {
  stopping_ = true;
  timer_.cancel();
}

void Triggers::Wake() {
  if (woken_) return;
  woken_ = true;
  timer_.cancel();
}

void Triggers::Admit(Gateway& gateway, Actions& actions, TimePoint now, Telling& telling) {
  if (!actions.queue) return;
  const std::string& owner = gateway.record.contact().owner();
  if (!owner.empty() && owner != owner_) return;  // The process that has its flow takes it.
  const gateway::Profile& profile = models_.ProfileOf(gateway.record);
  if (PutOff(gateway, profile, now)) {
    actions.queue = false;
    return;
  }
  if (!pacing_.Admit(now)) return;
  const bool drop = actions.drop_contact;
  actions = Happen(gateway, profile.rules, gateway::Admitted{}, now, telling);
  actions.drop_contact |= drop;
  if (!actions.send) pacing_.Answered(now, false);
  NoteSent(gateway, profile, actions, now);
}

void Triggers::Left(const Gateway& gateway, const Actions& actions) {
  if (actions.send) Transmit(gateway, *actions.send);
  if (actions.queue) Wake();
  if (actions.alarm) {
    service::Log(service::Level::kWarn, "sip.gateway_needs_attention",
                 InWords(gateway.trigger.cause), {{"device", gateway.id}});
  }
}

void Triggers::NotLeft(const Actions& actions) {
  if (actions.send) pacing_.Answered(clock_(), false);
}

// Returns how many were due.
Task<size_t> Triggers::Turn() {
  const Deadline deadline = In(kTimeout);
  const TimePoint now = clock_();
  if (now >= next_beat_) {
    DROVER_CO_TRY(co_await table_.Beat(owner_, now, deadline));
    next_beat_ = now + kBeatEvery;
  }
  DROVER_CO_TRY(std::vector<Gateway> due,
                co_await table_.Due(now, owner_, now - kAlive, kSlice, deadline));
  std::vector<Write> writes;
  std::vector<Actions> actions;
  for (Gateway& gateway : due) {
    Actions to_do;
    Telling telling;
    if (!Decide(gateway, now, telling, &to_do)) continue;
    writes.push_back({std::move(gateway), std::move(telling)});
    actions.push_back(to_do);
  }
  const Result<std::vector<bool>> written = co_await table_.Write(writes, deadline);
  for (size_t i = 0; i < writes.size(); ++i) {
    if (!written || !(*written)[i]) {
      NotLeft(actions[i]);
      continue;
    }
    ++writes[i].gateway.version;
    Left(writes[i].gateway, actions[i]);
  }
  if (!written) co_return written.error();
  // Those that wait for the pacer are no reason to look again at once.
  co_return writes.empty() ? size_t{0} : due.size();
}

// What is not to be told now: a model that asks by itself, or a call that the NOTIFY would break
// off.
bool Triggers::PutOff(Gateway& gateway, const gateway::Profile& profile, TimePoint now) {
  const auto& event = profile.events[gateway.trigger.event % profile.events.size()];
  const bool call = gateway.record.in_call() && profile.voice_safe && event.reboots;
  if (profile.sip_trigger && !call) return false;
  gateway.trigger.queued = false;
  gateway.trigger.hold_until = call ? now + kCallPause : now;
  gateway.trigger.due = call ? gateway.trigger.hold_until : gateway::kNever;
  return true;
}

// Whether the row is to be written.
bool Triggers::Decide(Gateway& gateway, TimePoint now, Telling& telling, Actions* actions) {
  const gateway::Profile& profile = models_.ProfileOf(gateway.record);
  const v1::Contact& contact = gateway.record.contact();
  if (contact.expires_ms() != 0 && contact.expires_ms() < ToMillis(now)) {
    gateway.record.clear_contact();
    *actions = Happen(gateway, profile.rules, gateway::BindingLost{}, now, telling);
    Note(gateway, now, "registration-expired");
    return true;
  }
  if (gateway.trigger.queued && PutOff(gateway, profile, now)) return true;
  if (gateway.trigger.queued) {
    Actions waiting;
    waiting.queue = true;
    Admit(gateway, waiting, now, telling);
    *actions = waiting;
    return !waiting.queue;
  }
  const bool answered = gateway.trigger.state == gateway::State::kAnswered;
  if (answered && gateway.record.has_session() && gateway.trigger.due <= now) {
    if (abandoned_.insert(gateway.id).second) {
      asio::co_spawn(loop_.get_executor(), Abandon(gateway.id), asio::detached);
    }
    return false;
  }
  // Nothing was heard of a NOTIFY: its sender is gone, and may have used further numbers.
  if (gateway.trigger.state == gateway::State::kSent) {
    if (sender_.InFlight(gateway.id)) return false;
    gateway.trigger = gateway::Resume(gateway.trigger);
  }
  *actions = Happen(gateway, profile.rules, gateway::Tick{}, now, telling);
  Admit(gateway, *actions, now, telling);
  return true;
}

void Triggers::Transmit(const Gateway& gateway, const gateway::Send& send) {
  const gateway::Profile& profile = models_.ProfileOf(gateway.record);
  const std::string id = gateway.id;
  sender_.Send(gateway, send, profile, [this, id](Notified notified) {
    asio::co_spawn(loop_.get_executor(), Tell(id, std::move(notified)), asio::detached);
  });
}

Process Triggers::Tell(std::string id, Notified notified) {
  const bool again = notified.answer.outcome == gateway::NotifyOutcome::kChallenged ||
                     notified.answer.outcome == gateway::NotifyOutcome::kMoved;
  if (!again) {
    pacing_.Answered(clock_(), notified.answer.outcome == gateway::NotifyOutcome::kAccepted);
  }
  for (int i = 0; i < kTries && !stopping_; ++i) {
    const Result<void> applied = co_await Apply(id, notified);
    if (applied || applied.error().code == Code::kNotFound) co_return;
    metrics_.Failed("notify-outcome");
  }
}

// The row learns what a NOTIFY came to; if it has gone on since, it does not care.
Task<void> Triggers::Apply(const std::string& id, const Notified& notified) {
  const Deadline deadline = In(kTimeout);
  Actions actions;
  bool written = false;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    if (written) NotLeft(actions);
    actions = {};
    written = false;
    if (gateway.trigger.cseq != notified.cseq) return false;
    const TimePoint now = clock_();
    if (gateway.trigger.state != gateway::State::kSent) {  // The request overtook it.
      Note(gateway, now, "notify-answered", AnswerInWords(notified));
      return true;
    }
    const gateway::Profile& profile = models_.ProfileOf(gateway.record);
    if (notified.answer.outcome == gateway::NotifyOutcome::kMoved) {
      gateway.record.set_redirect(notified.redirect);
    } else if (notified.answer.outcome != gateway::NotifyOutcome::kChallenged) {
      gateway.record.clear_redirect();
    }
    Note(gateway, now, "notify-answered", AnswerInWords(notified));
    const TimePoint sent_at = gateway.trigger.since;
    actions = Happen(gateway, profile.rules, notified.answer, now, telling);
    if (notified.status != 0) {
      metrics_.Hop("notify", std::chrono::duration<double>(now - sent_at).count());
    }
    NoteSent(gateway, profile, actions, now);
    Admit(gateway, actions, now, telling);
    written = true;
    return true;
  };
  std::string wanted = id;
  const Result<Gateway> changed = co_await store_.Change(std::move(wanted), decide, deadline);
  if (!changed) {
    if (written) NotLeft(actions);
    co_return changed.error();
  }
  if (written) Left(*changed, actions);
  if (notified.status == 0 && notified.reason.find("certificate") != std::string::npos) {
    service::Log(service::Level::kWarn, "sip.certificate_refused",
                 "a gateway's certificate is not one that is trusted: look at --sip-tls-ca-file",
                 {{"device", id}, {"cause", notified.reason}});
  }
  co_return Result<void>();
}

Process Triggers::Abandon(std::string id) {
  const Result<void> given_back = co_await GiveBack(id);
  abandoned_.erase(id);
  if (given_back) co_return;
  metrics_.Failed("abandon");
  service::Log(service::Level::kWarn, "sip.session_not_closed",
               "work without a result was not given back; it is tried again",
               {{"device", id}, {"cause", given_back.error().message}});
}

// No result came in time: operations first, then the row.
Task<void> Triggers::GiveBack(const std::string& id) {
  const Deadline deadline = In(kTimeout);
  std::string wanted = id;
  DROVER_CO_TRY(std::optional<Gateway> known, co_await store_.Read(std::move(wanted), deadline));
  if (!known || !known->record.has_session() || known->trigger.due > clock_()) {
    co_return Result<void>();
  }
  const std::string key = known->record.session().key();
  operations::v1::AdvanceRequest request;
  request.set_device_id(id);
  request.set_session_key(key);
  request.set_msg_id(known->record.session().msg_id() + 1);
  for (auto& report : gateways::Abandon(*known)) *request.add_reports() = std::move(report);
  if (request.reports_size() > 0) {
    DROVER_CO_TRY(const auto none, co_await operations_.Advance(std::move(request), deadline));
  }
  Actions actions;
  bool written = false;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    written = gateway.record.session().key() == key;
    if (!written) return false;
    const TimePoint now = clock_();
    const gateway::Profile& profile = models_.ProfileOf(gateway.record);
    gateway.record.clear_session();
    actions = Happen(gateway, profile.rules, gateway::Tick{}, now, telling);
    return true;
  };
  std::string changing = id;
  DROVER_CO_TRY(const Gateway changed,
                co_await store_.Change(std::move(changing), decide, deadline, std::move(known)));
  if (written) {
    metrics_.Closed("unknown");
    Left(changed, actions);
  }
  co_return Result<void>();
}

void Triggers::Measure() {
  metrics_.Now("unanswered", pacing_.unanswered());
  metrics_.Now("owed", pacing_.owed());
  metrics_.Now("rate", pacing_.rate(clock_()));
  metrics_.Now("in_flight", static_cast<double>(sender_.in_flight()));
}

}  // namespace drover::gateways
