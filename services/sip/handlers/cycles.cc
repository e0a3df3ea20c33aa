#include "services/sip/handlers/cycles.h"

#include <algorithm>

#include "libs/base/timestamp.h"
#include "libs/gateway/message_xml.h"
#include "libs/service/log.h"
#include "services/sip/core/times.h"
#include "services/sip/core/tree_nodes.h"

namespace drover::gateways {
namespace {

using gateway::Actions;
using operations::v1::AdvanceRequest;
using operations::v1::Assignment;

constexpr int kMostTakes = 8;  // Operations may end as they are taken; then there may be more.
constexpr int kMissedRegistrations = 3;
constexpr uint32_t kCallRetry = 60;  // Seconds: how soon to ask again after a call.

std::string SessionKey(const Gateway& gateway) {
  return "gw@" + std::to_string(gateway.record.sessions() + 1);
}

double SecondsSince(TimePoint then, TimePoint now) {
  return std::chrono::duration<double>(now - then).count();
}

bool IsOver(const operations::v1::OperationReport& report) {
  return report.disposition() != operations::v1::OperationReport::RETURNED;
}

// In a few words: "2 parameters, version 2.1 (fw.img), reboot".
std::string PlannedInWords(const Planned& planned) {
  if (!planned.prepared.empty()) return "prepared";
  std::string out;
  const auto add = [&out](const std::string& what) {
    out.append(out.empty() ? "" : ", ").append(what);
  };
  const gateway::Response& response = planned.response;
  if (!response.params.empty()) add(std::to_string(response.params.size()) + " parameters");
  for (const gateway::File& file : response.files) {
    add(std::string(gateway::Name(file.type)) + " " + file.name);
  }
  if (response.reboot.value_or(false)) add("reboot");
  return out.empty() ? "nothing to do" : out;
}

std::string ToldInWords(const gateway::WorkResult& result) {
  std::string out(gateway::Name(result.status));
  if (!result.action.empty()) out += ", " + result.action;
  if (result.code) out += ", code " + std::to_string(*result.code);
  if (!result.detail.empty()) out += ": " + result.detail;
  return out;
}

// The way to a gateway that tells its SIP address over HTTP; one that registers by SIP has said it
// there.
void TakeContact(Gateway& gateway, const gateway::Profile& profile, TimePoint now) {
  v1::Record& record = gateway.record;
  if (record.sip_uri().empty()) return;
  const bool by_sip = record.has_contact() && record.contact().registered_by_sip();
  if (by_sip && record.contact().expires_ms() > ToMillis(now)) return;
  v1::Contact& contact = *record.mutable_contact();
  contact.Clear();
  contact.set_uri(record.sip_uri());
  contact.set_expires_ms(ToMillis(now + kMissedRegistrations * profile.register_interval));
}

void TakeAsker(Gateway& gateway, const Cycles::Asker& asker) {
  if (!asker.user_agent.empty() && !gateway.record.has_contact()) {
    gateway.record.set_user_agent(TextOf(asker.user_agent, kMostUserAgent));
  }
}

}  // namespace

Cycles::Cycles(Store& store, Models& models, Triggers& triggers, OperationsPort& operations,
               TreePort& tree, Config config, Clock clock, Metrics& metrics)
    : store_(store),
      models_(models),
      triggers_(triggers),
      operations_(operations),
      tree_(tree),
      config_(std::move(config)),
      clock_(std::move(clock)),
      metrics_(metrics) {}

std::string Cycles::Written(gateway::Response response, const Gateway& gateway,
                            const std::string& msgid) const {
  const gateway::Profile& profile = models_.ProfileOf(gateway.record);
  response.header.msgid = msgid;
  std::string out;
  gateway::Write(gateway::Message(std::move(response)), out,
                 {.emit_head_slip = profile.emit_head_slip});
  return out;
}

std::string Cycles::Success(const Gateway& gateway, const std::string& msgid) const {
  const gateway::Profile& profile = models_.ProfileOf(gateway.record);
  gateway::Response response;
  response.interval_seconds = static_cast<uint32_t>(profile.register_interval.count());
  return Written(std::move(response), gateway, msgid);
}

bool Cycles::DoneBy(const Gateway& known, const gateway::BasicInformation& told,
                    bool registers) const {
  const v1::Record& record = known.record;
  if (!record.has_session() || known.trigger.state != gateway::State::kAnswered) return false;
  const v1::Session& session = record.session();
  if (Runs(session, told.file_version, told.file_name)) return true;
  // Models that post no result: that the gateway is there again says that it took what it was
  // given.
  const bool no_version = session.version().empty() && session.file_name().empty();
  return registers && no_version &&
         models_.ProfileOf(record).rules.results == gateway::Results::kRegistration;
}

Task<std::string> Cycles::Register(Gateway known, gateway::Register message, Asker asker,
                                   Deadline deadline) {
  bool closed = false;
  if (DoneBy(known, message.information, /*registers=*/true)) {
    gateway::WorkResult result;
    result.file_version = message.information.file_version;
    result.file_name = message.information.file_name;
    DROVER_CO_TRY(known, co_await Close(std::move(known), std::move(result), deadline));
    closed = true;
  }
  const std::string id = known.id;
  Actions actions;
  bool left = false;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    if (left) triggers_.NotLeft(actions);
    const TimePoint now = clock_();
    v1::Record& record = gateway.record;
    const std::string version = record.file_version();
    const bool first = record.registrations() == 0;
    const bool learned = Learn(gateway, message.information);
    TakeAsker(gateway, asker);
    record.set_registered_ms(ToMillis(now));
    record.set_registrations(record.registrations() + 1);
    const gateway::Profile& profile = models_.ProfileOf(record);
    TakeContact(gateway, profile, now);
    const bool new_version =
        !closed && !first && !record.has_session() && version != record.file_version();
    Note(gateway, now, "registered", record.file_version());
    if (first || learned)
      TellRegistered(gateway, first ? "registered" : "facts-changed", now, telling);
    actions = Happen(gateway, profile.rules, gateway::Registered{new_version}, now, telling);
    // A version other than the model's target is work, too.
    const v1::Model* const model = models_.ModelOf(record);
    const bool behind = model != nullptr && !model->target_version().empty() &&
                        model->target_version() != record.file_version();
    if (behind && !gateway.trigger.work && gateway.trigger.state != gateway::State::kAnswered) {
      actions = Happen(gateway, profile.rules, gateway::WorkQueued{}, now, telling);
    }
    triggers_.Admit(gateway, actions, now, telling);
    left = true;
    return true;
  };
  std::string changing = id;
  Deadline until = deadline;
  const Result<Gateway> changed =
      co_await store_.Change(std::move(changing), decide, until, std::move(known));
  if (!changed) {
    if (left) triggers_.NotLeft(actions);
    co_return changed.error();
  }
  std::string answer = Success(*changed, message.header.msgid);
  triggers_.Left(*changed, actions);
  if (DigestOf(*changed) != changed->record.reported()) {
    const std::vector<gateway::Param> none;
    const Result<void> told = co_await TellTree(*changed, none, deadline);
    if (!told) metrics_.Failed("tree");  // With its next message.
  }
  co_return answer;
}

