#include "libs/dispatch/naive.h"

#include <algorithm>
#include <cstdio>
#include <tuple>

namespace drover::dispatch {
namespace {

Options WithoutAlerts(Options options) {
  for (SmscOptions& smsc : options.smscs) smsc.alert = AlertMode::kOff;
  return options;
}

// What a job's end is if its segments ended so: the first of these that one of them had.
constexpr EndState kWorst[] = {EndState::kAborted, EndState::kUndeliverable, EndState::kCancelled,
                               EndState::kExpired, EndState::kUnknown,       EndState::kDelivered};
size_t RankOf(EndState state) {
  return static_cast<size_t>(std::find(std::begin(kWorst), std::end(kWorst), state) - kWorst);
}

}  // namespace

NaiveScheduler::NaiveScheduler(Options options) : machine_(WithoutAlerts(std::move(options))) {}

template <typename F>
auto NaiveScheduler::Call(Effects& out, TimePoint now, F f) {
  const size_t from = out.effects.size();
  f();
  Fold(from, now, out);
}

// Takes the segments' outcomes out of the effects and puts the jobs' in.
void NaiveScheduler::Fold(size_t from, TimePoint now, Effects& out) {
  std::vector<Effect> done;
  size_t kept = from;
  for (size_t i = from; i < out.effects.size(); ++i) {
    if (auto* outcome = std::get_if<Outcome>(&out.effects[i].what)) {
      Count(*outcome, now, done);
    } else {
      if (kept != i) out.effects[kept] = std::move(out.effects[i]);
      ++kept;
    }
  }
  out.effects.resize(kept);
  for (Effect& effect : done) out.effects.push_back(std::move(effect));
}

void NaiveScheduler::Count(Outcome& outcome, TimePoint now, std::vector<Effect>& done) {
  const auto found = joins_.find(outcome.job);
  if (found == joins_.end()) return;
  Join& join = found->second;
  ++join.ended;
  if (outcome.state == EndState::kDelivered) ++join.delivered;
  const auto rank = [](const Outcome& o) {
    return std::tuple(RankOf(o.state), o.code, o.cause.empty());
  };
  if (join.ended == 1 || rank(outcome) < rank(join.worst)) join.worst = outcome;
  if (join.ended < join.parts.size()) return;
  Outcome whole = join.worst;
  whole.group = join.parts.front();
  whole.delivered = join.delivered;
  whole.segments = static_cast<uint8_t>(join.parts.size());
  whole.at = now;
  if (whole.state != EndState::kDelivered) {
    char text[48];
    std::snprintf(text, sizeof text, "%u of %u delivered", whole.delivered, whole.segments);
    whole.cause = text;
  }
  machine_.ReleaseRef(whole.group, whole.state == EndState::kDelivered, now);
  done.push_back({machine_.journal_position(), std::move(whole)});
}

// --- Work --------------------------------------------------------------------------------------

Result<GroupId> NaiveScheduler::Admit(const Job& job, TimePoint now, Effects& out) {
  DROVER_TRY(machine_.Check(job, now));
  if (joins_.contains(job.id)) return AlreadyExists("a job of this id has not ended");
  const uint16_t ref = job.segments > 1 ? machine_.AllocateRef(job, now) : uint16_t{0};
  std::vector<GroupId> parts;
  Result<GroupId> first = Unavailable("no part was admitted");
  Call(out, now, [&] {
    for (uint8_t i = 0; i < job.segments; ++i) {
      Result<GroupId> part = machine_.AdmitPart(job, {i, job.segments, ref}, now, out);
      if (!part) {
        first = part.error();
        for (const GroupId admitted : parts) machine_.GiveUp(admitted, now, out);
        return parts.clear();
      }
      parts.push_back(*part);
    }
    first = parts.front();
    joins_[job.id].parts = parts;
  });
  return first;
}

CancelResult NaiveScheduler::Cancel(const JobId& job, TimePoint now, Effects& out) {
  const auto found = joins_.find(job);
  if (found == joins_.end()) return CancelResult::kUnknownJob;
  if (found->second.ended > 0) return CancelResult::kNotPossible;
  const std::vector<GroupId> parts = found->second.parts;
  Call(out, now, [&] {
    for (const GroupId part : parts) machine_.GiveUp(part, now, out);
  });
  return CancelResult::kCancelled;
}

Result<GroupId> NaiveScheduler::Replace(const JobId& old, const Job& job, TimePoint now,
                                        Effects& out) {
  const auto found = joins_.find(old);
  if (found == joins_.end() || found->second.ended == found->second.parts.size()) {
    return NotFound("no such job, or it has ended");
  }
  DROVER_TRY(machine_.Check(job, now));
  if (joins_.contains(job.id)) return AlreadyExists("a job of this id has not ended");
  const std::vector<GroupId> parts = found->second.parts;
  Call(out, now, [&] {
    for (const GroupId part : parts) machine_.GiveUp(part, now, out);
  });
  return Admit(job, now, out);
}

void NaiveScheduler::OutcomeKept(GroupId group, Effects& out) {
  const std::optional<GroupView> view = machine_.View(group);
  const auto found = view ? joins_.find(view->job) : joins_.end();
  if (found == joins_.end() || found->second.ended < found->second.parts.size()) return;
  for (const GroupId part : found->second.parts) machine_.OutcomeKept(part, out);
  joins_.erase(found);
}

// --- After a crash -----------------------------------------------------------------------------

void NaiveScheduler::Restored(TimePoint now, Effects& out) {
  for (const Machine::PartView& part : machine_.Parts()) {
    std::vector<GroupId>& parts = joins_[part.view.job].parts;
    if (parts.size() <= part.first) parts.resize(part.total);
    if (part.first < parts.size()) parts[part.first] = part.view.group;
  }
  Call(out, now, [&] { machine_.Restored(now, out); });
  DropTorn(now, out);
}

// Jobs of which some parts are missing: the admission was never confirmed, or all had been kept.
void NaiveScheduler::DropTorn(TimePoint now, Effects& out) {
  for (auto join = joins_.begin(); join != joins_.end();) {
    const std::vector<GroupId> parts = join->second.parts;
    if (std::find(parts.begin(), parts.end(), GroupId{0}) == parts.end()) {
      ++join;
      continue;
    }
    join = joins_.erase(join);
    Call(out, now, [&] {
      for (const GroupId part : parts) machine_.GiveUp(part, now, out);
      for (const GroupId part : parts) machine_.OutcomeKept(part, out);
    });
  }
}

// --- Passed on ---------------------------------------------------------------------------------

void NaiveScheduler::BindUp(BindId bind, SmscId smsc, uint32_t window, TimePoint now,
                            Effects& out) {
  Call(out, now, [&] { machine_.BindUp(bind, smsc, window, now, out); });
}
void NaiveScheduler::BindDown(BindId bind, TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.BindDown(bind, now, out); });
}
void NaiveScheduler::Congestion(BindId bind, uint8_t state, TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.Congestion(bind, state, now, out); });
}
void NaiveScheduler::Accepted(const Ticket& ticket, MessageId id, TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.Accepted(ticket, id, now, out); });
}
void NaiveScheduler::Refused(const Ticket& ticket, RefusedBy by, TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.Refused(ticket, by, now, out); });
}
void NaiveScheduler::NoAnswer(const Ticket& ticket, TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.NoAnswer(ticket, now, out); });
}
void NaiveScheduler::Receipt(SmscId smsc, std::string_view key, const Report& report, TimePoint now,
                             Effects& out) {
  Call(out, now, [&] { machine_.Receipt(smsc, key, report, now, out); });
}
void NaiveScheduler::CancelAnswer(GroupId group, uint8_t segment, bool cancelled, TimePoint now,
                                  Effects& out) {
  Call(out, now, [&] { machine_.CancelAnswer(group, segment, cancelled, now, out); });
}
void NaiveScheduler::QueryAnswer(GroupId group, uint8_t segment, const Report& report,
                                 TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.QueryAnswer(group, segment, report, now, out); });
}
void NaiveScheduler::Alert(std::string_view msisdn, TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.Alert(msisdn, now, out); });
}
void NaiveScheduler::MobileOriginated(std::string_view msisdn, TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.MobileOriginated(msisdn, now, out); });
}
void NaiveScheduler::Tick(TimePoint now, Effects& out) {
  Call(out, now, [&] { machine_.Tick(now, out); });
}

