#include "services/push/handlers/dispatcher.h"

#include <algorithm>
#include <bit>

#include "libs/dispatch/journal_frames.h"
#include "libs/dmauth/random.h"
#include "libs/service/log.h"
#include "services/push/core/job.h"
#include "services/push/core/submission.h"
#include "services/push/core/times.h"
#include "services/push/core/verdicts.h"

namespace drover::push {
namespace {

// A snapshot is worth its octets once the journal has grown so much.
constexpr uint64_t kCompactAfter = 32 << 20;
constexpr size_t kSnapshotAtATime = 2'000;

dispatch::Options WithSeed(dispatch::Options options) {
  const std::string octets = dmauth::SystemRandom(sizeof(options.seed));
  std::copy(octets.begin(), octets.end(), reinterpret_cast<char*>(&options.seed));
  return options;
}

Result<dispatch::JobId> IdOf(std::string_view octets) {
  dispatch::JobId id;
  if (octets.size() != id.size()) return InvalidArgument("a job's id has 16 octets");
  std::copy(octets.begin(), octets.end(), id.begin());
  return id;
}

dispatch::PushClass ClassOf(v1::Job::Class job_class) {
  switch (job_class) {
    case v1::Job::NOTIFICATION:
      return dispatch::PushClass::kNotification;
    case v1::Job::BOOTSTRAP:
      return dispatch::PushClass::kBootstrap;
    default:
      return dispatch::PushClass::kService;
  }
}

dispatch::Priority PriorityOf(uint32_t priority) {
  if (priority == v1::LOW) return dispatch::Priority::kLow;
  return priority == v1::HIGH ? dispatch::Priority::kHigh : dispatch::Priority::kMedium;
}

// What the scheduler has of its own need not be kept twice.
std::string Remembered(v1::Job job) {
  job.clear_id();
  job.clear_msisdn();
  job.clear_accepted_at();
  job.clear_deliver_after();
  job.clear_deliver_before();
  job.clear_priority();
  job.clear_smsc();
  return job.SerializeAsString();
}

bool Parse(std::string_view octets, v1::Job& job) {
  return job.ParseFromArray(octets.data(), static_cast<int>(octets.size()));
}

// The scheduler watches the time itself; this is for answers that never come.
std::chrono::milliseconds Patience(const dispatch::Send& send) {
  constexpr std::chrono::seconds kMore{15};
  if (send.gate != dispatch::Gate::kTransaction) return std::chrono::milliseconds(0);
  return std::chrono::ceil<std::chrono::milliseconds>(send.validity) + kMore;
}

}  // namespace

Dispatcher::Dispatcher(asio::io_context& loop, const Settings& settings, Journal& journal,
                       std::function<void(EndedJob)> ended, Clock clock, Metrics& metrics)
    : settings_(settings),
      journal_(journal),
      ended_(std::move(ended)),
      clock_(std::move(clock)),
      metrics_(metrics),
      scheduler_(dispatch::MakeScheduler(WithSeed(settings.schedule))),
      timer_(loop.get_executor()) {}

Dispatcher::~Dispatcher() = default;

Result<void> Dispatcher::Restore(std::string_view frames) {
  dispatch::FrameReader reader(frames);
  for (std::string_view record; reader.Next(record);) DROVER_TRY(scheduler_->Restore(record));
  if (!reader.at_end()) return Error{Code::kDataLoss, "a damaged record in the journal"};
  return {};
}

void Dispatcher::Begin() {
  scheduler_->Restored(clock_(), effects_);
  Pump();
}

void Dispatcher::Stop() {
  stopped_ = true;
  timer_.cancel();
}

std::optional<dispatch::SmscId> Dispatcher::Find(std::string_view smsc) const {
  for (size_t i = 0; i < settings_.smscs.size(); ++i) {
    if (settings_.smscs[i].rules.name == smsc) return static_cast<dispatch::SmscId>(i);
  }
  return std::nullopt;
}

// A bit for each that may carry it.
uint64_t Dispatcher::SmscsFor(const v1::Job& job) const {
  uint64_t bits = 0;
  for (size_t i = 0; i < settings_.smscs.size(); ++i) {
    const Smsc& smsc = settings_.smscs[i];
    const bool named = job.smsc().empty() || job.smsc() == smsc.rules.name;
    const bool serves =
        smsc.prefixes.empty() ||
        std::any_of(smsc.prefixes.begin(), smsc.prefixes.end(),
                    [&job](const std::string& prefix) { return job.msisdn().starts_with(prefix); });
    if (named && serves) bits |= uint64_t{1} << i;
  }
  return bits;
}

const Smsc& Dispatcher::FirstOf(uint64_t smscs) const {
  return settings_.smscs[static_cast<size_t>(std::countr_zero(smscs))];
}

Result<Dispatcher::Fit> Dispatcher::Check(const v1::Job& job) const {
  Fit fit;
  DROVER_TRY(fit.id, IdOf(job.id()));
  fit.smscs = SmscsFor(job);
  if (fit.smscs == 0) return InvalidArgument("no SMSC serves this number");
  DROVER_TRY(const sms::Plan plan, PlanOf(job, settings_.ref_bits, settings_.most_segments,
                                          FirstOf(fit.smscs).text_packed));
  fit.segments = static_cast<uint8_t>(plan.count());
  if (job.has_deliver_before() && FromProto(job.deliver_before()) <= clock_()) {
    return DeadlineExceeded("its time had passed before it could be sent");
  }
  return fit;
}

Result<void> Dispatcher::Admit(const v1::Job& proto, const Fit& fit) {
  dispatch::Job job;
  job.id = fit.id;
  job.smscs = fit.smscs;
  const std::string originator(OriginatorOf(proto, FirstOf(fit.smscs)));
  const std::string payload = Remembered(proto);
  job.originator = originator;
  job.destination = proto.msisdn();
  job.priority = PriorityOf(proto.priority());
  job.push_class = ClassOf(proto.class_());
  job.segments = fit.segments;
  job.ref_bits = settings_.ref_bits;
  job.receipts = !proto.unconfirmed();
  if (proto.has_deliver_after()) job.deliver_after = FromProto(proto.deliver_after());
  if (proto.has_deliver_before()) job.deliver_before = FromProto(proto.deliver_before());
  job.payload = payload;
  const Result<dispatch::GroupId> admitted = scheduler_->Admit(job, clock_(), effects_);
  Pump();
  if (!admitted) return admitted.error();
  return {};
}

dispatch::CancelResult Dispatcher::Cancel(std::string_view job_id) {
  const Result<dispatch::JobId> id = IdOf(job_id);
  if (!id) return dispatch::CancelResult::kUnknownJob;
  const dispatch::CancelResult result = scheduler_->Cancel(*id, clock_(), effects_);
  Pump();
  return result;
}

void Dispatcher::Receipt(dispatch::SmscId smsc, const smpp::Receipt& receipt) {
  const smpp::IdMap map = settings_.smscs[smsc].id_map;
  const std::string key = smpp::IdKey(map, smpp::IdSource::kReceipt, receipt.id);
  scheduler_->Receipt(smsc, key, ReportOf(receipt), clock_(), effects_);
  Pump();
}

void Dispatcher::Alert(std::string_view msisdn) {
  scheduler_->Alert(msisdn, clock_(), effects_);
  Pump();
}

void Dispatcher::MobileOriginated(std::string_view msisdn) {
  scheduler_->MobileOriginated(msisdn, clock_(), effects_);
  Pump();
}

void Dispatcher::Kept(dispatch::GroupId group) {
  scheduler_->OutcomeKept(group, effects_);
  Pump();
}

// Journal first; what needs no more of it than is durable goes at once.
void Dispatcher::Pump() {
  if (stopped_) return;
  journal_.Append(effects_.journal);
  effects_.journal.clear();
  held_.Take(effects_);
  Compact();
  OnDurable(journal_.durable());
}

void Dispatcher::OnDurable(uint64_t upto) {
  if (pumping_ || stopped_) return;  // Performing an effect came back here.
  pumping_ = true;
  std::vector<dispatch::Effect> due;
  for (held_.Durable(upto, due); !due.empty(); held_.Durable(upto, due)) {
    for (const dispatch::Effect& effect : due) Perform(effect);
    due.clear();
  }
  pumping_ = false;
  ArmTimer();
}

void Dispatcher::Compact() {
  if (!compacting_ && journal_.since_snapshot() > kCompactAfter) {
    journal_.BeginSnapshot();
    scheduler_->BeginSnapshot(effects_);
    compacting_ = true;
  }
  if (!compacting_) return;
  const bool done = scheduler_->SnapshotSome(kSnapshotAtATime, effects_);
  journal_.Append(effects_.journal);
  effects_.journal.clear();
  held_.Take(effects_);
  if (!done) return;
  journal_.EndSnapshot();
  compacting_ = false;
}

void Dispatcher::ArmTimer() {
  const TimePoint next = scheduler_->NextDeadline();
  if (next == armed_for_) return;
  armed_for_ = next;
  timer_.cancel();
  if (next == TimePoint::max()) return;
  constexpr std::chrono::hours kFar{1};
  timer_.expires_after(std::clamp<TimePoint::duration>(next - clock_(), {}, kFar));
  timer_.async_wait([this](boost::system::error_code cancelled) {
    if (cancelled) return;  // This may be gone.
    armed_for_ = TimePoint::max();
    scheduler_->Tick(clock_(), effects_);
    Pump();
    ArmTimer();
  });
}

// --- Effects ---------------------------------------------------------------------------------

void Dispatcher::Perform(const dispatch::Effect& effect) {
  std::visit([this](const auto& what) { Perform(what); }, effect.what);
}

// Whose group has ended while the journal was written is not sent any more.
void Dispatcher::Perform(const dispatch::Send& send) {
  const std::optional<dispatch::GroupView> group = scheduler_->View(send.ticket.group);
  if (!group || group->state == dispatch::GroupState::kEnded) return;
  v1::Job job;
  const bool read = Parse(scheduler_->PayloadOf(send.ticket.group), job);
  const std::string msisdn = scheduler_->DestinationOf(send.ticket.group);
  Result<Submission> made =
      read ? Submission::Make(job, msisdn, send, settings_.smscs[send.smsc], clock_())
           : Result<Submission>(InvalidArgument("the journal's job cannot be read"));
  if (!made) {
    metrics_.Unbuildable();
    const dispatch::RefusedBy by{dispatch::Refusal::kPermanent, 0, 0};
    scheduler_->Refused(send.ticket, by, clock_(), effects_);
    Pump();
    return;
  }
  const uint64_t token = ++last_token_;
  awaited_[token] = {Awaited::Kind::kSubmit, send.ticket, send.smsc};
  metrics_.Sent(send.maybe_sent);
  if (links_ != nullptr && links_->Submit(send.bind, *std::move(made), Patience(send), token))
    return;
  awaited_.erase(token);
  scheduler_->NoAnswer(send.ticket, clock_(), effects_);
  Pump();
}

void Dispatcher::Perform(const dispatch::CancelSm& cancel) {
  const Smsc& smsc = settings_.smscs[cancel.smsc];
  const std::string msisdn = scheduler_->DestinationOf(cancel.group);
  smpp::CancelSm pdu;
  pdu.message_id = cancel.message_id;
  pdu.source = {smsc.source_ton, smsc.source_npi, smsc.source};
  pdu.destination = {smsc.destination_ton, smsc.destination_npi, msisdn};
  const uint64_t token = ++last_token_;
  awaited_[token] = {Awaited::Kind::kCancel, {cancel.group, cancel.segment, 0}, cancel.smsc};
  if (links_ != nullptr && links_->Cancel(cancel.smsc, pdu, token)) return;
  awaited_.erase(token);
  scheduler_->CancelAnswer(cancel.group, cancel.segment, false, clock_(), effects_);
  Pump();
}

void Dispatcher::Perform(const dispatch::QuerySm& query) {
  const Smsc& smsc = settings_.smscs[query.smsc];
  smpp::QuerySm pdu;
  pdu.message_id = query.message_id;
  pdu.source = {smsc.source_ton, smsc.source_npi, smsc.source};
  const uint64_t token = ++last_token_;
  awaited_[token] = {Awaited::Kind::kQuery, {query.group, query.segment, 0}, query.smsc};
  if (links_ != nullptr && links_->Query(query.smsc, pdu, token)) return;
  awaited_.erase(token);
  scheduler_->QueryAnswer(query.group, query.segment, {}, clock_(), effects_);
  Pump();
}

void Dispatcher::Perform(const dispatch::Outcome& outcome) {
  EndedJob ended{outcome, {}};
  if (!Parse(scheduler_->PayloadOf(outcome.group), ended.job)) metrics_.Unbuildable();
  ended.job.clear_payload();
  metrics_.Ended(Name(outcome.state),
                 outcome.delivered != 0 && outcome.state != dispatch::EndState::kDelivered);
  ended_(std::move(ended));
}

void Dispatcher::Perform(const dispatch::SlowDown&) { metrics_.Throttled(); }

void Dispatcher::Perform(const dispatch::SmscParked& parked) {
  service::Log(
      service::Level::kError, "push.smsc_parked",
      "the SMSC finds fault with how we send: nothing starts there for a minute; check its "
      "settings in --push-file",
      {{"smsc", settings_.smscs[parked.smsc].rules.name}, {"status", parked.status}});
}

// --- What the links tell ---------------------------------------------------------------------

void Dispatcher::OnUp(dispatch::BindId bind, dispatch::SmscId smsc, uint32_t window) {
  scheduler_->BindUp(bind, smsc, window, clock_(), effects_);
  Pump();
}

void Dispatcher::OnDown(dispatch::BindId bind) {
  scheduler_->BindDown(bind, clock_(), effects_);
  Pump();
}

void Dispatcher::OnAnswer(uint64_t token, const smpp::Answer& answer) {
  const auto found = awaited_.find(token);
  if (found == awaited_.end()) return;
  const Awaited awaited = found->second;
  awaited_.erase(found);  // A late answer finds nobody: its segment is on its way again.
  if (awaited.kind == Awaited::Kind::kSubmit) {
    Submitted(awaited, answer);
  } else {
    Answered(awaited, answer);
  }
  Pump();
}

void Dispatcher::Submitted(const Awaited& awaited, const smpp::Answer& answer) {
  const TimePoint now = clock_();
  const Smsc& smsc = settings_.smscs[awaited.smsc];
  if (answer.outcome != smpp::Outcome::kAnswered) {
    scheduler_->NoAnswer(awaited.ticket, now, effects_);
    return;
  }
  metrics_.Answered(answer.status);
  if (answer.status != smpp::CommandStatus::kRok) {
    const dispatch::RefusedBy by = Refusal(smsc.statuses, answer.status, answer.tlvs);
    scheduler_->Refused(awaited.ticket, by, now, effects_);
    return;
  }
  const std::string key = smpp::IdKey(smsc.id_map, smpp::IdSource::kResponse, answer.message_id);
  scheduler_->Accepted(awaited.ticket, {answer.message_id, key}, now, effects_);
}

void Dispatcher::Answered(const Awaited& awaited, const smpp::Answer& answer) {
  const TimePoint now = clock_();
  const bool done =
      answer.outcome == smpp::Outcome::kAnswered && answer.status == smpp::CommandStatus::kRok;
  const auto& [group, segment, attempt] = awaited.ticket;
  if (awaited.kind == Awaited::Kind::kCancel) {
    scheduler_->CancelAnswer(group, segment, done, now, effects_);
    return;
  }
  dispatch::Report report;
  if (done && answer.pdu != nullptr) {
    if (const auto* response = std::get_if<smpp::QuerySmResp>(&answer.pdu->body)) {
      report = ReportOf(*response);
    }
  }
  scheduler_->QueryAnswer(group, segment, report, now, effects_);
}

}  // namespace drover::push