// What the gateway told, unless tree knows it, and the parameters that it took.
Task<void> Cycles::TellTree(const Gateway& gateway, const std::vector<gateway::Param>& set,
                            Deadline deadline) {
  const std::string digest = DigestOf(gateway);
  const bool known = digest == gateway.record.reported();
  if (known && set.empty()) co_return Result<void>();
  const TimePoint now = clock_();
  tree::v1::ApplyReport report;
  report.set_device_id(gateway.id);
  if (!known) report = ReportOf(gateway, now);
  AddParams(set, now, report);
  DROVER_CO_TRY(co_await tree_.ApplyReport(std::move(report), deadline));
  if (known) co_return Result<void>();
  const auto decide = [&digest](Gateway& there, Telling&) {
    if (DigestOf(there) != digest || there.record.reported() == digest) return false;
    there.record.set_reported(digest);
    return true;
  };
  std::string changing = gateway.id;
  std::optional<Gateway> base = gateway;
  DROVER_CO_TRY(const Gateway done,
                co_await store_.Change(std::move(changing), decide, deadline, std::move(base)));
  co_return Result<void>();
}

PlanContext Cycles::ContextOf(const Gateway& gateway) const {
  PlanContext context;
  context.profile = &models_.ProfileOf(gateway.record);
  context.files_url = config_.files_url;
  context.protocol =
      gateway::ProtocolOf(gateway.record.protocol()).value_or(gateway::Protocol::kHttps);
  const v1::Model* const model = models_.ModelOf(gateway.record);
  if (model == nullptr || model->target_version().empty()) return context;
  context.target_version = model->target_version();
  gateway::File& file = context.target_file;
  file.name = model->file_name();
  file.download_path = model->download_path();
  file.download_method = gateway::ProtocolOf(model->download_method());
  if (model->file_size() > 0) file.size_octets = model->file_size();
  file.sha256 = model->sha256();
  return context;
}