// --- Looking -----------------------------------------------------------------------------------

std::optional<GroupView> NaiveScheduler::Find(const JobId& job) const {
  const auto found = joins_.find(job);
  if (found == joins_.end()) return std::nullopt;
  return View(found->second.parts.front());
}

// The job's, told from any of its parts.
std::optional<GroupView> NaiveScheduler::View(GroupId group) const {
  std::optional<GroupView> view = machine_.View(group);
  const auto found = view ? joins_.find(view->job) : joins_.end();
  if (found == joins_.end()) return view;
  const Join& join = found->second;
  view->group = join.parts.front();
  view->segments = static_cast<uint8_t>(join.parts.size());
  view->accepted = view->delivered = 0;
  view->attempts = 0;
  for (const GroupId part : join.parts) {
    const std::optional<GroupView> one = machine_.View(part);
    if (!one) continue;
    view->accepted = static_cast<uint8_t>(view->accepted + one->accepted);
    view->delivered = static_cast<uint8_t>(view->delivered + one->delivered);
    view->attempts = static_cast<uint16_t>(view->attempts + one->attempts);
    if (one->state != GroupState::kEnded) view->state = one->state;
  }
  return view;
}

std::unique_ptr<Scheduler> MakeScheduler(Options options) {
  if (options.mode == Mode::kNaive) return std::make_unique<NaiveScheduler>(std::move(options));
  return std::make_unique<Machine>(std::move(options));
}

Options NaiveOptions(Options options, bool fast_retries) {
  using std::chrono::seconds;
  options.mode = Mode::kNaive;
  if (!fast_retries) options.fast_retries = 0;
  options.backoff = {seconds(60),  seconds(120),  seconds(300), seconds(600),
                     seconds(900), seconds(1800), seconds(3600)};
  return options;
}

}  // namespace drover::dispatch