// Takes operations and plans, until there is something to send or nothing is left. What is over at
// once is told.
Task<Planned> Cycles::TakeWork(Gateway& known, uint32_t* msg_id, Deadline deadline) {
  const std::string key = SessionKey(known);
  Planned planned;
  std::vector<operations::v1::OperationReport> reports;
  bool take = true;
  for (int i = 0; i < kMostTakes; ++i) {
    AdvanceRequest request;
    request.set_device_id(known.id);
    request.set_session_key(key);
    request.set_msg_id(++*msg_id);
    request.set_session_started(i == 0);
    request.set_take(take ? kTakeAtOnce : 0);
    for (auto& report : reports) *request.add_reports() = std::move(report);
    DROVER_CO_TRY(std::vector<Assignment> work,
                  co_await operations_.Advance(std::move(request), deadline));
    reports.clear();
    if (take) {
      const PlanContext context = ContextOf(known);
      planned = PlanResponse(std::move(work), known, context);
      reports = std::move(planned.reports);
    }
    if (reports.empty()) break;
    const bool progress = std::any_of(reports.begin(), reports.end(), IsOver);
    take = progress && !planned.gives_work();
  }
  co_return planned;
}

Task<std::string> Cycles::Request(Gateway known, gateway::Request message, Asker asker,
                                  Deadline deadline) {
  triggers_.RequestSeen();
  if (DoneBy(known, message.information, /*registers=*/false)) {
    gateway::WorkResult result;
    result.file_version = message.information.file_version;
    DROVER_CO_TRY(known, co_await Close(std::move(known), std::move(result), deadline));
  }
  const std::string id = known.id;
  const TimePoint asked_at = clock_();
  if (known.trigger.state == gateway::State::kAnswered && known.record.has_session()) {
    metrics_.Repeated();
    co_return known.record.session().answer();
  }
  if (known.trigger.state == gateway::State::kAcked) {
    metrics_.Hop("request", SecondsSince(known.trigger.since, asked_at));
  }
  Learn(known, message.information);
  TakeAsker(known, asker);
  uint32_t msg_id = 0;
  const uint64_t session = known.record.sessions() + 1;
  const std::string key = SessionKey(known);
  DROVER_CO_TRY(const Planned planned, co_await TakeWork(known, &msg_id, deadline));
  std::string answer = planned.prepared;
  if (answer.empty()) {
    gateway::Response response = planned.response;
    response.interval_seconds =
        static_cast<uint32_t>(models_.ProfileOf(known.record).register_interval.count());
    if (planned.held_for_call && !planned.gives_work()) {
      response.status = gateway::Status::kBusy;
      response.retry_after_seconds = kCallRetry;
    }
    answer = Written(std::move(response), known, message.header.msgid);
  }
  const auto nodes = known.record.nodes();
  Actions actions;
  std::string instead;  // Somebody else has answered this request.
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    instead.clear();
    actions = {};
    v1::Record& record = gateway.record;
    if (record.sessions() >= session) {
      instead = record.has_session() ? record.session().answer() : answer;
      return false;
    }
    const TimePoint now = clock_();
    const gateway::Profile& profile = models_.ProfileOf(record);
    Learn(gateway, message.information);
    TakeAsker(gateway, asker);
    *record.mutable_nodes() = nodes;
    record.set_sessions(session);
    Note(gateway, now, "request", message.information.file_version);
    Note(gateway, now, "response", PlannedInWords(planned));
    if (planned.gives_work()) {
      record.set_answered_ms(ToMillis(now));
      v1::Session& open = *record.mutable_session();
      open.set_key(key);
      open.set_msg_id(msg_id);
      open.set_answer(answer);
      open.mutable_sent()->Assign(planned.sent.begin(), planned.sent.end());
      open.set_answered_ms(ToMillis(now));
      open.set_version(planned.version);
      open.set_file_name(planned.file_name);
      open.set_request_msgid(message.header.msgid);
    }
    actions =
        Happen(gateway, profile.rules, gateway::RequestSeen{planned.gives_work()}, now, telling);
    return true;
  };
  std::string changing = id;
  Deadline until = deadline;
  DROVER_CO_TRY(Gateway changed,
                co_await store_.Change(std::move(changing), decide, until, std::move(known)));
  if (!instead.empty()) {
    metrics_.Repeated();
    co_return instead;
  }
  triggers_.Left(changed, actions);
  metrics_.Hop("response", SecondsSince(asked_at, clock_()));
  if (actions.closed == gateway::Closed::kDone && changed.record.has_session()) {
    // A model of which no result comes: what was given counts as done.
    DROVER_CO_TRY(changed, co_await Close(std::move(changed), gateway::WorkResult(), deadline));
  }
  co_return answer;
}

// From the NOTIFY to the result.
void Cycles::ObserveLoop(const v1::Record& record, TimePoint now) {
  for (int i = record.steps_size() - 1; i >= 0; --i) {
    if (record.steps(i).what() != "notify-sent") continue;
    metrics_.Hop("loop", SecondsSince(base::TimeOf(record.steps(i).at()), now));
    return;
  }
}

Task<Gateway> Cycles::Close(Gateway known, gateway::WorkResult result, Deadline deadline) {
  const std::string id = known.id;
  const std::string key = known.record.session().key();
  const TimePoint now = clock_();
  if (!result.file_version.empty()) known.record.set_file_version(result.file_version);
  if (!result.file_name.empty()) known.record.set_file_name(result.file_name);
  std::vector<gateway::Param> set;
  AdvanceRequest request;
  request.set_device_id(id);
  request.set_session_key(key);
  request.set_msg_id(known.record.session().msg_id() + 1);
  for (auto& report : Conclude(known, result, now, &set))
    *request.add_reports() = std::move(report);
  if (request.reports_size() > 0) {
    DROVER_CO_TRY(const auto none, co_await operations_.Advance(std::move(request), deadline));
  }
  const bool good = result.status == gateway::Status::kSuccess;
  Actions actions;
  bool written = false;
  const auto decide = [&](Gateway& gateway, Telling& telling) {
    written = gateway.record.session().key() == key;
    if (!written) return false;
    const TimePoint at = clock_();
    v1::Record& record = gateway.record;
    ObserveLoop(record, at);
    metrics_.Hop("result", SecondsSince(FromMillis(record.session().answered_ms()), at));
    if (!result.file_version.empty()) record.set_file_version(result.file_version);
    if (!result.file_name.empty()) record.set_file_name(result.file_name);
    Note(gateway, at, "result", ToldInWords(result));
    record.clear_session();
    const gateway::Profile& profile = models_.ProfileOf(record);
    actions = Happen(gateway, profile.rules, gateway::ResultSeen{good}, at, telling);
    return true;
  };
  const Result<void> told = co_await TellTree(known, set, deadline);
  if (!told) co_return told.error();
  std::string changing = id;
  DROVER_CO_TRY(Gateway changed, co_await store_.Change(std::move(changing), decide, deadline));
  if (written) {
    metrics_.Closed(good ? "done" : result.status == gateway::Status::kBusy ? "busy" : "failed");
    triggers_.Left(changed, actions);
  }
  co_return changed;
}

Task<std::string> Cycles::TakeResult(Gateway known, gateway::WorkResult message,
                                     Deadline deadline) {
  const std::string msgid = message.header.msgid;
  const v1::Session& session = known.record.session();
  const bool other =
      !msgid.empty() && !session.request_msgid().empty() && msgid != session.request_msgid();
  if (known.record.has_session() && !other) {
    DROVER_CO_TRY(known, co_await Close(std::move(known), std::move(message), deadline));
  }
  co_return Success(known, msgid);
}

}  // namespace drover::gateways
